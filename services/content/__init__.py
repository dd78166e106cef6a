"""What can be learned: courses and their immutable published versions.

Owns: the event log of courses, and the content-addressed store of manifests and media. Follows:
nobody. Says: which versions exist, their outlines and answer keys, and which were withdrawn.
Refuses: a course folder with a single fault in it, and any change to what was published.
"""
