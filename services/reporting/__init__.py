"""What is shown: who is trained, overdue, in progress; whole histories; as of any date, as known at any date.

Owns: no facts. Follows: content, progress, scheduling, and the directory of names. Every read model
can be dropped and rebuilt at any time, with proof that the result is the same row by row.
Refuses: to write a fact, and to show a manager a unit that is not in their care.
"""
