"""A course folder with one thing wrong: the fault names the file, the line, and what to do."""

from pathlib import Path

import pytest

from services.content.faults import FAULTS_MAX, Faults
from services.content.source import files as files_module
from services.content.source import pages as pages_module
from tests.unit.content.folder import FILES, PNG, change, faults_of, line_of, write_course
from tests.unit.gateway.words import faults as words_of_faults

INTRO = "modules/introduction"
C, Q = "course.yaml", "questions.yaml"
WELCOME, FILM = f"{INTRO}/welcome.fr.md", f"{INTRO}/film.fr"
PICTURE = "picture: door.svg\nshows: {fr: Une porte, nl: Een deur}"
EXERCISE, DOOR = f"{INTRO}/practice.exercise.yaml", f"{INTRO}/door.svg"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course")


def test_the_whole_course_has_no_fault(folder: Path) -> None:
    assert faults_of(folder) == ()


# (file, what stands in it, what is written instead, a piece of the line that the fault must name, words of it)
CASES = [
    # course.yaml and what it must hold
    (C, "course: small", "course: Small Course", "course: Small", "`course` must be a short name"),
    (C, "course: small\n", "", "title:", "`course` is missing: add it"),
    (C, "sittings: 2", "sitings: 2", "sitings", "`sitings` is not known here"),
    (C, "sittings: 2", "sittings: '2'", "sittings", "`sittings` must be a whole number"),
    (C, "sittings: 2", "sittings: 0", "sittings", "`sittings` must be at least 1"),
    (C, "validity_months: 24", "validity_months: true", "validity", "must be a whole number"),
    (C, "pass_mark_percent: 80", "pass_mark_percent: 101", "pass_mark", "must be at most 100"),
    (C, "languages: [fr, nl]", "languages: [fr, nl, fr]", "languages", "fr is named twice"),
    (
        C,
        "languages: [fr, nl]",
        "languages: [fr, nl, es]",
        "languages",
        "must be one of 'fr', 'nl', 'de' or 'en'",
    ),
    (C, "{fr: Petit cours, nl: Kleine cursus}", "{fr: Petit cours}", "Petit cours", "Add this text in nl"),
    (C, "{fr: Film, nl: Film}", "{fr: Film, nl: Film, de: Film}", "{fr: Film", "Remove de"),
    (C, "{fr: Film, nl: Film}", "{fr: Film, nl: ''}", "{fr: Film", "`nl` is empty"),
    (C, "{fr: Film, nl: Film}", "{fr: Film, nl: no}", "{fr: Film", "`nl` must be a text"),
    (
        C,
        "kind: clip",
        "kind: film",
        "kind: film",
        "`kind` must be one of 'text', 'clip', 'interview' or 'exercise'",
    ),
    (C, "- id: film", "- id: welcome", "- id: welcome", "used a second time"),
    (C, "id: final", "id: introduction", "- id: introduction", "used a second time"),
    (C, "    test: true\n", "", "modules:", "No module is the test"),
    (C, "minutes: 20", "minutes: 20\n    test: true", "test: true", "A second module is marked as the test"),
    (C, "draw: 2", "draw: 3", "draw: 3", "has 2: add questions, or draw fewer"),
    # YAML itself
    (C, "sittings: 2", "sittings: 2\nsittings: 3", "sittings: 3", "stands here a second time"),
    (C, "title: {fr: Petit", "title: &x {fr: Petit", "&x", "Anchors and references"),
    (C, "sittings: 2", "sittings: *x", "*x", "Anchors and references"),
    (C, "sittings: 2", "sittings: !!python/name:os.system", "!!python", "Tags (!) are not read"),
    (C, "sittings: 2", "sittings: 0x2", "sittings", "must be a whole number"),
    (C, "validity_months: 24", "validity_months: 24.5", "validity", "must be a whole number"),
    (C, "validity_months: 24", "validity_months: ", "validity", "must be a whole number"),
    (C, "sittings: 2", "? [sittings]\n: 2", "? [sit", "`?` is not known here"),
    (C, "sittings: 2", "sittings: [2", "test:", "not well-formed YAML"),
    (C, "sittings: 2", "sittings: " + "[" * 25 + "]" * 25, "sittings", "nested more than 20 deep"),
    (C, "sittings: 2", f"sittings: [{'a,' * 100_000}]", "sittings", "more than 100000 values"),
    (C, "sittings: 2", "---\nsittings: 2", "---", "A second document"),
    (C, "sittings: 2", "sittings: 2 # \x07", "sittings", "invisible control character"),
    # questions
    (Q, "        right: true\n", "", "- id: q1", "No option is right"),
    (Q, "nl: Dat}", "nl: Dat}\n        right: true", "- id: q1", "Several options are right: mark one only"),
    (Q, "right: true", "right: 'true'", "right", "must be true or false"),
    (Q, "- id: b", "- id: a", "- id: a", "used a second time"),
    (Q, "- id: q2", "- id: q1", "- id: q1", "used a second time"),
    (Q, "module: introduction", "module: intro", "module: intro", "There is no module `intro`"),
    (
        Q,
        "explanation: {fr: Voilà, nl: Daarom}",
        "explanation: {fr: Voilà}",
        "explanation",
        "Add this text in nl",
    ),
    # exercises
    (EXERCISE, "kind: case", "kind: quiz", "kind", "must be one of"),
    (EXERCISE, "story: {fr: Une histoire, nl: Een verhaal}\n", "", "kind: case", "A case needs its `story`"),
    (EXERCISE, "    right: true\n", "", "kind: case", "No option is right"),
    (EXERCISE, "nl: Niets}", "nl: Niets}\n    right: true", "kind: case", "Several options are right"),
    (EXERCISE, "kind: case", "kind: matching", "kind", "has no `options`"),
    (EXERCISE, "options:", "pairs: []\nitems: []\nopties:", "opties", "`opties` is not known here"),
    (
        EXERCISE,
        "kind: case",
        "kind: case\npicture: door.svg",
        "kind: case",
        "Only an exercise of kind `place`",
    ),
    (EXERCISE, "kind: case", "kind: place", "kind", "needs its `picture`"),
    (EXERCISE, "kind: case", f"kind: place\n{PICTURE}", "kind", "lies somewhere in the picture"),
    (EXERCISE, "kind: case", f"kind: place\n{PICTURE.replace('door', '../x')}", "kind", "is not a picture"),
    (
        EXERCISE,
        "    right: true\n",
        "    right: true\n    at: [50, 101]\n",
        "at: [50",
        "A place is written as",
    ),
    # Markdown
    (WELCOME, "Texte.", "<b>Texte</b>", "<b>", "Raw HTML"),
    (WELCOME, "Texte.", "<div>\nTexte\n</div>", "<div>", "Raw HTML"),
    (WELCOME, "Texte.", "Voir\n[ici](https://example.org).", "[ici]", "Links are not accepted"),
    (WELCOME, "Texte.", "<https://example.org>", "<https", "Links are not accepted"),
    (WELCOME, "![Une porte]", "![]", "![](door", "has no alt text"),
    (WELCOME, "Texte.", "![x](https://example.org/a.svg)", "https", "is not a picture of this module"),
    (WELCOME, "Texte.", "![x](../final/a.svg)", "../final", "is not a picture of this module"),
    (WELCOME, "Texte.", "![x](gate.svg)", "gate", f"The picture {INTRO}/gate.svg does not exist"),
    (
        WELCOME,
        "Texte.",
        "![x][d]\n\n[d]: door.svg",
        "![x]",
        "Write this picture as ![what it shows](name.svg)",
    ),
    (WELCOME, "# Bienvenue", "## Bienvenue", None, "The headings differ"),
    (f"{FILM}.transcript.md", "Un", "![x](door.svg)", "![x]", "A transcript shows no pictures"),
    # captions
    (f"{FILM}.vtt", "WEBVTT", "WEB", "WEB", "begin with a line that says WEBVTT"),
    (f"{FILM}.vtt", "WEBVTT\n", "WEBVTT\nx\n", "x", "comes an empty line"),
    (f"{FILM}.vtt", "00:02.000", "00:00.000", "00:00.000 -->", "ends before it begins"),
    (f"{FILM}.vtt", "00:00.000", "00:01.9", "00:01.9", "has a line of times such as"),
    (
        f"{FILM}.vtt",
        "00:00.000 --> 00:02.000",
        "00:09.000 --> 00:10.000",
        "00:02.500",
        "begins before the one above",
    ),
    (f"{FILM}.vtt", "Trois.", "<v Voice>", "00:02.500", "has no text"),
    (f"{FILM}.vtt", "00:01:04.000", "09:01:04.000", "00:02.500", "ends after 4 hours"),
    (f"{FILM}.vtt", "Un, deux.\n\nsecond", "Un, deux.", "00:02.500", "An empty line is missing"),
    (f"{FILM}.vtt", "NOTE said", "STYLE said", "STYLE", "no styles or regions"),
    # pictures
    (DOOR, "<rect", "<script>alert(1)</script><rect", "<script", "<script> is not accepted"),
    (DOOR, "<rect", "<foreignObject/><rect", "<foreignObject", "<foreignObject> is not accepted"),
    (DOOR, "<rect", "<animate attributeName='href' to='x'/><rect", "<animate", "<animate> is not accepted"),
    (DOOR, "<rect", "<image href='a.png'/><rect", "<image", "<image> is not accepted"),
    (DOOR, "<rect", "<a href='#x'/><rect", "<a ", "<a> is not accepted"),
    (DOOR, "<rect", "<rect onload='x()'", "onload", "would run a script"),
    (DOOR, "#door", "https://example.org/a.svg#x", "example.org", "refers to nothing outside itself"),
    (DOOR, 'fill="#123456"', 'fill="url(https://example.org/a.svg#x)"', "url(", "correct the attribute fill"),
    (DOOR, 'fill="#123456"', r'style="fill:\75rl(a.svg)"', "75rl", "correct the attribute style"),
    (DOOR, "<rect", "<style>@import 'x.css';</style><rect", "@import", "fetches nothing"),
    (DOOR, "<rect", "<rect xmlns='http://www.w3.org/1999/xhtml'", "xhtml", "<rect> is not accepted"),
    (DOOR, "<svg xmlns", "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns", "DOCTYPE", "A document type"),
    (
        DOOR,
        "<svg xmlns",
        "<?xml-stylesheet href='x'?><svg xmlns",
        "stylesheet",
        "instruction <?xml-stylesheet",
    ),
    (
        DOOR,
        "<rect",
        "<rect inkscape:label='x' xmlns:inkscape='urn:x'",
        "inkscape",
        "belongs to a drawing program",
    ),
    (DOOR, "</svg>", "", None, "not well-formed SVG"),
    (DOOR, ' xmlns="http://www.w3.org/2000/svg"', "", "<svg", "not an SVG picture"),
]


