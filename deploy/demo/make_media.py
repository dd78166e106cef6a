"""Draws the pictures and makes the clips of the demo course.

Owns the drawings, the storyboards and the voices. The words come from the course itself: what a
clip says is its transcript, and the *emphasised* words of a paragraph are what its slide shows.
Refuses to write a clip outside 20 to 60 seconds. The same sources give the same files.
"""

import argparse
import logging
import re
import shutil
import subprocess
import tempfile
import textwrap
import wave
from html import escape
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger("make_media")

# Text has a contrast of 4.5:1 or more; drawings stand out from their ground by about 3:1.
DARK, MID, AMBER = "#12414f", "#3a7d8b", "#b8720f"
PALE, SAND, GLOW, WHITE = "#e4eff1", "#f6f2e9", "#f4cd78", "#ffffff"
CLIP_SECONDS = (20.0, 60.0)
GAP_SECONDS, PARAGRAPH_GAP_SECONDS, TAIL_SECONDS = 0.3, 0.75, 1.2
WORDS_PER_MINUTE = 150
CUE_CHARS_MAX, LINE_CHARS_MAX = 78, 42
FRAMES_PER_SECOND = 5
VOICES = {"fr": "fr-be", "nl": "nl"}


# --- drawing: shapes on a sheet of 320 by 240 -----------------------------------------------


def rect(x: float, y: float, w: float, h: float, fill: str, r: float = 0) -> str:
    """A box with its upper left corner at (x, y) and corners of radius r."""
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}"/>'


def disc(x: float, y: float, r: float, fill: str) -> str:
    """A filled circle around (x, y)."""
    return f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}"/>'


def area(d: str, fill: str) -> str:
    """A filled outline."""
    return f'<path d="{d}" fill="{fill}"/>'


def line(d: str, stroke: str = DARK, width: float = 6) -> str:
    """A stroke with round ends."""
    style = 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width}" {style}/>'


def person(x: float, y: float, fill: str = DARK, size: float = 1) -> str:
    """Head and shoulders; (x, y) is the middle of the base. All heads have one neutral colour."""
    body = area("M-44 0 v-22 q0 -40 44 -40 q44 0 44 40 v22 z", fill)
    body += disc(0, -90, 27, DARK) + disc(0, -90, 23, WHITE) + line("M-9 -62 l9 12 l9 -12", WHITE, 4)
    return f'<g transform="translate({x} {y}) scale({size})">{body}</g>'


def bubble(x: float, y: float, w: float, h: float, fill: str, tail: int) -> str:
    """A speech bubble; its tail points down, to the left (-1) or to the right (1)."""
    foot = x + w / 2 + tail * w / 5
    return rect(x, y, w, h, fill, 14) + area(f"M{foot - 12} {y + h - 2} h24 l{tail * 8} 20 z", fill)


def sheet(x: float, y: float, w: float, h: float, lines: int = 4) -> str:
    """A sheet of paper with lines of writing."""
    edge, step = w * 0.22, h / (lines + 1)
    rows = (line(f"M{x + edge} {y + step * i} H{x + w - edge}", MID, 5) for i in range(1, lines + 1))
    return rect(x - 3, y - 3, w + 6, h + 6, DARK, 8) + rect(x, y, w, h, WHITE, 5) + "".join(rows)


GROUND = line("M30 214 H290", DARK, 5)
CLOCK = disc(244, 92, 44, DARK) + disc(244, 92, 35, WHITE) + line("M244 92 V68 M244 92 l17 10")
ARROW = line("M125 41 A86 86 0 0 1 195 41 l-10 -17 m10 17 l-20 4", MID, 8)
DOTS = "".join(disc(x, 62, 5, WHITE) for x in (76, 94, 112))

