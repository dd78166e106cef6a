"""The files of one page: its text, clip, exercise and pictures, in every language."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.content.faults import Faults, Said
from services.content.source.captions import check_captions
from services.content.source.documents import TEXT_BYTES_MAX, read_text, read_yaml
from services.content.source.files import Files, MediaFile, media_file
from services.content.source.pictures import check_png, check_svg
from services.content.source.shapes import ExerciseShape, fit
from services.content.source.texts import (
    PAGE_BYTES_MAX,
    CheckedText,
    Reference,
    check_text,
    compare_headings,
    with_media,
)
from services.contracts.content import Choice, Clip, Exercise, Item, Pair
from services.contracts.message import Language

CLIP_BYTES_MAX = 256 << 20
WEBM_HEAD = b"\x1a\x45\xdf\xa3"
"""EBML (RFC 8794), the envelope of WebM; its header names the document type `webm`."""

COURSE_FILE = "course.yaml"
_CLIPS = frozenset({"clip", "interview"})


@dataclass(frozen=True, slots=True)
class Page:
    """A page in course.yaml: where its files must be, and the line that says so."""

    module: str
    id: str
    kind: str
    line: int

    def file(self, ending: str) -> str:
        """The name of one of its files."""
        return f"modules/{self.module}/{self.id}.{ending}"


@dataclass(slots=True)
class ReadPage:
    """What the files of a page say; parts with faults are left out."""

    texts: dict[Language, str] = field(default_factory=dict)
    clips: dict[Language, Clip] = field(default_factory=dict)
    exercise: Exercise | None = None


class PageReader:
    """Reads pages one after another; `media` gathers what they show, by digest."""

    def __init__(self, files: Files, languages: Sequence[Language], faults: Faults) -> None:
        self._files = files
        self._languages = languages
        self._faults = faults
        self._pictures: dict[str, MediaFile | None] = {}
        self.media: dict[str, MediaFile] = {}

    def read(self, page: Page) -> ReadPage:
        """One page, with a fault for everything that is missing or wrong."""
        found = ReadPage()
        texts: dict[Language, tuple[str, CheckedText]] = {}
        for language in self._languages:
            file = page.file(f"{language}.md")
            text = self._text(page, file, "the text of this page")
            if text is not None:
                texts[language] = (file, check_text(text, file, self._faults))
        for language, (file, checked) in texts.items():
            found.texts[language] = with_media(
                checked, self._show(page, file, checked.pictures), file, self._faults
            )
        if len(texts) > 1:
            compare_headings(list(texts.values()), self._faults)
        if page.kind in _CLIPS:
            for language in self._languages:
                if clip := self._clip(page, language):
                    found.clips[language] = clip
        if page.kind == "exercise":
            found.exercise = self._exercise(page)
        return found

    def _file(self, page: Page, name: str, what: str) -> Path | None:
        path = self._files.use(name)
        if path is None:
            self._faults.add(
                COURSE_FILE,
                page.line,
                Said("The file {name} is missing: add {what}, or correct the page.", name=name, what=what),
            )
        return path

    def _text(self, page: Page, name: str, what: str, bytes_max: int = PAGE_BYTES_MAX) -> str | None:
        path = self._file(page, name, what)
        return read_text(path, name, self._faults, bytes_max) if path else None

    def _keep(self, content: Path | bytes, media_type: str) -> MediaFile:
        media = media_file(content, media_type)
        return self.media.setdefault(media.digest, media)

    # --- pictures --------------------------------------------------------------------------------

    def _show(self, page: Page, file: str, pictures: Sequence[Reference]) -> dict[str, str]:
        digests: dict[str, str] = {}
        for reference in pictures:
            name = f"modules/{page.module}/{reference.name}"
            path = self._files.use(name)
            if path is None:
                self._faults.add(
                    file,
                    reference.line,
                    Said("The picture {name} does not exist: add it, or correct its name.", name=name),
                )
                continue
            if name not in self._pictures:
                self._pictures[name] = self._picture(path, name)
            if media := self._pictures[name]:
                digests[reference.name] = media.digest
        return digests

    def _picture(self, path: Path, name: str) -> MediaFile | None:
        if name.endswith(".png"):
            return self._keep(path, "image/png") if check_png(path, name, self._faults) else None
        drawing = check_svg(path, name, self._faults)
        return self._keep(drawing, "image/svg+xml") if drawing is not None else None

    # --- clips -----------------------------------------------------------------------------------

    def _clip(self, page: Page, language: Language) -> Clip | None:
        clip, captions, transcript = (page.file(f"{language}.{e}") for e in ("webm", "vtt", "transcript.md"))
        clip_path = self._file(page, clip, "the clip")
        captions_text = self._text(page, captions, "the captions of the clip", TEXT_BYTES_MAX)
        transcript_text = self._text(page, transcript, "the transcript of the clip")
        if transcript_text is not None:
            check_text(transcript_text, transcript, self._faults, pictures_allowed=False)
        if captions_text is not None:
            check_captions(captions_text, captions, self._faults)
        if clip_path is None or captions_text is None or transcript_text is None:
            return None
        if not self._is_clip(clip_path, clip):
            return None
        return Clip(
            media=self._keep(clip_path, "video/webm").digest,
            captions=self._keep(captions_text.strip("\n").encode() + b"\n", "text/vtt").digest,
            transcript=transcript_text.strip("\n"),
        )

    def _is_clip(self, path: Path, name: str) -> bool:
        if path.stat().st_size > CLIP_BYTES_MAX:
            self._faults.add(
                name,
                None,
                Said("This clip is too large: keep it below {limit} MiB.", limit=CLIP_BYTES_MAX >> 20),
            )
            return False
        with path.open("rb") as clip:
            head = clip.read(64)
        if not head.startswith(WEBM_HEAD) or b"webm" not in head:
            self._faults.add(name, None, "This is not a WebM clip, whatever its name says: save it as WebM.")
            return False
        return True

    # --- exercises -------------------------------------------------------------------------------

    def _exercise(self, page: Page) -> Exercise | None:
        name = page.file("exercise.yaml")
        path = self._file(page, name, "the exercise")
        document = read_yaml(path, name, self._faults) if path else None
        shape = fit(ExerciseShape, document, self._languages, self._faults) if document else None
        if shape is None or document is None:
            return None
        line = document.line(("picture",))
        shown = self._show(page, name, [Reference(shape.picture, line)] if shape.picture else [])
        return Exercise(
            kind=shape.kind,
            prompt=shape.prompt,
            picture=shown.get(shape.picture) if shape.picture else None,
            shows=shape.shows,
            story=shape.story,
            options=tuple(
                Choice(
                    id=o.id,
                    text=o.text,
                    right=o.right,
                    feedback=o.feedback,
                    at=(o.at[0], o.at[1]) if o.at else None,
                )
                for o in shape.options
            ),
            items=tuple(Item(id=item.id, text=item.text) for item in shape.items),
            pairs=tuple(Pair(id=pair.id, left=pair.left, right=pair.right) for pair in shape.pairs),
            feedback=shape.feedback,
        )
