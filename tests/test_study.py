"""A study is a file: it runs as written, or says what is wrong with it."""

import pytest

import coding
from coding.batch import Decision, act, new_id, now
from coding.changing import apply_changes
from coding.errors import CodingError
from coding.model import CodedSegment, Reading
from coding.report import render
from coding.results import about_table, findings_json, matrix_table
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
        ("coders: [rules]", "coders: [anna]", "studies/study.yaml, line 7, column 10: no coder 'anna' has coded or read here. Known: rules."),
        ("coders: [rules]", "coders: []", "'coders'"),
        ("coders: [rules]", "coders: [rules, rules]", "line 7, column 17: 'rules' stands twice"),
        ("coders: [rules]", "coders: [rules]\nunreviewed: perhaps", "'unreviewed'"),
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


class Hands:
    """People at work on the sandbox: they code, read and decide, each act a batch of the store."""

    def __init__(self, sandbox):
        self.project = coding.Project.open(sandbox.root)
        self.book = self.project.codebook("book")

    def add(self, coder, kind, *rows):
        with self.project.store() as store:
            store.add(act(coder, kind, *rows))
        return rows[0].id

    def segment(self, coder, document, quote, code):
        text = self.project.corpus[document]
        start = text.text.index(quote)
        place = text.segment(start, start + len(quote))
        return CodedSegment(new_id(), place, code, self.book[code].meaning, coder, quote=quote)

    def codes(self, coder, document, quote, code):
        return self.add(coder, "code", self.segment(coder, document, quote, code))

    def reads(self, coder, *documents, codes=None):
        for document in documents:
            whole = self.project.corpus[document].whole
            self.add(coder, "read", Reading(coder, whole, codes, at=now(), id=new_id()))

    def decides(self, about, ruling, instead=None):
        rows = [] if instead is None else [instead]
        decision = Decision(
            new_id(), about, ruling, "cleo", now(), "so", instead=instead.id if instead else None
        )
        self.add("cleo", "decide", *rows, decision)


@pytest.fixture
def hands(sandbox):
    return Hands(sandbox)


def naming(sandbox, coders, unreviewed=None):
    path = sandbox.root / "studies/study.yaml"
    lines = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith(("coders:", "unreviewed:"))
    ]
    lines.insert(6, f"coders: [{coders}]" + (f"\nunreviewed: {unreviewed}" if unreviewed else ""))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ran(sandbox)


def hit(found, document, code):
    """Return the one coded segment of a code in a document."""
    (one,) = found.coded.where(code=code, document=document).segments
    return one


def everything(found):
    """Return all that a run leaves: the report and the tables."""
    return render(found, {}), matrix_table(found), findings_json(found), about_table(found)


def test_a_study_that_names_only_rules_is_not_touched_by_what_people_do(sandbox, hands):
    before = everything(ran(sandbox))
    coded = hands.codes("anna", "norland/a", "It is a bridge", "role.bridge")
    hands.reads("anna", "norland/a", "sudland/a")
    hands.decides(hit(ran(sandbox), "norland/b", "behaviour.training").id, "reject")
    hands.decides(coded, "reject")
    assert everything(ran(sandbox)) == before
    assert ran(sandbox).provenance["coders"] == "rules"
    assert "coded digest" not in ran(sandbox).provenance


def test_a_coder_counts_only_where_that_coder_has_read(sandbox, hands):
    hands.codes("anna", "norland/a", "It is a bridge", "role.bridge")
    hands.codes("anna", "norland/b", "Norland", "role.bridge")
    hands.codes("ben", "norland/b", "police", "orientation.security")
    hands.reads("anna", "norland/a", "sudland/a")
    hands.reads("ben", "norland/b")
    found = naming(sandbox, "anna, ben")
    bridge = found.matrix.cell("Norland", "role.bridge")
    assert (bridge.n, bridge.base, bridge.state) == (1, 3, "present")
    assert found.matrix.cell("Sudland", "role.bridge").state == "absent"
    assert found.matrix.cell("Sudland", "role.bridge").base == 2
    assert found.n_unread == 1
    assert {s.coder for s in found.coded.segments} == {"anna", "ben"}


def test_a_reading_for_some_codes_counts_for_these_alone(sandbox, hands):
    hands.codes("anna", "norland/a", "It is a bridge", "role.bridge")
    hands.codes("anna", "norland/a", "police", "orientation.security")
    hands.reads("anna", "norland/a", codes=("role.bridge",))
    found = naming(sandbox, "anna")
    assert found.matrix.cell("Norland", "role.bridge").n == 1
    assert found.matrix.cell("Norland", "orientation.security").state == "not examined"
    assert found.n_unread == 1


