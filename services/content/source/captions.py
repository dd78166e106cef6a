"""WebVTT captions (W3C WebVTT: The Web Video Text Tracks Format), as far as a clip needs them."""

import re

from services.content.faults import Faults, Said

CLIP_SECONDS_MAX = 4 * 3600

_STAMP = r"(?:(\d{2,3}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"{_STAMP}[ \t]+-->[ \t]+{_STAMP}(?:[ \t]+\S.*)?")


def check_captions(text: str, file: str, faults: Faults) -> None:
    """Say what a player would stumble over: header, timings that go back, cues without text, styles."""
    lines = text.split("\n")
    if not re.fullmatch(r"WEBVTT([ \t].*)?", lines[0]):
        faults.add(file, 1, "Captions begin with a line that says WEBVTT: write it first.")
        return
    if len(lines) > 1 and lines[1].strip():
        faults.add(file, 2, "After the line WEBVTT comes an empty line: add one.")
    cues, before = 0, 0
    for start, block in _blocks(lines):
        if start == 1 or re.match(r"NOTE([ \t]|$)", block[0]):
            continue
        if re.match(r"(STYLE|REGION)([ \t]|$)", block[0]):
            faults.add(file, start, "Captions carry no styles or regions here: remove this block.")
            continue
        cues += 1
        before = _check_cue(block, start, before, file, faults)
    if not cues:
        faults.add(file, 1, "There is not one caption in this file: add what is said, with its times.")


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Runs of lines that are not empty, each with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    open_ = False
    for number, line in enumerate(lines, start=1):
        if line.strip():
            if not open_:
                blocks.append((number, []))
            blocks[-1][1].append(line)
        open_ = bool(line.strip())
    return blocks


def _check_cue(block: list[str], start: int, before: int, file: str, faults: Faults) -> int:
    """Check one cue; the time in milliseconds from which the next may start."""
    at = 0 if "-->" in block[0] else 1
    timing = _TIMING.fullmatch(block[at]) if at < len(block) else None
    if timing is None:
        faults.add(
            file,
            start,
            "A caption has a line of times such as `00:01.000 --> 00:04.500`: write it like that.",
        )
        return before
    begins, ends = _milliseconds(timing.groups()[:4]), _milliseconds(timing.groups()[4:])
    line = start + at
    if ends <= begins:
        faults.add(file, line, "This caption ends before it begins: correct its times.")
    if begins < before:
        faults.add(
            file, line, "This caption begins before the one above it: put captions in the order of time."
        )
    if ends > CLIP_SECONDS_MAX * 1000:
        faults.add(
            file,
            line,
            Said("This caption ends after {limit} hours: correct its times.", limit=CLIP_SECONDS_MAX // 3600),
        )
    said = block[at + 1 :]
    if not any(re.sub(r"<[^<>]*>", "", words).strip() for words in said):
        faults.add(file, line, "This caption has no text: write what is said, or remove it.")
    for offset, words in enumerate(said, start=1):
        if "-->" in words:
            faults.add(file, line + offset, "An empty line is missing before these times: add one.")
    return max(before, begins)


def _milliseconds(stamp: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in stamp)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
