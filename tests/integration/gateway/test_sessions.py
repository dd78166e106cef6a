"""Signing in and out: tokens, cookies, lock-outs, and what an attacker can learn (nothing)."""

from datetime import timedelta
from uuid import UUID

import httpx
import psycopg
import pytest

from gateway.accounts import add_account, login_key_of
from gateway.limits import ATTEMPTS_FREE, LOCK_SECONDS_MAX, SESSION_SECONDS
from services.contracts.access import Role
from tests.integration.gateway.conftest import PASSWORD, Gateway, listening, step

SESSION = "/api/v1/session"
ME = "/api/v1/me"


def sign_in(client: httpx.Client, user: str, password: str = PASSWORD) -> httpx.Response:
    return client.post(SESSION, json={"user": user, "password": password})


def test_signing_in_gives_a_token_and_a_cookie_that_scripts_do_not_see(gateway: Gateway) -> None:
    with gateway.client() as client:
        answer = sign_in(client, gateway.account(Role.LEARNER).upper())
        assert answer.status_code == 201
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("parcours_session=")
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert client.get(ME).json()["roles"] == ["learner"]


def test_over_https_the_cookie_is_of_this_host_alone_and_no_other_is_believed(gateway: Gateway) -> None:
    user = gateway.account(Role.LEARNER)
    https = gateway.settings.model_copy(update={"secure_cookies": True})
    with listening(https, gateway.clock) as url, httpx.Client(base_url=url) as client:
        answer = sign_in(client, user)
        cookie = answer.headers["set-cookie"]
        token = answer.json()["token"]
        # What browsers demand of the prefix: https, the whole host, and no domain.
        assert cookie.startswith(f"__Host-parcours_session={token};")
        told = {part.strip().lower() for part in cookie.split(";")}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= told
        assert not [part for part in told if part.startswith("domain")]
        client.cookies.clear()
        for name, status in (("__Host-parcours_session", 200), ("parcours_session", 401)):
            assert client.get(ME, headers={"cookie": f"{name}={token}"}).status_code == status, name
        scheme = client.get("/openapi.json").json()["components"]["securitySchemes"]["cookie"]
        assert scheme["name"] == "__Host-parcours_session"
        form = {"user": user, "password": PASSWORD}
        by_page = client.post("/sign-in", data=form, headers={"origin": url})
        assert by_page.headers["set-cookie"].startswith("__Host-parcours_session=")
    with gateway.client() as plain:
        assert plain.get(ME, headers={"cookie": f"__Host-parcours_session={token}"}).status_code == 401
        assert plain.get(ME, headers={"cookie": f"parcours_session={token}"}).status_code == 200


def test_unknown_wrong_and_locked_are_the_same_answer(gateway: Gateway) -> None:
    user = gateway.account(Role.LEARNER)
    with gateway.client() as client:
        answers = [sign_in(client, "nobody"), sign_in(client, user, "wrong")]
        for _ in range(ATTEMPTS_FREE):
            answers.append(sign_in(client, user, "wrong"))
        answers.append(sign_in(client, user))  # right, but locked
        gateway.clock.later = timedelta(seconds=LOCK_SECONDS_MAX + 1)
        assert sign_in(client, user).status_code == 201
    told = [{k: v for k, v in answer.json().items() if k != "correlation_id"} for answer in answers]
    assert {answer.status_code for answer in answers} == {401}
    assert all(body == told[0] for body in told)
    headers = [set(answer.headers) for answer in answers]
    assert all(names == headers[0] for names in headers)


def test_a_lock_outlives_the_process_and_a_right_password_forgives(gateway: Gateway) -> None:
    user = gateway.account(Role.LEARNER)
    with gateway.client() as client:
        for _ in range(ATTEMPTS_FREE - 1):
            sign_in(client, user, "wrong")
        assert sign_in(client, user).status_code == 201
    key = login_key_of(gateway.settings.login_key_bytes, user)
    with psycopg.connect(gateway.database.url) as conn:
        row = conn.execute("SELECT failed_attempts, locked_until FROM account WHERE login_key = %s", (key,))
        assert row.fetchone() == (0, None)