DRAWINGS: dict[str, str] = {
    "open-door": rect(112, 30, 100, 184, DARK) + rect(122, 40, 80, 174, GLOW)
    + area("M122 40 L70 58 V232 L122 214 Z", MID) + disc(80, 146, 5, WHITE)
    + area("M122 214 H202 L262 240 H150 Z", GLOW) + GROUND,
    "colleagues": person(74, 214, MID) + person(246, 214, MID) + person(160, 214, DARK, 1.2)
    + rect(250, 178, 18, 14, AMBER, 2) + line("M52 168 v20 q0 12 12 12", WHITE, 4) + disc(64, 200, 4, WHITE)
    + rect(176, 166, 20, 24, AMBER, 3) + GROUND,
    "screen-and-headphones": rect(36, 46, 176, 118, DARK, 8) + rect(46, 56, 156, 98, WHITE, 3)
    + area("M106 82 v46 l40 -23 z", AMBER) + rect(112, 164, 24, 34, DARK) + rect(84, 196, 80, 10, DARK, 4)
    + line("M228 158 v-16 q0 -34 34 -34 q34 0 34 34 v16", MID, 8) + rect(218, 152, 22, 46, MID, 9)
    + rect(284, 152, 22, 46, MID, 9) + GROUND,
    "conversation": bubble(48, 34, 92, 56, MID, -1) + DOTS + bubble(180, 20, 92, 56, DARK, 1)
    + line("M198 40 H254 M198 56 H236", WHITE, 5) + person(78, 214, MID, 0.95) + person(242, 214, DARK, 0.95)
    + GROUND,
    "unknown-shape": rect(40, 26, 240, 188, SAND, 8) + line("M96 150 q26 -90 52 0 t52 0", MID, 9)
    + disc(148, 84, 15, AMBER) + disc(206, 110, 46, DARK) + disc(206, 110, 36, WHITE)
    + line("M190 112 q8 -26 16 0 t16 0", MID, 7) + line("M239 144 l34 38", DARK, 13),
    "paths": line("M40 214 C80 170 90 150 120 136 S190 130 206 96 S250 50 284 46", DARK, 9)
    + line("M120 136 C96 96 116 56 150 52 S182 74 164 92", MID, 9)
    + line("M206 96 C236 130 262 146 286 148", MID, 9) + line("M176 82 l-12 10 l-4 -16", MID, 7)
    + line("M240 126 C222 168 176 178 128 180 l14 -13 m-14 13 l16 10", MID, 7) + disc(40, 214, 13, AMBER)
    + disc(120, 136, 11, AMBER) + disc(206, 96, 11, AMBER),
    "balance": rect(155, 50, 10, 160, DARK) + rect(116, 204, 88, 10, DARK, 4) + disc(160, 50, 11, AMBER)
    + line("M66 66 H254", DARK, 8) + line("M66 66 l-32 74 h64 z M254 66 l-32 74 h64 z", DARK, 3)
    + area("M24 140 h84 q-8 28 -42 28 t-42 -28 z", MID) + area("M212 140 h84 q-8 28 -42 28 t-42 -28 z", MID)
    + disc(50, 128, 12, DARK) + disc(76, 128, 12, DARK) + disc(63, 110, 10, DARK)
    + line("M254 138 v-36", MID, 5) + area("M254 118 q-24 2 -24 -20 q24 -2 24 20 z", AMBER)
    + area("M254 108 q24 2 24 -20 q-24 -2 -24 20 z", AMBER),
    "window": rect(64, 16, 192, 158, DARK, 6) + rect(76, 28, 168, 146, WHITE) + disc(160, 76, 26, GLOW)
    + line("M132 28 V170 M188 28 V170", DARK, 6) + rect(44, 170, 232, 14, DARK, 3)
    + area("M72 134 h48 l-8 36 h-32 z", MID) + line("M96 134 v-38", DARK, 5)
    + area("M96 114 q-28 0 -28 -26 q28 0 28 26 z", AMBER)
    + area("M96 106 q28 0 28 -26 q-28 0 -28 26 z", AMBER),
    "three-circles": '<g fill-opacity="0.82">' + disc(122, 92, 62, DARK) + disc(198, 92, 62, MID)
    + disc(160, 154, 62, AMBER) + "</g>"
    + area("M136 97 A62 62 0 0 1 184 97 A62 62 0 0 1 160 141 A62 62 0 0 1 136 97 z", WHITE),
    "change-over-time": line("M40 34 V206 H292", DARK, 6)
    + line("M48 154 q16 -10 32 0 t32 0 t32 0 t32 0", MID, 8)
    + line("M176 154 C204 154 206 76 236 76 S262 96 284 88", AMBER, 10) + disc(176, 154, 12, DARK)
    + "".join(line(f"M{x} 206 v-8", DARK, 4) for x in range(88, 290, 48)),
    "equal-people": person(48, 168, DARK, 0.8) + person(122, 168, MID, 0.8) + person(198, 168, AMBER, 0.8)
    + person(272, 168, "#6a5a8c", 0.8) + rect(12, 168, 296, 14, DARK, 4),
    "law-book": area("M160 8 q58 26 104 20 q2 140 -104 200 q-106 -60 -104 -200 q46 6 104 -20 z", MID)
    + '<g transform="translate(40 36) scale(0.75)">'
    + area("M160 112 q-44 -26 -110 -14 v98 q66 -12 110 14 z", WHITE)
    + area("M160 112 q44 -26 110 -14 v98 q-66 -12 -110 14 z", WHITE) + line("M160 114 V206", DARK, 5)
    + line("M74 124 q36 -4 64 8 M74 148 q36 -4 64 8", DARK, 6)
    + line("M182 132 q28 -12 64 -8 M182 156 q28 -12 64 -8", DARK, 6) + "</g>",
    "confidential-folder": area("M30 66 h62 l14 18 h92 v114 h-168 z", MID) + rect(30, 96, 168, 102, DARK, 4)
    + line("M98 136 v-12 q0 -18 17 -18 q17 0 17 18 v12", AMBER, 7) + rect(88, 134, 54, 42, AMBER, 6)
    + disc(115, 152, 6, DARK) + person(258, 198, MID, 0.8) + sheet(186, 34, 62, 64, 2),
    "urgent-call": rect(112, 22, 96, 178, DARK, 16) + rect(122, 42, 76, 126, WHITE, 4)
    + disc(160, 184, 7, WHITE) + line("M160 66 v44", AMBER, 13) + disc(160, 138, 8, AMBER)
    + line("M90 74 q-16 34 0 68 M64 58 q-26 50 0 100", MID, 8)
    + line("M230 74 q16 34 0 68 M256 58 q26 50 0 100", MID, 8),
    "notebook-and-clock": rect(44, 40, 136, 174, DARK, 8) + sheet(60, 40, 120, 174, 6)
    + "".join(disc(52, 62 + 26 * i, 4, AMBER) for i in range(6)) + CLOCK
    + area("M196 204 l58 -58 l18 18 l-58 58 l-24 6 z", AMBER) + area("M196 204 l18 18 l-24 6 z", DARK),
    "relay": person(64, 206, MID, 0.9) + person(160, 206, DARK, 0.9) + person(256, 206, MID, 0.9)
    + sheet(48, 22, 38, 46, 1) + line("M94 45 h18 m-8 -8 l8 8 l-8 8", AMBER, 6) + sheet(144, 22, 38, 46, 1)
    + line("M190 45 h18 m-8 -8 l8 8 l-8 8", AMBER, 6) + sheet(240, 22, 38, 46, 1)
    + line("M20 210 H300", DARK, 5),
    "officer": disc(160, 118, 98, MID) + person(160, 214, DARK, 1.6)
    + area("M118 48 q42 -52 84 0 l8 12 h-100 z", DARK) + rect(150, 38, 20, 10, AMBER, 2)
    + rect(188, 166, 28, 15, AMBER, 3),
    "coordinator": disc(160, 118, 98, AMBER) + person(160, 214, MID, 1.6)
    + area("M121 64 q2 -42 39 -42 q37 0 39 42 q-18 -18 -39 -18 q-21 0 -39 18 z", DARK)
    + line("M136 72 h18 v12 h-18 z M166 72 h18 v12 h-18 z M154 76 h12", DARK, 4),
    "question": bubble(70, 44, 180, 130, DARK, -1)
    + line("M136 92 q0 -26 25 -26 q25 0 25 24 q0 16 -25 22 v10", WHITE, 11) + disc(161, 147, 8, WHITE),
    "feedback-loop": "".join(f'<g transform="rotate({turn} 160 120)">{ARROW}</g>' for turn in (45, 135, 225, 315))
    + "".join(disc(x, y, 17, AMBER) for x, y in ((160, 34), (246, 120), (160, 206), (74, 120))),
    "checklist": rect(82, 22, 156, 196, DARK, 10) + rect(94, 40, 132, 166, WHITE, 4)
    + rect(130, 12, 60, 28, AMBER, 6)
    + "".join(line(f"M106 {58 + 36 * i} h24 v24 h-24 z", DARK, 3) for i in range(4))
    + line("M144 70 h66 M144 106 h66 M144 142 h66 M144 178 h66", MID, 6)
    + "".join(line(f"M111 {69 + 36 * i} l7 8 l16 -20", AMBER, 6) for i in range(3)),
    "certificate": rect(40, 36, 240, 156, DARK, 6) + rect(50, 46, 220, 136, WHITE, 3)
    + line("M96 78 H224", DARK, 8) + line("M80 104 H240 M110 126 H210", MID, 5)
    + area("M196 176 l-8 52 l24 -14 l24 14 l-8 -52 z", MID) + disc(212, 164, 28, AMBER)
    + line("M200 164 l9 10 l16 -20", WHITE, 6),
}  # fmt: skip

