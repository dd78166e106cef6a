"""What reporting answers: read models of three feeds, as of any date, as known at any date.

Two times on every question: `as_of` is the moment whose state is asked for, `known_at` the moment
whose knowledge is used. Without them: now.
"""
