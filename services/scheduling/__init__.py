"""Who must learn what by when: the organisation, its people, and their assignments.

Owns: the event log of units, responsibilities, people and assignments, and the directory of names.
Follows: content (which courses there are). Says: every change of these, and, apart from them, who
people are at present. Refuses: names in events, assignments by managers outside their care.
"""
