"""The content-addressed store: bytes under their own SHA-256. A folder today, an object store behind the same port."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 1 << 20


class BlobStore(Protocol):
    """Bytes by digest; putting the same bytes twice keeps one copy."""

    def put(self, chunks: Iterable[bytes]) -> str:
        """Keep these bytes; their SHA-256."""
        ...

    def path(self, digest: str) -> Path | None:
        """A local file with these bytes, or None when there are none."""
        ...


class BlobFolder:
    """Blobs as files `ab/abcd…`, each written whole (temporary name, fsync, rename) or not at all."""

    def __init__(self, folder: Path) -> None:
        """Keep blobs below `folder`, which is made when first needed."""
        self.folder = folder

    def put(self, chunks: Iterable[bytes]) -> str:
        """Keep these bytes; their SHA-256. Memory use is that of one chunk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".incoming-")
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            place = self._place(digest.hexdigest())
            place.parent.mkdir(exist_ok=True)
            Path(name).chmod(0o644)
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return digest.hexdigest()

    def path(self, digest: str) -> Path | None:
        """The file with these bytes, or None."""
        place = self._place(digest)
        return place if place.is_file() else None

    def touch(self, digest: str) -> bool:
        """Whether these bytes are there; they count as put just now."""
        try:
            os.utime(self._place(digest))
        except FileNotFoundError:
            return False
        return True

    def files(self) -> Iterator[Path]:
        """Every blob, named by its digest; its time of change says when it was put last."""
        return self.folder.glob("??/" + "?" * 64)

    def read(self, digest: str) -> bytes:
        """The bytes. Raises FileNotFoundError."""
        return self._place(digest).read_bytes()

    def _place(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest
