"""`course`: what a training centre does with a course folder."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.account import person
from deploy.cli.place import given_path
from deploy.cli.screen import console, errors
from deploy.local.errors import LocalStackError
from services.content.source import FaultyCourse, Source, read, zip_folder

course = typer.Typer(no_args_is_help=True, help="Check and publish a course folder.")
Folder = Annotated[str, typer.Argument(metavar="DIR", help="The folder with course.yaml.")]


@course.command()
def check(folder: Folder) -> None:
    """Check a folder as a whole, without publishing; every fault with its file and line."""
    _check(given_path(folder))
    console.print("No faults: this folder can be published.")


@course.command()
def publish(folder: Folder) -> None:
    """Check a folder and publish it as the next version; the same folder again is the same version.

    Signs in as PARCOURS_USER (PARCOURS_PASSWORD), or as the demo's training centre.
    """
    place = given_path(folder)
    name_of_course = _check(place).manifest.course
    with tempfile.TemporaryDirectory() as name, person("centre.noord") as centre:
        packed = Path(name) / "course.zip"
        zip_folder(place, packed)
        with console.status("Sending and publishing …"):
            centre.upload("/courses", packed.read_bytes(), "application/zip")
        view = centre.get(f"/courses/{name_of_course}", lang="fr")
    console.print(f"{name_of_course}, version {view['course_version']}, is published.")


def _check(folder: Path) -> Source:
    if not folder.is_dir():
        raise LocalStackError(f"There is no folder {folder}.")
    try:
        return read(folder)
    except FaultyCourse as faulty:
        for fault in faulty.faults:
            line = f":{fault.line}" if fault.line else ""
            errors.print(f"{fault.file}{line}: {fault.sentence}", markup=False, soft_wrap=True)
        count = len(faulty.faults)
        errors.print(f"{count} fault{'' if count == 1 else 's'}; nothing was published.")
        sys.exit(1)
