"""A small project on disk, that tests fill and break."""

from pathlib import Path
from textwrap import dedent

import pytest

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
