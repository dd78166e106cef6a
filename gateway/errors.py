"""What could not be done, as a problem document (RFC 9457), from one table.

`type` is stable (`/problems/<kind>`), `detail` is a sentence in the reader's language that says what
to do, `rule` names the broken rule, and the correlation id leads to the logs.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from starlette.responses import Response

from gateway.limits import RETRY_AFTER_SECONDS
from gateway.rpc import Away, Failed
from gateway.sentences import SENTENCES, sentence
from services.contracts.rules import BREACH, Breach, Rule

STATUS: Final[dict[Breach, int]] = {
    Breach.INVALID: 422,
    Breach.FORBIDDEN: 403,
    Breach.MISSING: 404,
    Breach.CONFLICT: 409,
    Breach.AWAY: 503,
}

OWN_STATUS: Final[dict[str, int]] = {
    "malformed": 422,
    "not-signed-in": 401,
    "sign-in-refused": 401,
    "foreign-page": 403,
    "too-large": 413,
    "too-slow": 408,
    "too-many-requests": 429,
    "not-found": 404,
    "media-unknown": 404,
    "method-not-allowed": 405,
    "unsupported-media-type": 415,
    "not-a-zip": 422,
    "range-not-satisfiable": 416,
    "internal": 500,
}
"""Problems of the gateway itself."""

CONTENT_TYPE: Final = "application/problem+json"

TELL: Final = "parcours.tell"
"""Where the scope of a request keeps how its problems are told, when not by `answer`."""

TRANSIENT: Final = frozenset(
    {"OperationalError", "PoolTimeout", "PoolClosed", "TooManyRequests", "StoreAway"}
)
"""Exceptions of a service that mean: its database is away at the moment."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: the place, the key of its sentence, and the library's own words."""

    place: str
    key: str
    reason: str | None = None


@dataclass(slots=True, eq=False)
class Problem(Exception):
    """Raised anywhere in the gateway; becomes the answer. `kind` is a rule's name or a key of OWN_STATUS."""

    kind: str
    params: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: int | None = None

    @property
    def status(self) -> int:
        """The HTTP status."""
        return OWN_STATUS.get(self.kind) or status_of(self.kind)


def status_of(rule: str) -> int:
    """The HTTP status of a broken rule; 500 for a rule that this release does not know."""
    try:
        return STATUS[BREACH.get(Rule(rule), Breach.CONFLICT)]
    except ValueError:
        return 500


def problem_of_rule(rule: str, params: Mapping[str, str]) -> Problem:
    """A service's refusal."""
    if rule == "malformed":  # the gateway parsed it before: the two do not agree on a contract
        return Problem("internal")
    if rule == Rule.COURSE_FAULTY:
        try:
            faults = json.loads(params.get("faults", "[]"))
        except ValueError:
            faults = []
        listed = faults["faults"] if isinstance(faults, dict) else faults
        return Problem(rule, extra={"faults": listed})
    return Problem(rule, params=params)


def problem_of(error: Exception) -> Problem:
    """Whatever happened, as a problem."""
    match error:
        case Problem():
            return error
        case Away():
            return Problem(Rule.SERVICE_AWAY, params={"service": error.service})
        case Failed() if error.error in TRANSIENT:
            return Problem(Rule.SERVICE_AWAY)
        case psycopg.OperationalError():  # our own database: no connection, none free, or it went down
            return Problem(Rule.SERVICE_AWAY, params={"service": "gateway"})
        case _:
            return Problem("internal")


_KEY_OF: Final[dict[str, str]] = {
    "missing": "value-missing",
    "extra_forbidden": "value-unknown-field",
    "union_tag_invalid": "value-unknown-type",
    "union_tag_not_found": "value-unknown-type",
    "literal_error": "value-not-valid",
    "json_invalid": "value-not-json",
    "json_type": "value-not-json",
    "timezone_aware": "value-not-a-time",
    "timezone_naive": "value-not-a-time",
    "datetime_parsing": "value-not-a-time",
    "datetime_from_date_parsing": "value-not-a-time",
    "datetime_type": "value-not-a-time",
    "datetime_object_invalid": "value-not-a-time",
    "uuid_parsing": "value-not-an-identifier",
    "uuid_type": "value-not-an-identifier",
    "too_long": "value-wrong-length",
    "too_short": "value-wrong-length",
    "string_too_long": "value-wrong-length",
    "string_too_short": "value-wrong-length",
}
"""pydantic's kinds of error → the key of our sentence."""

