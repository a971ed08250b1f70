"""Universes: whatever is decided otherwise, what comes out is what a run of the study so decided gives."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from conftest import Sandbox
from decided import alike, decided
from hypothesis import given, settings
from hypothesis import strategies as st

import coding
from coding.batch import Decision, act, new_id, now
from coding.errors import CodingError
from coding.grid import Universe, options, own_universe
from coding.model import CodedSegment, Reading
from coding.robustness import checked, multiverse
from coding.universes import Computing, material

SENTENCES = (
    "It trains police.",
    "It trains teachers.",
    "Police officers were never trained.",
    "A bridge for police and teachers it is.",
    "The police of the village rest.",
    "No training of police goes on.",
    "It rains.",
    "Growth of trade trains nobody.",
)
BOOK = """
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
        implies: [behaviour.aid]
        rules:
          - {id: bridge, phrase: "bridge", matches: ["A bridge it is."]}
  - id: behaviour
    name: Behaviour
    definition: What it does.
    codes:
      - id: behaviour.training
        name: Training
        definition: It trains.
        rules:
          - {id: training, phrase: "train*", unless: ["never", "no"], matches: ["It trains."]}
          - {id: long-training, phrase: "training of police", matches: ["Training of police."]}
      - id: behaviour.aid
        name: Aid
        definition: It helps.
        rules:
          - {id: growth, near: ["growth", "trade"], within: 3, covers: paragraph, matches: ["Growth of trade."]}
  - id: orientation
    name: Orientation
    definition: What the sentence is about.
    codes:
      - id: orientation.security
        name: Security
        definition: Protection.
        rules:
          - {id: police, phrase: ["police", "police officers"], matches: ["The police."]}
          - {id: village, phrase: "village", matches: ["The village."]}
      - id: orientation.development
        name: Development
        definition: Growth.
        beats: [orientation.security]
        rules:
          - {id: teachers, phrase: "teacher*", matches: ["The teachers."]}
          - {id: of-village, phrase: "police of the village", matches: ["Police of the village."]}
      - id: orientation.economic
        name: Economy
        definition: Trade.
        rules:
          - {id: trade, phrase: "trade", matches: ["Trade."]}
"""
MORE = """
  - id: searched
    title: Of everything searched
    claim: The first speaks of police more.
    source: {citation: x, place: abstract}
    kind: contrast
    operationalisation: Of all.
    why: Another base.
    test: {first: norland, second: sudland, on: orientation.security, base: searched}
  - id: within
    title: Two codes
    claim: Growth leads.
    source: {citation: x, place: abstract}
    kind: within
    operationalisation: Two codes.
    why: Rival.
    test: {case: sudland, on: orientation.development, versus: orientation.security, base: coded}
