"""Pathways: what stands together from step to step, by hand and as laws; and what is drawn and printed of it."""

import json
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.text import Text
from typer.testing import CliRunner

import coding
from coding import plots
from coding.batch import act, new_id, now
from coding.cli.pathways import app
from coding.codebook import Code, Codebook
from coding.cooccurrence import cooccur
from coding.errors import CodingError
from coding.matrix import tabulate
from coding.model import Case, Coded, Coder, Corpus, Document, Reading, machine_coded
from coding.pathways import part_of, trace
from coding.pathways_paper import (
    cooccurrence_json,
    cooccurrence_paper,
    cooccurrence_table,
    links_table,
    pathways_json,
    pathways_paper,
    pathways_table,
)
from coding.steps import categories_of, pathways_of
from coding.study import read_checked

RULES = Coder("rules", "rules")
STEPS = (("norm",), ("role",), ("aim", "gain"), ("deed",))
BOOK = Codebook(
    "book",
    "1.0.0",
    (
        *(Code(code, code.title(), "d") for code in ("norm", "role", "aim", "gain", "deed", "orientation")),
        Code("role.bridge", "Bridge between many sides", "d", parent="role"),
        Code("role.host", "Host", "d", parent="role"),
        *(
            Code(f"orientation.{name}", name.title(), "d", parent="orientation")
            for name in ("security", "development")
        ),
    ),
    families={"category": ("norm", "role", "aim", "gain", "deed"), "orientation": ("orientation",)},
)
CODES = (
    "norm",
    "role.bridge",
    "role",
    "aim",
    "gain",
    "deed",
    "orientation.security",
    "orientation.development",
)
WORDS = ("bread", "water", "stone", "cloud", "house", "field", "river", "grass")
SENTENCES = tuple(f"There was {word}. " for word in WORDS)
TEXT = "".join(SENTENCES)
LENGTH = len(SENTENCES[0])


def texts(names=("Norland", "Sudland")):
    return Corpus(
        tuple(
            Document(f"{i}/{n}", TEXT, {"donor": str(i), "year": 2010 + 3 * n, "fidelity": "digest"})
            for i in range(len(names))
            for n in range(2)
        ),
        {str(i): Case(str(i), name) for i, name in enumerate(names)},
    )


def traced(places, names=("Norland", "Sudland"), *, together="document", depth=0, kind="rules", **changed):
    """Return the pathways of coded segments at (document, sentence, code)."""
    corpus = texts(names)
    segments = tuple(
        machine_coded(corpus[name].segment(n * LENGTH, n * LENGTH + 4), BOOK[code], RULES, "r")
        for name, n, code in places
    )
    readings = tuple(Reading("rules", d.whole, changed.get("codes"), kind=kind) for d in corpus)
    matrix = tabulate(
        Coded(segments, readings), corpus, BOOK, by="donor", measure="units", unit="sentence", counts="any",
        weight="unit", rollup=True, implies=False,
    )  # fmt: skip
    along = changed.get("along", STEPS)
    orientation = changed.get("orientation", "orientation")
    return trace(matrix, corpus, BOOK, along=along, depth=depth, together=together, orientation=orientation)


# 0/0 bears every step, security from norm to role and no further; 0/1 has a norm and, apart, a deed.
PLACES = [
    ("0/0", 0, "norm"), ("0/0", 0, "orientation.security"),
    ("0/0", 1, "role.bridge"), ("0/0", 1, "orientation.security"), ("0/0", 1, "orientation.development"),
    ("0/0", 2, "gain"),
    ("0/0", 3, "deed"), ("0/0", 3, "orientation.development"),
    ("0/1", 4, "norm"), ("0/1", 5, "deed"),
]  # fmt: skip


def test_links_are_counted_as_by_hand():
    way = traced(PLACES)["Norland"]
    assert [pair.n_both for pair in way.steps] == [2, 1, 1, 2]
    assert [link.whole.n_both for link in way.links] == [1, 1, 1]
    assert [(pair.first, pair.second, pair.n_both) for pair in way.links[1].pairs] == [
        ("role", "aim", 0),
        ("role", "gain", 1),
    ]


def test_whole_ways_and_the_steps_of_each_document_are_those_of_the_texts():
    way = traced(PLACES)["Norland"]
    assert way.held == {"0/0": (True,) * 4, "0/1": (True, False, False, True)}
    assert way.whole == ("0/0",)
    assert [(one.categories, one.documents) for one in way.ways] == [
        (("norm", "role", "gain", "deed"), ("0/0",))
    ]


