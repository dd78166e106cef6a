"""The newest note of each tree, kept in a folder: whoever changes the database does not change it with it."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from services.backbone.seal.notes import Note


class Kept:
    """Notes by origin, one file each, replaced as a whole."""

    def __init__(self, folder: Path) -> None:
        """Keep notes in `folder`, which exists."""
        self._folder = folder

    def newest(self, origin: str) -> Note | None:
        """The note that was kept last. Raises NoteBroken when its file is damaged."""
        try:
            return Note.parse(self._file(origin).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def keep(self, origin: str, note: Note) -> None:
        """Replace what is kept; it is on the disk when this returns."""
        with NamedTemporaryFile("w", encoding="utf-8", dir=self._folder, delete=False) as file:
            file.write(str(note))
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(self._file(origin))
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _file(self, origin: str) -> Path:
        return self._folder / f"{origin.replace('/', '.')}.checkpoint"