_OWN_WORDS: Final[dict[str, str]] = {
    "a time is written": "value-not-a-time",
    "a course is assigned to": "value-one-of-two",
}
"""How the sentences of our contracts' own checks begin → the key of our sentence."""

FAULTS_MAX: Final = 20
"""Faults told of one request."""

PLACE_CHARS_MAX: Final = 200
REASON_CHARS_MAX: Final = 300
"""A place and a reason may repeat what the client wrote: not at any length."""


def malformed(errors: Iterable[Any]) -> Problem:
    """The problem for pydantic's errors. The values themselves are not repeated: they may be secret."""
    faults: list[Fault] = []
    told: set[tuple[str | int, ...]] = set()
    for error in errors:
        loc = tuple(error["loc"])
        if loc not in told:  # a list whose items are faulty is called too short as well
            faults.append(Fault(_place(loc), _key(error), error["msg"][:REASON_CHARS_MAX]))
            told.update(loc[:depth] for depth in range(len(loc)))
    return Problem("malformed", faults=faults[:FAULTS_MAX])


def _key(error: Any) -> str:
    """Which sentence says it; our own validators raise ValueError with a key of a sentence."""
    kind: str = error["type"]
    if kind == "value_error":
        own = str(error["msg"]).removeprefix("Value error, ")
        if own in SENTENCES:
            return own
        return next((key for start, key in _OWN_WORDS.items() if own.startswith(start)), "value-not-valid")
    return _KEY_OF.get(kind, "value-not-valid")


def _place(loc: Iterable[str | int]) -> str:
    """The path of a value, without the tags by which pydantic tells the members of a union apart."""
    return ".".join(str(step) for step in loc if "." not in str(step))[:PLACE_CHARS_MAX] or "body"


def detail(problem: Problem, language: str, correlation_id: str) -> str:
    """What happened and what to do, as a sentence."""
    params = {**problem.params, "correlation_id": correlation_id}
    if problem.faults:
        first = problem.faults[0]
        params |= {"place": first.place, "sentence": sentence(first.key, language)}
    return sentence(_shown_kind(problem), language, params)


def headers_of(problem: Problem, language: str) -> dict[str, str]:
    """What the headers say of a problem, however it is told."""
    headers = {"content-language": language, "cache-control": "no-store", **problem.headers}
    if problem.status in (429, 503):
        headers["retry-after"] = str(problem.retry_after or RETRY_AFTER_SECONDS)
    if problem.status in (408, 413):
        headers["connection"] = "close"  # the rest of the body is not read
    return headers


def _shown_kind(problem: Problem) -> str:
    return problem.kind if problem.status != 500 else "internal"


def answer(problem: Problem, language: str, correlation_id: str) -> Response:
    """The problem document."""
    status, kind = problem.status, _shown_kind(problem)
    errors = [
        {"place": f.place, "sentence": sentence(f.key, language)} | ({"reason": f.reason} if f.reason else {})
        for f in problem.faults
    ]
    body: dict[str, Any] = {
        "type": f"/problems/{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail(problem, language, correlation_id),
        "correlation_id": correlation_id,
    }
    if kind in BREACH or kind in set(Rule):
        body["rule"] = kind
        if problem.params:
            body["params"] = dict(problem.params)
    if errors:
        body["errors"] = errors
    body.update(problem.extra)
    headers = headers_of(problem, language)
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="parcours"'
    return Response(
        json.dumps(body, ensure_ascii=False).encode(), status, headers=headers, media_type=CONTENT_TYPE
    )
