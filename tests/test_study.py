"""A study is a file: it runs as written, or says what is wrong with it."""

import pytest

import coding
from coding.errors import CodingError
from coding.study import run


def ran(sandbox, **keywords):
    return run(coding.Project.open(sandbox.root), **keywords)


def test_a_study_runs_from_texts_to_a_verdict(sandbox):
    found = ran(sandbox)
    assert found.matrix.cell("Norland", "behaviour").n == 3
    assert found.compositions["behaviour"]["sudland"].counts == {
        "orientation.security": 0, "orientation.development": 2, "mixed": 1, "none": 0,
    }  # fmt: skip
    finding = found.findings[0]
    assert finding.contrasts[0].difference == pytest.approx(1 - 1 / 3)
    assert finding.said.endswith(", in digests")


def test_the_same_study_gives_the_same_answer(sandbox):
    one, other = ran(sandbox), ran(sandbox)
    assert one.findings == other.findings
    assert one.coded == other.coded
    assert one.provenance == other.provenance


def test_the_selection_is_counted_and_nothing_is_lost_silently(sandbox):
    sandbox.change("corpus/norland/case.yaml", "source_kind: primary", "source_kind: secondary")
    sandbox.change("corpus/sudland/case.yaml", "year: 2015", "year: 1990")
    sandbox.change("studies/study.yaml", "years: {}", "years: {from: 2000}")
    found = ran(sandbox)
    assert found.left_out == {"source kind": 1, "year": 1}
    assert len(found.corpus) == 4


def test_decisions_can_be_changed_for_one_run(sandbox):
    assert ran(sandbox, changed={"unit": "document"}).matrix.cell("Norland", "behaviour").base == 3
    with pytest.raises(CodingError, match="Did you mean 'unit'"):
        ran(sandbox, changed={"weight": "units"})


def test_too_few_clusters_leave_a_finding_undetermined(sandbox):
    sandbox.change("studies/study.yaml", "least_clusters: 2", "least_clusters: 4")
    assert ran(sandbox).findings[0].verdict == "undetermined"
    assert "only 3 independent" in ran(sandbox).findings[0].reason


def test_documents_of_one_family_are_one_cluster(sandbox):
    path = sandbox.root / "corpus/norland/case.yaml"
    entries = path.read_text(encoding="utf-8")
    together = entries.replace("source_kind: primary", "source_kind: primary\n    family: one", 2)
    path.write_text(together, encoding="utf-8")
    assert ran(sandbox).findings[0].contrasts[0].first.n_clusters == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("codebook: book", "codebook: bok", "line 6, column 1: no codebook 'bok'. Did you mean 'book'"),
        ("cases: [norland, sudland]", "cases: [norland, sutland]", "no case 'sutland'. Did you mean 'sudland'"),
        ("first: norland", "first: norlnd", "no case 'norlnd'. Did you mean 'norland'"),
        ("on: orientation.security", "on: orientation.securty", "no code 'orientation.securty'. Did you mean 'orientation.security'"),
        ("within: behaviour", "within: behavior", "no code 'behavior'. Did you mean 'behaviour'"),
        ("measure: share", "measure: shares", "'measure'"),
        ("weight: unit", "wieght: unit", "unknown key 'wieght'. Did you mean 'weight'"),
        ("id: study", "id: other", "the id is 'other', the file 'study.yaml'"),
        (", base: coded}", "}", "its test needs base"),
        ("coders: [rules]", "coders: [anna]", "'0'"),
        ("years: {}", "years: {from: 2030}", "no document is left"),
        ("kind: contrast", "kind: derived", "its test needs findings"),
    ],
)  # fmt: skip
def test_a_wrong_study_says_where_and_what_next(sandbox, old, new, message):
    sandbox.change("studies/study.yaml", old, new)
    with pytest.raises(CodingError) as caught:
        ran(sandbox)
    assert message in str(caught.value)


OTHERS = """
  - id: levels
    title: Levels
    claim: It is high.
    source: {citation: x, place: abstract}
    kind: levels
    operationalisation: Counts.
    why: No benchmark.
    test: {family: orientation, along: [role, behaviour]}
  - id: chain
    title: Chain
    claim: One shapes the next.
    source: {citation: x, place: abstract}
    kind: chain
    operationalisation: Link by link.
    why: It is claimed.
    test: {on: orientation.security, along: [role, behaviour], base: coded}
  - id: within
    title: Within
    claim: Growth leads.
    source: {citation: x, place: abstract}
    kind: within
    operationalisation: Two codes.
    why: Rival.
    test: {case: sudland, on: orientation.development, versus: orientation.security, within: behaviour, base: coded}
  - id: derived
    title: Derived
    claim: It follows.
    source: {citation: x, place: abstract}
    kind: derived
    operationalisation: Counted.
    why: A conclusion.
    test: {findings: [training, within]}
"""


def test_levels_chains_and_conclusions_are_described_without_a_verdict(sandbox):
    path = sandbox.root / "studies/study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + OTHERS.lstrip("\n"), encoding="utf-8")
    found = {f.claim.id: f for f in ran(sandbox).findings}
    assert [found[name].verdict for name in ("levels", "chain", "derived")] == [None, None, None]
    assert found["levels"].compositions["behaviour"]["norland"].base == 3
    assert [c.first.n_clusters for c in found["chain"].contrasts] == [0, 3]
    assert "it rests on 2 findings" in found["derived"].reason
    assert found["within"].contrasts[0].difference == pytest.approx(1 - 1 / 3)
