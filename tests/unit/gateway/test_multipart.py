"""Forms with a file: fields first, the file last, cut anywhere; what is not so is refused."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from gateway.errors import Problem
from gateway.multipart import FIELDS_BYTES_MAX, PART_HEAD_BYTES_MAX, Multipart, boundary_of

BOUNDARY = b"----WebKitFormBoundaryX"
Read = tuple[list[tuple[str, str]], bytes]


def field(name: str, value: bytes) -> bytes:
    return b'Content-Disposition: form-data; name="%b"\r\n\r\n%b' % (name.encode(), value)


def file(body: bytes, filename: bytes = b'filename="course.zip"', name: bytes = b"course") -> bytes:
    head = b'Content-Disposition: form-data; name="%b"; %b\r\nContent-Type: application/zip\r\n\r\n'
    return head % (name, filename) + body


def form(*parts: bytes, boundary: bytes = BOUNDARY, end: bytes = b"--\r\n") -> bytes:
    lines = b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts)
    return lines + b"--" + boundary + end


async def _read(pieces: Iterable[bytes], boundary: bytes) -> Read:
    async def coming() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    multipart = Multipart(boundary, coming())
    fields = await multipart.fields()
    return fields, b"".join([piece async for piece in multipart.file()])


def read(body: bytes, boundary: bytes = BOUNDARY, size: int = 65_536) -> Read:
    return asyncio.run(_read((body[at : at + size] for at in range(0, len(body), size)), boundary))


def kind_of(body: bytes) -> str:
    with pytest.raises(Problem) as told:
        read(body)
    return told.value.kind


def test_fields_come_before_the_file() -> None:
    body = form(field("csrf", b"secret"), field("note", "é\r\n--".encode()), file(b"PK\x03\x04"))
    assert read(body) == ([("csrf", "secret"), ("note", "é\r\n--")], b"PK\x03\x04")


def test_the_file_waits_until_somebody_asks() -> None:
    taken: list[int] = []

    async def coming() -> AsyncIterator[bytes]:
        for n, piece in enumerate([form(field("csrf", b"x"), file(b"a" * 50))[:220], b"b" * 9, b"c" * 9]):
            taken.append(n)
            yield piece

    multipart = Multipart(BOUNDARY, coming())
    assert asyncio.run(multipart.fields()) == [("csrf", "x")]
    assert taken == [0]


NEARLY = st.lists(
    st.sampled_from(
        [b"\r", b"\n", b"\r\n", b"-", b"--", b"\r\n--", BOUNDARY[:9], b"\r\n--" + BOUNDARY[:-1], b"x"]
    )
).map(b"".join)


@settings(max_examples=200, deadline=None)
@for_all(NEARLY, st.integers(min_value=1, max_value=70))
def test_any_content_in_any_pieces_is_the_same_content(content: bytes, size: int) -> None:
    assert read(form(field("csrf", b"x"), file(content)), size=size) == ([("csrf", "x")], content)


@pytest.mark.parametrize(
    "filename",
    [
        b'filename="../../../etc/passwd"',
        b'filename=""',
        b'filename="a\\"; name=\\"csrf"',
        b'filename="x"; name="csrf"',
        b"filename*=UTF-8''%E2%82%AC.zip",
        b"filename=unquoted.zip",
        'filename="été.zip"'.encode("latin-1"),
    ],
)
def test_the_name_of_a_file_says_nothing(filename: bytes) -> None:
    assert read(form(field("csrf", b"x"), file(b"PK", filename))) == ([("csrf", "x")], b"PK")


def test_a_file_called_csrf_is_no_field() -> None:
    assert read(form(file(b"secret", name=b"csrf"))) == ([], b"secret")


def test_a_form_may_have_no_file() -> None:
    assert read(form(field("csrf", b"x"))) == ([("csrf", "x")], b"")
    assert read(form(end=b"--")) == ([], b"")


WHOLE = form(field("csrf", b"x"), file(b"PK"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello" + WHOLE,
        b"\r\n" + WHOLE,
        WHOLE + b"more",
        form(field("csrf", b"x"), file(b"PK"), field("late", b"y")),
        form(file(b"PK"), file(b"PK")),
        form(b"no head at all"),
        form(b"Content-Type: text/plain\r\n\r\nx"),
        form(b'Content-Disposition: attachment; name="csrf"\r\n\r\nx'),
        form(b'Content-Disposition: form-data; name=""\r\n\r\nx'),
        form(b"Content-Disposition: form-data\r\n\r\nx"),
        form(
            b'Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"\r\n\r\nx'
        ),
        form(b'Content-Disposition: form-data; name="a"\nX: y\r\n\r\nx'),
        form(b'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\neA=='),
        form(field("csrf", b"\xff")),
        *(WHOLE[:cut] for cut in range(1, len(WHOLE) - 2, 7)),
        WHOLE.replace(BOUNDARY + b"\r\n", BOUNDARY + b"  \r\n"),
        form(*[field("a", b"")] * 200),
    ],
)
def test_what_is_no_such_form_is_refused(body: bytes) -> None:
    assert kind_of(body) == "malformed"


def test_fields_and_heads_have_limits() -> None:
    half = b"x" * (FIELDS_BYTES_MAX // 2)
    assert len(read(form(field("a", half), field("b", half)))[0]) == 2
    assert kind_of(form(field("a", half), field("b", half), field("c", b"x"))) == "too-large"
    assert kind_of(form(field("a", b"x" * 4 * FIELDS_BYTES_MAX))) == "too-large"
    assert kind_of(form(b"X: " + b"y" * PART_HEAD_BYTES_MAX + b"\r\n\r\n")) == "too-large"


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('multipart/form-data; charset=utf-8; boundary="a b"', b"a b"),
        ("multipart/form-data; BOUNDARY=----WebKitFormBoundary7MA; x=y", b"----WebKitFormBoundary7MA"),
        ("multipart/form-data; boundary=" + "a" * 70, b"a" * 70),
    ],
)
def test_boundaries(content_type: str, boundary: bytes) -> None:
    assert boundary_of(content_type) == boundary
    assert read(form(file(b"PK"), boundary=boundary), boundary) == ([], b"PK")


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "a" * 71,
     'multipart/form-data; boundary="é"', "multipart/form-data; boundary=a\tb"],
)  # fmt: skip
def test_boundaries_that_are_none(content_type: str) -> None:
    with pytest.raises(Problem) as told:
        boundary_of(content_type)
    assert told.value.kind == "malformed"
