"""What each question of reporting is answered from the read models: one file for each of its rooms.

A function is given one state of all read models and the question. Whom the answer may show is
decided here, by the care of whoever asks.
"""
