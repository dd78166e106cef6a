"""How uvicorn serves the gateway: loop, parser and limits, the same in production and in tests."""

import sys

import uvicorn
from starlette.types import ASGIApp

from gateway.limits import CONNECTIONS_MAX, KEEP_ALIVE_SECONDS, SHUTDOWN_SECONDS
from gateway.protocol import BoundedHttp
from gateway.settings import Settings


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """The configuration of the server for `app`."""
    proxies = [name.strip() for name in settings.trusted_proxies.split(",") if name.strip()]
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,  # logs are set up by the program
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
