"""A small project on disk, that tests fill and break."""

import os
import shutil
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import settings

settings.register_profile("laws", deadline=None)  # how long an example takes depends on what else runs
settings.load_profile("laws")

CASE = """
id: {id}
name: {name}
iso: {iso}
aliases: [{name}]
documents:
{documents}
"""
DOCUMENT = """
  {file}:
    title: {file} of {id}
    year: 2015
    fidelity: digest
    source_kind: primary
"""
CODEBOOK = """
id: book
version: 1.0.0
families: {category: [role, behaviour], orientation: [orientation]}
codes:
  - id: role
    name: Role
    definition: What it does for others.
    codes:
      - id: role.bridge
        name: Bridge
        definition: It joins two sides.
        rules:
          - {id: bridge, phrase: "bridge", matches: ["A bridge it is."], rejects: ["A road it is."]}
  - id: behaviour
    name: Behaviour
    definition: What it does.
    codes:
      - id: behaviour.training
        name: Training
        definition: It trains.
        rules:
          - {id: training, phrase: "train*", matches: ["It trains."], rejects: ["It rains."]}
  - id: orientation
    name: Orientation
    definition: What the sentence is about.
    codes:
      - id: orientation.security
        name: Security
        definition: Protection.
        rules: [{id: police, phrase: "police", matches: ["The police."]}]
      - id: orientation.development
        name: Development
        definition: Growth.
        rules: [{id: teachers, phrase: "teacher*", matches: ["The teachers."]}]
"""
STUDY = """
id: study
title: A study
question: Does the first train more police?
citation: somebody2020
corpus: {cases: [norland, sudland], fidelity: [digest], source_kind: [primary], years: {}}
codebook: book
coders: [rules]
overlap: longest
measurement:
  {by: donor, measure: share, unit: sentence, counts: any, weight: unit, rollup: true, implies: false}
least_clusters: 2
seed: 1
findings:
  - id: training
    title: More police
    claim: The first trains more police.
    source: {citation: somebody2020, place: abstract}
    kind: contrast
    operationalisation: Share of security among oriented training.
    why: It is what is claimed.
    test: {first: norland, second: sudland, on: orientation.security, within: behaviour, base: coded}
"""
TEXTS = {
    "norland": {
        "a.txt": "Norland trains police. It is a bridge.\n",
        "b.txt": "Norland trains police officers.\n",
        "c.txt": "Training of police goes on.\n",
    },
    "sudland": {
        "a.txt": "Sudland trains teachers. Then it rests.\n",
        "b.txt": "It trains teachers and police.\n",
        "c.txt": "Training of teachers goes on.\n",
    },
}


class Sandbox:
    """A project folder whose files a test can change before it is opened."""

    def __init__(self, root: Path):
        self.root = root
        for case, iso in (("norland", "NOR"), ("sudland", "SUD")):
            entries = "".join(DOCUMENT.format(file=file, id=case) for file in TEXTS[case])
            self.write(
                f"corpus/{case}/case.yaml",
                CASE.format(id=case, name=case.title(), iso=iso, documents=entries),
            )
            for file, text in TEXTS[case].items():
                self.write(f"corpus/{case}/{file}", text)
        self.write("codebooks/book.yaml", CODEBOOK)
        self.write("studies/study.yaml", STUDY)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(dedent(content).lstrip("\n"), encoding="utf-8", newline="\n")
        return path

    def change(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        before = path.read_text(encoding="utf-8")
        assert old in before, f"{name} does not hold {old!r}"
        path.write_text(before.replace(old, new, 1), encoding="utf-8", newline="\n")


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path / "project")


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).parent.parent


BROWSER = [
    f"--{flag}"
    for flag in (
        "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync",
    )
]  # fmt: skip


def absent():
    """Return why there is no browser, None if there is one."""
    try:
        import playwright.sync_api  # noqa: F401
    except ModuleNotFoundError:
        return "playwright is not installed: in a checkout, pip install '.[browser]'"
    return None if chromium() else "no chromium: apt-get install chromium"


def chromium():
    known = Path("/usr/bin/chromium")
    return str(known) if known.exists() else shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def vectors():
    """Return what gives texts their sentence vectors, where the extra is installed."""
    from coding.errors import CodingError
    from coding.taggers.learned.vectors import sentence_vectors

    try:
        return sentence_vectors()
    except CodingError:
        reason = "no language model: in a checkout, pip install '.[embeddings]'"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


@pytest.fixture(scope="session")
def browser():
    reason = absent()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium(), args=BROWSER)
        yield opened
        opened.close()
