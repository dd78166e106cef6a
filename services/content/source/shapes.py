"""The documents of a course folder as pydantic models, and what to say when one does not fit.

Each rule about a single thing stands here; rules about several files stand in `course` and `pages`.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from services.content.faults import Faults, Said
from services.content.source.documents import Document
from services.content.source.texts import PICTURE_NAME
from services.contracts.content import ExerciseKind, PageKind
from services.contracts.message import Language, Sentence, Slug


def _in_all_languages(texts: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    languages: Sequence[str] = (info.context or {}).get("languages", ())
    if not languages:
        return texts  # `languages` itself is faulty, and said so
    said = []
    if missing := [language for language in languages if language not in texts]:
        said.append(
            Said(
                "Add this text in {languages}: every text is needed in every language of the course.",
                languages=", ".join(missing),
            )
        )
    if unknown := [language for language in texts if language not in languages]:
        said.append(
            Said("Remove {languages}: not among the `languages` of the course.", languages=", ".join(unknown))
        )
    if said:
        raise ValueError(said[0] if len(said) == 1 else " ".join(said))
    return texts


Texts = Annotated[dict[str, Sentence], AfterValidator(_in_all_languages)]


class Shape(BaseModel):
    """A mapping with known keys, in which a number is a number and a text a text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PageShape(Shape):
    """A page in course.yaml."""

    id: Slug
    kind: PageKind
    title: Texts


class ModuleShape(Shape):
    """A module in course.yaml."""

    id: Slug
    title: Texts
    minutes: Annotated[int, Field(ge=1, le=600)]
    test: bool = False
    pages: Annotated[list[PageShape], Field(min_length=1, max_length=100)]


class TestShape(Shape):
    """The rules of the test in course.yaml."""

    __test__ = False

    draw: Annotated[int, Field(ge=1, le=200)]
    pass_mark_percent: Annotated[int, Field(ge=1, le=100)]
    attempts_allowed: Annotated[int, Field(ge=1, le=20)]


class CourseShape(Shape):
    """course.yaml."""

    course: Slug
    title: Texts
    summary: Texts
    languages: Annotated[list[Language], Field(min_length=1, max_length=4)]
    validity_months: Annotated[int, Field(ge=1, le=1200)]
    sittings: Annotated[int, Field(ge=1, le=20)]
    test: TestShape
    modules: Annotated[list[ModuleShape], Field(min_length=1, max_length=50)]


class OptionShape(Shape):
    """An option of a question."""

    id: Slug
    text: Texts
    right: bool = False


class QuestionShape(Shape):
    """A question of the pool."""

    id: Slug
    module: Slug
    kind: Literal["single", "multiple"]
    text: Texts
    options: Annotated[list[OptionShape], Field(min_length=2, max_length=12)]
    explanation: Texts | None = None

    @model_validator(mode="after")
    def _has_a_right_answer(self) -> Self:
        _right_options(self.kind, [option.right for option in self.options])
        return self


class QuestionsShape(Shape):
    """questions.yaml."""

    questions: Annotated[list[QuestionShape], Field(min_length=1, max_length=1000)]


def _is_place(at: list[int]) -> list[int]:
    if len(at) != 2 or not all(0 <= each <= 100 for each in at):
        raise ValueError("A place is written as `at: [x, y]`, in percent from the left and from the top.")
    return at


Place = Annotated[list[int], AfterValidator(_is_place)]


class ChoiceShape(OptionShape):
    """An option of an exercise; `at` is its place in the picture, in percent from the left and from the top."""

    feedback: Texts | None = None
    at: Place | None = None


class ItemShape(Shape):
    """A thing to put in order."""

    id: Slug
    text: Texts


class PairShape(Shape):
    """Two things that belong together."""

    id: Slug
    left: Texts
    right: Texts


Several = Field(max_length=20)


