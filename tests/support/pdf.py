"""A PDF as far as our tests must read one: what it says of itself, its text, its tags, and the code drawn on it.

Reads what our typesetter writes (plain objects, FlateDecode, two-byte codes), not any PDF there is.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

OBJECT: Final = re.compile(rb"(?<!\d)(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
STREAM: Final = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.DOTALL)
CHAR: Final = re.compile(r"<([0-9A-F]{4})> <([0-9A-F]+)>")
SHOWN: Final = re.compile(rb"/(f\d+) [\d.]+ Tf|Tm\[?(\(.*?)\]?T[Jj]|BDC", re.DOTALL)
PIECE: Final = re.compile(rb"\\.|[()]", re.DOTALL)
ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
LETTERS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
SQUARE: Final = re.compile(rb"([\d.]+) ([\d.]+) m ([\d.]+) \2 l")


@dataclass(frozen=True)
class Pdf:
    data: bytes

    @cached_property
    def objects(self) -> dict[int, bytes]:
        return {int(number): body for number, body in OBJECT.findall(self.data)}

    @cached_property
    def plain(self) -> str:
        """All that is no stream: the catalogue, the tags, the links."""
        return "\n".join(body.partition(b"stream")[0].decode("latin1") for body in self.objects.values())

    @cached_property
    def metadata(self) -> str:
        return next(body for body in self.objects.values() if b"<?xpacket" in body).decode("utf-8", "replace")

    @property
    def pages(self) -> int:
        return len(re.findall(r"/Type/Page\b", self.plain))

    def tags(self) -> set[str]:
        """Kinds of structure elements."""
        return set(re.findall(r"/Type/StructElem/S/(\w+)", self.plain))

    def links(self) -> list[str]:
        return re.findall(r"/URI\((.*?)\)", self.plain)

    @cached_property
    def text(self) -> str:
        """What is written on it, in the order of the tags' content; a space wherever another piece begins."""
        said: list[str] = []
        font: dict[int, str] = {}
        for name, shown in SHOWN.findall(self._content):
            if name:
                font = self._fonts[name.decode()]
            elif not shown:
                said.append(" ")
            for string in _strings(shown):
                codes = ESCAPE.sub(_unescaped, string)
                pairs = zip(codes[::2], codes[1::2], strict=True)
                said.append("".join(font[high * 256 + low] for high, low in pairs))
        return " ".join("".join(said).split())

    def squares(self) -> set[tuple[int, int]]:
        """Column and row of every dark module of the code: it is drawn as strokes, one unit high."""
        found: set[tuple[int, int]] = set()
        for left, row, right in SQUARE.findall(self._content):
            if row.endswith(b".5"):
                found |= {
                    (column, int(float(row))) for column in range(round(float(left)), round(float(right)))
                }
        return found

    @cached_property
    def _content(self) -> bytes:
        return next(text for text in map(self._stream, self.objects) if b" Tf " in text)

    @cached_property
    def _fonts(self) -> dict[str, dict[int, str]]:
        named = re.search(r"/Font<<(.*?)>>", self.plain)
        assert named
        return {
            name: self._letters(int(number)) for name, number in re.findall(r"/(f\d+) (\d+) 0 R", named[1])
        }

    def _letters(self, font: int) -> dict[int, str]:
        told = re.search(rb"/ToUnicode (\d+) 0 R", self.objects[font])
        assert told
        table = self._stream(int(told[1])).decode()
        return {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in CHAR.findall(table)}

    def _stream(self, number: int) -> bytes:
        found = STREAM.search(self.objects[number])
        packed = found is not None and b"/FlateDecode" in self.objects[number]
        return zlib.decompress(found[1]) if found and packed else b""


def _strings(array: bytes) -> Iterator[bytes]:
    """The strings between numbers; brackets in them are escaped, or else balanced."""
    depth = start = 0
    for piece in PIECE.finditer(array):
        if piece[0] == b"(":
            depth += 1
            start = piece.end() if depth == 1 else start
        elif piece[0] == b")":
            depth -= 1
            if depth == 0:
                yield array[start : piece.start()]


def _unescaped(found: re.Match[bytes]) -> bytes:
    told = found[1]
    return bytes([int(told, 8)]) if told[:1].isdigit() else LETTERS.get(told, told)