"""
GRID = {
    "unless": [True, False],
    "overlap": ["longest", "all"],
    "leave_out": ["each code", "each rule"],
    "unit": ["sentence", "paragraph", "document"],
    "counts": ["any", "greater part"],
    "rollup": [True, False],
    "implies": [True, False],
    "source_kind": [["primary"], ["primary", "secondary"], ["secondary"]],
    "years": [{}, {"to": 2012}, {"from": 2012}],
    "weight": ["document", "unit"],
}

document = st.fixed_dictionaries(
    {
        "words": st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5),
        "gap": st.sampled_from([" ", "\n\n"]),
        "year": st.sampled_from([2010, 2015]),
        "source_kind": st.sampled_from(["primary", "secondary"]),
        "family": st.sampled_from([None, "one", "two"]),
        "about": st.booleans(),
    }
)
corpora = st.fixed_dictionaries(
    {case: st.lists(document, min_size=2, max_size=5) for case in ("norland", "sudland")}
)


def write(root, corpus, grid=None):
    """Make a project of drawn documents; each donor has one of every year and source kind."""
    sandbox = Sandbox(root)
    for case, drawn in corpus.items():
        first = [
            {**drawn[0], "year": y, "source_kind": k} for y in (2010, 2015) for k in ("primary", "secondary")
        ]
        entries = {}
        for path in (root / "corpus" / case).glob("*.txt"):
            path.unlink()
        for i, one in enumerate([*first, *drawn[1:]]):
            shared = "Norland and Sudland meet. " if one["about"] else ""
            sandbox.write(f"corpus/{case}/d{i}.txt", shared + one["gap"].join(one["words"]) + "\n")
            entries[f"d{i}.txt"] = {
                "title": f"{i} of {case}", "year": one["year"], "fidelity": "digest",
                "source_kind": one["source_kind"],
                **({"family": one["family"]} if one["family"] else {}),
                **({"about": ["norland", "sudland"]} if one["about"] else {}),
            }  # fmt: skip
        said = {"id": case, "name": case.title(), "iso": case[:3].upper(), "aliases": [case.title()]}
        sandbox.write(f"corpus/{case}/case.yaml", yaml.safe_dump({**said, "documents": entries}))
    sandbox.write("codebooks/book.yaml", BOOK)
    path = root / "studies/study.yaml"
    varied = yaml.safe_dump({"robustness": GRID if grid is None else grid})
    text = path.read_text(encoding="utf-8").replace("findings:", f"{varied}findings:")
    path.write_text(text + MORE.lstrip("\n"), encoding="utf-8")
    return sandbox


def computed(root, *chosen):
    """Return the outcomes of universes."""
    project = coding.Project.open(root)
    plan, codebook = checked(project, "study")
    every = [own_universe(plan), *chosen]
    return Computing(material(project, plan, codebook, every)).outcomes(every)[1:]


def holds(root, universe, outcomes):
    """Hold the outcomes of a universe to the run of the study so decided."""
    found = decided(root, universe)
    if found is None:
        assert any("no unit in the base" in outcome.reason for outcome in outcomes)
        return
    tested = [finding for finding in found.findings if finding.verdict]
    assert len(tested) == len(outcomes)
    for outcome, finding in zip(outcomes, tested, strict=True):
        assert alike(outcome, finding), (universe, outcome, finding.contrasts[0])


@settings(max_examples=20)
@given(corpora, st.data())
def test_a_universe_comes_out_as_a_run_of_the_study_decided_so(corpus, data):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        write(root, corpus)
        choices = options(*checked(coding.Project.open(root), "study"))
        chosen = [
            Universe(*(data.draw(st.sampled_from(each.values), label=each.name) for each in choices))
            for _ in range(3)
        ]
        for universe, outcomes in zip(chosen, computed(root, *chosen), strict=True):
            holds(root, universe, outcomes)


CORPUS = {
    case: [
        {"words": list(words), "gap": gap, "year": 2010, "source_kind": "primary", "family": None, "about": False}
        for words, gap in (
            (SENTENCES[:4], " "), (SENTENCES[turn : turn + 4], "\n\n"), (SENTENCES[3 - turn :], " "),
        )
    ]
    for case, turn in (("norland", 0), ("sudland", 2))
}  # fmt: skip


@pytest.fixture(scope="module")
def lone(tmp_path_factory):
    root = tmp_path_factory.mktemp("universes") / "project"
    write(root, CORPUS)
    return root


def one_changed():
    """Every decision changed by itself, each value once."""
    for name, values in (
        ("unless", [False]), ("overlap", ["all"]), ("unit", ["paragraph", "document"]),
        ("counts", ["greater part"]), ("rollup", [False]), ("implies", [True]), ("weight", ["document"]),
        ("source_kind", [("primary", "secondary"), ("secondary",)]), ("years", [(None, 2012), (2012, None)]),
        ("leave_out", [
            "role.bridge", "behaviour.training", "behaviour.aid", "orientation.economic", "rule police",
            "rule of-village", "rule teachers", "rule training",
        ]),
    ):  # fmt: skip
        for value in values:
            yield pytest.param(name, value, id=f"{name} {value}")


@pytest.mark.parametrize(("name", "value"), list(one_changed()))
def test_every_decision_does_what_it_does_in_a_study(lone, name, value):
    plan, _ = checked(coding.Project.open(lone), "study")
    universe = replace(own_universe(plan), **{name: value})
    holds(lone, universe, computed(lone, universe)[0])


def test_people_and_their_readings_count_as_in_a_run(tmp_path):
    sandbox = write(tmp_path / "project", CORPUS)
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [rules, anna]\nunreviewed: keep")
    project = coding.Project.open(sandbox.root)
    book, corpus = project.codebook("book"), project.corpus
    text = corpus["norland/d0"]
    start = text.text.index("teachers")
    own = CodedSegment(
        new_id(), text.segment(start, start + 8), "behaviour.aid", book["behaviour.aid"].meaning, "anna"
    )
    for rows in (
        [own],
        [Reading("anna", text.whole, None, at=now(), id=new_id())],
        [Reading("anna", corpus["sudland/d1"].whole, ("role.bridge",), at=now(), id=new_id())],
    ):
        with project.store() as store:
            store.add(act("anna", "code" if rows == [own] else "read", *rows))
    rejected = next(
        s for s in coding.tag(corpus, [coding.RuleTagger(book, overlap="longest")]).segments
        if s.code == "orientation.security"
    )  # fmt: skip
    with project.store() as store:
        store.add(act("cleo", "decide", Decision(new_id(), rejected.id, "reject", "cleo", now(), "so")))
    plan, _ = checked(coding.Project.open(sandbox.root), "study")
    as_it_is = own_universe(plan)
    assert coding.run(coding.Project.open(sandbox.root), "study").reviewed.n_rejected == 1
    for universe in (
        as_it_is,
        replace(as_it_is, unit="document", implies=True),
        replace(as_it_is, source_kind=("primary", "secondary"), rollup=False),
        replace(as_it_is, overlap="all", weight="document", leave_out="behaviour.aid"),
    ):
        holds(sandbox.root, universe, computed(sandbox.root, universe)[0])


@pytest.mark.parametrize("changes", [{"unless": False}, {"leave_out": "rule village"}], ids=str)
def test_a_decision_of_a_reviewer_holds_whatever_the_rules_are(tmp_path, changes):
    sandbox = write(tmp_path / "project", CORPUS)
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [rules]\nunreviewed: keep")
    project = coding.Project.open(sandbox.root)
    universe = replace(own_universe(checked(project, "study")[0]), **changes)
    before = computed(sandbox.root, universe)[0]
    tagger = coding.RuleTagger(project.codebook("book"), overlap="longest")
    hits = [s for s in coding.tag(project.corpus, [tagger]).segments if s.code == "orientation.security"]
    with project.store() as store:
        for hit in hits:
            store.add(act("cleo", "decide", Decision(new_id(), hit.id, "reject", "cleo", now(), "so")))
    after = computed(sandbox.root, universe)[0]
    assert before[1].difference != 0
    assert after[1].difference == 0


def test_what_a_model_coded_with_a_lower_score_does_not_count(tmp_path):
    sandbox = write(tmp_path / "project", CORPUS)
    project = coding.Project.open(sandbox.root)
    book = project.codebook("book")
    with project.store() as store:
        for document in project.corpus:
            start = document.text.index(" ")
            place = document.segment(start, start + 2)
            score = 0.6 if document.id.startswith("norland") else 0.9
            segment = CodedSegment(
                new_id(),
                place,
                "orientation.security",
                book["orientation.security"].meaning,
                "m",
                score=score,
            )
            store.add(act("m", "code", segment))
            store.add(act("m", "read", Reading("m", document.whole, kind="model", at=now(), id=new_id())))
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [m]")
    path = sandbox.root / "studies/study.yaml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("robustness:"), text.index("findings:")
    path.write_text(text[:start] + "robustness: {threshold: [0.5, 0.7]}\n" + text[end:], encoding="utf-8")
    found = multiverse(coding.Project.open(sandbox.root), "study")
    assert found.decisions[0].values == ("the model's own", "at least 0.5", "at least 0.7")
    of_all = found.findings[1].differences
    assert of_all[0] == of_all[1]
    assert of_all[2] == of_all[0] - _share(project, "norland")


def _share(project, case):
    """Return the share of a donor's sentences that the model of the test codes."""
    documents = [d for d in project.corpus.where(source_kind="primary") if d.id.startswith(case)]
    return len(documents) / sum(len(coding.unitise(d, "sentence")) for d in documents)


def test_coding_in_another_meaning_is_refused_in_any_document_that_a_universe_reads(tmp_path):
    sandbox = write(tmp_path / "project", CORPUS)
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [rules, anna]")
    project = coding.Project.open(sandbox.root)
    aside = next(d for d in project.corpus if d.variables["source_kind"] == "secondary")
    with project.store() as store:
        store.add(act("anna", "code", CodedSegment(new_id(), aside.segment(0, 2), "role", "of old", "anna")))
        store.add(act("anna", "read", Reading("anna", aside.whole, at=now(), id=new_id())))
    coding.run(coding.Project.open(sandbox.root), "study")
    with pytest.raises(CodingError, match="'role' was coded in another meaning"):
        multiverse(coding.Project.open(sandbox.root), "study")
