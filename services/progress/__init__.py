"""What was learned: one training record per person, course and period.

Owns: the event log of training records. Follows: content (outlines, answer keys) and scheduling
(who left, who was there at in-person sessions). Says: every step of every record. Refuses: names,
free text, the opinions of clients on what is right.
"""
