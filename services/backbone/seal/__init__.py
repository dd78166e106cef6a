"""Seals: what is stored in a log is hashed into a tree, and its root is signed, so that nothing can be changed unseen.

`merkle` is the arithmetic, `leaves` what is hashed of an event, `notes` what is signed, `trees` where
hashes are kept, `sealer` who does it, `audit` who looks again. See docs/decisions/0028.
"""
