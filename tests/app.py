"""The browser app, running: a server on a free port, a client for each coder, pages of a browser."""

import re
import threading
import time
import uuid

import httpx

from coding.project import Project
from coding.web.serving import Server


class App:
    """A server of a project, in a thread of its own, until the `with` block ends."""

    def __init__(self, root, *coders, codebook="book", port=0):
        self.root, self.coders = root, coders or ("anna",)
        self.server = Server(Project.open(root), codebook, coders=self.coders, port=port, behind_proxy=None)
        self.port = self.server.port
        self.address = f"http://127.0.0.1:{self.port}"
        self.clients = []
        self.entrances = dict(line.split(": ", 1) for line in self.server.greeting)

    def __enter__(self):
        import uvicorn

        config = uvicorn.Config(self.server.app, log_level="error", lifespan="off")
        self.running = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.running.run, kwargs={"sockets": [self.server._socket]}, daemon=True
        )
        self.thread.start()
        while not self.running.started:
            time.sleep(0.005)
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.close()
        self.running.should_exit = True
        self.running.force_exit = True
        self.thread.join(timeout=10)
        self.server._socket.close()

    def client(self, coder="anna"):
        """Return a client that has entered as a coder, and knows what only our pages know."""
        client = httpx.Client(base_url=self.address, timeout=60)
        self.clients.append(client)
        client.get(self.entrances[coder], follow_redirects=True)
        found = re.search('name="coding-token" content="([0-9a-f]+)"', client.get("/nowhere").text)
        client.headers["x-coding-token"] = found[1]
        return client

    def enter(self, browser, coder="anna", **settings):
        """Return a page of a new browser profile in which a coder has entered."""
        page = browser.new_context(**settings).new_page()
        page.goto(self.entrances[coder])
        return page


def batch():
    """Return the id of a new act."""
    return str(uuid.uuid4())


def span(client, document, quote, *, nth=0):
    """Return what a request says about words of a document: where the `nth` occurrence stands."""
    from_start = client.get("/api/text", params={"id": document}).json()
    start = -1
    for _ in range(nth + 1):
        start = from_start["text"].index(quote, start + 1)
    return {
        "document": document,
        "digest": from_start["digest"],
        "start": start,
        "end": start + len(quote),
        "quote": quote,
    }


def code(client, document, quote, *codes, **more):
    """Code words of a document; return the ids of the new coded segments."""
    body = {"batch": batch(), **span(client, document, quote), "codes": list(codes), **more}
    answer = client.post("/api/segments", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["ids"]


def read(client, document):
    """File a reading of a document."""
    digest = client.get("/api/text", params={"id": document}).json()["digest"]
    answer = client.post("/api/readings", json={"batch": batch(), "document": document, "digest": digest})
    assert answer.status_code == 200, answer.text
