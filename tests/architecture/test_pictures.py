"""The pictures of the README: they are there, they are small, and the command makes each of them."""

import re
from pathlib import Path

from starlette.routing import compile_path

from deploy.pictures import ALL_BYTES_MAX, PICTURE_BYTES_MAX, PICTURES
from gateway.access import ROUTES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
IN_TEXT = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")


def faults(text: str) -> list[str]:
    found = []
    for says, path in IN_TEXT.findall(text):
        if not (ROOT / path).is_file():
            found.append(f"{path}: not there")
        if not says:
            found.append(f"{path}: does not say what it shows")
    return found


def test_the_readme_shows_pictures_that_are_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert IN_TEXT.findall(text)
    assert faults(text) == []


def test_a_picture_that_is_not_there_is_noticed() -> None:
    assert faults("![](docs/pictures/none.webp)") == [
        "docs/pictures/none.webp: not there",
        "docs/pictures/none.webp: does not say what it shows",
    ]


def test_every_picture_is_one_that_the_command_takes() -> None:
    assert {file.name for file in FOLDER.iterdir()} <= {f"{picture.name}.webp" for picture in PICTURES}


def test_pictures_are_small() -> None:
    sizes = {file.name: file.stat().st_size for file in FOLDER.iterdir()}
    assert [name for name, size in sizes.items() if size > PICTURE_BYTES_MAX] == []
    assert sum(sizes.values()) <= ALL_BYTES_MAX


def test_every_picture_shows_a_page_that_there_is() -> None:
    pages = [
        compile_path(path)[0] for (method, path), access in ROUTES.items() if method == "GET" and access.page
    ]
    shown = {
        picture.name: re.sub(r"\{(\w+)\}", r"\1", picture.path).partition("?")[0] for picture in PICTURES
    }
    assert [name for name, path in shown.items() if not any(page.match(path) for page in pages)] == []
