"""Bytes under their own digest: whole or not at all, and once."""

import hashlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.backbone.blobs import BlobFolder

TEXT = b"a clip " * 1000
DIGEST = hashlib.sha256(TEXT).hexdigest()
ROOT = Path(__file__).parents[3]

DIES_IN_THE_MIDDLE = """
import os, signal, sys
from pathlib import Path
from services.backbone.blobs import BlobFolder

def chunks():
    yield b"a clip " * 1000
    os.kill(os.getpid(), signal.SIGKILL)
    yield b"never"

BlobFolder(Path(sys.argv[1])).put(chunks())
"""


@pytest.fixture
def blobs(tmp_path: Path) -> BlobFolder:
    return BlobFolder(tmp_path / "media")


def files(blobs: BlobFolder) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


def test_bytes_are_found_under_their_digest(blobs: BlobFolder) -> None:
    assert blobs.put([TEXT[:100], TEXT[100:]]) == DIGEST
    assert blobs.read(DIGEST) == TEXT
    found = blobs.path(DIGEST)
    assert found is not None and found.read_bytes() == TEXT


def test_the_same_bytes_twice_are_one_copy(blobs: BlobFolder) -> None:
    assert blobs.put([TEXT]) == blobs.put(TEXT[n : n + 7] for n in range(0, len(TEXT), 7)) == DIGEST
    assert len(files(blobs)) == 1


def test_nothing_is_a_blob_too(blobs: BlobFolder) -> None:
    assert blobs.read(blobs.put([])) == b""


def test_what_was_never_put_is_not_there(blobs: BlobFolder) -> None:
    assert blobs.path(DIGEST) is None
    with pytest.raises(FileNotFoundError):
        blobs.read(DIGEST)


def test_other_programs_of_ours_may_read_a_blob(blobs: BlobFolder) -> None:
    found = blobs.path(blobs.put([TEXT]))
    assert found is not None and found.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("interruption", [OSError, KeyboardInterrupt, GeneratorExit])
def test_an_upload_that_breaks_off_leaves_nothing(
    blobs: BlobFolder, interruption: type[BaseException]
) -> None:
    def broken_off() -> Iterator[bytes]:
        yield TEXT
        raise interruption

    with pytest.raises(interruption):
        blobs.put(broken_off())
    assert files(blobs) == []


def test_a_crash_in_the_middle_leaves_nothing_half(blobs: BlobFolder) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DIES_IN_THE_MIDDLE, str(blobs.folder)], cwd=ROOT, check=False, timeout=20
    )
    assert done.returncode == -signal.SIGKILL
    assert blobs.path(DIGEST) is None
    assert blobs.put([TEXT]) == DIGEST
    assert blobs.read(DIGEST) == TEXT
