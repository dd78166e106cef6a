"""Sentences for people, in three languages: what stands in somebody's way, and what to do about it."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("fr", "nl", "en")
DEFAULT_LANGUAGE: Final = "en"
HEADER_CHARS_MAX: Final = 200
LANGUAGE_COOKIE: Final = "parcours_language"
"""What somebody chose on a page; goes before what their browser prefers."""

SENTENCES: Final[dict[str, dict[str, str]]] = tomllib.loads(
    (Path(__file__).parent / "sentences.toml").read_text(encoding="utf-8")
)


class _Params(dict[str, str]):
    """What fills the places of a sentence; a place without a value shows as an ellipsis."""

    def __missing__(self, key: str) -> str:
        return "…"


def sentence(key: str, language: str, params: Mapping[str, str] | None = None) -> str:
    """The sentence for a rule or problem, in this language. A key that is not known says that we failed."""
    text = SENTENCES.get(key, SENTENCES["internal"])[language]
    return text.format_map(_Params(params or {}))


@lru_cache(maxsize=512)
def language_of(accept_language: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110, section 12.5.4)."""
    best, weight = DEFAULT_LANGUAGE, 0.0
    for part in accept_language[:HEADER_CHARS_MAX].split(","):
        tag, _, quality = part.partition(";")
        try:
            wanted = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        tongue = tag.strip().lower().partition("-")[0]
        if tongue in LANGUAGES and weight < wanted <= 1:
            best, weight = tongue, wanted
    return best


def reading_language(cookies: Mapping[str, str], accept_language: str) -> str:
    """The language in which to write to whoever sent these headers."""
    chosen = cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else language_of(accept_language)
