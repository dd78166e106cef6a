"""A course as a training centre edits it: a folder of plain files (docs/course-format.md), read and checked as a whole.

Owns: what a course folder may hold, and its canonical form. Refuses: the folder, when there is a
single fault; and then names them all.
"""

from services.content.faults import FaultyCourse
from services.content.source.course import Source, read
from services.content.source.packing import zip_folder

__all__ = ["FaultyCourse", "Source", "read", "zip_folder"]
