"""What HR tells in a file: bytes to rows or faults, and rows to what would change. No I/O, no clock, no chance.

What a file looks like, docs/hr-import.md says.
"""

from services.scheduling.hr.compare import Change, Known, Plan, compare
from services.scheduling.hr.faults import Faults
from services.scheduling.hr.rows import Row, read

__all__ = ["Change", "Faults", "Known", "Plan", "Row", "compare", "read"]
