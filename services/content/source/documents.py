"""Texts and YAML documents as people write them, with the line of everything in them.

Refuses what could be read in two ways or grow beyond its size: anchors and aliases, double keys,
tags, deep nesting, text that is not UTF-8.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from services.content.faults import Faults, Said

TEXT_BYTES_MAX = 1 << 20
"""A YAML document, page, transcript or caption file; a long page has some 10 KB."""

DEPTH_MAX = 20
NODES_MAX = 100_000
"""Values in a YAML document: each takes some 400 bytes of memory, and a pool of 1,000 questions has 60,000."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ufffe\uffff]")
_PLAIN = ("int", "float", "bool", "null")

Path_ = tuple[str | int, ...]


class Document:
    """What a YAML file says, as plain data, and where it says it."""

    def __init__(self, file: str, data: Any, lines: dict[Path_, int]) -> None:
        self.file = file
        self.data = data
        self._lines = lines

    def line(self, path: Path_) -> int:
        """The line of the nearest thing that stands on this path."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)


def read_text(path: Path, file: str, faults: Faults, bytes_max: int = TEXT_BYTES_MAX) -> str | None:
    """The text of a file with plain line ends and no byte order mark, or None and a fault."""
    if path.stat().st_size > bytes_max:
        faults.add(
            file,
            None,
            Said("This file is too large for a text: keep it below {limit} KiB.", limit=bytes_max // 1024),
        )
        return None
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        faults.add(file, line, "This line is not UTF-8 text: save the file with the encoding UTF-8.")
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        faults.add(file, line, "There is an invisible control character in this line: remove it.")
        return None
    return text


def read_yaml(path: Path, file: str, faults: Faults) -> Document | None:
    """A YAML document, or None and a fault."""
    text = read_text(path, file, faults)
    if text is None:
        return None
    try:
        if (place := _unwelcome(text)) is not None:
            faults.add(file, *place)
            return None
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or "unreadable"
        sentence = Said(
            "This is not well-formed YAML: {problem}. Check indents, colons and quotes.", problem=problem
        )
        faults.add(file, mark.line + 1 if mark else None, sentence)
        return None
    if node is None:
        faults.add(file, 1, "This file is empty: write the course's data here, or remove the file.")
        return None
    lines: dict[Path_, int] = {}
    return Document(file, _data(node, (), lines, file, faults), lines)


def _unwelcome(text: str) -> tuple[int, str] | None:
    """The first thing that ordinary data does not need and that could blow up while it is composed."""
    depth, documents, nodes = 0, 0, 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return (
                line,
                "Anchors and references (& and *) are not read here: write the text out, or put it in quotes.",
            )
        if getattr(event, "tag", None):
            return line, "Tags (!) are not read here: put the text in quotes, or remove the tag."
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        nodes += isinstance(event, yaml.NodeEvent)
        if nodes > NODES_MAX:
            return line, Said(
                "There are more than {limit} values in this file: make it smaller.", limit=NODES_MAX
            )
        if depth > DEPTH_MAX:
            return line, Said(
                "This is nested more than {limit} deep: check brackets and indents.", limit=DEPTH_MAX
            )
        if documents > 1:
            return line, "A second document begins here (---): keep one document in a file."
    return None


def _data(node: Any, path: Path_, lines: dict[Path_, int], file: str, faults: Faults) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_data(item, (*path, i), lines, file, faults) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name in found:
                faults.add(
                    file, line, Said("`{name}` stands here a second time: keep one of the two.", name=name)
                )
                continue
            lines[*path, name] = line
            found[name] = _data(value, (*path, name), lines, file, faults)
        return found
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    return _scalar(kind, node.value) if kind in _PLAIN else node.value


def _scalar(kind: str, text: str) -> Any:
    """Numbers and yes/no in their ordinary spelling; any other spelling (0x1F, 12:30) stays text."""
    lower = text.lower()
    if kind == "null":
        return None
    if kind == "bool":
        return lower in {"true", "yes", "on"}
    if kind == "int" and re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,8})", text):
        return int(text)
    if kind == "float" and re.fullmatch(r"[-+]?[0-9]{1,9}\.[0-9]{1,9}", text):
        return float(text)
    return text
