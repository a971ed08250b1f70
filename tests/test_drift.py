"""Two codebooks over one study: nothing is lost unsaid, and one rule accounts for each segment."""

from dataclasses import replace

import pytest
from conftest import Sandbox
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import coding
from coding.batch import act, new_id, now
from coding.causes import how
from coding.changing import apply_changes
from coding.codebook import Code, Codebook, Rule
from coding.drift import drift
from coding.drift_paper import drift_paper, segment_rows
from coding.model import CodedSegment, Coder, Reading
from coding.paper.markdown import markdown
from coding.study import run
from coding.taggers.rules import RuleTagger

PHRASES = ["train*", "police", "trains police", "teachers", "bridge", "teachers and police", "it", "goes on"]
CODES = ["role", "behaviour", "orientation.security", "orientation.development"]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return coding.Project.open(Sandbox(tmp_path_factory.mktemp("drift") / "project").root)


@st.composite
def books(draw):
    """A codebook of a few codes with random rules, some of which beat others or say `unless`."""
    codes = [Code("orientation", "Orientation", "d")]
    for i, name in enumerate(CODES):
        rules = tuple(
            Rule(
                f"{name.rpartition('.')[2]}-{n}",
                "phrase",
                (draw(st.sampled_from(PHRASES)),),
                unless=draw(st.sampled_from([(), ("norland",), ("trains",)])),
                covers=draw(st.sampled_from(["hit", "hit", "sentence"])),
            )
            for n in range(draw(st.integers(0, 2)))
        )
        beats = tuple(draw(st.sets(st.sampled_from(CODES[i + 1 :])))) if CODES[i + 1 :] else ()
        parent = "orientation" if "." in name else None
        codes.append(Code(name, name, "d", rules=rules, beats=beats, parent=parent))
    families = {"category": ("role", "behaviour"), "orientation": ("orientation",)}
    return Codebook("book", "1.0.0", tuple(codes), families=families)


def places(segments):
    return sorted((s.segment.document, s.segment.start, s.segment.end, s.code) for s in segments)


def tagged(project, book):
    return RuleTagger(book, "longest").tag(project.corpus).segments


def of(changes):
    return [change.segment for change in changes]


def accounts(found):
    return {(one.code, one.rule) for one in found.rules if one.vanished or one.came}


@settings(max_examples=40)
@given(books(), books())
def test_what_was_kept_and_what_vanished_is_what_there_was_and_what_came_is_the_rest(project, old, new):
    found = drift(project, old, new)
    before, after = places(tagged(project, old)), places(tagged(project, new))
    assert found.moved == ()
    assert sorted(set(before) - set(places(of(found.vanished)))) == sorted(
        set(after) - set(places(of(found.came)))
    )
    assert found.n_kept + len(found.vanished) == len(before)
    assert found.n_kept + len(found.came) == len(after)


@settings(max_examples=40)
@given(books(), books())
def test_exactly_one_rule_accounts_for_each_segment(project, old, new):
    found = drift(project, old, new)
    for name in ("vanished", "came"):
        told = [segment.id for rule in found.rules for segment in getattr(rule, name)]
        assert sorted(told) == sorted(segment.id for segment in of(getattr(found, name)))
        assert len(told) == len(set(told))


@settings(max_examples=20)
@given(books())
def test_the_same_codebook_twice_changes_nothing(project, book):
    found = drift(project, book, book)
    assert (found.vanished, found.came, found.moved, found.cells, found.rules) == ((), (), (), (), ())
    assert not any(finding.is_changed for finding in found.findings)


@settings(max_examples=60)
@given(books(), st.data())
def test_what_comes_of_a_rule_that_is_removed_or_added_is_charged_to_that_rule(project, book, data):
    rules = [(code.id, rule.id) for code in book.codes for rule in code.rules]
    assume(rules)
    code, rule = data.draw(st.sampled_from(rules))
    fewer = without(book, code, rule)
    assert accounts(drift(project, book, fewer)) <= {(code, rule)}
    assert accounts(drift(project, fewer, book)) <= {(code, rule)}


@settings(max_examples=40)
@given(books(), books())
def test_a_rule_that_accounts_for_something_is_not_the_same_unless_codes_beat_others(project, old, new):
    plain = [replace(book, codes=tuple(replace(c, beats=()) for c in book.codes)) for book in (old, new)]
    found = drift(project, *plain)
    assert all(rule.change for rule in found.rules)