KNOWN = {str(message.id) for message in words_of_faults() if message.id}


@pytest.mark.parametrize(
    ("file", "old", "new", "piece", "words"), CASES, ids=[f"{c[0]}: {c[4]}" for c in CASES]
)
def test_a_fault_names_file_and_line_and_says_what_to_do(
    folder: Path, file: str, old: str, new: str, piece: str | None, words: str
) -> None:
    change(folder, file, old, new)

    faults = faults_of(folder)

    found = [fault for fault in faults if words in fault.sentence]
    assert found, [f"{f.file}:{f.line} {f.sentence}" for f in faults]
    assert {fault.text for fault in found} <= KNOWN, "said in every language of the pages"
    assert all((fault.text or "").format(**fault.params) == fault.sentence for fault in faults)
    if piece is not None:
        where = {(f.file, f.line) for f in found}
        lines = {n for n, text in enumerate((folder / file).read_text().split("\n"), 1) if piece in text}
        assert where & {(file, line) for line in lines}


def test_the_test_comes_last(folder: Path) -> None:
    change(folder, C, "    test: true\n", "")
    change(folder, C, "minutes: 20", "minutes: 20\n    test: true")
    (fault,) = faults_of(folder)
    assert (fault.file, fault.line) == (C, line_of(folder, C, "    test: true"))
    assert "The test comes last" in fault.sentence


