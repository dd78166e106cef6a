"""Pictures, clips and captions by their digest, for people who are signed in."""

import re
from pathlib import Path
from typing import Annotated, Final

import anyio
from fastapi import Path as InPath
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from gateway.api import router_for
from gateway.errors import Problem
from gateway.parts import parts_of

router = router_for("everybody", prefix="")

HEAD_BYTES: Final = 1024
CACHE: Final = "private, max-age=31536000, immutable"
SVG: Final = "image/svg+xml"
SVG_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""A picture from a course folder may draw, and nothing else: no script, no request."""

_RANGE: Final = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")
_SVG: Final = re.compile(rb"<svg[\s>]")
"""As content keeps a picture that it checked: nothing stands before it, and nothing is looked for."""

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"WEBVTT", "text/vtt; charset=utf-8"),
    (b"\xef\xbb\xbfWEBVTT", "text/vtt; charset=utf-8"),
    (b"OggS", "audio/ogg"),
)


@router.get(
    "/media/{sha256}",
    response_class=FileResponse,
    responses={
        200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
        206: {"description": "A part of it"},
        304: {"description": "You have it already"},
    },
    summary="A picture, clip or captions",
)
async def media(
    request: Request,
    sha256: Annotated[str, InPath(pattern="^[0-9a-f]{64}$", description="SHA-256 of the bytes")],
) -> Response:
    """One range of bytes may be asked for. The bytes of a digest never change."""
    path = parts_of(request).blobs.path(sha256)
    kind = type_of(await anyio.to_thread.run_sync(_head, path)) if path else None
    # What is no media (an uploaded course with its answer keys, a manifest) is not there for anybody.
    if path is None or kind is None:
        raise Problem("media-unknown")
    etag = f'"{sha256}"'
    headers = {"etag": etag, "cache-control": CACHE}
    if kind == SVG:
        headers["content-security-policy"] = SVG_POLICY
    if _knows(request, etag):
        return Response(status_code=304, headers=headers)
    _check_range(request, path)
    return FileResponse(path, headers=headers, media_type=kind)


def type_of(head: bytes) -> str | None:
    """The media type by the first bytes; None for what is not served."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    return SVG if _SVG.match(head) else None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _knows(request: Request, etag: str) -> bool:
    told = request.headers.get("if-none-match", "")
    return told.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in told.split(",")}


def _check_range(request: Request, path: Path) -> None:
    """Leave one satisfiable range in the request; another unit or several ranges mean the whole (RFC 9110, 14.2)."""
    asked = request.headers.get("range")
    if asked is None:
        return
    size = path.stat().st_size
    written = _RANGE.fullmatch(asked.strip())
    first, last, suffix = written.groups() if written else (None, None, None)
    if written is None or (first and last and int(last) < int(first)):
        headers = [(name, value) for name, value in request.scope["headers"] if name != b"range"]
        request.scope["headers"] = headers
    elif (first and int(first) >= size) or (suffix and int(suffix) == 0):
        raise Problem("range-not-satisfiable", headers={"content-range": f"bytes */{size}"})
