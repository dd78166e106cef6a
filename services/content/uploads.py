"""From an uploaded zip to an edition that a course can publish: unpacked, checked, its files stored.

Reading is work for the processor, so it is done where the caller says (`in_thread`), one zip at a
time. What came of an upload is remembered: its bytes are its name, so it never changes.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from services.backbone.blobs import BlobFolder
from services.backbone.log import StoreAway
from services.content import source
from services.content.archive import unpacked
from services.content.domain import Edition, Key, Part, Stop, TestRules
from services.content.faults import FaultyCourse
from services.contracts.rules import Rule, RuleBroken

KEPT_MAX = 16
TURN_SECONDS = 60
"""How long one upload waits while another is being read."""

InThread = Callable[[Callable[[], Any]], Any]
"""Runs something where it holds up nobody, and waits for its result."""


def here(work: Callable[[], Any]) -> Any:
    """Run it in the caller's own thread: for tests, and where nobody else waits."""
    return work()


class Uploads:
    """Reads uploads from the media store, and keeps there what a published course shows."""

    def __init__(self, blobs: BlobFolder, in_thread: InThread = here) -> None:
        self._blobs = blobs
        self._in_thread = in_thread
        self._turn = threading.Lock()
        self._known: OrderedDict[str, Edition | FaultyCourse] = OrderedDict()

    def edition(self, upload: str) -> Edition:
        """The edition in an upload. Raises RuleBroken(UPLOAD_UNKNOWN or COURSE_FAULTY), or StoreAway."""
        known = self._known.get(upload)
        if known is None:
            with self._taking_turns():
                known = self._known.get(upload) or self._in_thread(lambda: self._read(upload))
                assert known is not None
                self._known[upload] = known
                while len(self._known) > KEPT_MAX:
                    self._known.popitem(last=False)
        if isinstance(known, FaultyCourse):
            raise RuleBroken(Rule.COURSE_FAULTY, faults=known.as_json())
        return known

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise StoreAway(f"another upload has been read for {TURN_SECONDS} s")
        try:
            yield
        finally:
            self._turn.release()

    def _read(self, upload: str) -> Edition | FaultyCourse:
        archive = self._blobs.path(upload)
        if archive is None:
            raise RuleBroken(Rule.UPLOAD_UNKNOWN, upload=upload)
        try:
            # Unpacked beside the blobs, not in /tmp, which may be memory.
            with unpacked(archive, self._blobs.folder) as folder:
                found = source.read(folder)
                self._store(found)
        except FaultyCourse as faulty:
            return FaultyCourse(faulty.faults)  # without its traceback, which would keep everything alive
        except OSError as error:
            raise StoreAway(f"the media store failed: {error}") from error
        return _edition(found)

    def _store(self, found: source.Source) -> None:
        """Keep the files first and the manifest last; what is there already is not written again."""
        for file in found.files:
            if self._blobs.path(file.digest) is None:
                self._blobs.put(file.chunks())
        if self._blobs.path(found.digest) is None:
            self._blobs.put([found.text])


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
