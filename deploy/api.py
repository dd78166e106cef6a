"""A person at the public HTTP API: signed in, asking and commanding like any other client."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from deploy.local.errors import LocalStackError

TIMEOUT_SECONDS = 15.0
UPLOAD_TIMEOUT_SECONDS = 120.0


class NobodyAnswers(LocalStackError):
    """There is no gateway at this address, or it did not answer in time."""


class Refusal(LocalStackError):
    """The API said no: its sentence, the status and the rule that stood in the way."""

    def __init__(self, answer: httpx.Response) -> None:
        problem = answer.json() if answer.headers.get("content-type", "").endswith("json") else {}
        self.status = answer.status_code
        self.rule: str = problem.get("rule") or ""
        self.problem = problem
        super().__init__(problem.get("detail") or f"{answer.request.url} answered {answer.status_code}.")


class Person:
    """Somebody who is signed in."""

    def __init__(self, base_url: str, user: str, password: str, language: str = "en") -> None:
        """Sign in. Raises Refusal or NobodyAnswers, like everything a person does."""
        self._http = httpx.Client(
            base_url=base_url + "/api/v1", timeout=TIMEOUT_SECONDS, headers={"Accept-Language": language}
        )
        session = self.post("/session", {"user": user, "password": password})
        self._http.headers["Authorization"] = f"Bearer {session['token']}"

    @property
    def address(self) -> str:
        """Where the API is, for a client of another kind."""
        return str(self._http.base_url)

    @property
    def headers(self) -> dict[str, str]:
        """What signs a request of that client."""
        return {"Authorization": self._http.headers["Authorization"]}

    def get(self, path: str, **params: Any) -> Any:
        """The answer to a question."""
        return self._ask("GET", path, params={k: v for k, v in params.items() if v is not None})

    def post(self, path: str, body: Any) -> Any:
        """The answer to a command."""
        return self._ask("POST", path, json=body)

    def delete(self, path: str) -> Any:
        """The answer to taking something away."""
        return self._ask("DELETE", path)

    def upload(self, path: str, content: bytes, content_type: str, **headers: str) -> Any:
        """Send a file."""
        return self._ask(
            "POST",
            path,
            content=content,
            headers={"Content-Type": content_type, **headers},
            timeout=UPLOAD_TIMEOUT_SECONDS,
        )

    def commands(self, commands: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The outcomes of learner commands, in their order."""
        results: list[dict[str, Any]] = self.post("/me/commands", {"commands": list(commands)})["results"]
        return results

    def close(self) -> None:
        """Let go of the connection; the session stays."""
        self._http.close()

    def _ask(self, method: str, path: str, **how: Any) -> Any:
        try:
            answer = self._http.request(method, path, **how)
        except httpx.TransportError as error:
            raise NobodyAnswers("Nobody answers at the gateway: start it with `./parcours up`.") from error
        if answer.is_error:
            raise Refusal(answer)
        return answer.json() if answer.content else None


@contextmanager
def signed_in(base_url: str, user: str, password: str, language: str = "en") -> Iterator[Person]:
    """A person for the length of a block."""
    person = Person(base_url, user, password, language)
    try:
        yield person
    finally:
        person.close()
