"""Pictures of the main pages, taken in a real browser on a running stack, for the README and whoever asks what it is.

`PICTURES` is the table: a new picture is a line in it. Persons, units and dates are those of the demo.
"""

import base64
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typst

from deploy.browser import chromium, sign_in
from deploy.demo import organisation
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from services.contracts.progress import record_id_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

QUALITY: Final = 82
PICTURE_BYTES_MAX: Final = 100_000
ALL_BYTES_MAX: Final = 1_200_000
PAPER_PIXELS_PER_INCH: Final = 110
MARGIN_PIXELS: Final = 24
WIDE: Final = (1200, 800)
NARROW: Final = (390, 844)
SHEET: Final = '#set page(width: 297mm, height: 210mm, margin: 0pt)\n#image("paper.pdf", width: 100%)'


@dataclass(frozen=True)
class Picture:
    """What to show: a page, as somebody sees it, in a language. `{names}` in the path are those of `places`."""

    name: str
    user: str
    language: str
    path: str
    size: tuple[int, int] = WIDE
    dark: bool = False
    top: str = ""
    """CSS of what shall stand at the top; without it the page's own top"""
    paper: bool = False
    """The path is a file (PDF) that is laid on the table, not a page"""


PICTURES: Final = (
    Picture("training-fr", "{b}", "fr", "/training"),
    Picture("lesson-nl", "{a}", "nl", "/learn/{a_record}/indicators/what-is-an-indicator"),
    Picture(
        "exercise-phone-nl", "{a}", "nl", "/learn/{a_record}/indicators/exercise-case", NARROW, dark=True
    ),
    Picture("result-nl", "{a}", "nl", "/learn/{a_record}/result"),
    Picture("units-nl", "manager.valclair", "nl", "/units/{unit}"),
    Picture("staff-fr", "manager.valclair", "fr", "/units/{unit}/staff"),
    Picture("history-nl", "auditor", "nl", "/audit/people/{a_person}", top="#events"),
    Picture(
        "preview-fr",
        "centre.sud",
        "fr",
        "/courses/{course}/versions/1/preview/indicators/what-is-an-indicator",
    ),
    Picture("operations-fr", "operator", "fr", "/operations"),
    Picture("certificate-fr", "{a}", "fr", "/certificates/{a_record}/certificate.pdf?lang=fr", paper=True),
)


class NotThere(Exception):
    """The page of a picture did not answer with 200."""


def places(cast: Cast) -> dict[str, str]:
    """What paths and users of pictures may name: the learners of a story that was told, and where it plays."""
    found = {"course": cast.course, "unit": cast.prison, "root": str(organisation.unit_id("service"))}
    for learner in cast.learners:
        letter = learner.letter.lower()
        found[letter] = learner.user_name
        found[f"{letter}_person"] = str(learner.person_id)
        found[f"{letter}_record"] = str(record_id_of(learner.person_id, cast.course))
    return found


def take(url: str, cast: Cast, folder: Path) -> Iterator[tuple[Picture, int | NotThere]]:
    """Take them all; each with its bytes, or why it was not taken. What was in the folder before stays otherwise."""
    names = places(cast)
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for picture in PICTURES:
            try:
                shot = _shot(browser, url, picture, names)
            except NotThere as problem:
                yield picture, problem
                continue
            (folder / f"{picture.name}.webp").write_bytes(shot)
            yield picture, len(shot)


def _shot(browser: "Browser", url: str, picture: Picture, names: dict[str, str]) -> bytes:
    width, height = picture.size
    context = browser.new_context(
        base_url=url,
        locale=f"{picture.language}-BE",
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
    )
    try:
        page = context.new_page()
        sign_in(page, _filled(picture.user, names), DEMO_PASSWORD, "/accessibility")
        path = _filled(picture.path, names)
        if picture.paper:
            answer = context.request.get(path)
            if answer.status != 200:
                raise NotThere(f"{path}: {answer.status}")
            _lay(page, answer.body(), picture.size)
        else:
            told = page.goto(path, wait_until="networkidle")
            if told is None or told.status != 200:
                raise NotThere(f"{path}: {told and told.status}")
            if picture.top:
                page.locator(picture.top).evaluate(
                    f"place => scrollTo(0, place.getBoundingClientRect().top - {MARGIN_PIXELS})"
                )
        return _seen(page)
    finally:
        context.close()


def _seen(page: "Page") -> bytes:
    """What the window shows, as WebP: a third of a PNG, and letters stay sharp."""
    session = page.context.new_cdp_session(page)
    told = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    return base64.b64decode(told["data"])


def _lay(page: "Page", pdf: bytes, size: tuple[int, int]) -> None:
    """Show a sheet of paper, whole, in a window of its shape: the typesetter draws what the file says."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, "paper.pdf").write_bytes(pdf)
        Path(name, "sheet.typ").write_text(SHEET, encoding="utf-8")
        drawn = typst.compile(
            Path(name, "sheet.typ"),
            root=Path(name),
            ignore_system_fonts=True,
            format="png",
            ppi=PAPER_PIXELS_PER_INCH,
        )
    width = size[0]
    page.set_viewport_size({"width": width, "height": round(width * 210 / 297)})
    page.goto("about:blank")
    source = base64.b64encode(drawn).decode()
    page.set_content(
        f'<body style="margin:0"><img style="width:100%;display:block" src="data:image/png;base64,{source}">'
    )
    page.wait_for_function("document.images[0].complete")


def _filled(text: str, names: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda place: names[place[1]], text)
