"""The ASGI application: routes behind the access table, and what they share while the process lives."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import NoReturn

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from psycopg_pool import AsyncConnectionPool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import openapi
from gateway.access import API, ROUTES
from gateway.accounts import Accounts
from gateway.api import (
    auditor,
    calendar,
    centre,
    learner,
    manager,
    media,
    messages,
    operator,
    proposals,
    seats,
    session,
    sessions,
    staff,
    units,
)
from gateway.api import duties as duties_api
from gateway.ask import send_batch
from gateway.auth import Sessions
from gateway.calendars import Calendars
from gateway.edge import Edge
from gateway.errors import TELL, Problem, malformed
from gateway.gather import Gather
from gateway.limits import DATABASE_CONNECTIONS_MAX, DATABASE_WAITING_MAX
from gateway.parts import Handler, Parts, RawRoute
from gateway.rpc import Rpc
from gateway.settings import Settings
from gateway.web import (
    account,
    assigning,
    attendance,
    board,
    certificates,
    class_requests,
    history,
    hr,
    in_person,
    people,
    proof,
    taking_back,
    uploads,
)
from gateway.web import auditor as auditor_pages
from gateway.web import calendar as calendar_pages
from gateway.web import centre as centre_pages
from gateway.web import exempting as exempting_pages
from gateway.web import learner as learner_pages
from gateway.web import mail as mail_pages
from gateway.web import manager as manager_pages
from gateway.web import operator as operator_pages
from gateway.web import orders as orders_pages
from gateway.web import proposals as proposal_pages
from gateway.web import rooms as room_pages
from gateway.web import sessions as session_pages
from gateway.web import unit_changes as unit_change_pages
from gateway.web import units as unit_pages
from gateway.web.page import tell
from services.backbone.actor import TokenSigner
from services.backbone.blobs import BlobFolder
from services.backbone.clock import Clock, utc_now
from services.backbone.limits import DATABASE_CONNECT_SECONDS, STATEMENT_TIMEOUT_SECONDS

ROUTERS = (
    learner.router,  # first: its commands are most of the traffic, and routes are tried in order
    session.router,
    calendar.router,
    calendar.plain,
    manager.router,
    seats.router,
    sessions.router,
    proposals.router,
    duties_api.router,
    messages.router,
    centre.router,
    auditor.router,
    operator.router,
    operator.plain,
    staff.router,
    units.router,
    media.router,
    openapi.router,
    account.router,
    account.files,
    learner_pages.router,
    calendar_pages.router,
    manager_pages.router,
    people.router,
    assigning.router,
    taking_back.router,
    orders_pages.router,
    exempting_pages.router,
    proposal_pages.router,
    in_person.router,
    class_requests.router,
    session_pages.router,
    attendance.router,
    room_pages.router,
    board.router,
    centre_pages.router,
    uploads.router,
    auditor_pages.router,
    history.router,
    proof.router,
    operator_pages.router,
    mail_pages.router,
    unit_pages.router,
    unit_change_pages.router,
    hr.router,
    certificates.router,
)


class Gateway(FastAPI):
    """The application. Raw routes are answered without the framework's layers, which cost more than they do."""

    direct: Mapping[tuple[str, str], ASGIApp] = MappingProxyType({})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        app = self.direct.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if app is None:
            await super().__call__(scope, receive, send)
        else:
            scope["app"] = self
            await app(scope, receive, send)


def make_app(settings: Settings, clock: Clock = utc_now) -> Gateway:
    """The gateway, ready to be served."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running_parts(settings, clock) as parts:
            app.state.parts = parts
            yield

    app = Gateway(
        title="Parcours",
        version="1",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    for router in ROUTERS:
        # Their routes carry whole paths already; kept flat, each can be compared with the access table.
        app.router.routes.extend(router.routes)
    app.add_middleware(Edge, https=settings.secure_cookies)
    app.direct = {
        (method, route.path): Edge(_alone(route.get_route_handler()), https=settings.secure_cookies)
        for route in app.routes
        if isinstance(route, RawRoute)
        for method in route.methods or ()
    }
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)
    return app


def _alone(handler: Handler) -> ASGIApp:
    """An application of one handler."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handler(Request(scope, receive, send))
        await response(scope, receive, send)

    return app


@contextlib.asynccontextmanager
async def running_parts(settings: Settings, clock: Clock) -> AsyncIterator[Parts]:
    """Everything that routes share. It starts, and does what it can, while database and broker are away."""
    pool = AsyncConnectionPool(
        settings.database_url,
        min_size=1,
        max_size=DATABASE_CONNECTIONS_MAX,
        max_waiting=DATABASE_WAITING_MAX,
        timeout=DATABASE_CONNECT_SECONDS,
        reconnect_timeout=DATABASE_CONNECT_SECONDS,
        open=False,
        check=AsyncConnectionPool.check_connection,  # connections from before a restart are found out here
        kwargs={
            "autocommit": True,
            "connect_timeout": DATABASE_CONNECT_SECONDS,
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s",
        },
    )
    signer = TokenSigner(settings.actor_private_key)
    accounts = Accounts(pool, settings.login_key_bytes)
    await pool.open(wait=False)
    try:
        async with Rpc(settings.amqp_uri) as rpc:
            parts = Parts(
                settings=settings,
                clock=clock,
                pool=pool,
                signer=signer,
                sessions=Sessions(pool, signer, clock, secure=settings.secure_cookies),
                accounts=accounts,
                calendars=Calendars(pool, clock),
                rpc=rpc,
                gather=Gather("progress", lambda items: send_batch(rpc, "progress", items)),
                # A class is one stream: whoever asks for it at the same moment is decided on together.
                places=Gather("scheduling", lambda items: send_batch(rpc, "scheduling", items)),
                blobs=BlobFolder(settings.media_folder),
            )
            try:
                yield parts
            finally:
                parts.papers.close()
                parts.sheets.close()
    finally:
        accounts.close()
        await pool.close(timeout=DATABASE_CONNECT_SECONDS)


async def _http_exception(request: Request, error: Exception) -> NoReturn:
    """What the router itself refuses, as a problem."""
    assert isinstance(error, HTTPException)
    if not request.url.path.startswith(API) and "text/html" in request.headers.get("accept", ""):
        request.scope[TELL] = partial(tell, request)
    if error.status_code != 405:
        raise Problem("not-found") from None
    raise Problem("method-not-allowed", headers={"allow": ", ".join(methods_at(request.url.path))}) from None


def methods_at(path: str) -> list[str]:
    """The methods of all routes at a path; the router itself names those of the first only."""
    return sorted({method for method, template in ROUTES if compile_path(template)[0].match(path)})


async def _validation_error(request: Request, error: Exception) -> NoReturn:
    """A query or path that cannot be read, as a problem."""
    assert isinstance(error, RequestValidationError)
    raise malformed(error.errors()) from None
