"""Contrasts as tables: what a paper shows and what a program reads are the same numbers."""

import csv
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import coding
from coding.contrast_tables import (
    NOTHING,
    cells_of,
    contrast_rows,
    contrasts_paper,
    few,
    measured,
    probability,
    rank_rows,
    ranks_paper,
    span,
    strongest_in_words,
    title,
)
from coding.contrasting import contrasts
from coding.paper.written import FORMATS, written
from coding.plots.words import percent, points, times
from coding.ranking import ranks
from coding.results import write_table
from coding.study import run


@pytest.fixture(scope="module")
def shipped():
    return run(coding.Project.open(), "bimantara-2022")


@pytest.fixture(scope="module")
def found(shipped):
    parts, tops = shipped.matrix.parts["orientation"], list(shipped.compositions)
    return contrasts(shipped.matrix, on=parts, within=tops, pairs="every pair", base="coded", seed=2022)


def notes(paper):
    return " ".join(paper.blocks[0].notes)


def test_the_study_s_findings_are_rows_of_the_table(shipped, found):
    rows = {(row.code, row.within): row.contrast for row in found}
    tested = [finding for finding in shipped.findings if finding.claim.kind == "contrast"]
    assert len(tested) == 6
    for finding in tested:
        test = finding.claim.test
        assert rows[test.on, test.within] == finding.contrasts[0]


def test_each_row_has_a_cell_for_each_column_and_both_bases(shipped, found):
    (table,) = contrasts_paper(shipped, found).blocks
    assert len(table.rows) == len(found) == 18
    for shown, row in zip(table.rows, found, strict=True):
        assert len(shown.cells) == len(table.head)
        assert shown.cells == cells_of(row)
        for cell, side in zip(shown.cells[1:3], (row.contrast.first, row.contrast.second), strict=True):
            assert f"({side.n}/{side.base}; {side.n_clusters})" in cell


def test_the_notes_say_why_a_number_is_missing_and_which_are_not_to_be_trusted(shipped, found):
    said = notes(contrasts_paper(shipped, found))
    reasons = {row.contrast.reason for row in found if row.contrast.reason}
    assert reasons
    assert all(reason in said for reason in reasons)
    short = [row for row in found if row.n_clusters < 5]
    assert len(short) > 10
    assert f"{len(short)} of 18 contrasts, the last number in a bracket says which" in said
    assert "Of 18 contrasts some lie beyond zero by chance alone" in said


def test_few_exceptions_are_named_and_many_are_counted(shipped, found):
    some = replace(found, rows=found.rows[:9])
    said = notes(contrasts_paper(shipped, some))
    short = [row for row in some if row.n_clusters < 5]
    assert short
    assert all(title(row) in said for row in short)
    assert few(some, 5).count(" − ") == len(short)
    assert few(found, 5).count(" − ") == 0


def test_the_notes_do_not_grow_with_the_contrasts(shipped, found):
    many = replace(found, rows=found.rows * 20)
    assert len(notes(contrasts_paper(shipped, many))) < 2_500
    turned = sum(any(one.turns_sign for one in row.influences) for row in many)
    assert f"One document less turns {turned} of 360 differences round" in notes(
        contrasts_paper(shipped, many)
    )


def test_the_placebo_deals_independent_documents_and_projects(shipped, found):
    said = notes(contrasts_paper(shipped, found))
    assert "random deals of the two sides over the independent documents or projects" in said


def test_what_a_share_is_of_is_said_once_whatever_the_study_measures(shipped):
    asked = shipped.matrix.measurement
    for measure in ("share", "rate"):
        known = replace(asked, measure=measure)
        assert measured(known, within=False, base="searched").startswith("share of searched sentences,")
        assert measured(known, within=False, base="coded").startswith(
            "share of the sentences coded in the family,"
        )
        searched, coded = (measured(known, within=True, base=base) for base in ("searched", "coded"))
        assert searched.startswith("share of the sentences of the code after “in”,")
        assert "searched" not in coded
        assert "of the code after “in” that are coded in the family," in coded


