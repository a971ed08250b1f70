"""The server of the app: who may reach it, what it prints, how it stops."""

from __future__ import annotations

import re
import socket
from contextlib import closing
from typing import TYPE_CHECKING

from coding.batch import refuse_coder
from coding.errors import CodingError
from coding.web import OWN_NAMES, make_app
from coding.web.desk import Desk
from coding.web.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.project import Project

_ADDRESS = "127.0.0.1"
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)


class Server:
    """The app of one project on 127.0.0.1, ready to run.

    Parameters
    ----------
    codebook : id of the codebook that is applied
    coders : who gets an address of their own
    port : 0 takes a free one
    behind_proxy : the name under which a proxy that ends TLS is reached; None for this machine alone
    """

    def __init__(
        self, project: Project, codebook: str, *, coders: Sequence[str], port: int, behind_proxy: str | None
    ) -> None:
        for coder in coders:
            refuse_coder(coder)
        if behind_proxy is not None:
            _refuse_host(behind_proxy)
        folder = project.root / ".coding"
        folder.mkdir(exist_ok=True)
        sessions = Sessions(folder)
        if behind_proxy and not sessions.with_password():
            raise CodingError("Nobody has a password yet: `coding password NAME`, for each coder.")
        desk = Desk(project, codebook)
        self._socket = _bound(port)
        self.port: int = self._socket.getsockname()[1]
        hosts = (*OWN_NAMES, behind_proxy) if behind_proxy else OWN_NAMES
        self.app = make_app(desk, sessions, port=self.port, hosts=hosts, secure=behind_proxy is not None)
        self.greeting = (
            [f"{name}: with a password at https://{behind_proxy}/" for name in sessions.with_password()]
            if behind_proxy
            else [
                f"{coder}: http://{_ADDRESS}:{self.port}/enter?token={sessions.token(coder)}"
                for coder in coders
            ]
        )

    def run(self) -> None:
        """Serve until Ctrl-C."""
        import uvicorn

        config = uvicorn.Config(
            self.app, log_level="warning", access_log=False, proxy_headers=False, server_header=False
        )
        with closing(self._socket):
            uvicorn.Server(config).run(sockets=[self._socket])


def _refuse_host(name: str) -> None:
    """Raise unless a name can be that of a host as browsers send it: without https://, port or path."""
    if not _HOST.fullmatch(name):
        raise CodingError(
            f"--behind-proxy {name}: that is no name of a host. Give the bare name under which browsers "
            "reach the proxy, such as code.example.org: without https://, port or path, in ASCII (xn--...)."
        )


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((_ADDRESS, port))
        bound.listen()  # who follows the printed address at once waits, and is not refused
    except OSError as error:
        bound.close()
        raise CodingError(
            f"port {port} on {_ADDRESS} is taken. Is `coding serve` running already? Another: --port 0."
        ) from error
    return bound