@settings(max_examples=40)
@given(books(), books())
def test_turned_round_what_vanished_comes_and_the_same_rules_account_for_it(project, old, new):
    there, back = drift(project, old, new), drift(project, new, old)
    assert places(of(there.vanished)) == places(of(back.came))
    assert places(of(there.came)) == places(of(back.vanished))
    assert accounts(there) == accounts(back)


def without(book, code, rule):
    kept = tuple(r for r in book[code].rules if r.id != rule)
    return changed(book, code, rules=kept)


def changed(book, code, **what):
    return replace(book, codes=tuple(replace(c, **what) if c.id == code else c for c in book.codes))


def rewritten(book, code, rule, **what):
    return changed(
        book, code, rules=tuple(replace(r, **what) if r.id == rule else r for r in book[code].rules)
    )


@pytest.fixture
def book(project):
    return project.codebook("book")


def said(found):
    return {
        (one.segment.code, one.cause.kind, one.cause.rule, one.cause.why)
        for one in (*found.vanished, *found.came)
    }


def test_an_unless_says_what_stands_before_the_words_and_turns_the_verdicts_shares(project, book):
    found = drift(project, book, rewritten(book, "orientation.security", "police", unless=("trains",)))
    assert said(found) == {
        (
            "orientation.security", "unless", "police",
            "rule changed (unless 'trains' added): 'trains' stands before it",
        )
    }  # fmt: skip
    (rule,) = found.rules
    assert (rule.change, len(rule.vanished), len(rule.came)) == ("unless 'trains' added", 3, 0)
    cell = next(c for c in found.cells if (c.code, c.case) == ("orientation.security", "norland"))
    assert (cell.before.n, cell.after.n, cell.n_more) == (3, 1, -2)
    assert cell in rule.cells
    (finding,) = found.findings
    assert finding.is_changed
    assert finding.before.contrasts[0].first.n == 3
    assert finding.after.contrasts[0].first.n == 1


def test_what_comes_says_what_turned_it_away_under_the_old_rule(project, book):
    new = rewritten(book, "orientation.security", "police", unless=("trains",))
    assert {one.cause.why for one in drift(project, new, book).came} == {
        "rule changed (unless 'trains' taken out): under the old one 'trains' stands before it"
    }


def test_a_hit_that_another_code_newly_beats_is_charged_to_the_rule_that_beats_it(project, book):
    new = changed(book, "orientation.development", beats=("orientation.security",))
    rules = (Rule("both", "phrase", ("teachers and police",)), *book["orientation.development"].rules)
    found = drift(project, book, changed(new, "orientation.development", rules=rules))
    (one,) = [one for one in found.vanished if one.segment.code == "orientation.security"]
    assert (one.cause.code, one.cause.rule, one.cause.kind) == ("orientation.development", "both", "beaten")
    assert one.cause.why == "orientation.development beats it with “teachers and police” (rule both)"


def test_that_a_code_beats_another_where_no_rule_changed_is_said(project, book):
    old = changed(book, "orientation.development", rules=(Rule("both", "phrase", ("teachers and police",)),))
    found = drift(project, old, changed(old, "orientation.development", beats=("orientation.security",)))
    (one,) = found.vanished
    assert one.cause.why.endswith("; that it beats this code is new")
    (rule,) = found.rules
    assert (rule.rule, rule.change) == ("both", "")


def test_a_hit_inside_a_longer_one_is_charged_to_the_rule_of_the_longer(project, book):
    rules = (*book["orientation.security"].rules, Rule("longer", "phrase", ("trains police",)))
    found = drift(project, book, changed(book, "orientation.security", rules=rules))
    assert {(one.cause.rule, one.cause.kind) for one in found.vanished} == {("longer", "longer")}
    assert {one.cause.why for one in found.vanished} == {
        "it lies inside the longer “trains police” (rule longer)"
    }
    assert {one.cause.kind for one in found.came} == {"rule"}


def test_other_bounds_are_told_apart_from_other_words(project, book):
    wide = rewritten(book, "orientation.security", "police", covers="sentence")
    assert {one.cause.kind for one in drift(project, book, wide).vanished} == {"bounds"}
    other = rewritten(book, "orientation.security", "police", patterns=("soldiers",))
    assert {one.cause.kind for one in drift(project, book, other).vanished} == {"words"}


