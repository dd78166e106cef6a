"""What a learner sees: one language, pictures that can be fetched, no keys."""

from pathlib import Path

import pytest

from services.content.source import read
from services.content.views import course_view, module_view, questions_view
from services.contracts.content import Manifest
from services.contracts.rules import RuleBroken
from tests.unit.content.folder import PLACE, write_course


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return read(write_course(tmp_path / "course")).manifest


def test_a_course_in_one_language(manifest: Manifest) -> None:
    view = course_view(manifest, 3, False, "nl")
    assert (view.title, view.course_version, view.language) == ("Kleine cursus", 3, "nl")
    assert view.modules[0].pages[1] == ("film", "clip", "Film")
    assert view.modules[1].test


def test_a_module_in_one_language(manifest: Manifest) -> None:
    view = module_view(manifest, 1, "introduction", "fr")
    welcome, film, practice = view.pages
    assert "](/media/" in welcome.text
    assert "media:" not in welcome.text
    assert film.clip and film.clip.transcript == "Un, deux. Trois."
    assert film.clip.media in manifest.media_types
    assert practice.exercise and practice.exercise.story == "Une histoire"
    assert practice.exercise.options[0] == {"id": "a", "text": "Parler", "right": True, "feedback": "Oui"}
    assert practice.exercise.options[1]["feedback"] is None


def test_places_in_a_picture(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "course")
    (folder / "modules/introduction/practice.exercise.yaml").write_text(PLACE)
    exercise = module_view(read(folder).manifest, 1, "introduction", "nl").pages[2].exercise
    assert exercise and exercise.picture and exercise.shows == "Een deur"
    assert [(o["id"], o["x"], o["y"]) for o in exercise.options] == [("a", 10, 50), ("b", 90, 50)]


def test_questions_come_in_the_order_asked_and_without_keys(manifest: Manifest) -> None:
    view = questions_view(manifest, ["q2", "q1"], "fr")
    assert [question.id for question in view.questions] == ["q2", "q1"]
    assert view.questions[0].options == (
        {"id": "a", "text": "Un"},
        {"id": "b", "text": "Deux"},
        {"id": "c", "text": "Trois"},
    )
    assert "right" not in view.model_dump_json()


@pytest.mark.parametrize(
    ("look", "rule"),
    [
        (lambda m: course_view(m, 1, False, "de"), "language-unknown"),
        (lambda m: module_view(m, 1, "introduction", "de"), "language-unknown"),
        (lambda m: questions_view(m, ["q1"], "en"), "language-unknown"),
        (lambda m: module_view(m, 1, "intro", "fr"), "module-unknown"),
        (lambda m: questions_view(m, ["q1", "q9"], "fr"), "answers-do-not-fit"),
    ],
)
def test_what_is_not_there_is_refused_by_name(manifest: Manifest, look, rule: str) -> None:
    with pytest.raises(RuleBroken, match=rule):
        look(manifest)
