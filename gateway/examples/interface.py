"""The description of the interface itself."""

from typing import Final

from gateway.examples.example import Example, Examples

EXAMPLES: Final[Examples] = {
    ("GET", "/openapi.json"): Example(answer={"openapi": "3.1.0"}),
    ("GET", "/docs"): Example(answer="<!doctype html>", media_type="text/html"),
    ("GET", "/docs/{file}"): Example(answer="// a script", media_type="text/javascript"),
}
