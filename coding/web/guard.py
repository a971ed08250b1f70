"""What stands before each request: which names the server answers to, how much it takes, what pages may."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 2_000_000  # bytes of a request: the longest memo is far below
_TOO_LARGE = f"That is more than {LARGEST // 1_000_000} MB. Send less at once."
_SAFE = ("GET", "HEAD", "OPTIONS")
_HEADERS = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}


class Guard:
    """Refuses wrong hosts, foreign origins and huge requests; puts its headers on every answer.

    Parameters
    ----------
    app : the application behind it
    hosts : names the server answers to, without port; a page of another site that resolves its own name
        to this machine (DNS rebinding) is refused by it
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {key.lower(): value.decode("latin-1") for key, value in scope["headers"]}
        refused = self._refusal(scope["method"], headers)
        if refused is not None:
            await _refuse(*refused, send=_with_headers(send))
            return
        body = await _whole(receive) if scope["method"] not in _SAFE else receive
        if body is None:
            await _refuse(413, _TOO_LARGE, send=_with_headers(send))
            return
        await self._app(scope, body, _with_headers(send))

    def _refusal(self, method: str, headers: dict[bytes, str]) -> tuple[int, str] | None:
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        try:
            name, page = urlsplit(f"//{host}").hostname, urlsplit(origin or "").netloc
        except ValueError:
            return 400, "The Host or Origin of the request cannot be read. Use the address that was printed."
        if (name or "") not in self._hosts:
            return 400, f"This server does not answer to the name {host!r}. Use the address that it printed."
        length = headers.get(b"content-length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            return 413, _TOO_LARGE
        if method not in _SAFE and origin is not None and page.lower() != host.lower():
            # programs that are no browser send no origin
            return 403, "That request came from another page. Open the app at its own address."
        return None


async def _whole(receive: Receive) -> Receive | None:
    """Return what gives a request's body again, read to its end; None if it is larger than allowed."""
    messages: list[Message] = []
    taken, more = 0, True
    while more:
        message = await receive()
        messages.append(message)
        taken += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
        if taken > LARGEST:
            return None

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return again


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", []))
            present = {key.lower() for key, _ in given}
            message["headers"] = [*given, *((k, v) for k, v in _HEADERS.items() if k not in present)]
        await send(message)

    return sending


async def _refuse(status: int, said: str, *, send: Send) -> None:
    body = json.dumps({"error": {"message": said, "problems": [said]}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
