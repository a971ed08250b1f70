"""A web server on this machine whose pages behave as tests want, and a visitor that may ask it."""

import gzip
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from coding.remote.addresses import is_public
from coding.remote.connection import Limits
from coding.remote.visitor import Visitor

WORDS = "Norland trains police and builds a bridge between two sides of the region. " * 8
PAGE = f"<!doctype html><title>t</title><main><p>{WORDS}</p></main>"


class Pages:
    """What a server answers, by path; `asked` lists the paths in order.

    A page is bytes or text (of HTML), a status, or a function that is given the handler.
    """

    def __init__(self, root):
        self.root, self.pages, self.asked, self.headers, self.over = root, {}, [], [], threading.Event()

    def __setitem__(self, path, page):
        self.pages[path] = page

    def url(self, path):
        return f"{self.root}{path}"

    def answer(self, handler):
        self.asked.append(handler.path)
        self.headers.append({name.lower(): value for name, value in handler.headers.items()})
        page = self.pages.get(handler.path, 404)
        if callable(page):
            page(handler)
        elif isinstance(page, int):
            say(handler, page)
        else:
            say(handler, 200, page)


def say(handler, status, body=b"", **headers):
    """Send an answer; a name of a header has `_` for `-`."""
    content = body.encode() if isinstance(body, str) else body
    handler.send_response(status)
    sent = {"content_type": "text/html; charset=utf-8", "content_length": str(len(content)), **headers}
    for name, value in sent.items():
        if value is not None:
            handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


def to(where, status=302):
    """Return a page that redirects."""
    return lambda handler: say(handler, status, location=where)


def file(content, kind, **headers):
    """Return a page that is a file of a kind."""
    return lambda handler: say(handler, 200, content, content_type=kind, **headers)


def packed(content, kind="text/html"):
    return file(gzip.compress(content), kind, content_encoding="gzip")


@contextmanager
def server(wrap=lambda socket: socket, scheme="http"):
    """Serve pages for a block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits for the client's system

        def do_GET(self):
            pages.answer(self)
            self.close_connection = True

        def log_message(self, *_):
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):  # a client that has had enough
            pass

    with Quiet(("127.0.0.1", 0), Handler) as served:
        served.socket = wrap(served.socket)
        pages = Pages(f"{scheme}://127.0.0.1:{served.server_port}")
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield pages
        finally:
            pages.over.set()
            served.shutdown()
            thread.join()


class Clock:
    """Time that passes only when somebody pauses; `pauses` lists how long."""

    def __init__(self):
        self.seconds, self.pauses = 0.0, []

    def pause(self, seconds):
        self.pauses.append(seconds)
        self.seconds += seconds

    def now(self):
        return datetime(2024, 5, 1, 12, tzinfo=UTC) + timedelta(seconds=self.seconds)


def local(address):
    """Allow this machine besides what is allowed anyway."""
    return str(address) == "127.0.0.1" or is_public(address)


def visitor(clock=None, *, limits=None, **given):
    clock = clock or Clock()
    return Visitor(
        allowed=local, limits=limits or Limits(size=200_000, seconds=20, wait=10),
        pause=clock.pause, clock=lambda: clock.seconds, now=clock.now, **given,
    )  # fmt: skip
