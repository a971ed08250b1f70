"""A study is a file: it runs as written, or says what is wrong with it."""

import pytest

import coding
from coding.errors import CodingError
from coding.results import matrix_table
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
        ("coders: [rules]", "coders: [anna]", "line 7, column 10: 'coders', entry 1"),
        ("years: {}", "years: {from: 2030}", "line 5, column 18: no document of 'norland' is left: 3 left out by `years`. Widen `years`"),
        ("years: {}", "years: {from: 2020, to: 2010}", "no year is from 2020 to 2010"),
        ("seed: 1", "seed: -1", "'seed'"),
        ("by: donor", "by: dnoor", "line 10, column 4: no document has a variable 'dnoor'. Did you mean 'donor'"),
        ("second: sudland", "second: norland", "column 28: 'norland' is compared with itself"),
        ("cases: [norland, sudland]", "cases: [norland]", "'sudland' is no case of the study. Add it under `corpus`"),
        ("cases: [norland, sudland]", "cases: [norland, sudland, norland]", "line 5, column 36: 'norland' stands twice"),
        ("kind: contrast", "kind: derived", "its test needs findings"),
    ],
)  # fmt: skip
def test_a_wrong_study_says_where_and_what_next(sandbox, old, new, message):
    sandbox.change("studies/study.yaml", old, new)
    with pytest.raises(CodingError) as caught:
        ran(sandbox)
    assert message in str(caught.value)


def test_a_case_without_a_document_says_how_many_were_left_out_and_why(sandbox):
    sandbox.change("corpus/sudland/case.yaml", "fidelity: digest", "fidelity: original")
    path = sandbox.root / "corpus/sudland/case.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("year: 2015", "year: 1990"), encoding="utf-8")
    sandbox.change("studies/study.yaml", "years: {}", "years: {from: 2000}")
    with pytest.raises(CodingError) as caught:
        ran(sandbox)
    assert str(caught.value) == (
        "studies/study.yaml, line 5, column 27: no document of 'sudland' is left: "
        "1 left out by `fidelity`, 2 left out by `years`. Widen `fidelity` or `years` under `corpus`."
    )
    with pytest.raises(CodingError, match="no document of 'sudland' is left"):
        coding.check(coding.Project.open(sandbox.root))


def test_a_case_that_no_text_is_about_is_refused(sandbox):
    sandbox.write(
        "corpus/eastland/case.yaml", "{id: eastland, name: E, iso: EAS, aliases: [E], documents: {}}"
    )
    sandbox.change("studies/study.yaml", "cases: [norland, sudland]", "cases: [norland, sudland, eastland]")
    with pytest.raises(CodingError, match="no document is about 'eastland'. Add one, or take the case out"):
        ran(sandbox)


def test_a_claim_about_values_of_another_variable_says_which_are_left_out(sandbox):
    for case, kind in (("norland", "law"), ("sudland", "speech")):
        path = sandbox.root / f"corpus/{case}/case.yaml"
        typed = path.read_text(encoding="utf-8").replace("year: 2015", f"year: 2015\n    type: {kind}")
        path.write_text(typed, encoding="utf-8")
    sandbox.change("studies/study.yaml", "by: donor", "by: type")
    sandbox.change("studies/study.yaml", "first: norland, second: sudland", "first: law, second: speech")
    assert ran(sandbox).matrix.cases == ("law", "speech")
    sandbox.change("studies/study.yaml", "cases: [norland, sudland]", "cases: [norland]")
    with pytest.raises(CodingError, match="no document of 'speech' is left: 3 left out by `cases`"):
        ran(sandbox)


def test_cases_stand_in_the_order_of_the_study(sandbox):
    sandbox.change("studies/study.yaml", "cases: [norland, sudland]", "cases: [sudland, norland]")
    found = ran(sandbox)
    assert found.matrix.cases == ("sudland", "norland")
    assert list(found.compositions["behaviour"]) == ["sudland", "norland"]
    assert matrix_table(found)[1][3] == "Sudland"


def test_what_is_large_is_said_in_short(sandbox):
    found = ran(sandbox)
    assert repr(found) == "<Run of study: 6 documents, 14 coded segments, 1 undetermined>"
    assert repr(found.matrix).startswith("<Matrix: 7 codes x 2 cases (norland, sudland), share of searched")
    assert repr(found.corpus) == "<Corpus: 6 documents, cases: norland, sudland>"
    assert repr(found.coded) == "<Coded: 14 segments, 6 readings, by rules>"


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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("versus: orientation.security, within", "versus: orientation.development, within", "line 45, column 56: 'orientation.development' is compared with itself"),
        ("versus: orientation.security, within", "versus: role.bridge, within", "are of two families. Take one, or `base: searched`"),
        ("id: within", "id: chain", "line 38, column 5: finding 'chain' stands already at line 30, column 5. Rename one"),
        ("findings: [training, within]", "findings: [training, derived]", "'derived' must stand before the finding that rests on it"),
        ("findings: [training, within]", "findings: [training, wihtin]", "no finding 'wihtin'. Did you mean 'within'"),
        ("along: [role, behaviour], base", "along: [role, behavior], base", "no code 'behavior'. Did you mean 'behaviour'"),
        ("family: orientation", "family: orientatoin", "no family 'orientatoin'. Did you mean 'orientation'"),
    ],
)  # fmt: skip
def test_what_reproduce_would_refuse_check_refuses_with_its_place(sandbox, old, new, message):
    path = sandbox.root / "studies/study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + OTHERS.lstrip("\n"), encoding="utf-8")
    sandbox.change("studies/study.yaml", old, new)
    with pytest.raises(CodingError) as caught:
        coding.check(coding.Project.open(sandbox.root))
    assert message in str(caught.value)


def test_a_chain_needs_two_cases_and_a_test_no_retired_code(sandbox):
    path = sandbox.root / "studies/study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + OTHERS.lstrip("\n"), encoding="utf-8")
    sandbox.change("studies/study.yaml", "cases: [norland, sudland]", "cases: [sudland]")
    sandbox.change("codebooks/book.yaml", "definition: Growth.", "definition: Growth.\n        retired: true")
    with pytest.raises(CodingError) as caught:
        coding.check(coding.Project.open(sandbox.root))
    assert "a chain compares the first two cases of the study, which has only one" in str(caught.value)
    assert "no code 'orientation.development' (it is retired)" in str(caught.value)