# Which drawing a clip shows, paragraph by paragraph; the last one stays. A voice per speaker, in
# order of appearance: a variant of espeak-ng, or "" for the plain voice of the language.
STORYBOARDS = {
    "why-this-course": "open-door change-over-time window notebook-and-clock colleagues",
    "symbols": "unknown-shape three-circles notebook-and-clock conversation relay colleagues",
    "life-in-detention": "open-door equal-people window balance conversation",
    "never-alone": "change-over-time equal-people relay conversation window three-circles",
    "serious-threats": "conversation officer urgent-call notebook-and-clock law-book relay",
    "interview-wing-officer": "question officer " * 4,
    "interview-coordinator": "question coordinator " * 4,
    "key-points": "conversation paths three-circles law-book notebook-and-clock colleagues",
}
SPEAKERS = {"interview-wing-officer": ("", "+f2"), "interview-coordinator": ("+f2", "")}


def svg(title: dict[str, str], body: str) -> str:
    """A whole picture of 640 by 360 with its titles, by language."""
    titles = "".join(f'<title lang="{lang}">{escape(text)}</title>' for lang, text in title.items())
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360"'
    return f'{head} role="img">{titles}{body}</svg>\n'


def draw_pictures(course: Path) -> None:
    """Draw every picture that a page refers to, beside that page; its titles are the alt texts."""
    titles: dict[Path, dict[str, str]] = {}
    for page in sorted(course.glob("modules/*/*.md")):
        for alt, name in re.findall(r"!\[(.+?)\]\(([\w-]+)\.svg\)", page.read_text("utf-8")):
            picture = page.with_name(f"{name}.svg")
            titles.setdefault(picture, {})[page.name.split(".")[1]] = alt
    for picture, title in titles.items():
        figure = f'<g transform="translate(104 18) scale(1.35)">{DRAWINGS[picture.stem]}</g>'
        picture.write_text(svg(title, rect(0, 0, 640, 360, PALE) + figure), "utf-8")
    log.info("%d pictures", len(titles))


