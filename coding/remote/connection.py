"""One question to a server and its answer, within limits; no redirect is followed and no cookie sent.

The connection goes to an address that was looked at (`coding.remote.addresses`), not to a name. Who answers
over https must show a valid certificate for the name.
"""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException, HTTPResponse
from importlib.metadata import version
from threading import Timer
from types import TracebackType
from typing import Self

from coding.remote.addresses import PORTS, Allowed, Url, resolved
from coding.remote.failure import NotFetched

AGENT = "normatrix"

_PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an answer may ask for.

    Attributes
    ----------
    size : bytes, as they come and as they are unpacked
    seconds : until all of it is there
    wait : seconds for a connection, and between two pieces
    """

    size: int = 50_000_000
    seconds: float = 120
    wait: float = 30


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes
    ----------
    headers : by their names in small letters
    body : unpacked; empty unless the status is 200
    """

    url: Url
    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)

    @property
    def type(self) -> str:
        """The kind of file that it says it is; empty if it does not."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def ask(
    url: Url,
    *,
    allowed: Allowed,
    limits: Limits,
    takes: Callable[[str], bool],
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Return the answer to one question.

    Parameters
    ----------
    allowed : says of an address whether a connection may go there
    takes : says of a kind of file whether it is wanted; another is not read
    context : of https; certificates are held against those that the system trusts if left out

    Raises
    ------
    NotFetched
        If there is no answer, or none within the limits.
    """
    connection = _Checked(url, resolved(url, allowed=allowed), limits.wait, context)
    with _Watch(connection, limits.seconds) as watch:
        try:
            answer = _answer(connection, url, limits, takes)
        except NotFetched:
            raise
        except (OSError, HTTPException, ValueError) as error:
            raise _failure(url, error, is_late=watch.is_over) from error
        finally:
            connection.close()
    if watch.is_over:
        raise _late(url)
    return answer


class _Checked(HTTPConnection):
    """A connection to an address that was looked at.

    Attributes
    ----------
    reached : its socket; http.client gives its own away as soon as the headers are there
    """

    reached: socket.socket | None = None

    def __init__(
        self, url: Url, addresses: Sequence[str], wait: float, context: ssl.SSLContext | None
    ) -> None:
        super().__init__(url.host, url.port, timeout=wait)
        self.default_port = PORTS[url.scheme]  # so that the Host header names no port that is usual
        self._url, self._addresses, self._wait = url, addresses, wait
        self._context = context

    def connect(self) -> None:
        self.sock = self.reached = self._connected()
        if self._url.scheme == "https":
            context = self._context or ssl.create_default_context()
            secure = context.wrap_socket(
                self.sock, server_hostname=self._url.host, do_handshake_on_connect=False
            )
            self.sock = self.reached = secure
            secure.do_handshake()

    def _connected(self) -> socket.socket:
        last: OSError = OSError("no address")
        for address in self._addresses:
            try:
                return socket.create_connection((address, self._url.port), self._wait)
            except OSError as error:
                last = error
        raise last


class _Watch:
    """Ends a connection when its time is over, however slowly its pieces come."""

    def __init__(self, connection: _Checked, seconds: float) -> None:
        self.is_over = False
        self._connection = connection
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.is_over = True
        open_one = self._connection.reached
        if open_one is not None:
            try:  # the method of the plain socket: that of a secure one would wait for the other side
                socket.socket.shutdown(open_one, socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself


def _answer(connection: _Checked, url: Url, limits: Limits, takes: Callable[[str], bool]) -> Answer:
    headers = {
        "User-Agent": f"{AGENT}/{version('normatrix')} (originals of cited texts; one at a time; no cookies)",
        "Accept": "text/html, application/pdf, text/plain;q=0.9, */*;q=0.5",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    connection.request("GET", url.target, headers=headers)
    with connection.getresponse() as response:
        said = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(url, response.status, said)
        if response.status != 200:
            return answer
        if not takes(answer.type):
            raise NotFetched("wrong type", f"{url} is {answer.type}, which no format reads.")
        body = _body(response, url, limits)
    return replace(answer, body=_unpacked(body, said, url, limits))


def _body(response: HTTPResponse, url: Url, limits: Limits) -> bytes:
    if (response.length or 0) > limits.size:
        raise _too_large(url, limits)
    body = bytearray()
    while piece := response.read(_PIECE):
        body += piece
        if len(body) > limits.size:
            raise _too_large(url, limits)
    if response.length:  # bytes that were promised; what comes in chunks is an IncompleteRead
        raise NotFetched("damaged", f"{url} was cut off.")
    return bytes(body)


def _unpacked(body: bytes, headers: Mapping[str, str], url: Url, limits: Limits) -> bytes:
    """Return what was packed for the way; a small file that unpacks without end is stopped at the limit."""
    packed = headers.get("content-encoding", "").strip().lower()
    if packed in ("", "identity"):
        return body
    if packed not in ("gzip", "x-gzip"):
        raise NotFetched("damaged", f"{url} is packed as {packed}, which was not asked for.")
    whole = bytearray()
    while body:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            whole += unpacker.decompress(body, limits.size - len(whole) + 1)
        except zlib.error as error:
            raise NotFetched("damaged", f"{url} cannot be unpacked.") from error
        if len(whole) > limits.size:
            raise _too_large(url, limits)
        if not unpacker.eof:
            raise NotFetched("damaged", f"{url} was cut off.")
        body = unpacker.unused_data.lstrip(b"\0")  # some fill up what they packed
    return bytes(whole)


def _too_large(url: Url, limits: Limits) -> NotFetched:
    return NotFetched("too large", f"{url} has more than {limits.size / 1e6:,.0f} MB.")


def _late(url: Url) -> NotFetched:
    return NotFetched("slow", f"{url} took too long.")


def _failure(url: Url, error: Exception, *, is_late: bool) -> NotFetched:
    """Return in words what was met on the way."""
    if is_late or isinstance(error, TimeoutError):
        return _late(url)
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotFetched("unreachable", f"{url.host} shows no valid certificate: {error.verify_message}.")
    if isinstance(error, OSError) and not isinstance(error, HTTPException):
        return NotFetched("unreachable", f"{url.host} cannot be reached: {error.strerror or error}.")
    return NotFetched("damaged", f"{url} was cut off, or is no answer.")