def test_what_a_person_coded_unread_does_not_count_because_rules_have_searched_there(sandbox, hands):
    hands.codes("anna", "norland/b", "Norland", "role.bridge")
    hands.reads("anna", "norland/a")
    found = naming(sandbox, "rules, anna")
    assert found.matrix.cell("Norland", "role.bridge").n == 1  # the rules' own, in another document
    assert {s.coder for s in found.matrix.cell("Norland", "role.bridge").coded.segments} == {"rules"}


def test_rules_and_people_count_together_each_sentence_once(sandbox, hands):
    alone = ran(sandbox)
    hands.codes("anna", "norland/a", "It is a bridge", "role.bridge")
    hands.codes("anna", "norland/a", "trains police", "role.bridge")
    hands.reads("anna", "norland/a")
    found = naming(sandbox, "rules, anna")
    assert alone.matrix.cell("Norland", "role.bridge").n == 1
    assert found.matrix.cell("Norland", "role.bridge").n == 2
    assert len(found.matrix.cell("Norland", "role.bridge").coded.segments) == 3
    assert found.matrix.cell("Sudland", "behaviour").n == alone.matrix.cell("Sudland", "behaviour").n


def test_without_unreviewed_no_decision_is_applied_and_nothing_recoded_counts(sandbox, hands):
    hands.reads("cleo", "norland/a")
    before = naming(sandbox, "rules, cleo")
    instead = hands.segment("cleo", "norland/a", "trains", "role.bridge")
    hands.decides(hit(before, "norland/a", "behaviour.training").id, "recode", instead)
    after = ran(sandbox)
    assert after.coded == before.coded
    assert after.provenance == before.provenance
    assert after.reviewed is None


def test_decisions_apply_to_hits_that_the_rules_find_afresh(sandbox, hands):
    first = ran(sandbox)
    hands.decides(hit(first, "norland/a", "behaviour.training").id, "reject")
    instead = hands.segment("cleo", "norland/b", "trains", "role.bridge")
    hands.decides(hit(first, "norland/b", "behaviour.training").id, "recode", instead)
    hands.decides(hit(first, "norland/c", "behaviour.training").id, "accept")
    kept = naming(sandbox, "rules", "keep")
    assert {s.segment.document for s in kept.matrix.cell("Norland", "behaviour").coded.segments} == {
        "norland/c"
    }
    assert {s.segment.document for s in kept.matrix.cell("Norland", "role").coded.segments} == {
        "norland/a",
        "norland/b",
    }
    n = len(first.coded.segments)
    assert (kept.reviewed.n_accepted, kept.reviewed.n_rejected, kept.reviewed.n_recoded) == (1, 1, 1)
    assert kept.reviewed.n_unreviewed == n - 3
    dropped = naming(sandbox, "rules", "drop")
    assert len(dropped.coded.segments) == 2
    assert dropped.matrix.cell("Sudland", "behaviour").state == "searched"


def test_a_persons_segment_stands_undecided_and_goes_when_it_is_rejected(sandbox, hands):
    one = hands.codes("anna", "norland/a", "It is a bridge", "role.bridge")
    hands.codes("anna", "norland/a", "police", "orientation.security")
    hands.reads("anna", "norland/a")
    assert len(naming(sandbox, "anna", "drop").coded.segments) == 2
    hands.decides(one, "reject")
    assert [s.code for s in ran(sandbox).coded.segments] == ["orientation.security"]


def test_the_coding_digest_names_what_counted_whenever_it_was_done(sandbox, hands):
    hands.codes("anna", "norland/a", "It is a bridge", "role.bridge")
    hands.codes("ben", "norland/a", "It is a bridge", "role.bridge")
    hands.reads("anna", "norland/a")
    found = naming(sandbox, "anna")
    assert found.provenance["coders"] == "anna"
    hands.reads("anna", "norland/a")  # read again: nothing new is known
    hands.codes("ben", "norland/a", "police", "orientation.security")  # not of this study
    assert ran(sandbox).provenance == found.provenance
    hands.codes("anna", "norland/a", "police", "orientation.security")
    assert ran(sandbox).provenance["coded digest"] != found.provenance["coded digest"]


