"""A small whole course: every kind of page, two languages. Tests break one thing in it and look what is said."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from services.content.source import FaultyCourse, read
from services.contracts.content import Fault

COURSE = """\
course: small
title: {fr: Petit cours, nl: Kleine cursus}
summary: {fr: Un exemple, nl: Een voorbeeld}
languages: [fr, nl]
validity_months: 24
sittings: 2
test:
  draw: 2
  pass_mark_percent: 80
  attempts_allowed: 3
modules:
  - id: introduction
    title: {fr: Introduction, nl: Inleiding}
    minutes: 20
    pages:
      - id: welcome
        kind: text
        title: {fr: Bienvenue, nl: Welkom}
      - id: film
        kind: clip
        title: {fr: Film, nl: Film}
      - id: practice
        kind: exercise
        title: {fr: Exercice, nl: Oefening}
  - id: final
    title: {fr: Test, nl: Test}
    minutes: 15
    test: true
    pages:
      - id: how
        kind: text
        title: {fr: Comment, nl: Hoe}
"""

QUESTIONS = """\
questions:
  - id: q1
    module: introduction
    kind: single
    text: {fr: "Quel ?", nl: "Welke?"}
    options:
      - id: a
        text: {fr: Ceci, nl: Dit}
        right: true
      - id: b
        text: {fr: Cela, nl: Dat}
    explanation: {fr: Voilà, nl: Daarom}
  - id: q2
    module: introduction
    kind: multiple
    text: {fr: "Lesquels ?", nl: "Welke?"}
    options:
      - id: a
        text: {fr: Un, nl: Een}
        right: true
      - id: b
        text: {fr: Deux, nl: Twee}
        right: true
      - id: c
        text: {fr: Trois, nl: Drie}
"""

EXERCISE = """\
kind: case
story: {fr: Une histoire, nl: Een verhaal}
prompt: {fr: "Que faites-vous ?", nl: "Wat doet u?"}
options:
  - id: a
    text: {fr: Parler, nl: Spreken}
    right: true
    feedback: {fr: Oui, nl: Ja}
  - id: b
    text: {fr: Rien, nl: Niets}
"""

PLACE = """\
kind: place
picture: door.svg
shows: {fr: Une porte, nl: Een deur}
prompt: {fr: "Où ?", nl: "Waar?"}
options:
  - id: a
    text: {fr: À gauche, nl: Links}
    right: true
    at: [10, 50]
  - id: b
    text: {fr: À droite, nl: Rechts}
    at: [90, 50]
"""

VTT = """\
WEBVTT

NOTE said by a synthetic voice

00:00.000 --> 00:02.000
<v Voice>Un, deux.

second
00:02.500 --> 00:01:04.000 align:start
Trois.
"""

SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">
<title>A door</title>
<rect width="10" height="10" fill="#123456"/>
<use href="#door"/>
</svg>
"""

WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + bytes(range(200))

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
PNG += struct.pack(">I", zlib.crc32(PNG[12:]))

FILES: dict[str, str | bytes] = {
    "course.yaml": COURSE,
    "questions.yaml": QUESTIONS,
    "modules/introduction/welcome.fr.md": "# Bienvenue\n\nTexte.\n\n![Une porte](door.svg) et\n![Un point](dot.png)\n",
    "modules/introduction/welcome.nl.md": "# Welkom\n\nTekst.\n\n![Een deur](door.svg)\n![Een punt](dot.png)\n",
    "modules/introduction/door.svg": SVG,
    "modules/introduction/dot.png": PNG,
    "modules/introduction/film.fr.md": "Regardez.\n",
    "modules/introduction/film.nl.md": "Kijk.\n",
    "modules/introduction/film.fr.webm": WEBM + b"fr",
    "modules/introduction/film.nl.webm": WEBM + b"nl",
    "modules/introduction/film.fr.vtt": VTT,
    "modules/introduction/film.nl.vtt": VTT.replace("Un, deux", "Een, twee"),
    "modules/introduction/film.fr.transcript.md": "Un, deux. Trois.\n",
    "modules/introduction/film.nl.transcript.md": "Een, twee. Drie.\n",
    "modules/introduction/practice.fr.md": "Essayez.\n",
    "modules/introduction/practice.nl.md": "Probeer.\n",
    "modules/introduction/practice.exercise.yaml": EXERCISE,
    "modules/final/how.fr.md": "Lisez.\n",
    "modules/final/how.nl.md": "Lees.\n",
}


def write_course(folder: Path) -> Path:
    """The course, in a folder that did not exist."""
    for name, body in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return folder


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Replace one piece of a text in the folder; it must be there."""
    path = folder / file
    text = path.read_text()
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1))


def line_of(folder: Path, file: str, piece: str) -> int:
    """The number of the first line with this piece."""
    for number, line in enumerate((folder / file).read_text().split("\n"), start=1):
        if piece in line:
            return number
    raise AssertionError(f"{piece!r} is not in {file}")


def faults_of(folder: Path, reading: Callable[[Path], object] = read) -> tuple[Fault, ...]:
    """Everything that is wrong with a folder."""
    try:
        reading(folder)
    except FaultyCourse as faulty:
        return faulty.faults
    return ()
