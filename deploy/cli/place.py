"""Where the command line works: the repository, the state folder, the person's own folder."""

import os
from pathlib import Path

from deploy.local.stack import REPOSITORY, Stack


def given_path(path: str | Path) -> Path:
    """A path as the person meant it: relative to the folder where they typed the command."""
    return Path(os.environ.get("PARCOURS_CWD") or Path.cwd()) / path


def state_folder() -> Path:
    """`PARCOURS_STATE`, or `.parcours` in the repository."""
    chosen = os.environ.get("PARCOURS_STATE")
    return given_path(chosen) if chosen else REPOSITORY / ".parcours"


def this_stack() -> Stack:
    """The stack of the state folder, running or not."""
    return Stack(state_folder())