def test_a_cookie_alone_writes_nothing(gateway: Gateway) -> None:
    with gateway.client() as client:
        csrf = sign_in(client, gateway.account(Role.LEARNER)).json()["csrf"]
        body = {"commands": [step()]}

        def write(**headers: str) -> int:
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            return client.post("/api/v1/me/commands", json=body, headers=told).status_code

        assert write() == 403
        assert write(x_csrf_token=csrf) == 403
        assert write(x_csrf_token="x", origin=gateway.url) == 403
        assert write(x_csrf_token=csrf, origin="https://elsewhere.example") == 403
        assert write(x_csrf_token=csrf, origin="null") == 403
        assert gateway.stand_in.asked == []
        assert write(x_csrf_token=csrf, origin=gateway.url) == 200


def test_another_page_cannot_sign_somebody_in(gateway: Gateway) -> None:
    with gateway.client(origin="https://elsewhere.example") as client:
        assert sign_in(client, gateway.account(Role.LEARNER)).status_code == 403


def test_signing_out_ends_the_session_at_once(gateway: Gateway) -> None:
    client = gateway.signed_in(Role.LEARNER)
    assert client.get(ME).status_code == 200
    assert client.delete(SESSION).status_code == 204
    assert client.get(ME).status_code == 401


def test_a_session_ends_by_itself(gateway: Gateway) -> None:
    client = gateway.signed_in(Role.LEARNER)
    gateway.clock.later = timedelta(seconds=SESSION_SECONDS + 1)
    with gateway.client() as other:
        sign_in(other, gateway.account(Role.LEARNER))  # clears away what is over
    with psycopg.connect(gateway.database.url) as conn:
        found = conn.execute(
            "SELECT count(*) FROM session WHERE person_id = %s", (client.headers["x-person"],)
        )
        assert found.fetchone() == (0,)


@pytest.mark.parametrize("token", ["x", "x" * 10_000])
def test_a_token_that_is_none_opens_nothing(gateway: Gateway, token: str) -> None:
    with gateway.client(authorization=f"Bearer {token}") as client:
        answer = client.get(ME)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_account_made_twice_is_made_once_and_a_change_ends_its_sessions(gateway: Gateway) -> None:
    client = gateway.signed_in(Role.LEARNER)
    user = f"user-{gateway._users}"
    made = (gateway.database.owner_url, gateway.settings.login_key_bytes, user)
    person = UUID(client.headers["x-person"])
    assert add_account(*made, PASSWORD, person, [Role.LEARNER]) is False
    assert add_account(*made, PASSWORD, person, [Role.LEARNER, Role.MANAGER]) is True
    with psycopg.connect(gateway.database.url) as conn:
        found = conn.execute("SELECT count(*) FROM session WHERE person_id = %s", (person,))
        assert found.fetchone() == (0,)


def test_no_name_and_no_token_stands_in_the_database(gateway: Gateway) -> None:
    client = gateway.signed_in(Role.LEARNER)
    token = client.headers["authorization"].removeprefix("Bearer ")
    with psycopg.connect(gateway.database.url) as conn:
        stored = str(
            conn.execute("SELECT * FROM account").fetchall()
            + conn.execute("SELECT * FROM session").fetchall()
        )
    assert f"user-{gateway._users}" not in stored
    assert token not in stored
    assert PASSWORD not in stored


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO account (login_key, password_hash, person_id, roles) VALUES ('', '', gen_random_uuid(), '{}')",
        "UPDATE account SET password_hash = ''",
        "UPDATE account SET roles = '{operator}'",
        "DELETE FROM account",
        "UPDATE session SET person_id = gen_random_uuid()",
        "UPDATE session SET roles = '{operator}'",
        "UPDATE session SET expires_at = 'infinity'",
    ],
)
def test_the_run_role_cannot_make_itself_an_account(gateway: Gateway, statement: str) -> None:
    with psycopg.connect(gateway.database.url) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement)  # type: ignore[call-overload]
