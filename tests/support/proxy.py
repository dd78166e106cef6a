"""A connection to PostgreSQL that can be cut at the worst moment: around the COMMIT of what was inserted."""

import contextlib
import socket
import threading
from typing import Literal

Cut = Literal["before commit", "after commit"]


class CuttingProxy:
    """Forwards everything to a server, until it is told to cut one connection around the next COMMIT of a write."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self._next: Cut | None = None
        self._turn = threading.Lock()
        self._pairs: list[_Pair] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_next(self, where: Cut) -> None:
        """Cut at the next COMMIT: it never arrives, or it is carried out and its answer never arrives."""
        with self._turn:
            self._next = where

    def due(self) -> Cut | None:
        """What is to be done at the COMMIT that just came; whoever asks does it."""
        with self._turn:
            where, self._next = self._next, None
            self.cuts += where is not None
            return where

    def close(self) -> None:
        self._listener.close()
        for pair in self._pairs:
            pair.cut()

    def __enter__(self) -> "CuttingProxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._pairs.append(_Pair(self, client, socket.create_connection(self._server)))


class _Pair:
    """One client, and its connection to the server."""

    def __init__(self, proxy: CuttingProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._swallow = threading.Event()
        self._wrote = False
        for pump in (self._up, self._down):
            threading.Thread(target=pump, daemon=True).start()

    def cut(self) -> None:
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _up(self) -> None:
        with contextlib.suppress(OSError):
            while sent := self._client.recv(65536):
                where = self._proxy.due() if self._wrote and b"COMMIT" in sent else None
                if b"COMMIT" in sent:
                    self._wrote = False
                if where == "before commit":
                    break
                if where == "after commit":
                    self._swallow.set()
                self._server.sendall(sent)
        if not self._swallow.is_set():
            self.cut()

    def _down(self) -> None:
        with contextlib.suppress(OSError):
            while answer := self._server.recv(65536):
                self._wrote = self._wrote or b"INSERT 0 " in answer
                if not self._swallow.is_set():
                    self._client.sendall(answer)
                elif b"COMMIT\0" in answer or b"ROLLBACK\0" in answer:
                    break
        self.cut()
