"""`screenshots`: the main pages as a browser shows them, for the README."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.place import given_path
from deploy.cli.screen import console, errors
from deploy.demo.load import cast_of, load
from deploy.demo.story import Cast, Story
from deploy.local.postgres import Postgres
from deploy.local.servers import EXISTING_SERVERS
from deploy.local.stack import REPOSITORY, Stack
from deploy.pictures import ALL_BYTES_MAX, PICTURE_BYTES_MAX, NotThere, take


def screenshots(
    to: Annotated[Path | None, typer.Option(help="Folder for the pictures (docs/pictures).")] = None,
) -> None:
    """Start a stack of its own, tell the demo's story on it, and take pictures of the main pages.

    No picture shows what is in your own stack. Needs Chromium, as the tests do. Ends with status 1
    when a page is not there, or a picture is too big.
    """
    folder = given_path(to) if to else REPOSITORY / "docs" / "pictures"
    faults: list[str] = []
    total = 0
    with _stage() as (url, cast):
        for picture, taken in take(url, cast, folder):
            if isinstance(taken, NotThere):
                faults.append(f"{picture.name}: not taken ({taken})")
                continue
            total += taken
            console.print(f"{picture.name}.webp  {taken / 1000:.0f} KB", highlight=False)
            if taken > PICTURE_BYTES_MAX:
                faults.append(f"{picture.name}: more than {PICTURE_BYTES_MAX / 1000:.0f} KB")
    if total > ALL_BYTES_MAX:
        faults.append(f"all together: more than {ALL_BYTES_MAX / 1000:.0f} KB")
    for fault in faults:
        errors.print(fault, markup=False)
    if faults:
        sys.exit(1)


@contextmanager
def _stage() -> Iterator[tuple[str, Cast]]:
    """The address of a stack on which the story was told once, and who played."""
    with tempfile.TemporaryDirectory(prefix="parcours-screenshots-") as name:
        Path(name).chmod(0o711)  # the database's own user passes through
        for existing in EXISTING_SERVERS:
            os.environ.pop(existing, None)
        stack = Stack(Path(name) / "state")
        try:
            stack.up(console.print)
            load(stack)
            cast = cast_of(stack, Path(name) / "course.zip")
            for scene in Story(stack.gateway_url, cast).play():
                console.print(f"[dim]{scene.number}. {scene.told}[/dim]", highlight=False)
            yield stack.gateway_url, cast
        finally:
            stack.down()
            if isinstance(stack.database, Postgres):
                stack.database.remove()
