"""Takes the pictures of the app in the README: `make docs` runs it where playwright and chromium are.

What they show is a copy of the shipped project in which a coder has read one document, and coded in it what
the rules find there, sentence by sentence; it is no coding of anybody's.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import coding
from coding.batch import act, new_id, now, quoted
from coding.model import CodedSegment, Reading
from coding.project import Project, shipped
from coding.suggesting import suggest
from coding.units import unitise

DOCUMENT = "japan/cybersecurity-strategy-2015-fulltext"
CODER = "reader"
IMAGES = Path(__file__).parent / "images"
FLAGS = ["--no-sandbox", "--disable-gpu"]


def filled(root: Path) -> None:
    """Make the project of the pictures."""
    for folder in ("corpus", "codebooks", "studies"):
        shutil.copytree(shipped() / folder, root / folder)
    shutil.copy(shipped() / "pyproject.toml", root)
    project = Project.open(root)
    book = project.codebook("constructivist")
    document = project.corpus[DOCUMENT]
    found = coding.tag(project.corpus, [coding.RuleTagger(book, overlap="longest")])
    units = unitise(document, "sentence")
    segments = []
    for hit in found.where(document=DOCUMENT).segments:
        place = next(unit for unit in units if unit.overlap(hit.segment))
        if not hit.code.startswith("orientation"):
            meaning = book[hit.code].meaning
            segments.append(CodedSegment(new_id(), place, hit.code, meaning, CODER))
    unique = {(s.segment, s.code): s for s in segments}.values()
    reading = Reading(CODER, document.whole, at=now(), id=new_id())
    with project.store() as store:
        suggest(store, book, project.corpus, overlap="longest", by=CODER)
        store.add(act(CODER, "code", *quoted(unique, project.corpus)), act(CODER, "read", reading))


def main() -> None:
    """Serve the project, open its pages, keep the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "donors"
        root.mkdir()
        filled(root)
        command = [sys.executable, "-m", "coding", "serve", "-p", str(root), "-c", CODER, "--port", "0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert server.stdout is not None
        entrance = server.stdout.readline().split(": ", 1)[1].strip()
        address = entrance.split("/enter")[0]
        try:
            with sync_playwright() as started:
                browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
                page = browser.new_context(viewport={"width": 1280, "height": 760}).new_page()
                page.goto(entrance)
                page.goto(f"{address}/read/{DOCUMENT}")
                page.locator("html[data-ready=yes]").wait_for(state="attached")
                page.screenshot(path=IMAGES / "read.png")
                page.goto(f"{address}/matrix")
                page.locator("a[data-cell]:visible").nth(-2).click()
                page.locator("blockquote:visible").first.wait_for()
                page.screenshot(path=IMAGES / "app-matrix.png")
                browser.close()
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()


if __name__ == "__main__":
    main()
