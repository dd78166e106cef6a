"""RabbitMQ's management API, as much of it as provisioning needs."""

import base64
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from deploy.local.errors import LocalStackError

REQUEST_TIMEOUT_SECONDS = 10.0
NOT_FOUND = 404


class Management:
    """One administrator's door to the management API.

    Signs in as the user of the management URL when that names one, else of the AMQP URI.
    """

    def __init__(self, url: str, amqp_admin_uri: str) -> None:
        parts, amqp = urlsplit(url), urlsplit(amqp_admin_uri)
        signs_in = parts if parts.username else amqp
        self.user = unquote(signs_in.username or "guest")
        password = unquote(signs_in.password or "guest")
        self._url = f"{parts.scheme}://{parts.hostname}:{parts.port or 15672}{parts.path}"
        token = base64.b64encode(f"{self.user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def answers(self) -> bool:
        """The API is there and knows us."""
        try:
            self.get("whoami")
        except LocalStackError:
            return False
        return True

    def get(self, *path: str) -> Any:
        """The decoded answer; None when there is no such thing."""
        return self._request("GET", path, None)

    def put(self, *path: str, body: dict[str, Any] | None = None) -> None:
        """Create or replace."""
        self._request("PUT", path, body or {})

    def delete(self, *path: str) -> None:
        """Remove; nothing happens when it is gone already."""
        self._request("DELETE", path, None)

    def _request(self, method: str, path: tuple[str, ...], body: dict[str, Any] | None) -> Any:
        address = "/".join((self._url.rstrip("/"), "api", *(quote(part, safe="") for part in path)))
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the operator's own management URL
            address, data=content, headers=self._headers, method=method
        )
        try:
            with self._open(request, timeout=REQUEST_TIMEOUT_SECONDS) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as refused:
            if refused.code == NOT_FOUND and method != "PUT":
                return None
            message = (
                f"RabbitMQ's management API answered {refused.code} to {method} "
                f"{'/'.join(path)} for user {self.user}: check that user's administrator tag."
            )
            raise LocalStackError(message) from refused
        except (OSError, ValueError) as away:
            message = (
                f"RabbitMQ's management API at {self._url} did not answer ({away}): enable the "
                "plugin rabbitmq_management, or set PARCOURS_AMQP_MANAGEMENT_URL."
            )
            raise LocalStackError(message) from away
