"""Reading a whole course: its documents together, its pages, and what is left over."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

from services.content.faults import Faults, Said
from services.content.source.documents import Document, read_yaml
from services.content.source.files import Files, MediaFile
from services.content.source.pages import Page, PageReader, ReadPage
from services.content.source.shapes import CourseShape, QuestionsShape, fit
from services.contracts.content import (
    AnswerKey,
    Manifest,
    ModuleContent,
    Option,
    PageContent,
    PageKind,
    Question,
    TestRules,
)
from services.contracts.message import Language

COURSE_FILE = "course.yaml"
QUESTIONS_FILE = "questions.yaml"


@dataclass(frozen=True)
class Source:
    """A course without faults: its text, the keys to its questions, and the files that it shows."""

    manifest: Manifest
    keys: tuple[AnswerKey, ...]
    files: tuple[MediaFile, ...]

    @cached_property
    def text(self) -> bytes:
        """The manifest as canonical JSON: the same course gives the same bytes."""
        return json.dumps(
            self.manifest.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical text."""
        return sha256(self.text).hexdigest()


def read(folder: Path) -> Source:
    """The course in a folder. Raises FaultyCourse with everything that is wrong with it."""
    faults = Faults()
    files = Files(folder, faults)
    course_document = _document(files, COURSE_FILE, faults)
    questions_document = _document(files, QUESTIONS_FILE, faults)
    languages = _languages(course_document)
    course = course_document and fit(CourseShape, course_document, languages, faults)
    questions = questions_document and fit(QuestionsShape, questions_document, languages, faults)
    if course_document:
        _check_languages(course_document, faults)
        _check_test(course_document, questions_document, faults)
        if questions_document:
            _check_modules_of_questions(course_document, questions_document, faults)
    reader = PageReader(files, languages, faults)
    pages = {(page.module, page.id): reader.read(page) for page in _pages(course_document)}
    if course_document:
        _check_leftovers(files, course_document, faults)
    faults.refuse_if_any()
    assert course and questions
    return _source(course, questions, pages, reader.media)


def _document(files: Files, name: str, faults: Faults) -> Document | None:
    path = files.use(name)
    if path is None:
        faults.add(
            name, None, Said("The file {name} is missing at the top of the folder: add it.", name=name)
        )
        return None
    return read_yaml(path, name, faults)


# --- what can be known of a document that has faults ----------------------------------------------


def _mapping(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


def _list(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []


def _languages(course: Document | None) -> Sequence[Language]:
    told = _list(_mapping(course.data).get("languages")) if course else []
    return [language for language in get_args(Language) if language in told]


def _modules(course: Document) -> list[dict[str, Any]]:
    return [_mapping(module) for module in _list(_mapping(course.data).get("modules"))]


def _pages(course: Document | None) -> Iterator[Page]:
    """Every page whose place and kind are clear, whatever else is wrong with it."""
    seen: set[str] = set()
    for i, module in enumerate(_modules(course) if course else []):
        if isinstance(module.get("id"), str) and module["id"] not in seen:
            seen.add(module["id"])
            for j, page in _clear_pages(module).items():
                assert course
                yield Page(module["id"], page["id"], page["kind"], course.line(("modules", i, "pages", j)))


def _clear_pages(module: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Pages of a module by their place in it; not those with the name of one before."""
    found: dict[int, dict[str, Any]] = {}
    for j, page in enumerate(map(_mapping, _list(module.get("pages")))):
        id_, kind = page.get("id"), page.get("kind")
        known = isinstance(id_, str) and isinstance(kind, str) and kind in get_args(PageKind)
        if known and id_ not in [other["id"] for other in found.values()]:
            found[j] = page
    return found


# --- rules about several things at once -----------------------------------------------------------


def _check_languages(course: Document, faults: Faults) -> None:
    told = [x for x in _list(_mapping(course.data).get("languages")) if isinstance(x, str)]
    for i, language in enumerate(told):
        if language in told[:i]:
            line = course.line(("languages", i))
            faults.add(
                COURSE_FILE,
                line,
                Said("The language {language} is named twice: remove one.", language=language),
            )


def _check_test(course: Document, questions: Document | None, faults: Faults) -> None:
    modules = _modules(course)
    tests = [i for i, module in enumerate(modules) if module.get("test") is True]
    if modules and not tests:
        faults.add(
            COURSE_FILE,
            course.line(("modules",)),
            "No module is the test: give the last one the line `test: true`.",
        )
    for i in tests[1:]:
        faults.add(
            COURSE_FILE,
            course.line(("modules", i, "test")),
            "A second module is marked as the test: keep one.",
        )
    if tests and tests[-1] != len(modules) - 1:
        line = course.line(("modules", tests[-1], "test"))
        faults.add(COURSE_FILE, line, "The test comes last: move this module to the end.")
    draw = _mapping(_mapping(course.data).get("test")).get("draw")
    if questions is None or not isinstance(draw, int):
        return
    pool = len(_list(_mapping(questions.data).get("questions")))
    if pool < draw:
        faults.add(
            COURSE_FILE,
            course.line(("test", "draw")),
            Said(
                "The test draws {draw} questions, but {questions_file} has {pool}: add questions, or draw fewer.",
                draw=draw,
                questions_file=QUESTIONS_FILE,
                pool=pool,
            ),
        )


def _check_modules_of_questions(course: Document, questions: Document, faults: Faults) -> None:
    known = [module.get("id") for module in _modules(course)]
    for i, question in enumerate(_list(_mapping(questions.data).get("questions"))):
        module = _mapping(question).get("module")
        if isinstance(module, str) and module not in known:
            line = questions.line(("questions", i, "module"))
            faults.add(
                QUESTIONS_FILE,
                line,
                Said(
                    "There is no module `{module}` in {course_file}: name one that is there.",
                    module=module,
                    course_file=COURSE_FILE,
                ),
            )


def _check_leftovers(files: Files, course: Document, faults: Faults) -> None:
    """Files that nothing refers to; silent where a faulty page may be what refers to them."""
    modules = _modules(course)
    names = [module["id"] for module in modules if isinstance(module.get("id"), str)]
    if not _languages(course) or not modules or len(set(names)) < len(modules):
        return
    unclear = {
        module["id"]
        for module in modules
        if not _list(module.get("pages")) or len(_clear_pages(module)) < len(module["pages"])
    }
    for name in files.unused():
        parts = name.split("/")
        if len(parts) == 3 and parts[0] == "modules" and parts[1] in unclear:
            continue
        faults.add(
            name,
            None,
            Said(
                "Nothing refers to this file: check its name against {course_file} and the pages, or remove it.",
                course_file=COURSE_FILE,
            ),
        )


# --- a course without faults ----------------------------------------------------------------------


def _source(
    course: CourseShape,
    questions: QuestionsShape,
    pages: dict[tuple[str, str], ReadPage],
    media: dict[str, MediaFile],
) -> Source:
    pool = sorted(questions.questions, key=lambda question: question.id)  # the order of a pool means nothing
    manifest = Manifest(
        course=course.course,
        title=course.title,
        summary=course.summary,
        languages=tuple(course.languages),
        validity_months=course.validity_months,
        sittings=course.sittings,
        test=TestRules(**course.test.model_dump()),
        modules=tuple(
            ModuleContent(
                id=module.id,
                title=module.title,
                minutes=module.minutes,
                test=module.test,
                pages=tuple(
                    PageContent(
                        id=page.id,
                        kind=page.kind,
                        title=page.title,
                        text=pages[module.id, page.id].texts,
                        clips=pages[module.id, page.id].clips,
                        exercise=pages[module.id, page.id].exercise,
                    )
                    for page in module.pages
                ),
            )
            for module in course.modules
        ),
        questions=tuple(
            Question(
                id=question.id,
                module=question.module,
                kind=question.kind,
                text=question.text,
                options=tuple(Option(id=option.id, text=option.text) for option in question.options),
            )
            for question in pool
        ),
        media_types={digest: media[digest].media_type for digest in sorted(media)},
    )
    keys = tuple(
        AnswerKey(
            id=question.id,
            module=question.module,
            options=tuple(option.id for option in question.options),
            right=tuple(option.id for option in question.options if option.right),
            explanation=question.explanation,
        )
        for question in pool
    )
    return Source(manifest, keys, tuple(media[digest] for digest in sorted(media)))
