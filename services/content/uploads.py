"""From an uploaded zip to an edition that a course can publish: unpacked, checked, its files stored.

Reading is work for the processor, so it is done where the caller says (`in_thread`), one zip at a
time. What came of an upload is remembered: its bytes are its name, so it never changes.

What was sent is kept for a week, whether it was published or not, and so are the files of a course that
nobody published. Whoever sends the next one sweeps: the store grows only by what is sent, and needs no clock.
"""

import fcntl
import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from services.backbone.blobs import BlobFolder
from services.backbone.log import StoreAway
from services.content import source
from services.content.archive import unpacked
from services.content.domain import Edition, Key, Part, Stop, TestRules
from services.content.faults import FaultyCourse
from services.contracts.rules import Rule, RuleBroken

KEPT_MAX = 16
KEPT_SECONDS = 7 * 24 * 3600
"""An upload, after which it must be sent again."""

FILES_KEPT_SECONDS = KEPT_SECONDS + 24 * 3600
"""Files that no published course shows. They outlive the upload, which is looked for before they are promised."""

ZIP_HEADS = (b"PK\x03\x04", b"PK\x05\x06")
TURN_SECONDS = 60
"""How long one upload waits while another is being read."""

LOCK_LOOK_SECONDS = 0.1

InThread = Callable[[Callable[[], Any]], Any]
"""Runs something where it holds up nobody, and waits for its result."""


def here(work: Callable[[], Any]) -> Any:
    """Run it in the caller's own thread: for tests, and where nobody else waits."""
    return work()


class Uploads:
    """Reads uploads from the media store, and keeps there what a published course shows."""

    def __init__(
        self,
        blobs: BlobFolder,
        in_thread: InThread = here,
        published: Callable[[], Collection[str]] | None = None,
    ) -> None:
        """`published`: the digests of the manifests of all versions; without it nothing is swept."""
        self._blobs = blobs
        self._published = published
        self._in_thread = in_thread
        self._turn = threading.Lock()
        self._known: OrderedDict[tuple[str, int], Edition | FaultyCourse] = OrderedDict()

    def edition(self, upload: str) -> Edition:
        """The edition in an upload. Raises RuleBroken(UPLOAD_UNKNOWN or COURSE_FAULTY), or StoreAway."""
        sent = self._sent(upload)
        known = self._known.get(sent) if sent else None
        if known is None:
            with self._taking_turns():
                published = self._published() if self._published else None
                known = self._known.get(sent) if sent else None  # somebody else's turn may have read it
                known = known or self._in_thread(lambda: self._read(upload, published))
                assert known is not None
                if sent is not None:
                    self._known[sent] = known
                while len(self._known) > KEPT_MAX:
                    self._known.popitem(last=False)
        if isinstance(known, FaultyCourse):
            raise RuleBroken(Rule.COURSE_FAULTY, faults=known.as_json())
        return known

    def _sent(self, upload: str) -> tuple[str, int] | None:
        """An upload and when it was sent last: sent once more, its files are kept anew; None when it was swept."""
        path = self._blobs.path(upload)
        try:
            return (upload, path.stat().st_mtime_ns) if path else None
        except FileNotFoundError:
            return None

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise StoreAway(f"another upload has been read for {TURN_SECONDS} s")
        try:
            yield
        finally:
            self._turn.release()

    def _read(self, upload: str, published: Collection[str] | None) -> Edition | FaultyCourse:
        if published is not None:
            with suppress(OSError), self._locked(fcntl.LOCK_EX, 0.0) as alone:  # another time will do
                if alone:
                    self._sweep(published)
        archive = self._blobs.path(upload)
        if archive is None:
            raise RuleBroken(Rule.UPLOAD_UNKNOWN, upload=upload)
        try:
            # Unpacked beside the blobs, not in /tmp, which may be memory.
            with (
                self._locked(fcntl.LOCK_SH, TURN_SECONDS) as ours,
                unpacked(archive, self._blobs.folder) as folder,
            ):
                if not ours:
                    raise StoreAway(f"the media store has been swept for {TURN_SECONDS} s")
                found = source.read(folder)
                self._store(found)
        except FaultyCourse as faulty:
            return FaultyCourse(faulty.faults)  # without its traceback, which would keep everything alive
        except OSError as error:
            raise StoreAway(f"the media store failed: {error}") from error
        return _edition(found)

    def _store(self, found: source.Source) -> None:
        """Keep the files first and the manifest last; what is there already is young again, and not written."""
        for file in found.files:
            if not self._blobs.touch(file.digest):
                self._blobs.put(file.chunks())
        if not self._blobs.touch(found.digest):
            self._blobs.put([found.text])

    @contextmanager
    def _locked(self, how: int, seconds: float) -> Iterator[bool]:
        """Of all copies of the service: many keep what they read, or one sweeps. False when others stay at it."""
        self._blobs.folder.mkdir(parents=True, exist_ok=True)
        folder = os.open(self._blobs.folder, os.O_RDONLY)
        try:
            yield _lock(folder, how, seconds)
        finally:
            os.close(folder)

    def _sweep(self, published: Collection[str]) -> None:
        """Remove what is old and needed by no published course. What cannot be known is left for another time."""
        now = time.time()
        old = {path: now - path.stat().st_mtime for path in self._blobs.files()}
        old = {path: age for path, age in old.items() if age > KEPT_SECONDS}
        try:
            shown = frozenset(published).union(
                *(json.loads(self._blobs.read(digest))["media_types"] for digest in published)
            )
        except (OSError, ValueError, KeyError):
            return
        for path, age in old.items():
            if path.name not in shown and (age > FILES_KEPT_SECONDS or _is_zip(path)):
                with suppress(OSError):
                    path.unlink()


def _lock(folder: int, how: int, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(folder, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > limit:
                return False
            time.sleep(LOCK_LOOK_SECONDS)
        else:
            return True


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in ZIP_HEADS


def _edition(found: source.Source) -> Edition:
    manifest = found.manifest
    return Edition(
        course=manifest.course,
        title=manifest.title,
        languages=manifest.languages,
        modules=tuple(
            Part(
                id=module.id,
                title=module.title,
                minutes=module.minutes,
                pages=tuple(Stop(id=page.id, title=page.title) for page in module.pages),
                test=module.test,
            )
            for module in manifest.modules
        ),
        test=TestRules(
            draw=manifest.test.draw,
            pass_mark_percent=manifest.test.pass_mark_percent,
            attempts_allowed=manifest.test.attempts_allowed,
        ),
        validity_months=manifest.validity_months,
        sittings=manifest.sittings,
        manifest=found.digest,
        keys=tuple(
            Key(
                id=key.id,
                module=key.module,
                options=key.options,
                right=key.right,
                explanation=key.explanation,
            )
            for key in found.keys
        ),
    )
