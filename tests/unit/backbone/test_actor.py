"""Who acts: only what the gateway signed, and only until it expires."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from services.backbone import actor as actor_module
from services.backbone.actor import TokenSigner, TokenVerifier
from services.contracts.access import Actor, Role
from services.contracts.rules import Rule, RuleBroken

NOON = datetime(2027, 6, 30, 10, 0, tzinfo=UTC)


class Keys:
    """A pair of keys in two files, and the two sides that use them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        key = Ed25519PrivateKey.generate()
        self.private, self.public = folder / "private.pem", folder / "public.pem"
        self.private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.public.write_bytes(
            key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        self.signer = TokenSigner(self.private)

    def verifier(self, clock: Callable[[], datetime] = lambda: NOON) -> TokenVerifier:
        return TokenVerifier(self.public, clock)

    def signed(self, claims: dict[str, Any]) -> str:
        key = OKPKey.import_key(self.private.read_bytes())
        return jwt.encode({"alg": "Ed25519"}, claims, key, algorithms=["Ed25519"])


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys") / "ours")


@pytest.fixture(scope="module")
def strangers_keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys") / "strangers")


def learner(minutes: float = 5) -> Actor:
    return Actor(
        person_id=uuid4(),
        roles=frozenset({Role.LEARNER, Role.MANAGER}),
        expires_at=NOON + timedelta(minutes=minutes),
    )


def refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        verifier.verify(token, "progress")
    assert broken.value.rule is Rule.NOT_YOURS


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    return {
        "sub": str(uuid4()),
        "aud": "progress",
        "roles": ["learner"],
        "exp": int(NOON.timestamp()) + 300,
    } | changes


def test_what_the_gateway_signed_is_believed(keys: Keys) -> None:
    person = learner()
    assert keys.verifier().verify(keys.signer.sign(person, "progress"), "progress") == person


def test_a_token_is_believed_until_it_expires_and_not_a_moment_longer(keys: Keys) -> None:
    now = [NOON]
    verifier = keys.verifier(lambda: now[0])
    token = keys.signer.sign(learner(minutes=5), "progress")
    now[0] = NOON + timedelta(minutes=5, seconds=-1)
    verifier.verify(token, "progress")
    now[0] = NOON + timedelta(minutes=5)
    refused(verifier, token)
    refused(verifier, token)


def test_a_token_that_was_expired_when_it_came_is_refused(keys: Keys) -> None:
    refused(keys.verifier(), keys.signer.sign(learner(minutes=-1), "progress"))


def test_a_token_for_one_service_is_refused_by_the_others(keys: Keys) -> None:
    """Reporting hears tokens of managers; with them it must not give scheduling commands."""
    verifier, token = keys.verifier(), keys.signer.sign(learner(), "reporting")
    refused(verifier, token)
    verifier.verify(token, "reporting")
    refused(verifier, token)


def test_the_key_of_a_stranger_opens_nothing(keys: Keys, strangers_keys: Keys) -> None:
    refused(keys.verifier(), strangers_keys.signer.sign(learner(), "progress"))


def test_changed_claims_are_refused(keys: Keys) -> None:
    header, _, signature = keys.signer.sign(learner(), "progress").split(".")
    refused(keys.verifier(), f"{header}.{part(claims(roles=['operator']))}.{signature}")


def test_a_token_without_a_signature_is_refused(keys: Keys) -> None:
    for algorithm in ("none", "None", "NONE"):
        refused(keys.verifier(), f"{part({'alg': algorithm})}.{part(claims())}.")


def test_the_public_key_does_not_serve_as_a_shared_secret(keys: Keys) -> None:
    """The classic: sign with HS256 and the text of the public key."""
    secret = OctKey.import_key(keys.public.read_bytes().replace(b"-----", b""))
    token = jwt.encode({"alg": "HS256"}, claims(), secret, algorithms=["HS256"])
    refused(keys.verifier(), token)


@pytest.mark.parametrize(
    "faulty",
    [
        {"sub": "Ann"},
        {"sub": None},
        {"roles": ["emperor"]},
        {"roles": None},
        {"exp": None},
        {"exp": "soon"},
    ],
    ids=str,
)
def test_signed_nonsense_is_refused(keys: Keys, faulty: dict[str, Any]) -> None:
    refused(keys.verifier(), keys.signed(claims(**faulty)))


def test_missing_claims_are_refused(keys: Keys) -> None:
    for missing in ("sub", "aud", "roles", "exp"):
        refused(keys.verifier(), keys.signed({k: v for k, v in claims().items() if k != missing}))


@given(token=st.one_of(st.text(max_size=60), st.text("abcXYZ019-_=.", max_size=90)))
def test_any_other_text_is_refused(keys: Keys, token: str) -> None:
    refused(keys.verifier(), token)


def test_only_so_many_tokens_are_remembered(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actor_module, "TOKENS_KEPT_MAX", 3)
    verifier = keys.verifier()
    tokens = [keys.signer.sign(learner(), "progress") for _ in range(5)]
    for token in tokens:
        verifier.verify(token, "progress")
    assert list(verifier._verified) == tokens[2:]
    verifier.verify(tokens[0], "progress")
