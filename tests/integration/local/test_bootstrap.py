"""The bootstrap script, on a checkout whose lock file needs no package."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.stack import REPOSITORY

TIMEOUT_SECONDS = 120
SAYS_WHERE_IT_IS = """\
import os, sys
print("ran", sys.prefix, os.environ["PARCOURS_CWD"], os.getcwd(), *sys.argv[1:])
"""


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="parcours it's-")).resolve()
    shutil.copy(REPOSITORY / "parcours", folder)
    (folder / "requirements").mkdir()
    (folder / "requirements" / "dev.lock").write_text("# nothing\n")
    (folder / "deploy" / "cli").mkdir(parents=True)
    (folder / "deploy" / "cli" / "__main__.py").write_text(SAYS_WHERE_IT_IS)
    yield folder
    shutil.rmtree(folder)


def begin(checkout: Path, *arguments: str, python: str = sys.executable) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [checkout / "parcours", *arguments],
        cwd="/",
        env=os.environ | {"PARCOURS_PYTHON": python},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(checkout: Path, *arguments: str, python: str = sys.executable) -> tuple[int, str, str]:
    with begin(checkout, *arguments, python=python) as process:
        output, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    return process.returncode, output, errors


def test_two_first_starts_make_one_environment(checkout: Path) -> None:
    both = [begin(checkout, "status"), begin(checkout, "status")]
    ends = [process.communicate(timeout=TIMEOUT_SECONDS) for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    made = [errors for _output, errors in ends if "Making the Python environment in .venv" in errors]
    waited = [errors for _output, errors in ends if "waiting" in errors]
    assert (len(made), len(waited)) == (1, 1)
    assert not (checkout / ".venv.making").exists()


def test_it_runs_from_the_root_and_remembers_where_the_person_was(checkout: Path) -> None:
    code, output, errors = run(checkout, "course", "publish", "a folder")
    assert (code, errors) == (0, "")
    assert output == f"ran {checkout / '.venv'} / {checkout} course publish a folder\n"


def test_a_changed_lock_makes_it_install_again(checkout: Path) -> None:
    (checkout / "requirements" / "dev.lock").write_text("# nothing, but changed\n")
    assert "Installing 0 packages" in run(checkout)[2]
    assert run(checkout)[2] == ""


def test_a_maker_that_died_loses_its_turn(checkout: Path) -> None:
    (checkout / "requirements" / "dev.lock").write_text("# changed once more\n")
    turn = checkout / ".venv.making"
    turn.mkdir()
    with subprocess.Popen(["true"]) as dead:
        dead.wait()
    (turn / "pid").write_text(f"{dead.pid}\n")
    assert run(checkout)[0] == 0
    assert not turn.exists()


def test_packages_that_cannot_be_installed_are_a_sentence(checkout: Path) -> None:
    lock = checkout / "requirements" / "dev.lock"
    lock.write_text("no-hash-given==1\n")
    code, output, errors = run(checkout)
    assert (code, output) == (1, "")
    assert "could not be installed" in errors
    lock.write_text("# mended\n")
    assert run(checkout)[0] == 0


def test_an_unfit_python_is_refused_with_a_sentence(checkout: Path) -> None:
    (checkout / "requirements" / "dev.lock").write_text("# changed for this test\n")
    code, _output, errors = run(checkout, python="/bin/false")
    assert code == 1
    assert "PARCOURS_PYTHON=/bin/false is not a Python 3.11, 3.12 or 3.13." in errors
