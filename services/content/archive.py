"""Unpacking an uploaded zip without trusting it: looked at as a whole first, then streamed into a folder of its own.

Refuses whatever could write outside that folder, fill the disk or the memory, or be read in two
ways. Nothing is left behind: the folder goes when the reader has done.
"""

import re
import shutil
import stat
import struct
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from services.content.faults import Faults, Said

ARCHIVE_BYTES_MAX = 512 << 20
UNPACKED_BYTES_MAX = 1 << 30
ENTRIES_MAX = 5_000
DIRECTORY_BYTES_MAX = 2 << 20
"""The list of entries, which is read into memory as a whole."""

RATIO_MAX = 100
RATIO_BYTES_MIN = 1 << 20
"""Below this size a high ratio is an ordinary text, above it a bomb."""

PREFIX = ".unpacking-"
LEFT_BEHIND_SECONDS = 24 * 3600
"""A folder of ours that is older than this belongs to a process that was killed."""

NAME_MAX = 240
CHUNK_BYTES = 1 << 20
ARCHIVE = "the zip"
COURSE_FILE = "course.yaml"

_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_LOCATOR_SIGNATURE = b"PK\x06\x07"
_LOCATOR_BYTES = 20
_ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
_JUNK = re.compile(r"(^|/)(__MACOSX(/|$)|Thumbs\.db$|desktop\.ini$|\.(?!\.?(/|$)))")
"""What operating systems leave behind; it is passed over, never written."""

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


@contextmanager
def unpacked(archive: Path, below: Path) -> Iterator[Path]:
    """The course folder in a zip, unpacked into a temporary folder below `below`, until the end of the `with`.

    Raises FaultyCourse. Memory use does not depend on the size of the zip.
    """
    faults = Faults()
    below.mkdir(parents=True, exist_ok=True)
    _remove_left_behind(below)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=below) as name:
        folder = Path(name)
        with archive.open("rb") as file:
            _check_end(file, faults)
            faults.refuse_if_any()
            try:
                _unpack(file, folder, faults)
            except _UNREADABLE as error:
                faults.add(
                    ARCHIVE, None, Said("This zip cannot be read ({problem}): make it again.", problem=error)
                )
        faults.refuse_if_any()
        yield _course_folder(folder)


def _remove_left_behind(below: Path) -> None:
    for folder in below.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another copy of the service may be removing it too
            if time.time() - folder.stat().st_mtime > LEFT_BEHIND_SECONDS:
                shutil.rmtree(folder)


def _course_folder(folder: Path) -> Path:
    """People zip a folder from the inside or from the outside; both are meant well."""
    inside = list(folder.iterdir())
    if len(inside) == 1 and inside[0].is_dir() and (inside[0] / COURSE_FILE).is_file():
        return inside[0]
    return folder


def _check_end(file: BinaryIO, faults: Faults) -> None:
    """Look at the end record before `zipfile` does, which would believe the size of the list of entries."""
    size = file.seek(0, 2)
    if size > ARCHIVE_BYTES_MAX:
        faults.add(
            ARCHIVE,
            None,
            Said("This zip is too large: keep it below {limit} MiB.", limit=ARCHIVE_BYTES_MAX >> 20),
        )
        return
    tail_bytes = min(size, _END.size + 0xFFFF + _LOCATOR_BYTES)
    file.seek(size - tail_bytes)
    tail = file.read(tail_bytes)
    at = len(tail) - _END.size
    if at < 0 or tail[at : at + 4] != _END_SIGNATURE or tail[-2:] != b"\0\0":
        at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) - at < _END.size:
        faults.add(ARCHIVE, None, "This is not a zip, or a part of it is missing: make it again.")
        return
    _, _, _, _, entries, directory_bytes, _, _ = _END.unpack_from(tail, at)
    if tail[max(at - _LOCATOR_BYTES, 0) :].startswith(_LOCATOR_SIGNATURE):
        faults.add(ARCHIVE, None, "This zip is in the form for huge archives (zip64): make an ordinary one.")
    if entries > ENTRIES_MAX or directory_bytes > DIRECTORY_BYTES_MAX:
        faults.add(ARCHIVE, None, Said("This zip has too many files: {limit} at most.", limit=ENTRIES_MAX))


