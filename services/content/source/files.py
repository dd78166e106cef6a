"""The files of a course folder: what is there, what was used, and what goes into the media store."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.content.faults import Faults, Said

FILES_MAX = 5_000
CHUNK_BYTES = 1 << 20
PASSED_OVER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
"""What operating systems leave behind in folders and archives."""


def passed_over(name: str) -> bool:
    """Whether a file or folder of this name is no part of a course."""
    return name in PASSED_OVER or name.startswith(".")


@dataclass(frozen=True, slots=True)
class MediaFile:
    """Bytes to keep under their digest: a file, or a text in its canonical form."""

    digest: str
    media_type: str
    content: Path | bytes

    def chunks(self) -> Iterator[bytes]:
        """The bytes, never more than a chunk at a time from a file."""
        if isinstance(self.content, bytes):
            yield self.content
            return
        with self.content.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


def media_file(content: Path | bytes, media_type: str) -> MediaFile:
    """A file for the store, with its digest."""
    digest = hashlib.sha256()
    for chunk in MediaFile("", media_type, content).chunks():
        digest.update(chunk)
    return MediaFile(digest.hexdigest(), media_type, content)


class Files:
    """The files of a folder by name (with `/`), and which of them somebody asked for."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        """List the folder once. Links and special files are faults, for they cannot travel."""
        self._found: dict[str, Path] = {}
        self._used: set[str] = set()
        for path in _walk(folder):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() or not path.is_file():
                faults.add(name, None, "This is a link or a special file: put the file itself in its place.")
            elif len(self._found) < FILES_MAX:
                self._found[name] = path
            else:
                faults.add(
                    "course.yaml",
                    None,
                    Said("The folder has more than {limit} files: remove some.", limit=FILES_MAX),
                )
                break

    def use(self, name: str) -> Path | None:
        """The file of this name, which now belongs to the course."""
        self._used.add(name)
        return self._found.get(name)

    def unused(self) -> Iterable[str]:
        """Files that nothing refers to."""
        return sorted(self._found.keys() - self._used)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        for name in list(folders):
            if (Path(parent) / name).is_symlink():
                names.append(name)
        folders[:] = sorted(name for name in folders if not passed_over(name))
        for name in sorted(names):
            if not passed_over(name):
                yield Path(parent) / name