def test_a_picture_with_prefixes_is_refused(folder: Path) -> None:
    (folder / DOOR).write_text('<s:svg xmlns:s="http://www.w3.org/2000/svg"/>')
    (fault,) = faults_of(folder)
    assert (fault.file, fault.line) == (DOOR, 1)
    assert "without a prefix" in fault.sentence


def test_a_folder_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    assert [f.file for f in faults_of(tmp_path / "nothing")] == [C, Q]


def test_too_many_files_are_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "FILES_MAX", 3)
    assert any("more than 3 files" in fault.sentence for fault in faults_of(folder))


def test_a_clip_that_is_too_large_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_module, "CLIP_BYTES_MAX", 3)
    assert {f.file for f in faults_of(folder)} == {f"{FILM}.webm", f"{INTRO}/film.nl.webm"}


MISSING = [name for name in FILES if "." in name.split("/")[-1] and name.startswith("modules/")]


@pytest.mark.parametrize("name", MISSING)
def test_every_file_is_missed(folder: Path, name: str) -> None:
    (folder / name).unlink()

    (fault, *_) = [f for f in faults_of(folder) if name in f.sentence]

    page = name.split("/")[2].split(".")[0]
    if name.endswith((".svg", ".png")):
        expected = (WELCOME, line_of(folder, WELCOME, name.split("/")[2]))
    else:
        expected = (C, line_of(folder, C, f"- id: {page}"))
    assert (fault.file, fault.line) == expected
    assert "add" in fault.sentence


@pytest.mark.parametrize("name", [C, Q])
def test_the_two_documents_are_missed(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"The file {name} is missing at the top of the folder: add it." in [
        f.sentence for f in faults_of(folder)
    ]


@pytest.mark.parametrize("name", [C, Q])
@pytest.mark.parametrize(
    "body", ["", "# nothing\n", "- a\n- b\n", "word\n", "modules: word\n", "modules: [[1], {pages: 3}]\n"]
)
def test_a_document_of_another_shape_is_a_fault_and_not_a_crash(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(body)
    assert name in {fault.file for fault in faults_of(folder)}


@pytest.mark.parametrize(
    "name", ["modules/introduction/welcom.fr.md", "notes.txt", "modules/introduction/spare.svg"]
)
def test_a_file_that_nothing_refers_to_is_a_fault(folder: Path, name: str) -> None:
    (folder / name).write_text("x")
    (fault,) = faults_of(folder)
    assert (fault.file, fault.line) == (name, None)
    assert "Nothing refers to this file" in fault.sentence


def test_a_page_that_is_itself_faulty_does_not_make_its_files_superfluous(folder: Path) -> None:
    change(folder, C, "- id: film", "- id: [film]")
    assert all("Nothing refers" not in fault.sentence for fault in faults_of(folder))


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "modules/.hidden", "__MACOSX/x"])
def test_what_operating_systems_leave_behind_is_passed_over(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")
    assert faults_of(folder) == ()


def test_a_text_that_is_not_utf_8_names_its_line(folder: Path) -> None:
    (folder / WELCOME).write_bytes("# Bienvenue\n\nÉté\n".encode("latin-1"))
    fault = faults_of(folder)[0]
    assert (fault.file, fault.line) == (WELCOME, 3)
    assert "UTF-8" in fault.sentence


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        (f"{FILM}.webm", b"RIFF....", "This is not a WebM clip"),
        (f"{INTRO}/dot.png", b"GIF89a", "This is not a PNG picture"),
        (f"{INTRO}/dot.png", PNG[:16] + b"\xff" * 8, "too many pixels"),
        (f"{INTRO}/dot.png", PNG + bytes(6 << 20), "too large"),
        (f"{INTRO}/door.svg", b"<svg/>" + b" " * (6 << 20), "too large"),
        (WELCOME, b"x" * (65 << 10), "too large"),
        (WELCOME, b"\n\n", "This text is empty"),
        (C, b"x" * (2 << 20), "too large"),
        (f"{FILM}.vtt", b"WEBVTT\n", "not one caption"),
    ],
)
def test_a_file_is_what_its_name_says_and_not_too_large(
    folder: Path, name: str, body: bytes, words: str
) -> None:
    (folder / name).write_bytes(body)
    assert any(words in fault.sentence and fault.file == name for fault in faults_of(folder))


def test_links_are_not_followed(folder: Path) -> None:
    (folder / WELCOME).unlink()
    (folder / WELCOME).symlink_to("/etc/hostname")
    (folder / "modules" / "other").symlink_to(folder)
    sentences = {f.file: f.sentence for f in faults_of(folder)}
    assert "link" in sentences[WELCOME]
    assert "link" in sentences["modules/other"]


def test_all_faults_are_told_at_once_in_the_order_of_their_places(folder: Path) -> None:
    change(folder, C, "course: small", "course: Small")
    change(folder, Q, "        right: true\n", "")
    change(folder, WELCOME, "![Une porte]", "![]")
    change(folder, f"{FILM}.vtt", "WEBVTT", "WEB")
    (folder / f"{FILM}.transcript.md").unlink()
    (folder / "spare.txt").write_text("x")

    faults = faults_of(folder)

    assert [f.file for f in faults] == [C, C, f"{FILM}.vtt", WELCOME, Q, "spare.txt"]


def test_a_flood_of_faults_is_cut_and_counted() -> None:
    faults = Faults()
    for line in range(1, FAULTS_MAX + 31):
        faults.add("course.yaml", line, "Something.")
    told = faults.told()
    assert len(told) == FAULTS_MAX + 1
    assert told[-1].sentence == "30 more faults from here on."
