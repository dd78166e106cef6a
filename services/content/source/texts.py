"""Pages and transcripts in Markdown (CommonMark with tables): no raw HTML, no links, pictures with alt text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt

from services.content.faults import Faults, Said

PAGE_BYTES_MAX = 32 << 10
"""A page or a transcript; Markdown of bad intent takes about a second of this size, and four of twice as much."""
PICTURE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\.(svg|png)")

_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True, slots=True)
class Reference:
    """A picture that a text shows, and in which line."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A text, the pictures in it, and its headings as (level, line)."""

    text: str
    pictures: tuple[Reference, ...]
    headings: tuple[tuple[int, int], ...]


def check_text(text: str, file: str, faults: Faults, *, pictures_allowed: bool = True) -> CheckedText:
    """What the text refers to; faults say what must not stand in it."""
    tokens = _MARKDOWN.parse(text)
    if not text.strip():
        faults.add(file, 1, "This text is empty: write it.")
    for token in tokens:
        if token.type == "html_block":
            faults.add(file, _line(token), "Raw HTML is not accepted: write it as Markdown.")
    pictures: list[Reference] = []
    for part, line in _inline(tokens):
        if part.type == "html_inline":
            faults.add(file, line, "Raw HTML is not accepted: write it as Markdown.")
        elif part.type == "link_open":
            faults.add(
                file,
                line,
                "Links are not accepted, for nothing outside can be reached: write it as plain text.",
            )
        elif part.type == "image":
            source = str(part.attrs["src"])
            if not part.content.strip():
                faults.add(
                    file,
                    line,
                    Said(
                        "The picture {source} has no alt text: say what it shows, as ![…]({source}).",
                        source=source,
                    ),
                )
            if not pictures_allowed:
                faults.add(file, line, "A transcript shows no pictures: say what is seen in words.")
            elif PICTURE_NAME.fullmatch(source):
                pictures.append(Reference(source, line))
            else:
                faults.add(
                    file,
                    line,
                    Said(
                        "{source} is not a picture of this module: name an .svg or .png beside the text.",
                        source=source,
                    ),
                )
    headings = tuple((int(t.tag[1:]), _line(t)) for t in tokens if t.type == "heading_open")
    return CheckedText(text.strip("\n"), tuple(pictures), headings)


def with_media(checked: CheckedText, digests: Mapping[str, str], file: str, faults: Faults) -> str:
    """The text with its pictures written as `media:DIGEST`. Pictures without a digest were told before."""
    text = checked.text
    for name, digest in digests.items():
        text = re.sub(rf"\]\(\s*<?{re.escape(name)}>?(?=[\s)])", f"](media:{digest}", text)
    # Read again instead of believing the replacement: Markdown knows more ways to name a picture.
    for part, line in _inline(_MARKDOWN.parse(text)):
        if part.type == "image" and part.attrs["src"] in digests:
            faults.add(file, line, "Write this picture as ![what it shows](name.svg), in one piece.")
    return text


def compare_headings(texts: Sequence[tuple[str, CheckedText]], faults: Faults) -> None:
    """The same page has the same headings in all languages: a missing one is a missing piece of the course."""
    first_file, first = texts[0]
    for file, other in texts[1:]:
        levels, others = [h[0] for h in first.headings], [h[0] for h in other.headings]
        if levels == others:
            continue
        at = next(
            (i for i, (a, b) in enumerate(zip(levels, others, strict=False)) if a != b),
            min(len(levels), len(others)),
        )
        line = other.headings[at][1] if at < len(others) else None
        faults.add(
            file,
            line,
            Said(
                "The headings differ from those of {first_file} from heading {heading} on:"
                " give the page the same structure in all languages.",
                first_file=first_file,
                heading=at + 1,
            ),
        )


def _inline(tokens: Sequence[Any]) -> Iterator[tuple[Any, int]]:
    """Everything within the paragraphs, with its line."""
    for token in tokens:
        if token.type == "inline":
            line = _line(token)
            for part in token.children or ():
                yield part, line
                line += part.type in {"softbreak", "hardbreak"}


def _line(token: Any) -> int:
    return (token.map[0] if token.map else 0) + 1
