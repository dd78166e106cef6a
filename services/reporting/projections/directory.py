"""`directory@3`: the copy of names. It knows only the present; whoever is erased there is gone here.

Beside the names stand the words by which people are found, plain: without capitals, accents or signs.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple
from unicodedata import combining, normalize
from uuid import UUID

from psycopg.sql import SQL, Composed

from services.contracts.message import Language
from services.contracts.scheduling import DirectoryEntry
from services.reporting.read_model import Column, Table, Tx

NAME: Final = "directory@3"
WORDS_ASKED_MAX: Final = 6
"""Words of a question that are looked up; a longer one is no name."""

NAMES_REMEMBERED: Final = 4_096
"""Texts whose words are known without looking again: people share given and family names."""

NAMES = Table(
    NAME,
    "directory",
    (
        Column("person_id", "uuid"),
        Column("given_name", "text"),
        Column("family_name", "text"),
        Column("staff_number", "text"),
        Column("language", "text"),
        Column("email", "text", null=True),
        Column("function", "text", null=True),
    ),
    key=("person_id",),
    key_first=True,  # entries may come again
)

WORDS = Table(
    NAME,
    "directory_word",
    (Column("person_id", "uuid"), Column("word", "text")),
    key=("person_id", "word"),
    indexes=("(word text_pattern_ops)",),
    key_first=True,
)


class DirectoryModel:
    """Keeps who people are, at present."""

    name = NAME
    feeds = frozenset({"directory"})
    tables: tuple[Table, ...] = (NAMES, WORDS)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Replace the entries that changed; the last one said of a person holds."""
        told = {item.person_id: item.entry for item in items}
        if told:
            tx.execute("DELETE FROM directory WHERE person_id = ANY(%s)", (list(told),))
            tx.execute("DELETE FROM directory_word WHERE person_id = ANY(%s)", (list(told),))
            entries = [entry for entry in told.values() if entry is not None]
            NAMES.fill(tx, ([getattr(e, column.name) for column in NAMES.columns] for e in entries))
            WORDS.fill(tx, ((e.person_id, word) for e in entries for word in sorted(words_of(e))))

    def bulk(self) -> "DirectoryModel":
        """Rows are replaced by key, which is there from the beginning."""
        return self

    def finish(self, tx: Tx) -> None:
        """Nothing was put off."""


class Name(NamedTuple):
    """How a person is called, and known in the payroll; nothing when the directory has no entry."""

    given_name: str | None = None
    family_name: str | None = None
    staff_number: str | None = None


class Entry(NamedTuple):
    """Somebody as the directory knows them."""

    person_id: UUID
    given_name: str | None = None
    family_name: str | None = None
    staff_number: str | None = None
    language: Language | None = None
    email: str | None = None
    function: str | None = None


# --- words ---------------------------------------------------------------------------------------

_NO_MARK: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)
"""Letters that are not a plain letter with a mark."""

_SIGNS: Final = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """The text in plain small letters: `Zoë` and `ZOE` are the same."""
    apart = normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not combining(each)).translate(_NO_MARK)


def words_of(entry: DirectoryEntry) -> set[str]:
    """By which words a person is found: `Van den Bossche` by van, den, bossche and vandenbossche."""
    texts = (entry.given_name, entry.family_name, entry.staff_number)
    return {word for text in texts for word in _words_in(text)}


@lru_cache(NAMES_REMEMBERED)
def _words_in(text: str) -> frozenset[str]:
    plain = folded(text)
    return frozenset((*_SIGNS.split(plain), *_asked(plain), _SIGNS.sub("", plain))) - {""}


def _asked(text: str) -> Iterator[str]:
    """The words of a question, each without its signs: `jean-pi` asks for `jeanpi`."""
    return filter(None, (_SIGNS.sub("", word) for word in folded(text).split()))


# --- questions -----------------------------------------------------------------------------------


def names_of(tx: Tx, people: Iterable[UUID]) -> dict[UUID, Name]:
    """The names of these people; who has none is left out."""
    rows = tx.execute(
        "SELECT person_id, given_name, family_name, staff_number FROM directory WHERE person_id = ANY(%s)",
        (list(people),),
    ).fetchall()
    return {row[0]: Name(*row[1:]) for row in rows}


def find(tx: Tx, text: str, limit: int) -> list[tuple[UUID, Name]]:
    """People who have, for each word of the text, one that begins so; in the order of their names."""
    called_so = _called(text)
    if called_so is None:
        return []
    rows = tx.execute(
        SQL(
            "SELECT person_id, given_name, family_name, staff_number FROM directory WHERE person_id IN ({})"
            " ORDER BY lower(family_name), lower(given_name), person_id LIMIT {}"
        ).format(called_so, limit)
    ).fetchall()
    return [(row[0], Name(*row[1:])) for row in rows]


def those_called(tx: Tx, text: str) -> set[UUID]:
    """All whom `find` would find."""
    called_so = _called(text)
    return {person_id for (person_id,) in tx.execute(called_so).fetchall()} if called_so else set()


def entry_of(tx: Tx, person_id: UUID) -> Entry | None:
    """Somebody's entry; None when the directory has none."""
    row = tx.execute(
        f"SELECT {_ENTRY} FROM directory WHERE person_id = %s",  # noqa: S608  (no text of anybody's is put into it)
        (person_id,),
    ).fetchone()
    return Entry(*row) if row else None


def page(tx: Tx, people: Collection[UUID], after: UUID | None, limit: int) -> list[Entry]:
    """Entries of these people by name, after somebody's; from the beginning when there is no such entry."""
    rows = tx.execute(
        f"SELECT {_ENTRY} FROM directory AS d WHERE person_id = ANY(%(people)s)"  # noqa: S608
        " AND NOT EXISTS (SELECT FROM directory AS last WHERE last.person_id = %(after)s AND"
        f"  {_ORDER.format('d')} <= {_ORDER.format('last')}) ORDER BY {_ORDER.format('d')} LIMIT %(limit)s",
        {"people": list(people), "after": after, "limit": limit},
    ).fetchall()
    return [Entry(*row) for row in rows]


_ENTRY: Final = ", ".join(Entry._fields)
_ORDER: Final = "(lower({0}.family_name), lower({0}.given_name), {0}.person_id)"


def _called(text: str) -> Composed | None:
    """Asks for people by the words of a text; None when it has none."""
    words = list(dict.fromkeys(_asked(text)))[:WORDS_ASKED_MAX]
    one = SQL("SELECT person_id FROM directory_word WHERE word LIKE {}")
    return SQL(" INTERSECT ").join(one.format(f"{word}%") for word in words) if words else None