# --- speech, slides, captions ---------------------------------------------------------------


class Sentence(NamedTuple):
    """One spoken sentence; `key` are its words for the slide, the times are seconds."""

    paragraph: int
    speaker: str
    text: str
    key: list[str]
    start: float = 0
    end: float = 0


def sentences(transcript: str) -> list[Sentence]:
    """Split `**Speaker:** text with *key words*` paragraphs into sentences."""
    found = []
    for number, paragraph in enumerate(re.split(r"\n\s*\n", transcript.strip())):
        match = re.fullmatch(r"\*\*(.+?)\s*:\*\*\s*(.+)", " ".join(paragraph.split("\n")))
        if not match:
            raise SystemExit(f"paragraph {number + 1}: expected **Speaker:** text")
        key = re.compile(r"\*(.+?)\*")
        text = key.sub(lambda m: re.sub(r"([.?!])\s+", r"\1* *", m[0]), match[2])
        for part in re.split(r"(?<=[.?!])\s+|(?<=[.?!]\*)\s+", text):
            spoken = part.replace("*", "")
            found.append(Sentence(number, match[1], spoken, key.findall(part)))
    return found


def run(*command: str | Path) -> None:
    """Run a tool to its end, or fail with it."""
    subprocess.run([str(c) for c in command], check=True, capture_output=True)


