"""The matrix: every number opens to its passages, shares have their base, three zeros differ."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code, Codebook
from coding.errors import CodingError, StaleText
from coding.matrix import Measurement, tabulate
from coding.model import Case, Coded, Coder, Corpus, Document, Reading, machine_coded

BOOK = Codebook(
    "book",
    "1.0.0",
    (
        Code("role", "Role", "d"),
        Code("role.bridge", "Bridge", "d", parent="role", implies=("aim.peace",)),
        Code("role.model", "Model", "d", parent="role"),
        Code("aim", "Aim", "d"),
        Code("aim.peace", "Peace", "d", parent="aim"),
        Code("aim.trade", "Trade", "d", parent="aim"),
    ),
    families={"role": ("role",), "aim": ("aim",)},
)
DOCUMENTS = (
    Document("n/1", "One two. Three four. Five six. Seven eight.", {"donor": "n"}),
    Document("n/2", "One two.", {"donor": "n"}),
    Document("s/1", "One two. Three four.", {"donor": "s"}),
)
CORPUS = Corpus(DOCUMENTS, {"n": Case("n", "Norland"), "s": Case("s", "Sudland")})
RULES = Coder("rules", "rules")


def at(document, quote, code):
    text = CORPUS[document].text
    start = text.index(quote)
    return machine_coded(CORPUS[document].segment(start, start + len(quote)), BOOK[code], RULES, "r")


ALL_READ = tuple(Reading("rules", d.whole, kind="rules") for d in DOCUMENTS)
CODED = Coded(
    (
        at("n/1", "One", "role.bridge"),
        at("n/1", "two", "role.bridge"),
        at("n/1", "Three", "role.model"),
        at("n/2", "One", "role.bridge"),
        at("s/1", "One", "aim.trade"),
    ),
    ALL_READ,
)
DECISIONS = {
    "by": "donor",
    "measure": "share",
    "unit": "sentence",
    "counts": "any",
    "weight": "unit",
    "rollup": True,
    "implies": False,
}


def table(coded=CODED, **changed):
    return tabulate(coded, CORPUS, BOOK, **{**DECISIONS, **changed})


def value(code, case="Norland", **changed):
    return table(**changed).cell(case, code).value


@pytest.mark.parametrize(
    ("changed", "bridge", "role"),
    [
        ({"measure": "segments"}, 3, 4),
        ({"measure": "units"}, 2, 3),
        ({"measure": "documents"}, 2, 2),
        ({"measure": "share"}, 2 / 5, 3 / 5),
        ({"measure": "share", "weight": "document"}, (1 / 4 + 1) / 2, (2 / 4 + 1) / 2),
        ({"measure": "profile"}, 2 / 3, 1),
        ({"measure": "profile", "weight": "document"}, (1 / 2 + 1) / 2, 1),
        ({"measure": "rate"}, 3 / 10 * 1000, 4 / 10 * 1000),
        ({"measure": "rate", "weight": "document"}, (2 / 8 + 1 / 2) / 2 * 1000, (3 / 8 + 1 / 2) / 2 * 1000),
        ({"unit": "document"}, 1, 1),
        ({"rollup": False}, 2 / 5, 0),
    ],
)
def test_each_measure_is_what_it_says(changed, bridge, role):
    assert value("role.bridge", **changed) == pytest.approx(bridge)
    assert value("role", **changed) == pytest.approx(role)


def test_implied_codes_count_only_where_the_study_says_so():
    assert value("aim.peace") == 0
    assert value("aim.peace", implies=True) == pytest.approx(2 / 5)
    assert value("aim", implies=True) == pytest.approx(2 / 5)


def test_a_cell_opens_to_its_passages_its_base_and_its_documents():
    cell = table().cell("Norland", "role")
    assert cell.quotes(CORPUS) == ["One", "two", "Three", "One"]
    assert (cell.n, cell.base, cell.n_documents, cell.state) == (3, 5, 2, "present")
    assert table().cell("n", "role") == cell


def test_a_profile_over_an_empty_family_is_missing_not_zero():
    assert value("role.bridge", "Sudland", measure="profile") is None


def test_three_zeros_differ():
    readings = (
        Reading("anna", CORPUS["n/1"].whole, ("role",)),
        Reading("rules", CORPUS["s/1"].whole, ("role",), kind="rules"),
    )
    matrix = table(Coded((), readings))
    assert matrix.cell("Norland", "role").state == "absent"
    assert matrix.cell("Sudland", "role").state == "searched"
    assert matrix.cell("Norland", "aim").state == "not examined"
    assert matrix.cell("Norland", "role").base == 4
    assert [matrix.cell(c, "aim").value for c in ("Norland", "Sudland")] == [None, None]


def test_unread_units_are_no_part_of_the_base():
    half = Coded(CODED.segments[:1], (Reading("rules", CORPUS["n/1"].segment(0, 20), kind="rules"),))
    assert table(half).cell("Norland", "role.bridge").base == 2


def test_an_unknown_case_code_measure_or_family_names_the_nearest():
    for act, message in (
        (lambda: table().cell("Norlnd", "role"), "Did you mean 'Norland'"),
        (lambda: table().cell("Norland", "roll"), "Did you mean 'role'"),
        (lambda: table(measure="shares"), "Did you mean 'share'"),
        (lambda: table(weight="units"), "Did you mean 'unit'"),
        (lambda: table().compose("aims", within="role"), "Did you mean 'aim'"),
    ):
        with pytest.raises(CodingError, match=message):
            act()


def test_a_code_that_the_codebook_does_not_know_is_refused():
    other = machine_coded(CORPUS["n/1"].segment(0, 3), Code("gone", "Gone", "d"), RULES, "r")
    with pytest.raises(CodingError, match="coded segments bear 'gone'"):
        table(Coded((other,)))


def test_a_changed_text_is_refused():
    changed = Corpus((Document("n/1", "Other words.", {"donor": "n"}),))
    with pytest.raises(StaleText, match="3 coded segments"):
        tabulate(CODED, changed, BOOK, **DECISIONS)


def test_the_composition_adds_up_to_its_base():
    coded = Coded(
        (
            *CODED.segments,
            at("n/1", "two", "aim.peace"),
            at("n/1", "Three", "aim.peace"),
            at("n/1", "four", "aim.trade"),
        ),
        ALL_READ,
    )
    found = table(coded).compose("aim", within="role")["n"]
    assert dict(found.counts) == {"aim.peace": 1, "aim.trade": 0, "mixed": 1, "none": 1}
    assert found.base == table(coded).cell("Norland", "role").n


places = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 40), st.integers(1, 30), st.sampled_from([c.id for c in BOOK.codes])
    ),
    max_size=12,
)


@given(
    places, st.sampled_from(["sentence", "paragraph", "document"]), st.sampled_from(["any", "greater part"])
)
def test_tabulate_conserves(found, unit, counts):
    segments = {}
    for which, start, size, code in found:
        document = DOCUMENTS[which]
        start = min(start, len(document.text) - 1)
        segment = document.segment(start, min(start + size, len(document.text)))
        coded = machine_coded(segment, BOOK[code], RULES, "r")
        segments[coded.id] = coded
    matrix = table(Coded(tuple(segments.values()), ALL_READ), measure="units", unit=unit, counts=counts)
    for code in matrix.codes:
        cells = [matrix.cell(case, code) for case in ("n", "s")]
        assert sum(cell.n for cell in cells) == int(matrix.bears(code).sum())
        assert all(0 <= cell.n <= cell.base for cell in cells)
        assert all((cell.n > 0) == bool(cell.coded.segments) for cell in cells)
    for parent in ("role", "aim"):
        below = [c.id for c in BOOK.children(parent)] + [parent]
        own = table(
            Coded(tuple(segments.values()), ALL_READ), measure="units", unit=unit, counts=counts, rollup=False
        )
        assert (matrix.bears(parent) == np.any([own.bears(c) for c in below], axis=0)).all()


def test_a_shared_document_counts_for_the_cases_its_units_name():
    both = Document(
        "n/x", "Norland acts. Sudland acts. Norland and Sudland act.", {"donor": "n", "about": ("n", "s")}
    )
    corpus = Corpus((both,), CORPUS.known_cases)
    coded = Coded(
        (machine_coded(both.segment(14, 21), BOOK["role"], RULES, "r"),), (Reading("rules", both.whole),)
    )
    matrix = tabulate(coded, corpus, BOOK, **DECISIONS)
    assert (matrix.cell("n", "role").n, matrix.cell("n", "role").base) == (0, 2)
    assert (matrix.cell("s", "role").n, matrix.cell("s", "role").base) == (1, 2)


def test_the_frame_has_codes_as_rows_and_donors_as_columns():
    frame = table().frame()
    assert list(frame.columns) == ["Norland", "Sudland"]
    assert frame.loc["role", "Norland"] == pytest.approx(0.6)


YEARS = (2015, 2009, 2015, 2009, 2012)
ABOUT = (None, None, ("n", "s"), ("s",), ("n", "s"))
NAMING = "Norland acts. It goes on. Sudland acts. It goes on. Norland and Sudland act."


def dated(donors="nnsns", years=YEARS, about=ABOUT):
    documents = tuple(
        Document(
            str(i), NAMING, {"donor": donor, "year": year} | ({} if others is None else {"about": others})
        )
        for i, (donor, year, others) in enumerate(zip(donors, years, about, strict=True))
    )
    return Corpus(documents, CORPUS.known_cases)


def by(variables, corpus, found=(), **changed):
    segments = {}
    for which, start, size, code in found:
        document = corpus.documents[which % len(corpus)]
        start = min(start, len(document.text) - 1)
        segment = document.segment(start, min(start + size, len(document.text)))
        coded = machine_coded(segment, BOOK[code], RULES, "r")
        segments[coded.id] = coded
    read = tuple(Reading("rules", d.whole, kind="rules") for d in corpus)
    return tabulate(
        Coded(tuple(segments.values()), read), corpus, BOOK, **{**DECISIONS, **changed, "by": variables}
    )


coded_places = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, len(NAMING)),
        st.integers(1, 30),
        st.sampled_from([c.id for c in BOOK.codes]),
    ),
    max_size=12,
)


@given(
    coded_places,
    st.lists(st.sampled_from(YEARS), min_size=5, max_size=5),
    st.sampled_from(["segments", "units", "documents"]),
    st.sampled_from(["sentence", "paragraph", "document"]),
    st.sampled_from(["any", "greater part"]),
)
def test_the_cases_of_donor_and_year_part_those_of_the_donor(found, years, measure, unit, counts):
    corpus = dated(years=years)
    decided = {"measure": measure, "unit": unit, "counts": counts}
    whole, parted = (by(variables, corpus, found, **decided) for variables in ("donor", ["donor", "year"]))
    for case, rows in whole.rows.items():
        parts = [name for name in parted.cases if name.startswith(f"{case} · ")]
        assert sorted(row for name in parts for row in parted.rows[name]) == rows.tolist()
        for code in whole.codes:
            cell, cells = whole.cell(case, code), [parted.cell(name, code) for name in parts]
            assert (cell.value or 0) == sum(part.value or 0 for part in cells)
            assert (cell.n, cell.base) == (sum(p.n for p in cells), sum(p.base for p in cells))
    assert parted.unplaced == whole.unplaced


@given(coded_places)
def test_the_order_of_the_variables_changes_no_number(found):
    corpus = dated()
    one, other = by(["donor", "year"], corpus, found), by(["year", "donor"], corpus, found)
    assert len(one.cases) == len(other.cases) == 6
    for case in one.cases:
        donor, year = case.split(" · ")
        for code in one.codes:
            here, there = one.cell((donor, year), code), other.cell((year, donor), code)
            assert (here.value, here.n, here.base) == (there.value, there.n, there.base)


def test_combined_cases_stand_under_their_first_value_with_the_others_sorted():
    alone = by(["donor", "year"], dated(about=[None] * 5))
    assert alone.cases == ("n · 2009", "n · 2015", "s · 2012", "s · 2015")
    tens = dated("nnsns", (10, 9, 100, 9, 9)).cases(["donor", "year"])
    assert list(tens) == ["n · 9", "n · 10", "s · 9", "s · 100"]
    # What a shared document only names stands with its kind, not at the end.
    assert by(["donor", "year"], dated()).cases == (
        "n · 2009", "n · 2012", "n · 2015", "s · 2009", "s · 2012", "s · 2015",
    )  # fmt: skip


def test_a_combined_case_is_found_by_its_values_its_id_and_its_name():
    matrix = by(["donor", "year"], dated())
    cell = matrix.cell(("Norland", 2015), "role")
    assert cell.case == "n · 2015"
    assert matrix.names[cell.case] == "Norland · 2015"
    assert matrix.cell("n · 2015", "role") == matrix.cell("Norland · 2015", "role") == cell
    assert matrix.cell(("n", 2015), "role") == cell
    with pytest.raises(CodingError, match="no case 'Norlnd · 2015'. Did you mean 'Norland · 2015'"):
        matrix.cell(("Norlnd", 2015), "role")


def test_a_unit_of_a_shared_document_goes_to_those_it_names_in_the_year_of_the_document():
    corpus = dated("s", (2012,), (("n", "s"),))
    matrix = by(["donor", "year"], corpus)
    assert {case: rows.tolist() for case, rows in matrix.rows.items()} == {
        "s · 2012": [2, 3, 4],
        "n · 2012": [0, 1, 4],
    }
    only = by(["donor", "year"], corpus, cases=[("n", 2012)])
    assert only.cases == ("n · 2012",)
    assert [corpus["0"].quote(unit) for unit in only.unplaced] == ["Sudland acts.", "It goes on."]


def test_one_variable_in_a_list_is_that_variable():
    assert by(["donor"], dated()).measurement == by("donor", dated()).measurement
    assert by(["donor"], dated()).cases == ("n", "s")


def test_a_figure_names_combined_cases_and_the_variables_that_make_them():
    from matplotlib.text import Text

    from coding.plots import heatmap

    said = " ".join(text.get_text() for text in heatmap(by(["donor", "year"], dated())).findobj(Text))
    assert "Codes by donor and year" in said
    assert "Norland · 2009 5 in 1" in said


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (["donor", "yaer"], "no document has a variable 'yaer'. Did you mean 'year'"),
        (["donor", "donor"], "by 'donor' and by 'donor' again. Name it once"),
        ([], "name the document variable"),
        (["donor", "about"], "no document has a single value of 'about'"),
    ],
)
def test_variables_that_make_no_cases_are_refused(variables, message):
    with pytest.raises(CodingError, match=message):
        by(variables, dated(about=[("n", "s")] * 5))


def test_a_document_without_one_of_the_variables_is_never_a_lost_row():
    corpus = Corpus((*dated().documents, Document("x", "One.", {"donor": "n"})))
    with pytest.raises(CodingError, match="^x: no single value of 'year'. Give it one.$"):
        corpus.cases(["donor", "year"])


def test_two_combinations_are_never_written_alike():
    alike = [("x · y", "z"), ("x", "y · z")]
    documents = tuple(Document(str(i), "One.", {"a": a, "b": b}) for i, (a, b) in enumerate(alike))
    with pytest.raises(CodingError, match="2 problems:\n0: ' · ' in 'a' would part two values"):
        Corpus(documents).cases(["a", "b"])
    assert list(Corpus(documents).cases("a")) == ["x · y", "x"]


def test_the_decisions_can_be_said_in_a_sentence():
    said = str(Measurement(**DECISIONS))
    assert said == "share of searched sentences, each unit alike, with the codes below"