def test_orientation_is_kept_where_one_bears_on_both_steps():
    first, second, third = (link.kept for link in traced(PLACES)["Norland"].links)
    assert (first.n, first.n_oriented, first.n_same, first.share) == (1, 1, 1, 1.0)
    assert (second.n, second.n_oriented, second.share) == (1, 0, None)  # the gain bears none
    assert (third.n, third.n_oriented, third.n_same) == (1, 0, 0)
    parts = {"orientation.security": 0, "orientation.development": 0, "mixed": 0, "none": 0, "unread": 0}
    assert first.first == parts | {"orientation.security": 1}
    assert first.second == parts | {"mixed": 1}
    assert third.first == parts | {"none": 1}


def test_an_orientation_that_changes_is_not_kept():
    changes = [*PLACES, ("0/0", 2, "orientation.security")]
    kept = traced(changes)["Norland"].links[2].kept
    assert (kept.n_oriented, kept.n_same, kept.share) == (1, 0, 0.0)


def test_orientation_that_nobody_looked_for_is_not_none():
    codes = ("norm", "role", "role.bridge", "aim", "gain", "deed")
    kept = traced(PLACES[:1] + PLACES[2:3], codes=codes, kind="person")["Norland"].links[0].kept
    assert (kept.first["unread"], kept.first["none"]) == (1, 0)


def test_gaps_say_which_zero_they_are():
    def gaps(found):
        return {tuple(step.name for step in gap.steps): gap.state for gap in found.gaps("Sudland")}

    assert set(gaps(traced(PLACES)).values()) == {"searched"}
    assert set(gaps(traced(PLACES, kind="person")).values()) == {"absent"}
    some = gaps(traced([], codes=("norm", "role"), kind="person"))
    assert some["Norm",] == some["Norm", "Role"] == "absent"
    assert some["Deed",] == some["Role", "Aim or Gain"] == "not examined"
    assert traced(PLACES).gaps("Norland") == ()


def test_two_categories_of_one_step_are_silent_only_where_both_were_searched():
    found = traced([], codes=("norm", "role", "aim", "deed"), kind="person")
    assert found["Norland"].steps[2].state == "not examined"
    assert found["Norland"].links[1].pairs[0].state == "absent"


def test_depth_shows_the_codes_below_and_the_link_counts_all():
    found = traced([*PLACES, ("0/1", 6, "role")], depth=1)["Norland"]
    assert [(p.first, p.second, p.n_both) for p in found.links[0].pairs] == [
        ("norm", "role.bridge", 1),
        ("norm", "role.host", 0),
    ]
    assert found.links[0].whole.n_both == 2


def test_steps_that_cannot_be_are_refused():
    for along, said in (
        ([("norm",)], "two steps or more"),
        ([("norm",), ()], "two steps or more"),
        ([("norm",), ("roll",)], "Did you mean 'role'"),
        ([("norm",), ("norm",)], "'norm' stands twice"),
    ):
        with pytest.raises(CodingError, match=said):
            traced([], along=along)
    with pytest.raises(CodingError, match="Did you mean 'orientation'"):
        traced([], orientation="orientations")
    with pytest.raises(CodingError, match="below 0"):
        traced([], depth=-1)


drawn = st.lists(
    st.tuples(
        st.sampled_from(["0/0", "0/1", "1/0", "1/1"]),
        st.integers(0, len(SENTENCES) - 1),
        st.sampled_from(CODES),
    ),
    max_size=40,
)
levels = st.sampled_from(["sentence", "paragraph", "document"])


@given(drawn, levels, st.integers(0, 1))
def test_the_laws_of_every_link(places, together, depth):
    found = traced(places, together=together, depth=depth)
    for case, way in found.by_case.items():
        for link, (one, other) in zip(way.links, pairwise(way.steps), strict=True):
            assert link.whole.n_both <= min(one.n_both, other.n_both)
            assert all(pair.n_both <= link.whole.n_both for pair in link.pairs)
            assert link.kept.n_same <= link.kept.n_oriented <= link.kept.n == link.whole.n_both
            assert sum(link.kept.first.values()) == sum(link.kept.second.values()) == link.kept.n
            for meeting in way.meetings(link.first.categories, link.second.categories):
                assert meeting.first
                assert meeting.second
        assert len(way.whole) <= min(link.whole.n_documents for link in way.links) or together != "document"
        assert {document for one in way.ways for document in one.documents} == set(way.whole)
        empty = sum(not pair.n_both for pair in way.steps) + sum(not link.whole.n_both for link in way.links)
        assert len(found.gaps(case)) == empty


