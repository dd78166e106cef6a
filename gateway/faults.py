"""What is wrong with a file of HR, as sentences."""

from gateway.sentences import sentence
from services.contracts.scheduling.staff_imports import StaffFault


def fault_sentence(fault: StaffFault, language: str) -> str:
    """What is wrong, and what to do about it, in this language."""
    return sentence(f"fault-{fault.kind}", language, {"column": fault.column or "", **fault.params})
