"""Who acts: the gateway's signed token, verified by every service. Broker headers prove nothing."""

from collections import OrderedDict
from datetime import datetime
from pathlib import Path
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.backbone.clock import Clock, utc_now
from services.contracts.access import Actor, Role
from services.contracts.rules import Rule, RuleBroken

TOKENS_KEPT_MAX = 10_000
ALGORITHM = "Ed25519"


class TokenSigner:
    """The gateway's side: vouches for somebody until `expires_at`."""

    def __init__(self, private_key: Path) -> None:
        """Sign with the Ed25519 key in a PEM file."""
        self._key = OKPKey.import_key(private_key.read_bytes())

    def sign(self, actor: Actor, service: str) -> str:
        """A token that says who acts, and until when this one service may believe it."""
        claims = {
            "sub": str(actor.person_id),
            "aud": service,
            "roles": sorted(actor.roles),
            "exp": int(actor.expires_at.timestamp()),
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key, algorithms=[ALGORITHM])


class TokenVerifier:
    """The services' side. A token that was verified once is remembered until it expires.

    A token is for one service: what one is told, it cannot tell another in somebody's name.
    """

    def __init__(self, public_key: Path, clock: Clock = utc_now) -> None:
        """Verify with the Ed25519 key in a PEM file."""
        self._key = OKPKey.import_key(public_key.read_bytes())
        self._clock = clock
        self._verified: OrderedDict[str, tuple[Actor, str]] = OrderedDict()

    def verify(self, token: str, service: str) -> Actor:
        """Who acts. Raises RuleBroken(NOT_YOURS): a token that is forged, expired, for another service or not one."""
        known = self._verified.get(token)
        if known is None:
            known = self._verified[token] = self._read(token)
            if len(self._verified) > TOKENS_KEPT_MAX:
                self._verified.popitem(last=False)
        actor, meant_for = known
        if actor.expires_at <= self._clock():
            self._verified.pop(token, None)
            raise RuleBroken(Rule.NOT_YOURS)
        if meant_for != service:
            raise RuleBroken(Rule.NOT_YOURS)
        return actor

    def _read(self, token: str) -> tuple[Actor, str]:
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            actor = Actor(
                person_id=UUID(claims["sub"]),
                roles=frozenset(Role(role) for role in claims["roles"]),
                expires_at=datetime.fromtimestamp(claims["exp"], tz=self._clock().tzinfo),
            )
            return actor, str(claims["aud"])
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise RuleBroken(Rule.NOT_YOURS) from error