@given(drawn)
def test_in_one_unit_orientation_stays_wherever_there_is_any(places):
    found = traced(places, together="sentence")
    assert found.is_kept_by_itself
    for way in found.by_case.values():
        for link in way.links:
            assert link.kept.n_same == link.kept.n_oriented
            assert link.kept.first == link.kept.second


def test_a_place_is_mixed_none_or_unread_as_its_units_are():
    bears = np.array([[1, 0, 1], [1, 1, 1], [0, 0, 1], [0, 0, 0]], dtype=bool)
    assert part_of(("s", "d"), bears) == ["s", "mixed", "none", "unread"]


def test_tables_have_a_row_for_each_link_and_each_two_codes_with_their_base():
    found = traced(PLACES)
    head, *rows = pathways_table(found, cases=found.matrix.cases)
    said = [dict(zip(head, row, strict=True)) for row in rows]
    assert len(rows) == 2 * (3 + 2 + 2)  # a link of single codes is its only pair
    assert [row["both"] for row in said if row["case"] == "0"] == [1, 1, 0, 1, 1, 0, 1]
    assert all(row["both"] <= row["base"] == 2 for row in said)
    assert (
        json.loads(json.dumps(pathways_json(found, cases=["0"], texts="digests")))["cases"]["0"]["documents"][
            "0/0"
        ]
        == [True] * 4
    )


def test_a_table_for_a_paper_says_gaps_zeros_and_that_nothing_was_tested():
    (table,) = pathways_paper(traced(PLACES), cases=["0", "1"], texts="digests").blocks
    notes = " ".join(table.notes)
    assert "Sudland, gaps: – Norm: searched by rules, none found" in notes
    assert "Norland: 1 of 2 documents bear every step." in notes
    assert "does not say that one leads to the other" in notes
    assert "says nothing" in " ".join(
        links_table(traced([], together="sentence"), cases=["0"], texts="t").notes
    )


def co(codes=("norm", "role", "deed"), case=None, together="document"):
    found = traced(PLACES)
    return cooccur(found.matrix, texts(), codes=codes, together=together, case=case)


def test_the_table_of_codes_is_symmetric_on_paper_and_whole_in_a_sheet():
    (table,) = cooccurrence_paper(co(), texts="digests").blocks
    cells = [row.cells[1:] for row in table.rows]
    assert cells == [tuple(column) for column in zip(*cells, strict=True)]
    assert cells[0] == ("2", "1", "2")
    assert len(cooccurrence_table(co())) == 1 + 3 + 3


def read_in_part(together="document"):
    """Return pathways in Norland, of which anna read four of eight sentences of the first document only."""
    corpus = texts(("Norland",))
    segments = tuple(
        machine_coded(corpus[name].segment(n * LENGTH, n * LENGTH + 4), BOOK[code], RULES, "r")
        for name, n, code in (("0/0", 0, "norm"), ("0/0", 0, "role"), ("0/0", 6, "deed"), ("0/1", 0, "norm"))
    )
    readings = (Reading("anna", corpus["0/0"].segment(0, 4 * LENGTH - 1)),)
    coded = Coded(segments, readings)
    matrix = tabulate(
        coded, corpus, BOOK, by="donor", measure="units", unit="sentence", counts="any", weight="unit",
        rollup=True, implies=False,
    )  # fmt: skip
    return trace(matrix, corpus, BOOK, along=STEPS, depth=0, together=together, orientation=None), coded


def test_a_document_that_was_not_read_for_a_step_is_no_document_without_it():
    way = read_in_part()[0]["Norland"]
    assert way.held == {"0/0": (True, True, False, False), "0/1": (None,) * 4}
    assert (way.read, way.whole) == (("0/0",), ())