def test_an_unknown_coder_is_met_with_the_nearest_known(sandbox, hands):
    hands.reads("anna", "norland/a")
    with pytest.raises(
        CodingError, match="line 7, column 10: no coder 'ana' has coded or read here. Did you mean 'anna'"
    ):
        naming(sandbox, "ana")
    with pytest.raises(CodingError, match="no coder 'ana' has coded or read here"):
        coding.check(coding.Project.open(sandbox.root))


def test_report_and_results_say_who_coded_and_what_review_made_of_it(sandbox, hands):
    hands.codes("anna", "norland/b", "Norland", "role.bridge")
    hands.reads("anna", "norland/a")
    hands.decides(hit(ran(sandbox), "norland/a", "behaviour.training").id, "reject")
    found = naming(sandbox, "rules, anna", "keep")
    page = " ".join(render(found, {}).split())
    assert '<th scope="row">anna</th><td class="number">1 of 6</td><td class="number">0</td>' in page
    assert "1 coded segment lies where the coder has filed no reading, and counts nowhere." in page
    assert "0 were accepted, 1 rejected and 0 recoded; on 13 nobody decided" in page
    assert "<strong>People differ.</strong>" in page
    assert findings_json(found)["review"] == {
        "unreviewed": "keep", "accepted": 0, "rejected": 1, "recoded": 0, "undecided": 13,
    }  # fmt: skip
    assert ["review: rejected", 1] in about_table(found)
    assert ["coders", "rules, anna"] in about_table(found)


def test_a_study_of_people_alone_says_nothing_of_the_rules(sandbox, hands):
    hands.reads("anna", "norland/a", "sudland/a")
    found = naming(sandbox, "anna")
    page = render(found, {})
    assert "Rules cannot read" not in page
    assert "People differ" in page
    assert found.measured is None


EARLIER = "Norland trains police. It was a bridge.\n"


def test_what_was_coded_in_an_earlier_text_counts_nowhere_and_is_counted(sandbox, hands):
    hands.codes("anna", "norland/a", "bridge", "role.bridge")
    hands.reads("anna", "norland/a", "norland/b")
    hands.codes("anna", "norland/b", "Norland", "role.bridge")
    sandbox.write("corpus/norland/a.txt", EARLIER)
    found = naming(sandbox, "anna")
    assert [s.segment.document for s in found.coded.segments] == ["norland/b"]
    assert {r.segment.document for r in found.coded.readings} == {"norland/b"}
    assert (found.n_stale, found.n_unread) == (1, 0)
    assert found.matrix.cell("Norland", "role.bridge").base == 1
    assert "1 coded segment lies in an earlier text of its document, and counts nowhere." in render(found, {})
    assert findings_json(found)["not counted"] == {"unread": 0, "stale": 1}
    about = dict(about_table(found)[1:])
    assert about["not counted: coded segments in earlier texts"] == 1
    with pytest.raises(coding.errors.CodingError, match="norland/a has changed since it was coded"):
        coding.check(coding.Project.open(sandbox.root))


def test_a_recoding_whose_segment_was_taken_back_or_is_of_an_earlier_text_is_undecided(sandbox, hands):
    first = ran(sandbox)
    gone = hands.segment("cleo", "norland/b", "trains", "role.bridge")
    hands.decides(hit(first, "norland/b", "behaviour.training").id, "recode", gone)
    elsewhere = hands.segment("cleo", "norland/a", "bridge", "role.bridge")
    hands.decides(hit(first, "norland/c", "behaviour.training").id, "recode", elsewhere)
    with hands.project.store() as store:
        store.add(act("cleo", "take back", *store.to_take_back([gone.id], of="cleo")))
    sandbox.write("corpus/norland/a.txt", EARLIER)
    found = naming(sandbox, "rules", "keep")
    assert found.reviewed.n_recoded == 0
    assert found.reviewed.n_unreviewed == len(found.coded.segments)
    assert hit(found, "norland/b", "behaviour.training")


MERGED = """
codebook: book
version: 2.0.0
steps:
  - merge: {codes: [orientation.development], into: orientation.security}
"""


def test_words_that_bear_two_codes_count_once_when_these_are_merged(sandbox, hands):
    hands.codes("anna", "norland/a", "police", "orientation.security")
    hands.codes("anna", "norland/a", "police", "orientation.development")
    hands.reads("anna", "norland/a")
    apply_changes(hands.project, sandbox.write("changes.yaml", MERGED)).write()
    sandbox.change("studies/study.yaml", "measure: share", "measure: segments")
    found = naming(sandbox, "anna")
    assert found.matrix.cell("Norland", "orientation.security").value == 1
    assert len(found.coded.segments) == 1
