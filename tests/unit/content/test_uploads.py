"""From zip to edition: read once, in the given thread, one at a time; files kept before anything is published."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.backbone.blobs import BlobFolder
from services.backbone.log import StoreAway
from services.content import uploads as uploads_module
from services.content.source import read, zip_folder
from services.content.uploads import Uploads, here
from services.contracts.rules import Rule, RuleBroken
from tests.unit.content.folder import change, write_course


@pytest.fixture
def blobs(tmp_path: Path) -> BlobFolder:
    return BlobFolder(tmp_path / "media")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course")


def upload(folder: Path, blobs: BlobFolder) -> str:
    packed = folder.with_suffix(".zip")
    zip_folder(folder, packed)
    return blobs.put([packed.read_bytes()])


def test_an_edition_and_everything_it_shows_is_in_the_store(folder: Path, blobs: BlobFolder) -> None:
    edition = Uploads(blobs).edition(upload(folder, blobs))
    source = read(folder)
    assert edition.manifest == source.digest
    assert blobs.read(source.digest) == source.text
    assert all(blobs.path(digest) for digest in source.manifest.media_types)
    assert [part.id for part in edition.modules] == ["introduction", "final"]
    assert [key.right for key in edition.keys] == [("a",), ("a", "b")]
    assert not [p for p in blobs.folder.iterdir() if p.name.startswith(".")]


def test_a_faulty_course_is_refused_with_all_its_faults_and_stores_nothing(
    folder: Path, blobs: BlobFolder
) -> None:
    change(folder, "course.yaml", "draw: 2", "draw: 9")
    digest = upload(folder, blobs)
    uploads = Uploads(blobs)
    for _ in range(2):
        with pytest.raises(RuleBroken) as refused:
            uploads.edition(digest)
        assert refused.value.rule == Rule.COURSE_FAULTY
        (fault,) = json.loads(refused.value.params["faults"])["faults"]
        assert (fault["file"], fault["line"]) == ("course.yaml", 8)
    assert [p.name for p in blobs.folder.glob("*/*")] == [digest]


def test_an_unknown_upload_is_refused_and_may_come_later(folder: Path, blobs: BlobFolder) -> None:
    digest = upload(folder, blobs)
    uploads = Uploads(blobs)
    place = blobs.path(digest)
    assert place
    shutil.move(place, folder)
    with pytest.raises(RuleBroken, match=Rule.UPLOAD_UNKNOWN):
        uploads.edition(digest)
    shutil.move(folder / digest, place)
    assert uploads.edition(digest).course == "small"


def test_reading_happens_once_and_where_the_caller_says(folder: Path, blobs: BlobFolder) -> None:
    times: list[str] = []

    def in_thread(work: Callable[[], Any]) -> Any:
        times.append(threading.current_thread().name)
        return work()

    uploads = Uploads(blobs, in_thread)
    digest = upload(folder, blobs)
    threads = [threading.Thread(target=uploads.edition, args=(digest,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == 1


def test_old_readings_are_forgotten(folder: Path, blobs: BlobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads_module, "KEPT_MAX", 1)
    uploads = Uploads(blobs)
    first = upload(folder, blobs)
    assert uploads.edition(first).sittings == 2
    change(folder, "course.yaml", "sittings: 2", "sittings: 3")
    assert uploads.edition(upload(folder, blobs)).sittings == 3
    assert list(uploads._known) != [first]
    assert uploads.edition(first).sittings == 2


def test_whoever_waits_too_long_for_a_turn_is_asked_to_come_back(
    folder: Path, blobs: BlobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads_module, "TURN_SECONDS", 0.01)
    digest = upload(folder, blobs)
    inner: list[Exception] = []

    def in_thread(work: Callable[[], Any]) -> Any:
        try:
            uploads.edition("0" * 64)
        except StoreAway as error:
            inner.append(error)
        return here(work)

    uploads = Uploads(blobs, in_thread)
    assert uploads.edition(digest).course == "small"
    assert len(inner) == 1


def test_a_full_disk_is_our_fault_and_not_the_courses(
    folder: Path, blobs: BlobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = upload(folder, blobs)

    def full(chunks: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(blobs, "put", full)
    with pytest.raises(StoreAway, match="No space left"):
        Uploads(blobs).edition(digest)


def aged(blobs: BlobFolder, days: float) -> None:
    """As if everything had been put so many days before."""
    then = time.time() - days * 24 * 3600
    for path in blobs.files():
        os.utime(path, (then, then))


def kept(blobs: BlobFolder) -> set[str]:
    return {path.name for path in blobs.files()}


def test_after_a_week_whoever_sends_sweeps_away_what_nobody_published(
    folder: Path, blobs: BlobFolder, tmp_path: Path
) -> None:
    published = set[str]()
    uploads = Uploads(blobs, published=lambda: published)
    ours = upload(folder, blobs)
    published.add(uploads.edition(ours).manifest)
    shown = kept(blobs) - {ours}
    change(folder, "course.yaml", "minutes: 20", "minutes: 25")
    change(folder, "modules/introduction/welcome.fr.md", "Texte.", "Autre texte.")
    theirs = upload(folder, blobs)
    left = uploads.edition(theirs).manifest
    other = write_course(tmp_path / "other")
    change(other, "course.yaml", "course: small", "course: other")

    aged(blobs, 6.9)
    newest = upload(other, blobs)
    newer = uploads.edition(newest).manifest
    assert {ours, theirs, left} <= kept(blobs), "not before the week is over"

    aged(blobs, 7.1)
    change(other, "course.yaml", "minutes: 20", "minutes: 21")
    last = upload(other, blobs)
    uploads.edition(last)
    assert not {ours, theirs, newest} & kept(blobs), "what was sent goes first"
    assert {left, newer} | shown <= kept(blobs), "files that somebody may have been promised go a day later"
    with pytest.raises(RuleBroken, match=Rule.UPLOAD_UNKNOWN):
        uploads.edition(theirs)  # also what is remembered: its files go soon

    aged(blobs, 8.1)
    change(other, "course.yaml", "minutes: 21", "minutes: 22")
    uploads.edition(upload(other, blobs))
    assert shown <= kept(blobs), "a published course is whole for ever"
    assert not {left, newer} & kept(blobs)


def test_what_is_sent_again_is_young_again(folder: Path, blobs: BlobFolder) -> None:
    uploads = Uploads(blobs, published=lambda: ())
    manifest = uploads.edition(upload(folder, blobs)).manifest
    aged(blobs, 30)
    digest = upload(folder, blobs)
    assert uploads.edition(digest).manifest == manifest
    assert blobs.path(manifest) and all(blobs.path(each) for each in read(folder).manifest.media_types)


def test_what_was_swept_and_is_sent_again_is_there_again(
    folder: Path, blobs: BlobFolder, tmp_path: Path
) -> None:
    uploads = Uploads(blobs, published=lambda: ())
    manifest = uploads.edition(upload(folder, blobs)).manifest
    aged(blobs, 30)
    other = write_course(tmp_path / "other")
    change(other, "course.yaml", "course: small", "course: other")
    uploads.edition(upload(other, blobs))
    assert manifest not in kept(blobs), "somebody else's upload swept it"
    assert uploads.edition(upload(folder, blobs)).manifest == manifest
    assert {manifest, *read(folder).manifest.media_types} <= kept(blobs)


def test_when_a_manifest_cannot_be_read_nothing_is_swept(folder: Path, blobs: BlobFolder) -> None:
    uploads = Uploads(blobs, published=lambda: ("0" * 64,))
    first = upload(folder, blobs)
    uploads.edition(first)
    aged(blobs, 30)
    change(folder, "course.yaml", "minutes: 20", "minutes: 25")
    uploads.edition(upload(folder, blobs))
    assert first in kept(blobs)