class ExerciseShape(Shape):
    """<page>.exercise.yaml."""

    kind: ExerciseKind
    prompt: Texts
    picture: str | None = None
    shows: Texts | None = None
    story: Texts | None = None
    options: Annotated[list[ChoiceShape], Several] = []
    items: Annotated[list[ItemShape], Several] = []
    pairs: Annotated[list[PairShape], Several] = []
    feedback: Texts | None = None

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        needed = {"ordering": "items", "matching": "pairs"}.get(self.kind, "options")
        for name in ("options", "items", "pairs"):
            if name != needed and getattr(self, name):
                raise ValueError(
                    Said(
                        "An exercise of kind `{kind}` has no `{name}`: remove them, or change the kind.",
                        kind=self.kind,
                        name=name,
                    )
                )
        if len(getattr(self, needed)) < 2:
            raise ValueError(
                Said(
                    "An exercise of kind `{kind}` needs at least two `{needed}`: add them.",
                    kind=self.kind,
                    needed=needed,
                )
            )
        if self.kind == "case" and self.story is None:
            raise ValueError("A case needs its `story`: add it.")
        self._has_its_picture()
        if needed == "options":
            kind = "multiple" if self.kind == "multiple" else "single"
            _right_options(kind, [option.right for option in self.options])
        return self

    def _has_its_picture(self) -> None:
        if self.kind != "place":
            if self.picture or self.shows or any(option.at for option in self.options):
                raise ValueError(
                    "Only an exercise of kind `place` has a `picture`, `shows` and places (`at`):"
                    " remove them, or change the kind."
                )
            return
        if self.picture is None or self.shows is None:
            raise ValueError(
                "An exercise of kind `place` needs its `picture`, and `shows`, which says what it shows: add them."
            )
        if not PICTURE_NAME.fullmatch(self.picture):
            raise ValueError(
                Said(
                    "{picture} is not a picture of this module: name an .svg or .png beside the text.",
                    picture=self.picture,
                )
            )
        if not all(option.at for option in self.options):
            raise ValueError(
                "Each option of an exercise of kind `place` lies somewhere in the picture: add `at: [x, y]`."
            )


def _right_options(kind: str, right: list[bool]) -> None:
    if not any(right):
        raise ValueError("No option is right: mark the right one with `right: true`.")
    if kind == "single" and sum(right) > 1:
        raise ValueError("Several options are right: mark one only, or make the kind `multiple`.")


S = TypeVar("S", bound=Shape)


def fit(shape: type[S], document: Document, languages: Sequence[str], faults: Faults) -> S | None:
    """The document as a model, or None and a fault for each thing that does not fit."""
    _ids_are_unique(document.data, (), document, faults)
    try:
        return shape.model_validate(document.data, context={"languages": languages})
    except ValidationError as error:
        for found in error.errors(include_url=False):
            path = tuple(step for step in found["loc"] if step != "[key]")
            faults.add(document.file, document.line(path), _sentence(found, str(path[-1]) if path else ""))
        return None


def _ids_are_unique(data: Any, path: tuple[str | int, ...], document: Document, faults: Faults) -> None:
    """In any list of things with an `id`, wherever it stands."""
    if isinstance(data, dict):
        for name, value in data.items():
            _ids_are_unique(value, (*path, name), document, faults)
    elif isinstance(data, list):
        seen = set()
        for i, value in enumerate(data):
            id_ = value.get("id") if isinstance(value, dict) else None
            if isinstance(id_, str) and id_ in seen:
                line = document.line((*path, i, "id"))
                faults.add(
                    document.file,
                    line,
                    Said("The id `{id}` is used a second time in this list: choose another.", id=id_),
                )
            if isinstance(id_, str):
                seen.add(id_)
            _ids_are_unique(value, (*path, i), document, faults)


_SENTENCES = {
    "string_type": "`{name}` must be a text: write one, and put numbers, yes, no and dates between quotes.",
    "string_too_short": "`{name}` is empty: write a text.",
    "string_too_long": "`{name}` is too long: at most {max_length} characters.",
    "string_pattern_mismatch": "`{name}` must be a short name of lower-case letters, digits and hyphens,"
    " such as `my-page`: rename it.",
    "missing": "`{name}` is missing: add it.",
    "extra_forbidden": "`{name}` is not known here: check its spelling, or remove it.",
    "literal_error": "`{name}` must be one of {expected}: choose one.",
    "int_type": "`{name}` must be a whole number: write digits without quotes.",
    "bool_type": "`{name}` must be true or false, without quotes.",
    "greater_than_equal": "`{name}` must be at least {ge}.",
    "less_than_equal": "`{name}` must be at most {le}.",
    "too_short": "`{name}` needs at least {min_length}: add what is missing.",
    "too_long": "`{name}` may have at most {max_length}: remove some.",
    "list_type": "`{name}` must be a list: write one thing on each line, after `- `.",
    "dict_type": "`{name}` must have a text for each language: write `fr: …` and so on below it.",
    "model_type": "Lines of `key: value` are expected here.",
}


def _sentence(found: Any, name: str) -> str:
    if found["type"] == "value_error":
        told: str = found["ctx"]["error"].args[0]
        return told
    sentence = _SENTENCES.get(found["type"])
    if sentence is None:
        return f"`{name}`: {found['msg']}."
    return Said(sentence, name=name, **found.get("ctx", {}))
