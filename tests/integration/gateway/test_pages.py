"""What every page has in common, on the wire: the way in, the policy, the proof that a form is ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from gateway.access import ROUTES
from services.contracts.access import Role
from tests.integration.gateway.conftest import PASSWORD, Gateway, answered, refused

PAGES = {route: access for route, access in ROUTES.items() if access.page}
WRITES = [path for (method, path), access in PAGES.items() if method == "POST" and not access.public]
NO_NAME = {"given_name": None, "family_name": None}


def filled(path: str) -> str:
    """A path with something in its places."""
    return re.sub(r"\{(\w+)\}", lambda place: "1" if place[1] == "version" else "x", path)


@contextmanager
def browser(gateway: Gateway, *roles: Role) -> Iterator[httpx.Client]:
    """Somebody who came in through the form."""
    gateway.stand_in.serve("reporting")
    gateway.stand_in.answers["reporting.me"] = lambda _: answered(NO_NAME)
    with httpx.Client(base_url=gateway.url, headers={"accept": "text/html", "origin": gateway.url}) as client:
        told = client.post("/sign-in", data={"user": gateway.account(*roles), "password": PASSWORD})
        assert told.status_code == 303, told.text
        yield client


@pytest.mark.parametrize(
    ("roles", "room"),
    [
        ((Role.LEARNER,), "/training"),
        ((Role.LEARNER, Role.MANAGER), "/units"),
        ((Role.AUDITOR,), "/audit"),
    ],
)
def test_one_begins_with_ones_work(gateway: Gateway, roles: tuple[Role, ...], room: str) -> None:
    with browser(gateway, *roles) as client:
        assert client.get("/").headers["location"] == room


def test_whoever_is_not_signed_in_is_led_to_the_door_and_back(gateway: Gateway) -> None:
    with gateway.client() as client:
        told = client.get("/?a=b&c=d")
        assert (told.status_code, told.headers["location"]) == (
            303,
            "/sign-in?next=%2F%3Fa%3Db%26c%3Dd",
        )
        signed_in = client.post(
            "/sign-in",
            data={
                "user": gateway.account(Role.OPERATOR),
                "password": PASSWORD,
                "next": "/?a=b&c=d",
            },
        )
        assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/?a=b&c=d")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "evil.example",
        "/\t/evil.example",
        "javascript:x",
    ],
)
def test_the_door_leads_nowhere_else(gateway: Gateway, elsewhere: str) -> None:
    with gateway.client() as client:
        form = {"user": gateway.account(Role.LEARNER), "password": PASSWORD, "next": elsewhere}
        assert client.post("/sign-in", data=form).headers["location"] == "/"
        assert client.get("/sign-in", params={"next": elsewhere}).headers["location"] == "/"
        assert client.post("/language", data={"next": elsewhere}).headers["location"] == "/"


def test_a_session_that_the_browser_brought_along_is_never_taken_over(gateway: Gateway) -> None:
    user = gateway.account(Role.LEARNER)
    with gateway.client() as client:
        client.cookies.set("parcours_session", "chosen-by-somebody-else")
        client.post("/sign-in", data={"user": user, "password": PASSWORD})
        (first,) = (cookie.value for cookie in client.cookies.jar if cookie.domain)
        assert first and first != "chosen-by-somebody-else"
        client.cookies.clear()
        client.cookies.set("parcours_session", first)
        client.post("/sign-in", data={"user": user, "password": PASSWORD})
    with gateway.client(authorization=f"Bearer {first}") as thief:
        assert thief.get("/api/v1/me").status_code == 401


class Unknown(dict[str, Any]):
    """Answers of services that know nothing of what they are asked, and say so at once."""

    def get(self, name: str, default: Any = None) -> Any:
        return lambda _: refused("unit-unknown")


@pytest.mark.parametrize("path", WRITES)
def test_a_form_of_another_page_changes_nothing(gateway: Gateway, path: str) -> None:
    gateway.stand_in.answers = Unknown()
    with browser(gateway, *ROUTES["POST", path].roles) as client:
        csrf = client.get("/api/v1/me").json()["csrf"]
        for form, origin in (
            ({}, gateway.url),
            ({"csrf": "x"}, gateway.url),
            ({"csrf": csrf}, "https://evil.example"),
            ({"csrf": csrf}, "null"),
        ):
            told = client.post(filled(path), data={"x": "y", **form}, headers={"origin": origin})
            assert told.status_code == 403, (form, origin)
        allowed = client.post(filled(path), data={"csrf": csrf})
        assert allowed.status_code not in (403, 503), "the control: our own page may, and is answered"


def test_only_a_search_is_sent_again_in_another_language_and_checks_itself(gateway: Gateway) -> None:
    with browser(gateway, Role.AUDITOR) as client:
        form = {"language": "nl", "again": "/audit", "text": "ann"}
        answer = client.post("/language", data=form)
        assert (answer.status_code, answer.headers["location"]) == (307, "/audit")
        assert client.post("/audit", data=form).status_code == 403, "no proof that it comes from our page"
        for elsewhere in ("/audit/rebuild", "/sign-out", "https://evil.example/audit", "//evil.example"):
            answer = client.post("/language", data={**form, "again": elsewhere})
            assert (answer.status_code, answer.headers["location"]) == (303, "/"), elsewhere


@pytest.mark.parametrize("path", ["/sign-in", "/accessibility", "/nowhere"])
def test_pages_say_what_a_browser_may_do(gateway: Gateway, path: str) -> None:
    with gateway.client(accept="text/html") as client:
        headers = client.get(path).headers
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-type"] == "text/html; charset=utf-8"


def test_the_language_is_what_somebody_chose_before_what_their_browser_prefers(gateway: Gateway) -> None:
    with httpx.Client(base_url=gateway.url, headers={"accept-language": "nl"}) as client:
        assert '<html lang="nl"' in client.get("/sign-in").text
        client.post("/language", data={"language": "fr", "next": "/sign-in"})
        assert '<html lang="fr"' in client.get("/sign-in").text
        client.post("/language", data={"language": "xx", "next": "/sign-in"})
        assert '<html lang="fr"' in client.get("/sign-in").text


def test_names_are_shown_as_text(gateway: Gateway) -> None:
    with browser(gateway, Role.OPERATOR) as client:
        hostile: dict[str, Any] = {"given_name": "<script>alert(1)</script>", "family_name": '" onload="x'}
        gateway.stand_in.answers["reporting.me"] = lambda _: answered(hostile)
        shown = client.get("/nowhere").text + client.get("/accessibility").text + client.get("/training").text
    assert "<script>alert" not in shown
    assert '" onload="' not in shown


def test_what_a_pc_keeps_is_sealed_with_a_key_that_its_owner_alone_is_told(gateway: Gateway) -> None:
    keys = []
    for roles in ([Role.LEARNER], [Role.LEARNER, Role.MANAGER], [Role.MANAGER], [Role.OPERATOR]):
        with browser(gateway, *roles) as client:
            found = [re.search(r'data-key="([^"]+)"', client.get("/accessibility").text) for _ in range(2)]
            keys.append({each and each[1] for each in found})
    with gateway.client() as client:
        keys.append({None} if "data-key" not in client.get("/sign-in").text else set())
    assert keys[2:] == [{None}, {None}, {None}]
    assert all(len(key) == 1 for key in keys)
    assert len(set.union(*keys[:2]) - {None}) == 2, (
        "each learner has a key of their own, on every page the same"
    )


@pytest.mark.parametrize("body", ["csrf=%FF", "a=%00", "&".join(f"a{n}=1" for n in range(1_001))])
def test_a_form_that_is_none_is_refused(gateway: Gateway, body: str) -> None:
    with browser(gateway, Role.LEARNER) as client:
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert client.post("/sign-out", content=body, headers=form).status_code == 422
        assert (
            client.post("/sign-out", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
        )


def test_styles_are_kept_for_ever_under_an_address_of_their_own(gateway: Gateway) -> None:
    with gateway.client() as client:
        address = re.search(r"/static/\w+/parcours\.css", client.get("/sign-in").text)
        assert address
        told = client.get(address[0])
        assert "immutable" in told.headers["cache-control"]
        assert client.get("/static/000000000000/parcours.css").status_code == 404
        assert client.get(address[0].replace("parcours.css", "none.css")).status_code == 404