def _unpack(file: BinaryIO, folder: Path, faults: Faults) -> None:
    with zipfile.ZipFile(file) as archive:
        if len(archive.infolist()) > ENTRIES_MAX:  # counted again: the end record may lie
            faults.add(
                ARCHIVE, None, Said("This zip has too many files: {limit} at most.", limit=ENTRIES_MAX)
            )
            return
        for entry in archive.infolist():
            if sentence := _unsafe_name(entry.orig_filename):
                faults.add(_shown(entry), None, sentence)
        entries = [entry for entry in archive.infolist() if not _JUNK.search(entry.orig_filename)]
        for entry in entries:
            _check_entry(entry, faults)
        _check_together(entries, faults)
        if faults:
            return
        left = UNPACKED_BYTES_MAX
        for entry in entries:
            if not entry.is_dir():
                left -= _unpack_entry(archive, entry, folder, left)


def _check_entry(entry: zipfile.ZipInfo, faults: Faults) -> None:
    """One entry by itself, apart from its name."""
    shown = _shown(entry)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        faults.add(shown, None, "This is a link or a special file: put the file itself in its place.")
    if entry.flag_bits & _ENCRYPTED_FLAGS:
        faults.add(shown, None, "This file is encrypted: make the zip without a password.")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        faults.add(
            shown, None, "This file is packed in an unusual way: make the zip with the method deflate."
        )
    if entry.file_size > max(RATIO_BYTES_MIN, RATIO_MAX * entry.compress_size):
        faults.add(
            shown,
            None,
            Said(
                "This file grows more than {limit} times when unpacked: it is not accepted.", limit=RATIO_MAX
            ),
        )


def _shown(entry: zipfile.ZipInfo) -> str:
    """The name as it stands in the zip, before `zipfile` mends it, and fit to be shown."""
    return entry.orig_filename.encode("ascii", "backslashreplace").decode()[:NAME_MAX]


def _unsafe_name(name: str) -> str | None:
    if "\\" in name:
        return "There is a backslash in this name: make the zip with a program that writes /."
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in name):
        return "There is an invisible character in this name: rename the file."
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "This name is absolute: make the zip from within the course folder."
    if any(part in {"", ".", ".."} for part in name.removesuffix("/").split("/")):
        return (
            "This name leads out of the folder, or in a circle: make the zip from within the course folder."
        )
    if len(name.encode()) > NAME_MAX:
        return Said("This name is too long: {limit} bytes at most.", limit=NAME_MAX)
    return None


def _check_together(entries: list[zipfile.ZipInfo], faults: Faults) -> None:
    """The entries as a whole: how large, and no two in one place (on any system)."""
    if sum(entry.file_size for entry in entries) > UNPACKED_BYTES_MAX:
        limit = UNPACKED_BYTES_MAX >> 20
        faults.add(
            ARCHIVE, None, Said("The files together are too large: keep them below {limit} MiB.", limit=limit)
        )
    places: dict[str, bool] = {}
    for entry in entries:
        place = _place(entry.orig_filename)
        if place in places:
            faults.add(
                entry.orig_filename, None, "This name is in the zip twice (small or large letters alike)."
            )
        places[place] = entry.is_dir()
    for place in places:
        parents = place.split("/")[:-1]
        for depth in range(1, len(parents) + 1):
            if places.get("/".join(parents[:depth])) is False:
                faults.add(
                    place, None, "This file lies in something that is a file itself: rename one of them."
                )


def _place(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().removesuffix("/")


def _unpack_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, left: int) -> int:
    """Write one file; its bytes are counted, whatever the zip says of its size."""
    target = folder / entry.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(entry) as packed, target.open("xb") as file:
        while chunk := packed.read(CHUNK_BYTES):
            written += len(chunk)
            if written > left:
                raise zipfile.BadZipFile("it is larger than it says")
            file.write(chunk)
    if written != entry.file_size:
        raise zipfile.BadZipFile("it is shorter than it says")
    return written