def test_a_single_contrast_says_nothing_of_others(shipped):
    one = contrasts(
        shipped.matrix,
        on=["behaviour"],
        within=None,
        pairs=[("japan", "south-korea")],
        base="searched",
        seed=1,
    )
    said = notes(contrasts_paper(shipped, one))
    assert "by chance alone" not in said
    assert few(one, 2) == ""


@pytest.mark.parametrize("kind", [name for name in FORMATS if name != "docx"])
def test_contrasts_and_ranks_are_written_in_every_format(shipped, found, kind):
    order = [ranks(shipped.matrix, on="behaviour", within=None, base="searched")]
    text = written(contrasts_paper(shipped, found), kind).decode()
    assert "Security in Behaviour" in text
    assert "South Korea" in written(ranks_paper(shipped, order), kind).decode()


def test_the_table_for_programs_has_every_number_in_full(found, tmp_path):
    write_table(tmp_path / "contrasts.csv", contrast_rows(found), sheet="contrasts")
    with (tmp_path / "contrasts.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(found)
    for line, row in zip(lines, found, strict=True):
        assert (line["code"], line["within"]) == (row.code, row.within)
        known = row.contrast.difference
        assert (
            line["difference"] == "" if known is None else float(line["difference"]) == pytest.approx(known)
        )
        strongest = row.strongest
        assert line["strongest_document"] == ("" if strongest is None else strongest.document)


def test_ranks_for_programs_have_a_row_for_each_share_and_case(shipped):
    order = [ranks(shipped.matrix, on=code, within=None, base="searched") for code in ("role", "behaviour")]
    head, *rows = rank_rows(order)
    assert len(rows) == 4
    assert all(len(row) == len(head) for row in rows)


def test_one_document_of_several_that_turn_a_difference_is_enough(found):
    row = next(row for row in found if sum(one.turns_sign for one in row.influences) > 1)
    n = sum(one.turns_sign for one in row.influences)
    assert f"the sign turns if any one of {n} documents is left out" in strongest_in_words(row)


def test_a_document_that_turns_a_difference_is_named_with_what_is_left(found):
    (row,) = [row for row in found if (row.code, row.within) == ("orientation.economic", "behaviour")]
    assert row.strongest.turns_sign
    said = strongest_in_words(row)
    assert said.startswith(f"without {row.strongest.document} {points(row.strongest.difference)}")
    assert "the sign turns if one document is left out" in said


@given(st.floats(-1, 1))
def test_points_are_the_difference_times_a_hundred_to_one_decimal(value):
    said = points(value)
    assert "-" not in said
    assert float(said.replace("−", "-")) == pytest.approx(100 * value, abs=0.0501)
    assert said == "0.0" or said[0] in "+−"


@pytest.mark.parametrize(
    ("said", "exact"),
    [
        (percent(0.125), "13\u00a0%"),
        (percent(0.145), "15\u00a0%"),
        (percent(0.1246), "12\u00a0%"),
        (percent(0.0125), "1.3\u00a0%"),
        (percent(0.0995), "10\u00a0%"),
        (times(1.25), "1.3"),
        (times(0.125), "0.13"),
        (times(100.5), "101"),
        (points(0.0625), "+6.3"),
        (points(-0.0625), "−6.3"),
    ],
)
def test_a_half_is_rounded_away_from_zero_everywhere(said, exact):
    assert said == exact


@given(st.floats(1e-4, 1e4))
def test_a_ratio_keeps_two_figures_that_count(value):
    assert float(times(value)) == pytest.approx(value, rel=0.051)
    assert "e" not in times(value) or value < 1e-4


@given(st.floats(0.0002, 1))
def test_a_placebo_is_never_written_as_nought(value):
    assert probability(value).strip("<.0") != ""


def test_what_is_missing_is_a_dash():
    assert (span(None, None), probability(None)) == (NOTHING, NOTHING)