def test_a_code_that_is_retired_or_gone_loses_all_and_says_so(project, book):
    found = drift(project, book, changed(book, "role.bridge", retired=True))
    assert {one.cause.why for one in found.vanished} == {"the code is retired"}
    gone = replace(book, codes=tuple(c for c in book.codes if c.id != "role.bridge"))
    found = drift(project, book, gone)
    assert {one.cause.why for one in found.vanished} == {"the code is gone"}
    assert {(c.code, c.case, c.after) for c in found.cells if c.code == "role.bridge"} == {
        ("role.bridge", "norland", None), ("role.bridge", "sudland", None)
    }  # fmt: skip


def test_a_finding_that_names_a_code_only_one_codebook_knows_says_so(project, book):
    gone = replace(
        book, version="2.0.0", codes=tuple(c for c in book.codes if c.id != "orientation.security")
    )
    (finding,) = drift(project, book, gone).findings
    assert finding.before is not None
    assert finding.after is None
    assert finding.why == "book 2.0.0 does not know 'orientation.security'."
    assert finding.is_turned


def test_codebooks_of_one_version_are_told_apart_by_what_is_known_of_them(project, book):
    other = without(book, "orientation.security", "police")
    files = ("a.yaml", "b.yaml")
    assert drift(project, book, other, files=files).books == ("book 1.0.0 (a.yaml)", "book 1.0.0 (b.yaml)")
    assert drift(project, book, other).books == (
        f"book 1.0.0 ({book.digest[:8]})",
        f"book 1.0.0 ({other.digest[:8]})",
    )
    assert drift(project, book, replace(other, version="1.0.1"), files=files).books == (
        "book 1.0.0",
        "book 1.0.1",
    )
    assert not drift(project, book, book).is_same_version


def test_another_name_of_a_code_changes_no_finding(project, book):
    found = drift(project, book, changed(book, "orientation.security", name="Safety"))
    assert not any(finding.is_changed for finding in found.findings)
    assert (found.cells, found.rules) == ((), ())
    assert [one.kind for one in found.differences] == ["renamed"]


def test_a_language_that_the_text_has_not_is_the_reason(sandbox):
    for case in ("norland", "sudland"):
        path = sandbox.root / f"corpus/{case}/case.yaml"
        path.write_text(
            path.read_text("utf-8").replace("year: 2015", "year: 2015\n    language: en"), "utf-8"
        )
    opened = coding.Project.open(sandbox.root)
    book = opened.codebook("book")
    found = drift(opened, book, replace(book, language="de"))
    assert {one.cause.kind for one in found.vanished} == {"language"}
    assert found.n_kept == 0


def test_cells_stand_in_the_order_of_the_size_of_their_change(project, book):
    found = drift(
        project, book, without(without(book, "orientation.security", "police"), "role.bridge", "bridge")
    )
    sizes = [cell.size for cell in found.cells]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) > 2


def test_a_cell_that_is_no_more_searched_is_charged_to_the_rule_that_was_removed(project, book):
    found = drift(project, book, without(book, "role.bridge", "bridge"))
    (rule,) = found.rules
    assert {(cell.code, cell.case) for cell in rule.cells} == {
        (code, case) for code in ("role", "role.bridge") for case in ("norland", "sudland")
    }
    assert found.by_no_rule == ()
    assert (
        next(c for c in found.cells if (c.code, c.case) == ("role", "sudland")).after.state == "not examined"
    )


MOVES = """
codebook: book
version: 2.0.0
steps:
  - move: {code: role.bridge, under: behaviour, as: behaviour.bridge}
  - merge: {codes: [orientation.development], into: orientation.security}
"""


def test_a_code_that_was_moved_or_merged_takes_its_segments_along(sandbox):
    opened = coding.Project.open(sandbox.root)
    old = opened.codebook("book")
    apply_changes(opened, sandbox.write("changes.yaml", MOVES)).write()
    new = opened.codebook("book")
    found = drift(opened, old, new)
    assert (found.vanished, found.came) == ((), ())
    assert {(move.before.code, move.after.code) for move in found.moved} == {
        ("role.bridge", "behaviour.bridge"), ("orientation.development", "orientation.security"),
    }  # fmt: skip
    assert found.n_kept + len(found.moved) == len(tagged(opened, old))
    assert not [c for c in found.cells if c.code == "behaviour.bridge"]  # it is held against what it was
    assert [row[0] for row in segment_rows(found)[1:]] == ["moved"] * len(found.moved)


