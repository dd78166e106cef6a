"""Uploaded zips that mean harm, or are merely unusual: each is refused, in words, and leaves nothing behind."""

import io
import os
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from services.content import archive as archive_module
from services.content.archive import ENTRIES_MAX, unpacked
from tests.unit.content.folder import FILES, faults_of

Write = Callable[[zipfile.ZipFile], None]


def entry(name: str, **told: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("placeholder")
    info.filename = info.orig_filename = name
    for field, value in told.items():
        setattr(info, field, value)
    return info


def a_file(name: str, body: bytes = b"x", **told: int) -> Write:
    return lambda archive: archive.writestr(entry(name, **told), body)


def two(first: str, second: str) -> Write:
    def write(archive: zipfile.ZipFile) -> None:
        archive.writestr(entry(first), b"one")
        archive.writestr(entry(second), b"two")

    return write


def zipped(path: Path, *writes: Write) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for write in writes:
            write(archive)
    return path


def words(path: Path) -> str:
    """What is said of a zip; whatever is said, nothing may be left behind or written elsewhere."""
    below = path.parent / "work"
    outside = {p for p in path.parent.rglob("*") if below not in p.parents and p != below}

    def reading(archive: Path) -> None:
        with unpacked(archive, below):
            pass

    said = " ".join(fault.sentence for fault in faults_of(path, reading))
    assert list(below.iterdir()) == []
    assert outside == {p for p in path.parent.rglob("*") if below not in p.parents and p != below}
    return said


def test_an_ordinary_zip_is_unpacked_and_gone_afterwards(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip",
        a_file("course.yaml", b"a: 1"),
        a_file("modules/x/y.md", b"text"),
        a_file("modules/z/", b""),
    )
    with unpacked(path, tmp_path / "work") as folder:
        assert (folder / "modules/x/y.md").read_bytes() == b"text"
    assert list((tmp_path / "work").iterdir()) == []


def test_a_folder_zipped_from_the_outside_is_the_same_course(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip",
        a_file("mine/course.yaml"),
        a_file("__MACOSX/mine/._course.yaml"),
        a_file("mine/.DS_Store"),
    )
    with unpacked(path, tmp_path / "work") as folder:
        assert [p.name for p in folder.iterdir()] == ["course.yaml"]


LINK = (stat.S_IFLNK | 0o777) << 16
FIFO = (stat.S_IFIFO | 0o644) << 16

ATTACKS = [
    (a_file("../evil.md"), "leads out of the folder"),
    (a_file("modules/../../evil.md"), "leads out of the folder"),
    (a_file(".."), "leads out of the folder"),
    (a_file("./course.yaml"), "leads out of the folder"),
    (a_file("modules//x.md"), "leads out of the folder"),
    (a_file("/etc/evil"), "absolute"),
    (a_file("//server/share/evil"), "absolute"),
    (a_file("C:evil.md"), "absolute"),
    (a_file("c:/evil.md"), "absolute"),
    (a_file("modules\\evil.md"), "backslash"),
    (a_file("..\\evil.md"), "backslash"),
    (a_file("evil\n.md"), "invisible character"),
    (a_file("evil\u202efdp.md"), "invisible character"),
    (a_file("x" * 300), "too long"),
    (a_file("link", b"/etc/passwd", external_attr=LINK), "link"),
    (a_file("pipe", external_attr=FIFO), "link or a special file"),
    (a_file("a.md", compress_type=zipfile.ZIP_BZIP2), "unusual way"),
    (a_file("a.md", compress_type=zipfile.ZIP_LZMA), "unusual way"),
    (two("a.md", "A.MD"), "twice"),
    (two("\u00e9.md", "e\u0301.md"), "twice"),
    (two("a", "a/b.md"), "a file itself"),
    (two("a/", "a"), "twice"),
]


@pytest.mark.parametrize(("write", "said"), ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_is_refused_and_nothing_is_written(tmp_path: Path, write: Write, said: str) -> None:
    assert said in words(zipped(tmp_path / "a.zip", a_file("course.yaml"), write))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    assert "twice" in words(zipped(tmp_path / "a.zip", two("a.md", "a.md")))


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a_file("a.md"))
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    assert "without a password" in words(path)


@pytest.mark.parametrize("body", [b"", b"PK", b"hello", b"PK\x05\x06" + bytes(10), bytes(100_000)])
def test_what_is_no_zip_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(body)
    assert "not a zip" in words(tmp_path / "a.zip")


def test_a_damaged_zip_is_refused_at_every_place(tmp_path: Path) -> None:
    whole = zipped(
        tmp_path / "a.zip", *[a_file(n, b if isinstance(b, bytes) else b.encode()) for n, b in FILES.items()]
    )
    raw = whole.read_bytes()
    (tmp_path / "a.zip").unlink()
    for at in range(0, len(raw), 97):
        path = tmp_path / "b.zip"
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
        words(path)  # whatever is said: no other exception, nothing left behind
    for length in range(0, len(raw), 211):
        (tmp_path / "b.zip").write_bytes(raw[:length])
        assert words(tmp_path / "b.zip")


def test_a_bomb_by_ratio_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    def write(archive: zipfile.ZipFile) -> None:
        with archive.open("bomb.md", "w") as file:
            for _ in range(64):
                file.write(bytes(1 << 20))

    assert "grows more than 100 times" in words(zipped(tmp_path / "a.zip", write))


def test_a_bomb_of_many_files_together_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "UNPACKED_BYTES_MAX", 1000)
    writes = [a_file(f"{n}.md", bytes(400)) for n in range(3)]
    assert "together are too large" in words(zipped(tmp_path / "a.zip", *writes))


