"""What is wrong with a course that was handed in: collected as a whole, told in the order of its files."""

from typing import Self

from services.contracts.content import CourseFaults, Fault

FAULTS_MAX = 200
"""More than this nobody reads; the rest is counted."""


class Said(str):
    """A sentence with what fills it: as text it is whole, and whoever speaks another language fills their own."""

    text: str
    params: dict[str, str]

    def __new__(cls, text: str, **params: object) -> Self:
        """`text` has a {place} for each of `params`."""
        told = {name: str(value) for name, value in params.items()}
        said = super().__new__(cls, text.format(**told))
        said.text, said.params = text, told
        return said


class FaultyCourse(Exception):
    """A course that cannot be published. `faults` says where, and what to do."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} faults, the first: {faults[0].file}: {faults[0].sentence}")
        self.faults = faults

    def as_json(self) -> str:
        """The faults as the `faults` of rule `course-faulty`."""
        return CourseFaults(faults=self.faults).model_dump_json()


class Faults:
    """Collects faults; reading goes on after each of them."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int, str], Fault] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, file: str, line: int | None, sentence: str) -> None:
        """One thing wrong; saying it twice is saying it once."""
        text, params = (sentence.text, sentence.params) if isinstance(sentence, Said) else (sentence, {})
        fault = Fault(file=file, line=line, sentence=sentence, text=text, params=params)
        self._found.setdefault((file, line or 0, sentence), fault)

    def told(self) -> tuple[Fault, ...]:
        """All of them by file and line; past FAULTS_MAX only their number."""
        ordered = [self._found[place] for place in sorted(self._found)]
        if (more := len(ordered) - FAULTS_MAX) > 0:
            last = ordered[FAULTS_MAX]
            said = Said("{number} more faults from here on.", number=more)
            rest = Fault(file=last.file, line=last.line, sentence=said, text=said.text, params=said.params)
            ordered[FAULTS_MAX:] = [rest]
        return tuple(ordered)

    def refuse_if_any(self) -> None:
        """Raises FaultyCourse when there is at least one."""
        if self._found:
            raise FaultyCourse(self.told())
