"""Putting a course folder into a zip to send it: the same folder gives the same bytes."""

import shutil
import zipfile
from pathlib import Path

from services.content.faults import Faults
from services.content.source.files import Files

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment a zip can tell; real times would make every copy of a folder different."""

_PACKED_ALREADY = frozenset({".webm", ".png"})


def zip_folder(folder: Path, to: Path) -> None:
    """Write the course folder as a zip to `to`, without looking into it. Raises FaultyCourse for links."""
    faults = Faults()
    files = Files(folder, faults)
    faults.refuse_if_any()
    with zipfile.ZipFile(to, "w") as archive:
        for name in files.unused():
            entry = zipfile.ZipInfo(name, date_time=EARLIEST)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            stored = Path(name).suffix in _PACKED_ALREADY
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            path = folder / name
            entry.file_size = path.stat().st_size
            with path.open("rb") as file, archive.open(entry, "w") as target:
                shutil.copyfileobj(file, target, 1 << 20)
