"""A published version as one learner sees it: in one language, without anything that tells the right answers."""

import re
from collections.abc import Sequence

from services.contracts.content import (
    CourseView,
    Exercise,
    ExerciseView,
    Manifest,
    ModuleInBrief,
    ModuleView,
    PageContent,
    PageView,
    Questions,
    QuestionView,
)
from services.contracts.message import Language, Localised
from services.contracts.rules import Rule, RuleBroken

_MEDIA = re.compile(r"\]\(media:(?=[0-9a-f]{64}[\s)])")


def course_view(manifest: Manifest, number: int, withdrawn: bool, language: Language) -> CourseView:
    """What the course is, and its parts. Raises RuleBroken(LANGUAGE_UNKNOWN)."""
    _offered(manifest, language)
    return CourseView(
        course=manifest.course,
        course_version=number,
        language=language,
        languages=manifest.languages,
        title=manifest.title[language],
        summary=manifest.summary[language],
        validity_months=manifest.validity_months,
        sittings=manifest.sittings,
        test=manifest.test,
        withdrawn=withdrawn,
        modules=tuple(
            ModuleInBrief(
                id=module.id,
                title=module.title[language],
                minutes=module.minutes,
                test=module.test,
                pages=tuple((page.id, page.kind, page.title[language]) for page in module.pages),
            )
            for module in manifest.modules
        ),
    )


def module_view(manifest: Manifest, number: int, name: str, language: Language) -> ModuleView:
    """A part with all its pages. Raises RuleBroken(LANGUAGE_UNKNOWN, MODULE_UNKNOWN)."""
    _offered(manifest, language)
    module = next((module for module in manifest.modules if module.id == name), None)
    if module is None:
        raise RuleBroken(Rule.MODULE_UNKNOWN, module=name)
    return ModuleView(
        course=manifest.course,
        course_version=number,
        module=name,
        language=language,
        title=module.title[language],
        minutes=module.minutes,
        test=module.test,
        pages=tuple(_page(page, language) for page in module.pages),
    )


def questions_view(manifest: Manifest, asked: Sequence[str], language: Language) -> Questions:
    """The texts of these questions. Raises RuleBroken(LANGUAGE_UNKNOWN, ANSWERS_DO_NOT_FIT)."""
    _offered(manifest, language)
    pool = {question.id: question for question in manifest.questions}
    if unknown := [name for name in asked if name not in pool]:
        raise RuleBroken(Rule.ANSWERS_DO_NOT_FIT, question=unknown[0])
    return Questions(
        questions=tuple(
            QuestionView(
                id=name,
                kind=pool[name].kind,
                text=pool[name].text[language],
                options=tuple({"id": o.id, "text": o.text[language]} for o in pool[name].options),
            )
            for name in asked
        )
    )


def _offered(manifest: Manifest, language: Language) -> None:
    if language not in manifest.languages:
        raise RuleBroken(Rule.LANGUAGE_UNKNOWN, language=language)


def _page(page: PageContent, language: Language) -> PageView:
    return PageView(
        id=page.id,
        kind=page.kind,
        title=page.title[language],
        text=_MEDIA.sub("](/media/", page.text[language]),
        clip=page.clips.get(language),
        exercise=page.exercise and _exercise(page.exercise, language),
    )


def _exercise(exercise: Exercise, language: Language) -> ExerciseView:
    return ExerciseView(
        kind=exercise.kind,
        prompt=exercise.prompt[language],
        picture=exercise.picture,
        shows=_said(exercise.shows, language),
        story=_said(exercise.story, language),
        options=tuple(
            {
                "id": option.id,
                "text": option.text[language],
                "right": option.right,
                "feedback": _said(option.feedback, language),
                **({"x": option.at[0], "y": option.at[1]} if option.at else {}),
            }
            for option in exercise.options
        ),
        items=tuple({"id": item.id, "text": item.text[language]} for item in exercise.items),
        pairs=tuple(
            {"id": pair.id, "left": pair.left[language], "right": pair.right[language]}
            for pair in exercise.pairs
        ),
        feedback=_said(exercise.feedback, language),
    )


def _said(texts: Localised | None, language: Language) -> str | None:
    return texts[language] if texts else None
