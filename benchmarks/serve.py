"""What the app costs while ten coders code, and how soon a long document can be read.

Ten coders, each with a client of their own, code 20 times a second in all, for a minute, against
`coding serve`; then the same requests go to a bare FastAPI server that checks them and keeps nothing, the
peer of `post_ratio`. `posts_lost` counts the acts that were answered and are not in the store afterwards
(goal: 0); `post_p95_ms` is the time within which 95 of 100 were answered.

Then Chromium opens a document of 1 MB with 5,000 coded segments: `open_1mb_s` is the time from asking for
the page until its first screen shows the codes (goal: 1), beside that of the bare text as a page of one
file server, the peer of `open_ratio`; `longest_frame_ms` is the longest frame while it is scrolled through
(goal: 100). Without playwright and chromium that part is left out, and says so.
"""

from __future__ import annotations

import argparse
import http.server
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from coding.batch import act, new_id
from coding.model import CodedSegment, Reading
from coding.project import Project

if TYPE_CHECKING:
    from playwright.sync_api import Page

CODERS = [f"coder-{i}" for i in range(10)]
EACH_SECOND = 20
SEGMENTS = 5000
LENGTH = 1_000_000
WORDS = (
    "security cooperation partners training capacity development network region support police teachers "
    "incident response norms law of the and for with in resilience infrastructure programme experts 😀"
)
CASE = """id: land
name: Land
iso: LND
aliases: [Land]
documents:
{entries}
"""
ENTRY = "  {}.txt: {{title: Text {}, year: 2020, fidelity: original, source_kind: primary}}\n"
CODEBOOK = """id: book
version: 1.0.0
families: {category: [role, behaviour, identity]}
codes:
  - {id: role, name: Role, definition: What it does for others.}
  - {id: behaviour, name: Behaviour, definition: What it does.}
  - {id: identity, name: Identity, definition: Who it is.}
"""
CODES = ("role", "behaviour", "identity")
BARE = """
import sys, uvicorn
from fastapi import FastAPI
from coding.web.asked import NewSegments
app = FastAPI()
@app.post("/api/segments")
def code(asked: NewSegments) -> dict[str, str]:
    return {"batch": asked.batch}
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""

CODED = "document.documentElement.dataset.ready && document.querySelectorAll('.coded .stripe').length"
FRAMES = """() => new Promise(done => {
  let longest = 0, last = 0, steps = 0;
  const step = now => {
    if (last) longest = Math.max(longest, now - last);
    last = now;
    if (++steps > 240) return done(longest);
    scrollBy(0, steps % 40 ? 180 : 6000);
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


def drawn(length: int, seed: int) -> str:
    """Return a text of sentences and paragraphs, of about so many code points."""
    chance = random.Random(seed)
    words = WORDS.split()
    parts, n = [], 0
    while n < length:
        sentences = [
            " ".join(chance.choices(words, k=chance.randint(8, 30))).capitalize() + "."
            for _ in range(chance.randint(2, 8))
        ]
        parts.append(" ".join(sentences))
        n += len(parts[-1]) + 2
    return "\n\n".join(parts) + "\n"


def made(root: Path) -> Project:
    """Make a project: ten documents to code, and one of 1 MB that is coded and read."""
    folder = root / "corpus" / "land"
    folder.mkdir(parents=True)
    (root / "codebooks").mkdir()
    (root / "codebooks" / "book.yaml").write_text(CODEBOOK, encoding="utf-8")
    names = [*(f"text-{i}" for i in range(10)), "long"]
    for i, name in enumerate(names):
        text = drawn(LENGTH if name == "long" else 20_000, i)
        (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
    entries = "".join(ENTRY.format(name, name) for name in names)
    (folder / "case.yaml").write_text(CASE.format(entries=entries), encoding="utf-8")
    project = Project.open(root)
    document = project.corpus["land/long"]
    chance = random.Random(7)
    segments = []
    for i in range(SEGMENTS):
        start = chance.randrange(len(document.text) - 400)
        segment = document.segment(start, start + chance.randint(10, 300))
        code, coder = CODES[i % 3], CODERS[i % 2]
        segments.append(CodedSegment(new_id(), segment, code, "m", coder, quote=document.quote(segment)))
    with project.store() as store:
        store.add(act(CODERS[0], "code", *segments))
        store.add(act(CODERS[0], "read", Reading(CODERS[0], document.whole, id=new_id())))
    return project


@contextmanager
def serving(root: Path) -> Iterator[dict[str, str]]:
    """Run `coding serve`; give the address of each coder."""
    command = [sys.executable, "-m", "coding", "serve", "--project", str(root), "--port", "0"]
    command += [word for coder in CODERS for word in ("--coder", coder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield dict(process.stdout.readline().strip().split(": ", 1) for _ in CODERS)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def entered(entrance: str) -> httpx.Client:
    """Return a client that has entered, and knows what only the app's pages know."""
    address = entrance.split("/enter", maxsplit=1)[0]
    client = httpx.Client(base_url=address, timeout=60)
    client.get(entrance, follow_redirects=True)
    client.headers["x-coding-token"] = re.search(
        'name="coding-token" content="([0-9a-f]+)"', client.get("/nowhere").text
    )[1]
    return client


def coded(clients: list[httpx.Client], project: Project, seconds: float) -> tuple[list[float], set[str]]:
    """Let all clients code at their pace; return how long each answer took, and which acts were answered."""
    took: list[float] = []
    answered: set[str] = set()
    documents = [document for document in project.corpus if document.id != "land/long"]
    pause = len(clients) / EACH_SECOND

    def work(number: int, client: httpx.Client) -> None:
        chance = random.Random(number)
        document = documents[number % len(documents)]
        begun = time.perf_counter() + pause * number / len(clients)
        for i in range(round(seconds / pause)):
            time.sleep(max(0.0, begun + i * pause - time.perf_counter()))
            start = chance.randrange(len(document.text) - 200)
            end = start + chance.randint(5, 200)
            body = {
                "batch": str(uuid.uuid4()),
                "document": document.id,
                "digest": document.digest,
                "start": start,
                "end": end,
                "quote": document.text[start:end],
                "codes": [chance.choice(CODES)],
            }
            sent = time.perf_counter()
            answer = client.post("/api/segments", json=body)
            took.append(time.perf_counter() - sent)
            if answer.status_code == 200:
                answered.add(body["batch"])
            else:
                sys.exit(f"refused: {answer.status_code} {answer.text}")

    workers = [threading.Thread(target=work, args=pair) for pair in enumerate(clients)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return took, answered


def p95(took: list[float]) -> float:
    """Return the time in ms within which 95 of 100 were answered."""
    return 1000 * statistics.quantiles(took, n=20)[-1]


def posted(root: Path, project: Project, seconds: float) -> dict[str, float]:
    """Measure the app, then the bare server, with the same requests."""
    with serving(root) as entrances:
        clients = [entered(entrance) for entrance in entrances.values()]
        took, answered = coded(clients, project, seconds)
        for client in clients:
            client.close()
    with project.store() as store:
        kept = {batch.id for batch in store.batches()}
    port = 8799
    bare = subprocess.Popen([sys.executable, "-c", BARE, str(port)], stderr=subprocess.DEVNULL)
    try:
        clients = [httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) for _ in CODERS]
        while not reached(clients[0]):
            time.sleep(0.1)
        peer, _ = coded(clients, project, min(seconds, 15))
        for client in clients:
            client.close()
    finally:
        bare.terminate()
        bare.wait()
    return {
        "posts": len(took),
        "posts_lost": len(answered - kept),
        "post_median_ms": round(1000 * statistics.median(took), 1),
        "post_p95_ms": round(p95(took), 1),
        "post_ratio": round(statistics.median(took) / statistics.median(peer), 2),
    }


def reached(client: httpx.Client) -> bool:
    """Say whether a server answers."""
    try:
        client.get("/")
    except httpx.ConnectError:
        return False
    return True


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that tells nobody of each request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def bare_page(text: str) -> Iterator[str]:
    """Serve the text alone, as a page, from a file server; give its address."""
    with tempfile.TemporaryDirectory() as folder:
        page = "<!doctype html><meta charset=utf-8><title>t</title><link rel=icon href=data:,>"
        paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
        (Path(folder) / "t.html").write_text(page + paragraphs, encoding="utf-8")

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/t.html"
        server.shutdown()
        server.server_close()


def opened(root: Path, project: Project, rounds: int) -> dict[str, float]:
    """Measure how soon the long document shows its codes, and how smoothly it scrolls."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        print("The browser part is left out: pip install playwright, apt-get install chromium.")
        return {}
    times: list[float] = []
    peers: list[float] = []
    frames: list[float] = []
    text = project.corpus["land/long"].text
    with serving(root) as entrances, bare_page(text) as peer, sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        entrance = entrances[CODERS[0]]
        page.goto(entrance)
        address = entrance.split("/enter")[0]
        for _ in range(rounds):
            times.append(shown(page, f"{address}/read/land/long", CODED))
            frames.append(longest_frame(page))
            peers.append(shown(page, peer, "document.querySelector('p')"))
        browser.close()
    return {
        "open_1mb_s": round(statistics.median(times), 3),
        "open_ratio": round(statistics.median(times) / statistics.median(peers), 2),
        "longest_frame_ms": round(statistics.median(frames)),
    }


def shown(page: Page, address: str, there: str) -> float:
    """Return the seconds from asking for a page until it shows what it should, in a frame on the screen."""
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(f"() => Boolean({there})", polling="raf")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return time.perf_counter() - begun


def longest_frame(page: Page) -> float:
    """Return the longest time between two frames, in ms, while the page is scrolled: steadily, with jumps."""
    return float(page.evaluate(FRAMES))


def main() -> None:
    """Measure, print a table and, with --json, one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    parser.add_argument("--quick", action="store_true", help="ten seconds instead of a minute")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        project = made(root)
        found = opened(root, project, 3 if asked.quick else 7)
        found |= posted(root, project, 10 if asked.quick else 60)
    print("\n".join(f"{name:24}{value}" for name, value in found.items()))
    if asked.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
