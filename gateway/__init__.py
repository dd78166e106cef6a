"""The only door from outside: parse, authenticate, authorise, call, answer.

Owns: accounts and sessions. Decides nothing about training: services do, and the gateway says
their answers in the words of HTTP. Refuses: anybody without a row in the access table.
"""

from typing import Final

VERSION: Final = "0.1.0"
"""Of the whole product; `pyproject.toml` says the same."""
