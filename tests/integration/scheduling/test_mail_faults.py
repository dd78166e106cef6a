"""Mail servers on a bad day: away, silent, slow, without TLS, refusing one address, dying in the middle."""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.scheduling.mail import postman as postman_module
from services.scheduling.mail.carrier import Carrier, NotTaken, ServerAway
from services.scheduling.mail.postman import AWAY_SECONDS, GIVE_UP_DAYS, LOOK_SECONDS, Postman
from tests.integration.scheduling.post import SENDER, Post
from tests.integration.scheduling.words import assigning, done, joining

LETTER = b"Message-ID: <1@example.org>\r\nSubject: x\r\n\r\nx\r\n"


class Moody:
    """A mail server that answers for each address as it is told to; the `handler` of aiosmtpd."""

    def __init__(self) -> None:
        self.recipients: dict[str, str] = {}
        self.taken: list[tuple[str, bytes]] = []
        self.data = "250 OK"

    async def handle_RCPT(  # noqa: N802 - its name in aiosmtpd
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        answer = self.recipients.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - its name in aiosmtpd
        if self.data.startswith("250"):
            self.taken += [(address, envelope.content) for address in envelope.rcpt_tos]
        if self.data == "dies":
            server.transport.abort()
        return self.data


@contextlib.contextmanager
def moody_server(**options: Any) -> Iterator[tuple[Moody, int]]:
    handler, ready = Moody(), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    port: list[int] = []
    of_protocol = {name: value for name, value in options.items() if name != "ssl"}

    async def serve() -> None:
        server = await loop.create_server(
            lambda: SMTP(handler, hostname="localhost", **of_protocol), "127.0.0.1", 0, ssl=options.get("ssl")
        )
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        async with server:
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield handler, port[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def moody() -> Iterator[tuple[Moody, int]]:
    with moody_server() as server:
        yield server


def certificate(folder: Path, host: str) -> Path:
    """A key and a certificate for this host, which vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / f"{host}.pem"
    file.write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
    return file


@contextlib.contextmanager
def speaking(script: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does this with every connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listening.accept()
                with connection, contextlib.suppress(OSError):
                    script(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    yield listening.getsockname()[1]
    over.set()
    thread.join(10)
    listening.close()


def carried(port: int, *, security: Any = "none", step: float = 0.5, letter: float = 1.0) -> float:
    """How long it takes until a server is given up."""
    since = time.monotonic()
    with (
        Carrier("127.0.0.1", port, security, step_seconds=step, letter_seconds=letter) as carrier,
        pytest.raises(ServerAway),
    ):
        carrier.carry("a@example.org", "b@example.org", LETTER)
    return time.monotonic() - since


def learner(post: Post, prison: UUID) -> tuple[UUID, str]:
    address = f"{uuid4().hex}@example.org"
    person = joining(prison, email=address)
    done(post.application, person, assigning(person_id=person.entry.person_id))
    post.follow()
    return person.entry.person_id, address


def postman(post: Post, carrier: Carrier) -> Postman:
    return Postman(post.url, carrier, SENDER, 60_000, post.clock)


@pytest.fixture(autouse=True)
def nothing_left(post: Post) -> Iterator[None]:
    yield
    post.now = None
    post.connection.execute(
        "UPDATE outbox SET state = 'dropped', reason = 'left', ended_at = now() WHERE state = 'waiting'"
    )


# --- slow, silent, away --------------------------------------------------------------------------


def test_a_server_that_says_nothing_is_given_up_after_a_step() -> None:
    with speaking(lambda connection: time.sleep(3)) as port:
        assert carried(port) < 2.5


def test_a_server_that_answers_byte_by_byte_is_given_up_after_a_letter_s_time() -> None:
    def drip(connection: socket.socket) -> None:
        for byte in b"220 " + b"x" * 200:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with speaking(drip) as port:
        assert carried(port) < 5


def test_a_server_without_tls_gets_no_letter_and_no_password(moody: tuple[Moody, int]) -> None:
    handler, port = moody
    carried(port, security="starttls")
    with Carrier("127.0.0.1", port, "starttls", "parcours", "secret") as carrier, pytest.raises(ServerAway):
        carrier.carry("a@example.org", "b@example.org", LETTER)
    assert handler.taken == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("named", ["localhost", "other.example"])
def test_a_letter_goes_by_tls_to_the_server_that_is_meant_and_to_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: Any, named: str
) -> None:
    file = certificate(tmp_path, named)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    options = {"ssl": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    with moody_server(**options) as (handler, port):
        with Carrier("localhost", port, security) as carrier:
            if named == "localhost":
                carrier.carry("a@example.org", "b@example.org", LETTER)
            else:
                with pytest.raises(ServerAway):
                    carrier.carry("a@example.org", "b@example.org", LETTER)
        assert len(handler.taken) == (named == "localhost")


def test_a_server_that_is_away_is_left_alone_longer_each_time_and_holds_no_letter_back_for_ever(
    post: Post, prison: UUID, moody: tuple[Moody, int]
) -> None:
    person_id, address = learner(post, prison)
    with Carrier("127.0.0.1", 1, "none") as carrier:
        man = postman(post, carrier)
        rests = [man.round(post.connection, threading.Event()) for _ in range(12)]
    assert rests[:4] == [AWAY_SECONDS[0] * 2**n for n in range(4)]
    assert rests[-1] == AWAY_SECONDS[1]
    assert post.fate(person_id) == [("assigned", "waiting", None)]
    handler, port = moody
    with Carrier("127.0.0.1", port, "none") as carrier:
        assert postman(post, carrier).round(post.connection, threading.Event()) == LOOK_SECONDS
    assert [to for to, _ in handler.taken] == [address]


# --- one address, one letter ---------------------------------------------------------------------


def test_a_server_that_refuses_one_address_takes_the_others_letters(
    post: Post, prison: UUID, moody: tuple[Moody, int]
) -> None:
    handler, port = moody
    people = [learner(post, prison) for _ in range(3)]
    handler.recipients[people[1][1]] = "550 5.1.1 No such user"
    with Carrier("127.0.0.1", port, "none") as carrier:
        postman(post, carrier).round(post.connection, threading.Event())
    assert {to for to, _ in handler.taken} == {people[0][1], people[2][1]}
    assert post.fate(people[1][0]) == [("assigned", "dropped", "refused")]
    assert "No such user" not in str(post.connection.execute("SELECT * FROM outbox").fetchall())


def test_an_address_that_is_refused_for_the_moment_is_tried_later_and_given_up_in_the_end(
    post: Post, prison: UUID, moody: tuple[Moody, int]
) -> None:
    handler, port = moody
    person_id, address = learner(post, prison)
    handler.recipients[address] = "450 4.2.1 Mailbox busy"
    began = datetime.now(UTC)
    tries = 0
    with Carrier("127.0.0.1", port, "none") as carrier:
        man = postman(post, carrier)
        for minutes in range(0, (GIVE_UP_DAYS + 1) * 24 * 60, 30):
            post.now = began + timedelta(minutes=minutes)
            before = post.connection.execute("SELECT sum(attempts) FROM outbox").fetchone()
            man.round(post.connection, threading.Event())
            tries += post.connection.execute("SELECT sum(attempts) FROM outbox").fetchone() != before
    assert post.fate(person_id) == [("assigned", "dropped", "refused")]
    assert 24 * GIVE_UP_DAYS <= tries <= 24 * GIVE_UP_DAYS + 12  # each hour, and more often at first


def test_a_letter_that_is_refused_after_it_was_read_is_dropped_and_a_full_server_is_away(
    post: Post, prison: UUID, moody: tuple[Moody, int]
) -> None:
    handler, port = moody
    handler.data = "554 5.6.0 Not wanted"
    refused, _ = learner(post, prison)
    with Carrier("127.0.0.1", port, "none") as carrier:
        postman(post, carrier).round(post.connection, threading.Event())
        assert post.fate(refused) == [("assigned", "dropped", "refused")]
        handler.data = "421 4.3.2 Shutting down"
        with pytest.raises(ServerAway):
            carrier.carry("a@example.org", "b@example.org", LETTER)
        handler.data = "452 4.3.1 Full"
        with pytest.raises(NotTaken) as full:
            carrier.carry("a@example.org", "b@example.org", LETTER)
        assert not full.value.for_good


def test_a_server_that_dies_with_a_letter_gets_it_again_under_the_same_identity(
    post: Post, prison: UUID, moody: tuple[Moody, int]
) -> None:
    handler, port = moody
    person_id, address = learner(post, prison)
    handler.data = "dies"
    with Carrier("127.0.0.1", port, "none") as carrier:
        man = postman(post, carrier)
        man.round(post.connection, threading.Event())
        assert post.fate(person_id) == [("assigned", "waiting", None)]
        handler.data = "250 OK"
        man.round(post.connection, threading.Event())
    ((to, content),) = handler.taken
    ((message_id, state),) = post.connection.execute(
        "SELECT message_id, state FROM outbox WHERE person_id = %s", (person_id,)
    ).fetchall()
    assert (to, state) == (address, "sent")
    assert f"Message-ID: <{message_id}@example.org>".encode() in content


def test_a_fault_of_the_postman_itself_ends_nothing(
    post: Post, prison: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postman_module, "BROKEN_SECONDS", 0.05)
    address = f"{uuid4().hex}@example.org"
    person = joining(prison, email=address)
    done(post.application, person)
    done(post.application, assigning(person_id=person.entry.person_id))
    post.follow()
    faults = iter([RuntimeError("cannot start new thread"), AttributeError("sock")])

    def on_step(_step: str) -> None:
        if (fault := next(faults, None)) is not None:
            raise fault

    stop, carrier = threading.Event(), Carrier("127.0.0.1", post.port, "none")
    works = Postman(post.url, carrier, SENDER, 60_000, post.clock, on_step)
    thread = threading.Thread(target=works.run, args=(stop,), daemon=True)
    thread.start()
    try:
        limit = time.monotonic() + 20
        while not post.letters_to(address) and time.monotonic() < limit:
            time.sleep(0.05)
    finally:
        stop.set()
        thread.join(10)
        carrier.close()
    assert len(post.letters_to(address)) == 1
    assert next(faults, None) is None
