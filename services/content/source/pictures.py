"""Pictures, which browsers show: PNG, and SVG that neither acts nor fetches anything."""

import re
import struct
from pathlib import Path
from xml.parsers import expat

from services.content.faults import Faults, Said
from services.content.source.documents import read_text

PICTURE_BYTES_MAX = 5 << 20
PICTURE_PIXELS_MAX = 40_000_000

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
_ELEMENTS = re.compile(
    "svg|g|path|rect|circle|ellipse|line|polyline|polygon|text|tspan|textPath|title|desc|defs|symbol|use|style"
    "|linearGradient|radialGradient|stop|clipPath|mask|pattern|marker|filter"
    "|fe(GaussianBlur|Offset|Blend|ColorMatrix|Composite|Flood|Merge|MergeNode|DropShadow)"
)
"""What draws. Not what embeds, links or animates: an animation can set an address."""

_FETCHES = re.compile(
    r"url\((?!\s*['\"]?#)|@|\\|//|\b(?:src|image|image-set|cross-fade|element|expression)\s*\(|(?:data|javascript):",
    re.IGNORECASE,
)
"""What in an attribute or a style could load or run something; a backslash could hide it (CSS escapes)."""

_TEXT_ATTRIBUTES = frozenset({"aria-label", "aria-roledescription", "id", "class", "lang", "role"})


def check_svg(path: Path, file: str, faults: Faults) -> bytes | None:
    """The picture from its `<svg` on, in UTF-8 with plain line ends, or None and a fault.

    What stands before may name another encoding, which a browser would believe.
    """
    text = read_text(path, file, faults, PICTURE_BYTES_MAX)
    if text is None:
        return None
    return _SvgReader(file, faults).read(text.encode())


class _SvgReader:
    """Walks through an SVG without building it; a document type would allow entities, so it is refused at once."""

    def __init__(self, file: str, faults: Faults) -> None:
        self._file = file
        self._faults = faults
        self._clean = True
        self._begins: int | None = None
        self._style: list[str] | None = None
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._on_doctype
        self._parser.ProcessingInstructionHandler = self._on_instruction
        self._parser.StartElementHandler = self._on_start
        self._parser.EndElementHandler = self._on_end
        self._parser.CharacterDataHandler = self._on_text

    def read(self, drawing: bytes) -> bytes | None:
        """The picture as it may be shown."""
        try:
            self._parser.Parse(drawing, True)
        except expat.ExpatError as error:
            reason = expat.errors.messages.get(error.code, "malformed")
            sentence = Said("This is not well-formed SVG ({reason}): save the picture anew.", reason=reason)
            self._faults.add(self._file, error.lineno, sentence)
            return None
        except _Stop:
            return None
        if not re.match(rb"<svg[\s>]", drawing[self._begins :]):
            self._faults.add(
                self._file, 1, "Write the names of elements without a prefix: <svg>, not <svg:svg>."
            )
            return None
        return drawing[self._begins :] if self._clean else None

    def _say(self, sentence: str) -> None:
        self._clean = False
        self._faults.add(self._file, self._parser.CurrentLineNumber, sentence)

    def _on_doctype(self, *_: object) -> None:
        self._say("A document type (<!DOCTYPE …>) is not accepted in a picture: remove it.")
        raise _Stop

    def _on_instruction(self, target: str, _: str) -> None:
        self._say(
            Said("The instruction <?{target} …?> is not accepted in a picture: remove it.", target=target)
        )

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if self._begins is None:
            self._begins = self._parser.CurrentByteIndex
            if (space, local) != (SVG, "svg"):
                self._say(
                    Said(
                        'This is not an SVG picture: it must begin with <svg xmlns="{namespace}">.',
                        namespace=SVG,
                    )
                )
                raise _Stop
        if space != SVG or not _ELEMENTS.fullmatch(local):
            self._say(
                Said(
                    "<{local}> is not accepted in a picture: remove it, or save the picture as plain SVG.",
                    local=local,
                )
            )
        if local == "style":
            self._style = []
        for attribute, value in attributes.items():
            self._check_attribute(attribute, value)

    def _check_attribute(self, attribute: str, value: str) -> None:
        space, _, local = attribute.rpartition(" ")
        if space not in {"", XLINK, XML}:
            self._say(
                Said(
                    "The attribute {local} belongs to a drawing program: save the picture as plain SVG.",
                    local=local,
                )
            )
        elif local.lower().startswith("on"):
            self._say(Said("The attribute {local} would run a script: remove it.", local=local))
        elif local == "href":
            if not value.startswith("#"):
                self._say("A picture refers to nothing outside itself: remove this href, or draw it in.")
        elif local == "base" or (local not in _TEXT_ATTRIBUTES and _FETCHES.search(value)):
            self._say(
                Said("A picture fetches nothing from elsewhere: correct the attribute {local}.", local=local)
            )

    def _on_text(self, text: str) -> None:
        if self._style is not None:
            self._style.append(text)

    def _on_end(self, _: str) -> None:
        if self._style is not None:
            if _FETCHES.search("".join(self._style)):
                self._say(
                    "The style of a picture fetches nothing: remove @-rules, escapes and foreign url(…)."
                )
            self._style = None


class _Stop(Exception):
    """Leave the parser."""


def check_png(path: Path, file: str, faults: Faults) -> bool:
    """Whether this is a PNG of reasonable size; otherwise there is a fault."""
    size = path.stat().st_size
    with path.open("rb") as picture:
        head = picture.read(24)
    if size > PICTURE_BYTES_MAX:
        faults.add(
            file,
            None,
            Said("This picture is too large: keep it below {limit} MiB.", limit=PICTURE_BYTES_MAX >> 20),
        )
        return False
    if len(head) < 24 or head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        faults.add(file, None, "This is not a PNG picture, whatever its name says: save it as PNG.")
        return False
    width, height = struct.unpack(">II", head[16:24])
    if not 0 < width * height <= PICTURE_PIXELS_MAX:
        faults.add(
            file, None, Said("This picture has too many pixels: {limit} at most.", limit=PICTURE_PIXELS_MAX)
        )
        return False
    return True
