"""What a course folder becomes: a manifest that depends on its meaning and on nothing else."""

import os
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from services.content.archive import unpacked
from services.content.source import FaultyCourse, read, zip_folder
from services.contracts.content import Manifest
from tests.unit.content.folder import FILES, PLACE, PNG, change, faults_of, line_of, write_course


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course")


def test_pictures_and_clips_are_named_by_their_digests(folder: Path) -> None:
    source = read(folder)
    welcome, film, practice = source.manifest.modules[0].pages
    png = sha256(PNG).hexdigest()
    assert f"![Un point](media:{png})" in welcome.text["fr"]
    assert "door.svg" not in welcome.text["fr"] + welcome.text["nl"]
    assert film.clips["fr"].media == sha256(FILES["modules/introduction/film.fr.webm"]).hexdigest()  # type: ignore[arg-type]
    assert film.clips["nl"].transcript == "Een, twee. Drie."
    assert practice.exercise and practice.exercise.options[0].right
    types = source.manifest.media_types
    assert sorted(types.values()) == [
        "image/png",
        "image/svg+xml",
        "text/vtt",
        "text/vtt",
        "video/webm",
        "video/webm",
    ]
    assert {file.digest for file in source.files} == set(types)
    for file in source.files:
        assert sha256(b"".join(file.chunks())).hexdigest() == file.digest


def test_an_exercise_may_have_a_picture_with_places(folder: Path) -> None:
    (folder / "modules/introduction/practice.exercise.yaml").write_text(PLACE)
    source = read(folder)
    exercise = source.manifest.modules[0].pages[2].exercise
    assert exercise and exercise.picture in source.manifest.media_types
    assert [option.at for option in exercise.options] == [(10, 50), (90, 50)]


def test_the_picture_of_an_exercise_must_be_there(folder: Path) -> None:
    name = "modules/introduction/practice.exercise.yaml"
    (folder / name).write_text(PLACE.replace("door.svg", "gate.svg"))
    (fault,) = faults_of(folder)
    assert (fault.file, fault.line) == (name, line_of(folder, name, "gate.svg"))
    assert "The picture modules/introduction/gate.svg does not exist" in fault.sentence


def test_a_picture_is_kept_from_its_svg_on(folder: Path) -> None:
    before = read(folder)
    door = folder / "modules/introduction/door.svg"
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- <svg> by a drawing program -->\n'
    door.write_text(head + door.read_text())
    assert read(folder).digest == before.digest
    (kept,) = [b"".join(f.chunks()) for f in before.files if f.media_type == "image/svg+xml"]
    assert kept.startswith(b"<svg xmlns=")


def test_the_keys_stand_apart_from_the_manifest(folder: Path) -> None:
    source = read(folder)
    assert [(key.id, key.right) for key in source.keys] == [("q1", ("a",)), ("q2", ("a", "b"))]
    assert source.keys[0].explanation == {"fr": "Voilà", "nl": "Daarom"}
    questions = source.text.decode().split('"questions":')[1]
    assert "right" not in questions
    assert "Voil" not in questions


def test_the_canonical_text_is_the_manifest(folder: Path) -> None:
    source = read(folder)
    assert Manifest.model_validate_json(source.text) == source.manifest
    assert sha256(source.text).hexdigest() == source.digest


def _other_formatting(folder: Path) -> None:
    import yaml

    for name in ("course.yaml", "questions.yaml", "modules/introduction/practice.exercise.yaml"):
        path = folder / name
        data = yaml.safe_load(path.read_text())
        path.write_text("# by hand\n" + yaml.safe_dump(data, sort_keys=True, allow_unicode=True, width=40))


def _windows_line_ends(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.suffix in {".md", ".yaml", ".vtt", ".svg"}:
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))


def _other_times(folder: Path) -> None:
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))


def _other_order_of_files(folder: Path) -> None:
    copy = folder.with_name("copy")
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file():
            target = copy / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    shutil.rmtree(folder)
    copy.rename(folder)


def _other_order_of_the_pool(folder: Path) -> None:
    path = folder / "questions.yaml"
    head, first, second = path.read_text().partition("  - id: q1")[0], *_questions(path.read_text())
    path.write_text(head + second + first)


def _questions(text: str) -> tuple[str, str]:
    start, middle = text.index("  - id: q1"), text.index("  - id: q2")
    return text[start:middle], text[middle:]


@pytest.mark.parametrize(
    "touch",
    [_other_formatting, _windows_line_ends, _other_times, _other_order_of_files, _other_order_of_the_pool],
)
def test_what_means_the_same_has_the_same_digest(folder: Path, touch) -> None:
    before = read(folder)
    touch(folder)
    after = read(folder)
    assert (after.digest, after.keys) == (before.digest, before.keys)
    assert {f.digest for f in after.files} == {f.digest for f in before.files}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("course.yaml", "minutes: 20", "minutes: 21"),
        ("modules/introduction/welcome.fr.md", "Texte", "Texte nouveau"),
        ("modules/introduction/door.svg", "#123456", "#123457"),
        ("modules/introduction/film.nl.vtt", "twee", "drie"),
    ],
)
def test_another_meaning_has_another_digest(folder: Path, file: str, old: str, new: str) -> None:
    before = read(folder).digest
    change(folder, file, old, new)
    assert read(folder).digest != before


def test_another_right_answer_shows_in_the_keys_alone(folder: Path) -> None:
    before = read(folder)
    change(folder, "questions.yaml", "nl: Dit}\n        right: true", "nl: Dit}")
    change(folder, "questions.yaml", "nl: Dat}", "nl: Dat}\n        right: true")
    after = read(folder)
    assert after.digest == before.digest
    assert after.keys != before.keys


def test_a_folder_travels_as_a_zip_and_is_the_same_course(folder: Path, tmp_path: Path) -> None:
    (folder / ".DS_Store").write_text("x")
    zip_folder(folder, tmp_path / "a.zip")
    _other_times(folder)
    zip_folder(folder, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert sorted(zipfile.ZipFile(tmp_path / "a.zip").namelist()) == sorted(FILES)
    with unpacked(tmp_path / "a.zip", tmp_path / "work") as inside:
        assert read(inside).digest == read(folder).digest


def test_a_link_cannot_travel(folder: Path, tmp_path: Path) -> None:
    (folder / "extra").symlink_to("/etc")
    with pytest.raises(FaultyCourse, match="link"):
        zip_folder(folder, tmp_path / "a.zip")