def speak(said: list[Sentence], page: str, language: str, wav: Path) -> list[Sentence]:
    """Write the whole speech to `wav`; return the sentences with their times."""
    timed, frames, rate = [], b"", 22050
    speakers = list(dict.fromkeys(s.speaker for s in said))
    for i, sentence in enumerate(said):
        voice = VOICES[language] + SPEAKERS.get(page, ("",))[speakers.index(sentence.speaker)]
        words = sentence.text.translate({0x2019: "'", 0xA0: " "})
        run("espeak-ng", "-v", voice, "-s", str(WORDS_PER_MINUTE), "-w", wav, words)
        with wave.open(str(wav)) as part:
            rate, spoken = part.getframerate(), part.readframes(part.getnframes())
        start = len(frames) / 2 / rate
        timed.append(sentence._replace(start=start, end=start + len(spoken) / 2 / rate))
        last = i + 1 == len(said)
        same = not last and said[i + 1].paragraph == sentence.paragraph
        gap = TAIL_SECONDS if last else GAP_SECONDS if same else PARAGRAPH_GAP_SECONDS
        frames += spoken + bytes(2 * int(gap * rate))
    with wave.open(str(wav), "wb") as whole:
        whole.setnchannels(1)
        whole.setsampwidth(2)
        whole.setframerate(rate)
        whole.writeframes(frames)
    return timed


