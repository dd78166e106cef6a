"""The envelope of followers' questions: what is read is what was written, whatever the text holds."""

import json
from typing import Any

import pytest

from services.backbone import envelope


@pytest.mark.parametrize(
    "body",
    [
        {"args": ['{"after":0}'], "kwargs": {}},
        {"result": "", "error": None},
        {"result": '{"answer":"Zoë\\n"}', "error": None},
        {"result": "several\nlines\n\n", "error": None},
        {"result": None, "error": {"exc_type": "ValueError", "value": "a\nb"}},
        {"result": {"not": "a text"}, "error": None},
    ],
    ids=str,
)
def test_what_is_read_is_what_was_written(body: dict[str, Any]) -> None:
    text = envelope.written(body)
    assert envelope.read(text) == envelope.read(memoryview(text.encode())) == body


def test_the_text_travels_as_it_is() -> None:
    page = json.dumps({"items": ["a"]})
    assert envelope.written({"result": page, "error": None}).endswith("\n" + page)