@pytest.mark.parametrize(("together", "base"), [("sentence", 4), ("document", 1)])
def test_bases_are_of_what_was_read_and_what_was_not_is_counted(together, base):
    found = read_in_part(together)[0]
    assert [(link.whole.base, link.whole.n_unread) for link in found["Norland"].links] == [(base, 12)] * 3
    notes = " ".join(links_table(found, cases=["0"], texts="digests").notes)
    assert "Norland: 0 of 1 documents bear every step; 1 more was not read for some step." in notes
    assert "Norland: 12 of 16 sentences were not read for some step, and count nowhere for it." in notes
    head, *rows = pathways_table(found, cases=["0"])
    assert {row[head.index("unread")] for row in rows} == {12}
    way = pathways_json(found, cases=["0"], texts="digests")["cases"]["0"]
    assert (way["units"], way["unread"], way["documents"]["0/1"]) == (16, 12, [None] * 4)
    table = cooccur(found.matrix, texts(("Norland",)), codes=("norm", "deed"), together=together)
    (paper,) = cooccurrence_paper(table, texts="digests").blocks
    assert paper.notes[0].endswith(f"that bear the code, of {base}.")
    assert "12 of 16 sentences were not read for some code, and count nowhere for it." in paper.notes
    assert cooccurrence_json(table, texts="digests")["places"] == base


def test_codes_that_were_not_read_alike_have_bases_that_differ():
    corpus = texts(("Norland",))
    readings = (Reading("anna", corpus["0/0"].whole), Reading("anna", corpus["0/1"].whole, ("norm",)))
    matrix = tabulate(
        Coded((), readings), corpus, BOOK, by="donor", measure="units", unit="sentence", counts="any",
        weight="unit", rollup=True, implies=False,
    )  # fmt: skip
    found = cooccur(matrix, corpus, codes=("norm", "deed"), together="sentence")
    (paper,) = cooccurrence_paper(found, texts="digests").blocks
    assert paper.notes[0].endswith("of 8 to 16, those that were read for it.")


def test_every_figure_says_how_much_was_not_read_and_none_does_where_all_was():
    found, coded = read_in_part()
    corpus = texts(("Norland",))
    asked = {"codes": ("norm", "deed"), "together": "document"}

    def words(figure):
        return " ".join(" ".join(said(figure)).split())

    assert "Not read for some step, and counted nowhere for it: 12 of 16 sentences of Norland." in words(
        plots.pathways(found)
    )
    assert "1 of 2 documents read for every step, of which none bears every step" in words(
        plots.pathways(found)
    )
    assert "1 document read; 12 of 16 sentences not read for some code" in words(
        plots.cooccurrence(cooccur(found.matrix, corpus, **asked))
    )
    assert "Not read for some category, and counted nowhere for it: 12 of 16 sentences." in words(
        plots.timeline(found.matrix, corpus, codes=("norm", "deed"))
    )
    assert "4 of 8 sentences not read" in words(plots.portrait(corpus["0/0"], coded, BOOK))
    assert "8 of 8 sentences not read" in words(plots.portrait(corpus["0/1"], coded, BOOK))
    all_read = traced(PLACES)
    for figure in (
        plots.pathways(all_read),
        plots.cooccurrence(co()),
        plots.timeline(all_read.matrix, texts(), codes=("norm",)),
        plots.portrait(*coded_document(), BOOK),
    ):
        assert not re.search(r"[Nn]ot read", words(figure))


def test_what_is_coded_where_nobody_looked_is_not_drawn_in_a_portrait_but_counted():
    _, coded = read_in_part()
    words = said(plots.portrait(texts(("Norland",))["0/0"], coded, BOOK))
    assert "2 coded segments in 0/0, 2010, 4 of 8 sentences not read, 1 more where nobody looked" in words
    assert {"Norm 1", "Role 1", "Deed 0"} <= set(words)


def test_a_portrait_says_how_much_a_person_read_for_some_codes_only():
    document = Document("0/0", TEXT, {"donor": "0"})
    whole = Reading("rules", document.whole, ("norm",), kind="rules")
    part = Reading("anna", document.segment(0, 2 * LENGTH - 1), ("norm",))
    figure = plots.portrait(document, Coded((), (whole, part)), BOOK)
    assert any("2 of 8 sentences read for some codes only" in text for text in said(figure))
    assert not any("some codes" in text for text in said(plots.portrait(document, Coded((), (whole,)), BOOK)))


