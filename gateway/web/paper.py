"""The paper itself: a tagged PDF, the same bytes for the same facts. No I/O but its own two files.

It is PDF/UA-1 where its fonts have all letters of a name.
`paper.json` says it in the reader's language, `certificate.typ` says how it looks. Facts reach the
typesetter as data, never as source. It has its own fonts; none of the machine's are looked at.
"""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, Final, Literal

import segno
import typst

from gateway.web.rendering import TEMPLATES, render

FOLDER: Final = TEMPLATES / "certificates"
STANDARD: Final = "ua-1"
NOON: Final = time(12)


def pdf(language: str, day: date, values: Mapping[str, Any]) -> bytes:
    """The certificate, dated with the day that it states. Takes some 10 ms of the processor: not for the event loop."""
    told = render("certificates/paper.json", language, {**values, "qr": qr_picture(values["address"])})
    try:
        return _compiled(told, day, STANDARD)
    except typst.TypstError:
        # Letters that our fonts lack: the standard wants no paper rather than an empty box. People want their paper.
        return _compiled(told, day, None)


def _compiled(told: str, day: date, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        FOLDER / "certificate.typ",
        root=FOLDER,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"told": told},
        pdf_standards=standard,
        timestamp=datetime.combine(day, NOON, UTC),
    )


def qr_picture(address: str) -> str:
    """A QR code as SVG; up to 15 % of it may be stained or torn (level M)."""
    out = io.BytesIO()
    qr_code(address).save(out, kind="svg", xmldecl=False, border=0)
    return out.getvalue().decode()


def qr_code(address: str) -> segno.QRCode:
    """The code of an address."""
    return segno.make_qr(address, error="m", boost_error=False)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)
