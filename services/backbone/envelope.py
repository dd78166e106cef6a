"""How followers' questions and their pages travel: nameko's envelope in JSON on one line, then the text it carries.

A page is one long JSON text. In nameko's own envelope it would be a text inside a JSON again, quoted
twice on one side and unquoted on the other.
"""

import json
from typing import Any, Final

from kombu.serialization import register

NAME: Final = "parcours-lines"
_CONTENT_TYPE: Final = "application/x-parcours-lines"


def written(body: Any) -> str:
    """The envelope without its result, and the result as it is; what is no envelope is a result that nameko tries."""
    if isinstance(body, str):
        return body
    if isinstance(body, dict) and isinstance(text := body.get("result"), str):
        return f"{json.dumps(body | {'result': None})}\n{text}"
    return json.dumps(body)


def read(data: Any) -> Any:
    """What was written; it comes as text, or as bytes."""
    whole = data if isinstance(data, str) else str(data, "utf-8")
    envelope, carries, text = whole.partition("\n")
    body = json.loads(envelope)
    return body | {"result": text} if carries else body


register(NAME, written, read, _CONTENT_TYPE, "utf-8")