def people(sandbox, *codes):
    """Let anna code the first words of a text with codes, and read it."""
    opened = coding.Project.open(sandbox.root)
    book, document = opened.codebook("book"), opened.corpus["norland/a"]
    rows = [
        CodedSegment(new_id(), document.segment(0, 7), code, book[code].meaning, "anna", quote="Norland")
        for code in codes
    ]
    with opened.store() as store:
        store.add(act("anna", "coder", Coder("anna", "person")))
        store.add(act("anna", "code", *rows))
        store.add(act("anna", "read", Reading("anna", document.whole, at=now(), id=new_id())))
    return opened


def test_what_people_coded_is_not_touched_and_what_rests_on_a_changed_meaning_is_counted(sandbox):
    sandbox.change("studies/study.yaml", "coders: [rules]", "coders: [rules, anna]")
    opened = people(sandbox, "role.bridge", "orientation.development", "behaviour.training")
    book = opened.codebook("book")
    new = changed(
        changed(book, "role.bridge", definition="It parts two sides."), "behaviour.training", retired=True
    )
    found = drift(opened, book, new)
    assert [(one.code, one.n, one.why) for one in found.people] == [
        ("role.bridge", 1, "its definition changed"), ("behaviour.training", 1, "it is retired"),
    ]  # fmt: skip
    held = found.after.cell("norland", "role.bridge").coded.by("anna").segments
    assert len(held) == 1
    assert drift(opened, book, book).people == ()
    matrix = run(opened).matrix
    assert found.before.cell("norland", "role.bridge").n == matrix.cell("norland", "role.bridge").n


def test_before_is_what_the_study_says_with_the_old_codebook_and_after_with_the_new(sandbox):
    opened = coding.Project.open(sandbox.root)
    book = opened.codebook("book")
    new = rewritten(book, "orientation.security", "police", unless=("trains",))
    found, was = drift(opened, book, new), run(opened)
    assert [finding.before for finding in found.findings] == list(was.findings)
    assert {key: cell.value for key, cell in found.before.cells.items()} == {
        key: cell.value for key, cell in was.matrix.cells.items()
    }
    sandbox.change("codebooks/book.yaml", 'phrase: "police"', 'phrase: "police", unless: ["trains"]')
    assert [finding.after for finding in found.findings] == list(
        run(coding.Project.open(sandbox.root)).findings
    )


def test_what_concerns_one_code_is_what_stands_at_it_and_below(project, book):
    new = without(without(book, "orientation.security", "police"), "role.bridge", "bridge")
    found = drift(project, book, new)
    only = found.of("orientation")
    assert {one.segment.code for one in only.vanished} == {"orientation.security"}
    assert {cell.code for cell in only.cells} == {"orientation", "orientation.security"}
    assert len(only.vanished) < len(found.vanished)
    with pytest.raises(coding.CodingError, match="Did you mean 'role.bridge'"):
        found.of("role.brige")


def test_the_tables_hold_every_rule_cell_and_finding(project, book):
    found = drift(project, book, without(book, "orientation.security", "police"))
    rules, cells, findings = drift_paper(found).blocks
    assert [row.cells[1:] for row in rules.rows] == [("police", "removed", str(len(found.vanished)), "0", str(len(found.cells)))]  # fmt: skip
    assert len(cells.rows) == len(found.cells)
    assert [row.cells[-1] for row in findings.rows] == ["other numbers"]
    assert "Coded segments of the rules:" in markdown(drift_paper(found))
    assert all(row[4] == "police" for row in segment_rows(found)[1:])


def test_how_a_rule_changed_names_the_words_not_the_whole_pattern():
    one = Rule("r", "phrase", ("(train|teach) police", "guard"), unless=("not",))
    two = Rule("r", "phrase", ("(train|drill) police", "guard"), within=0, actor="self")
    assert how(one, two) == "'teach' taken out, 'drill' added in '(train|teach) police'; unless 'not' taken out; actor any → self"  # fmt: skip
    assert how(one, replace(one, patterns=one.patterns[::-1])) == "its phrases in another order"
    assert how(one, one) == ""
