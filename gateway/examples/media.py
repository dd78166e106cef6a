"""Pictures and films of courses."""

from typing import Final

from gateway.examples.example import Example, Examples

EXAMPLES: Final[Examples] = {
    ("GET", "/media/{sha256}"): Example(),
}