def captions(said: list[Sentence]) -> str:
    """WebVTT; short sentences of one paragraph share a cue, so that it can be read."""
    cues: list[Sentence] = []
    for s in said:
        p = cues[-1] if cues else None
        if p and p.paragraph == s.paragraph and len(p.text) + len(s.text) < CUE_CHARS_MAX:
            cues[-1] = p._replace(text=f"{p.text} {s.text}", end=s.end)
        else:
            cues.append(s)
    blocks = ["WEBVTT"]
    for cue in cues:
        rows = -(-len(cue.text) // LINE_CHARS_MAX)
        width = -(-len(cue.text) // rows)
        while len(textwrap.wrap(cue.text, width)) > rows:
            width += 1
        text = "\n".join(textwrap.wrap(cue.text, width))
        blocks.append(f"{clock(cue.start)} --> {clock(cue.end)}\n<v {cue.speaker}>{text}")
    return "\n\n".join(blocks) + "\n"


def clock(seconds: float) -> str:
    """A WebVTT time."""
    return f"{int(seconds // 60):02d}:{seconds % 60:06.3f}"


def slide(drawing: str, speaker: str, keys: dict[str, bool]) -> str:
    """A picture on the left, few words on the right, room for captions below.

    All words of the paragraph have their place from the start; those not yet spoken are hidden.
    """
    font = f'fill="{DARK}" font-family="DejaVu Sans, sans-serif"'
    body = rect(0, 0, 640, 360, SAND) + rect(0, 0, 272, 360, PALE) + rect(304, 68, 44, 4, AMBER)
    body += f'<g transform="translate(12 66) scale(0.775)">{DRAWINGS[drawing]}</g>'
    for i, label in enumerate(speaker.replace(" (", "\n(").splitlines()):
        body += f'<text x="304" y="{36 + 20 * i}" {font} font-size="15">{escape(label)}</text>'
    blocks = [(textwrap.wrap(k.strip(".,"), 18, break_on_hyphens=False), keys[k]) for k in keys]
    y = 182 - 18 * sum(len(rows) for rows, _ in blocks) - 8 * len(blocks)
    for rows, spoken in blocks:
        for i, row in enumerate(rows):
            y += 40
            words = escape(row if i else row[0].upper() + row[1:])
            if spoken:
                style = f'{font} font-size="28" font-weight="bold"'
                body += f'<text x="304" y="{y}" {style}>{words}</text>'
        y += 16
    return svg({}, body)


def make_clip(source: Path) -> None:
    """Make `<page>.<lang>.webm` and `.vtt` beside `<page>.<lang>.transcript.md`."""
    page, language = source.name.split(".")[:2]
    target = source.with_name(f"{page}.{language}")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        said = speak(sentences(source.read_text("utf-8")), page, language, work / "speech.wav")
        total = said[-1].end + TAIL_SECONDS
        if not CLIP_SECONDS[0] <= total <= CLIP_SECONDS[1]:
            raise SystemExit(f"{source}: {total:.1f} s, a clip takes 20 to 60 s")
        playlist = ["ffconcat version 1.0"]
        for i, s in enumerate(said):
            shown = [t for t in said if t.paragraph == s.paragraph]
            several = sum(len(t.key) for t in shown) > 1
            keys = {k: t.start <= s.start or not several for t in shown for k in t.key}
            board = STORYBOARDS[page].split()
            drawing = board[min(s.paragraph, len(board) - 1)]
            (work / f"{i}.svg").write_text(slide(drawing, s.speaker, keys), "utf-8")
            run("ffmpeg", "-v", "error", "-i", work / f"{i}.svg", work / f"{i}.png")
            until = said[i + 1].start if i + 1 < len(said) else total + 1
            playlist.append(f"file {i}.png\nduration {until - (s.start if i else 0):.3f}")
        (work / "slides.txt").write_text("\n".join(playlist), "utf-8")
        run(
            *("ffmpeg", "-v", "error", "-y", "-i", work / "slides.txt", "-i", work / "speech.wav"),
            *("-vf", f"fps={FRAMES_PER_SECOND},format=yuv420p", "-t", f"{total:.3f}"),
            *("-c:v", "libvpx-vp9", "-crf", "34", "-b:v", "0", "-g", "50", "-threads", "1"),
            *("-af", "highpass=f=80,lowpass=f=7500,loudnorm=I=-18:TP=-2", "-ar", "48000"),
            *("-c:a", "libopus", "-b:a", "32k", "-ac", "1", "-map_metadata", "-1"),
            *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
            target.with_name(target.name + ".webm"),
        )
    target.with_name(target.name + ".vtt").write_text(captions(said), "utf-8")
    size = target.with_name(target.name + ".webm").stat().st_size
    log.info("%s  %.1f s  %d KiB", target.name, total, size // 1024)


def main() -> None:
    """Draw all pictures, then make the clips one after another."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.demo.make_media", description=__doc__,
        epilog="Needs ffmpeg (with librsvg, libvpx and libopus, as in Debian), espeak-ng, and the "
        "font DejaVu Sans: apt install ffmpeg espeak-ng fonts-dejavu-core",
    )  # fmt: skip
    parser.add_argument("course", type=Path, help="the folder that holds course.yaml")
    parser.add_argument("--only", default="", help="make only the clips of this page")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if missing := [tool for tool in ("ffmpeg", "espeak-ng") if not shutil.which(tool)]:
        parser.error(f"not installed: {', '.join(missing)} (see --help)")
    draw_pictures(options.course)
    for source in sorted(options.course.glob(f"modules/*/{options.only or '*'}.*.transcript.md")):
        make_clip(source)


if __name__ == "__main__":
    main()