def said(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def bands(figure):
    return figure.findobj(PathPatch)


def test_every_place_of_a_pair_is_a_band_that_changes_where_orientation_does():
    assert len(bands(plots.pathways(traced(PLACES)))) == 1 + 3 + 2  # kept; two colours and none; none and one
    assert bands(plots.pathways(traced([]))) == []


def test_a_gap_is_drawn_with_its_zero():
    words = said(plots.pathways(traced([], codes=("norm", "role"), kind="person")))
    assert {"0", "·", "not read", "none"} <= set(words)


def test_each_two_codes_have_one_cell_and_their_number():
    figure = plots.cooccurrence(co())
    cells = figure.findobj(lambda a: isinstance(a, Rectangle) and (a.get_gid() or "").startswith("cell"))
    assert len(cells) == 3
    assert said(figure).count("2") == 3  # norm, deed, and both


def test_every_document_with_a_year_stands_on_the_timeline_with_what_it_holds():
    found = traced(PLACES)
    figure = plots.timeline(found.matrix, texts(), codes=("norm", "deed"))
    assert {"0", "1", "2010", "2013", "2 documents"} <= set(said(figure))
    undated = Corpus(
        tuple(Document(d.id, d.text, {"donor": d.variables["donor"]}) for d in texts()), texts().known_cases
    )
    words = " ".join(said(plots.timeline(found.matrix, undated, codes=("norm",))))
    assert "No document has a year." in words
    assert "Not shown, for want of a year: 4." in words


@pytest.mark.parametrize(("kind", "n"), [("rules", 8 - 4), ("person", 0)])
def test_what_was_searched_in_vain_bears_a_dash_on_the_timeline_and_what_was_read_none(kind, n):
    figure = plots.timeline(traced(PLACES, kind=kind).matrix, texts(), codes=("norm", "deed"))
    dashes = [line for line in figure.findobj(Line2D) if line.get_linewidth() == 0.6]
    assert len(dashes) == n
    words = " ".join(" ".join(said(figure)).split())
    assert "grey: a person read and found none; grey with a dash: rules or models searched" in words


@pytest.mark.parametrize(("kind", "is_crossed"), [("rules", True), ("model", True), ("person", False)])
def test_a_portrait_keeps_what_was_read_and_what_was_searched_apart(kind, is_crossed):
    figure = plots.portrait(*coded_document(kind=kind), BOOK)
    through = [box for box in figure.findobj(Rectangle) if box.get_height() == pytest.approx(0.3)]
    assert bool(through) is is_crossed
    words = " ".join(" ".join(said(figure)).split())
    assert "grey with a line through it: rules or models searched, and nothing is coded" in words


def coded_document(text=TEXT, kind="rules"):
    document = Document("0/0", text, {"donor": "0", "title": "A text"})
    segments = (
        machine_coded(document.segment(0, 30), BOOK["role.bridge"], RULES, "r"),
        machine_coded(document.segment(20, 60), BOOK["norm"], RULES, "r"),
        machine_coded(document.segment(100, 130), BOOK["orientation.security"], RULES, "r"),
    )
    return document, Coded(segments, (Reading("rules", document.segment(0, len(text)), kind=kind),))


def test_a_portrait_draws_each_coded_stretch_as_long_as_it_is():
    document, coded = coded_document()
    figure = plots.portrait(document, coded, BOOK)
    inks = {"#d55e00": 0.0, "#0072b2": 0.0}
    from matplotlib.colors import to_hex

    step = (169.0 - 11.0) / 110
    for box in figure.findobj(Rectangle):
        if to_hex(box.get_facecolor()) in inks and box.get_height() != 2.4:  # which is that of the key
            inks[to_hex(box.get_facecolor())] += box.get_width() * box.get_height() / 4.0
    # Role is coded for 30 characters and norm for 40, of which 10 are shared and drawn at half the height.
    assert inks["#d55e00"] / step == pytest.approx(20 + 10 / 2)
    assert inks["#0072b2"] / step == pytest.approx(30 + 10 / 2)


def test_a_portrait_names_what_it_shows():
    words = said(plots.portrait(*coded_document(), BOOK))
    assert {"A text", "Norm 1", "Role 1", "Deed 0", "Security 1", "110"} <= set(words)


def every_figure(names=("Norland", "Sudland")):
    found = traced(PLACES, names)
    corpus = texts(names)
    table = cooccur(found.matrix, corpus, codes=("norm", "role", "gain", "deed"), together="sentence")
    return [
        plots.pathways(found, texts="in digests"),
        plots.pathways(traced(PLACES, names, depth=1)),
        plots.cooccurrence(table, texts="in digests"),
        plots.timeline(found.matrix, corpus, codes=("norm", "role", "aim", "gain", "deed")),
        plots.portrait(*coded_document(), BOOK),
    ]


def test_figures_are_equal_from_run_to_run_and_as_wide_as_a_page():
    for one, other in zip(every_figure(), every_figure(), strict=True):
        assert plots.svg(one) == plots.svg(other)
        assert round(one.get_figwidth() * 25.4) == 175


def test_nothing_is_drawn_over_the_edge_or_over_other_words():
    for figure in every_figure(("The United Kingdom of Norland", "Westlandschifffahrtsgesellschaftsland")):
        renderer = FigureCanvasAgg(figure).get_renderer()
        boxes = [text.get_tightbbox(renderer) for text in figure.findobj(Text) if text.get_text().strip()]
        assert min(min(box.x0, box.y0) for box in boxes) >= 0
        assert max(box.x1 for box in boxes) <= figure.bbox.x1
        assert max(box.y1 for box in boxes) <= figure.bbox.y1
        assert all(not a.shrunk(0.98, 0.98).overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_text_from_outside_never_breaks_a_figure():
    for figure in every_figure(("a $x_1^2$ b$", "<script>alert('1')</script> 日本 \x00\ud800")):
        document = plots.svg(figure)
        ET.fromstring(document)
        assert b"<script" not in document


STATED = """
pathway:
  along: [[role], [behaviour]]
  together: document
"""


@pytest.fixture
def stated(sandbox):
    sandbox.change("studies/study.yaml", "least_clusters: 2", f"least_clusters: 2{STATED}")
    return sandbox


def test_a_study_states_its_steps(stated):
    run = coding.run(coding.Project.open(stated.root))
    found = pathways_of(run)
    assert [step.categories for step in found.steps] == [("role",), ("behaviour",)]
    assert found["norland"].links[0].whole.places == (run.corpus["norland/a"].whole,)
    assert pathways_of(run, together="sentence")["norland"].links[0].whole.n_both == 0
    assert categories_of(run) == ("role", "behaviour")


def test_steps_that_a_study_states_wrongly_are_refused_at_their_place(stated):
    stated.change("studies/study.yaml", "[role], [behaviour]", "[role, role], [behavior]")
    stated.change("studies/study.yaml", "unit: sentence", "unit: document")
    stated.change("studies/study.yaml", "together: document", "together: paragraph")
    with pytest.raises(CodingError) as raised:
        read_checked(coding.Project.open(stated.root))
    assert [re.sub(r".*column \d+: ", "", problem) for problem in raised.value.problems] == [
        "the study counts documents, so what stands in one paragraph is not known.",
        "'role' stands twice.",
        "no code 'behavior'. Did you mean 'behaviour'?",
    ]


def test_a_run_by_a_larger_unit_takes_that_for_its_places(stated):
    stated.change("studies/study.yaml", "together: document", "together: sentence")
    run = coding.run(coding.Project.open(stated.root), changed={"unit": "paragraph"})
    assert pathways_of(run).together == "paragraph"


def test_a_study_without_steps_takes_the_parts_of_its_first_family(sandbox):
    run = coding.run(coding.Project.open(sandbox.root))
    assert pathways_of(run).together == "sentence"
    assert [step.categories for step in pathways_of(run).steps] == [("role",), ("behaviour",)]


def test_a_codebook_that_does_not_divide_has_no_pathway_until_the_study_states_one(sandbox):
    sandbox.change("codebooks/book.yaml", "category: [role, behaviour]", "one: [role], other: [behaviour]")
    run = coding.run(coding.Project.open(sandbox.root))
    with pytest.raises(CodingError, match="under `pathway`"):
        pathways_of(run)
    assert categories_of(run) == ("role", "behaviour", "orientation")


def test_a_run_draws_the_pathways_that_its_study_states(stated, tmp_path):
    run = coding.run(coding.Project.open(stated.root))
    assert {"pathways", "timeline"} <= set(plots.draw_all(run, tmp_path))


def command(*arguments):
    found = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert found.exit_code == 0
    return found


@pytest.mark.parametrize("name", ["pathways", "cooccurrence"])
def test_the_commands_print_tables_passages_and_values(stated, name):
    root = ("--project", stated.root)
    rows = [line.split("\t") for line in command(name, *root).stdout.splitlines()]
    assert {"both", "base", "jaccard", "lift", "state"} <= set(rows[0])
    assert len({len(row) for row in rows}) == 1
    level = ("--together", "document")
    values = json.loads(command(name, *root, *level, "--json").stdout)
    assert (values["together"], values["texts"]) == ("document", "digests")
    assert "in digests. Described, not tested." in command(name, *root).stderr
    head, *found = (
        line.split("\t")
        for line in command(name, *root, *level, "--passages", "role", "behaviour").stdout.splitlines()
    )
    quotes = [dict(zip(head, row, strict=True))["quote"] for row in found]
    assert "bridge" in quotes
    assert "trains" in quotes


@pytest.mark.parametrize("name", ["pathways", "cooccurrence"])
def test_where_no_place_bears_both_a_pipe_gets_nothing_and_a_reader_a_way_on(stated, name):
    asked = ("--together", "sentence", "--passages", "role", "behaviour")
    ended = command(name, "--project", stated.root, *asked)
    assert ended.stdout == ""
    assert "No sentence bears both. `--together document` looks at whole documents." in ended.stderr


def test_what_a_person_read_in_part_is_said_by_the_commands(stated, tmp_path):
    stated.change("studies/study.yaml", "coders: [rules]", "coders: [anna]")
    project = coding.Project.open(stated.root)
    text = project.corpus["norland/a"]
    first = text.segment(0, text.text.index("."))
    with project.store() as store:
        store.add(act("anna", "coder", Coder("anna", "person")))
        store.add(act("anna", "read", Reading("anna", first, at=now(), id=new_id())))
    root = ("--project", stated.root)
    said = " ".join(command("pathways", *root).stderr.split())
    assert "Norland: 0 of 1 documents bear every step; 2 more were not read for some step." in said
    assert "3 of 4 sentences were not read for some step, and count nowhere for it." in said
    assert "were not read for some code" in command("cooccurrence", *root).stderr
    command("portrait", "norland/a", *root, "--out", tmp_path / "a.svg")
    drawn = " ".join((tmp_path / "a.svg").read_text(encoding="utf-8").split())
    assert "1 of 2 sentences not read" in drawn


def test_the_commands_write_figures_and_tables(stated, tmp_path):
    root = ("--project", stated.root)
    for name, arguments in (
        ("p.png", ("pathways", *root)),
        ("p.svg", ("pathways", *root, "--case", "norland")),
        ("p.csv", ("pathways", *root, "--depth", "1")),
        ("c.png", ("cooccurrence", *root, "--case", "norland")),
        ("c.md", ("cooccurrence", *root)),
        ("d.svg", ("portrait", "norland/a", *root)),
        ("t.png", ("timeline", *root)),
    ):
        command(*arguments, "--out", tmp_path / name)
        assert (tmp_path / name).stat().st_size > 50
    assert ET.parse(tmp_path / "d.svg").getroot().tag.endswith("svg")


def test_a_portrait_of_a_document_that_the_study_leaves_out_can_be_drawn(stated, tmp_path):
    stated.change("studies/study.yaml", "years: {}", "years: {from: 2030}")
    stated.change("corpus/norland/case.yaml", "year: 2015", "year: 2031")
    stated.change("corpus/sudland/case.yaml", "year: 2015", "year: 2031")
    out = tmp_path / "b.svg"
    command("portrait", "norland/b", "--project", stated.root, "--out", out)
    assert "b of norland" in re.sub(r"\s+", " ", Path(out).read_text(encoding="utf-8").replace("b.txt", "b"))


def test_a_figure_has_an_ending_of_a_picture(stated, tmp_path):
    with pytest.raises(CodingError, match=r"\.png or a \.svg"):
        CliRunner().invoke(
            app,
            ["timeline", "--project", str(stated.root), "--out", str(tmp_path / "t.pdf")],
            catch_exceptions=False,
        )
    with pytest.raises(CodingError, match="goes with no --format and no --out"):
        CliRunner().invoke(
            app, ["pathways", "--passages", "a", "b", "--out", "x.png"], catch_exceptions=False
        )