def test_a_file_that_lies_about_its_size_does_not_fill_the_disk(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a_file("a.md", bytes(900_000)))
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<L", raw, raw.index(signature) + offset, 10)
    path.write_bytes(raw)
    assert "cannot be read" in words(path)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    writes = [a_file(f"{n}.md", b"") for n in range(ENTRIES_MAX + 1)]
    path = zipped(tmp_path / "a.zip", *writes)
    assert "too many files" in words(path)
    raw = bytearray(path.read_bytes())
    struct.pack_into("<HH", raw, len(raw) - 14, 1, 1)  # the end record claims one file
    path.write_bytes(raw)
    assert "too many files" in words(path)


def test_a_list_of_files_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    one = zipped(tmp_path / "one.zip", a_file("a")).read_bytes()
    start, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    directory = one[start:end] * 200_000
    close = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), start, 0)
    path.write_bytes(one[:start] + directory + close)
    (tmp_path / "one.zip").unlink()
    tracemalloc.start()
    assert "too many files" in words(path)
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_zip64_is_refused_for_its_end_record_overrules_the_one_that_was_checked(tmp_path: Path) -> None:
    raw = zipped(tmp_path / "a.zip", a_file("a.md")).read_bytes()
    at = raw.index(b"PK\x05\x06")
    (tmp_path / "a.zip").write_bytes(raw[:at] + b"PK\x06\x07" + bytes(16) + raw[at:])
    assert "zip64" in words(tmp_path / "a.zip")


def test_a_zip_that_is_too_large_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "ARCHIVE_BYTES_MAX", 100)
    assert "too large" in words(
        zipped(tmp_path / "a.zip", a_file("a.md", io.BytesIO(bytes(range(256))).read()))
    )


def test_memory_does_not_grow_with_the_zip(tmp_path: Path) -> None:
    def write(archive: zipfile.ZipFile) -> None:
        with archive.open(entry("clip.webm", compress_type=zipfile.ZIP_STORED), "w") as file:
            for n in range(48):
                file.write(bytes([n]) * (1 << 20))

    path = zipped(tmp_path / "a.zip", write)
    tracemalloc.start()
    with unpacked(path, tmp_path / "work") as folder:
        assert (folder / "clip.webm").stat().st_size == 48 << 20
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_what_a_killed_process_left_behind_goes_after_a_day(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a_file("course.yaml"))
    old, young = tmp_path / "work/.unpacking-old", tmp_path / "work/.unpacking-young"
    for folder in (old, young):
        (folder / "modules").mkdir(parents=True)
    os.utime(old, (1, 1))
    with unpacked(path, tmp_path / "work"):
        assert not old.exists()
        assert young.exists()
