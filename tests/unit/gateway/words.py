"""What the templates say, room by room. `python -m tests.unit.gateway.words` adds new words to the catalogues.

Words that no template says any more are taken out; what must be translated has an empty translation,
which a test does not let pass.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

from gateway.web.catalogue import LOCALE, REGIONS, TRANSLATED, read
from gateway.web.rendering import TEMPLATES

COMMON = "common"
FAULTS = "faults"
"""What is wrong with a course folder: sentences of content, which the gateway says in other languages."""

CONTENT = Path(__file__).parents[3] / "services" / "content"
TELLING = {"add": 2, "Said": 0, "ValueError": 0, "_say": 0, "_file": 2, "_text": 2}
"""Which argument of these calls is a sentence, or fills one."""

OPTIONS = {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
Key = tuple[str | None, str]


def room_of(template: Path) -> str:
    """A folder of templates is a room; what lies above, and the components, is common."""
    folder = template.relative_to(TEMPLATES).parts[0]
    return COMMON if template.parent == TEMPLATES or folder == "components" else folder


def said() -> dict[str, Catalog]:
    """By room: all that its templates say. What `common` says already belongs to no other room."""
    rooms: dict[str, Catalog] = {COMMON: Catalog()}
    for template in sorted(file for kind in ("*.html", "*.json") for file in TEMPLATES.rglob(kind)):
        catalog = rooms.setdefault(room_of(template), Catalog())
        for words, context in _words_in(template):
            catalog.add(words, context=context)
    rooms[FAULTS] = faults()
    shared = keys(rooms[COMMON])
    for room, catalog in rooms.items():
        if room != COMMON:
            for context, words in keys(catalog) & shared:
                catalog.delete(words, context)
    return rooms


def faults() -> Catalog:
    """All that content says of a folder, as it stands in its code."""
    catalog = Catalog()
    for file in (*sorted((CONTENT / "source").glob("*.py")), CONTENT / "archive.py", CONTENT / "faults.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for told in _sentences(node):
                if isinstance(told, ast.Constant) and isinstance(told.value, str) and " " in told.value:
                    catalog.add(told.value)
    return catalog


def _sentences(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=told) if name in TELLING:
            return told[TELLING[name] : TELLING[name] + 1]
        case ast.Return(value=ast.Tuple(elts=told)):
            return told
        case ast.Return(value=ast.Constant() as told):
            return [told]
        case ast.Assign(targets=[ast.Name(id="_SENTENCES")], value=ast.Dict(values=told)):
            return told
    return []


def keys(catalog: Catalog) -> set[Key]:
    return {
        (each.context, each.id if isinstance(each.id, str) else each.id[0]) for each in catalog if each.id
    }


def file_of(language: str, room: str) -> Path:
    return LOCALE / language / f"{room}.po"


def _words_in(template: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    with template.open("rb") as opened:
        for _, words, _, context in extract(babel_extract, opened, KEYWORDS, (), OPTIONS):
            yield words, context


def update() -> None:
    """Bring every catalogue to what the templates say; translations that are there stay."""
    for room, template in said().items():
        for language in TRANSLATED:
            file = file_of(language, room)
            known = read(file, language) if file.exists() else Catalog(locale=REGIONS[language])
            written = Catalog(locale=REGIONS[language], header_comment="#", fuzzy=False)
            missing = 0
            for message in template:
                if not message.id:
                    continue
                old = known.get(message.id, message.context)
                string = old.string if old is not None else ""
                written.add(message.id, string, context=message.context)
                missing += not (all(string) if isinstance(string, tuple | list) else string)
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as opened:
                write_po(opened, written, width=110, omit_header=True, sort_output=True)
            print(f"{file.relative_to(LOCALE)}: {len(written)} words, {missing} to translate")  # noqa: T201


if __name__ == "__main__":
    sys.exit(update())
