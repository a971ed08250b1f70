"""How far coders agree: on what was read, code by code, and where they do not; as plain counting has it."""

from itertools import product

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding import agreement as verb
from coding.codebook import Code, Codebook
from coding.distances import masi_distance
from coding.errors import CodingError, StaleText
from coding.model import Coded, CodedSegment, Coder, Corpus, Document, Reading, machine_coded
from coding.plots import agreement as draw
from coding.plots import svg
from coding.reliability import cohen_kappa, krippendorff_alpha
from coding.resampling import drawn
from coding.tally import tally
from coding.unitizing import Continuum, merged, unitizing_alpha

CODES = (
    Code("role", "Role", "What it does for others."),
    Code("role.bridge", "Bridge", "It joins.", parent="role"),
    Code("role.mediator", "Mediator", "It calms.", parent="role"),
    Code("behaviour", "Behaviour", "What it does."),
    Code("orientation", "Orientation", "What it is about."),
    Code("orientation.security", "Security", "Protection.", parent="orientation"),
    Code("orientation.growth", "Growth", "Growth.", parent="orientation"),
)
BOOK = Codebook(
    "book", "1.0.0", CODES, families={"category": ("role", "behaviour"), "orientation": ("orientation",)}
)
FLAT = ("role.bridge", "role.mediator", "behaviour")
N_SENTENCES = 4
TEXT = " ".join(f"Sentence number {word} is here." for word in ("one", "two", "three", "four"))
CORPUS = Corpus(tuple(Document(f"d{n}", TEXT, {"family": f"f{n // 2}"}) for n in range(4)))
SENTENCES = [(i, i + TEXT[i:].index(".") + 1) for i in range(len(TEXT)) if TEXT[i:].startswith("Sentence")]


def segment(document, sentence):
    return CORPUS[f"d{document}"].segment(*SENTENCES[sentence])


def coding(given, read):
    """Return what coders said of sentences: (coder, document, sentence, code), and of documents they read."""
    segments = [
        CodedSegment(f"{coder}{d}{s}{code}", segment(d, s), code, BOOK[code].meaning, coder)
        for coder, d, s, code in given
    ]
    readings = [
        Reading(coder, CORPUS[f"d{d}"].whole, codes, at=at, blind=blind)
        for coder, d, codes, at, blind in read
    ]
    return Coded(tuple(segments), tuple(readings))


def all_read(*coders, at="2026-01-01T10:00:00Z"):
    return [(coder, d, None, at, True) for coder in coders for d in range(len(CORPUS))]


def agreed(coded, *, between=("anna", "ben"), **asked):
    asked = {"unit": "sentence", "counts": "any", "rollup": False, "seed": 1, "n_replicates": 50} | asked
    return verb(coded, CORPUS, BOOK, between=between, level="nominal", **asked)


SAID = [
    ("anna", 0, 0, "role.bridge"), ("ben", 0, 0, "role.bridge"), ("anna", 0, 1, "role.bridge"),
    ("ben", 0, 1, "role.mediator"), ("anna", 1, 0, "behaviour"), ("anna", 2, 3, "behaviour"),
    ("ben", 2, 3, "behaviour"), ("ben", 3, 2, "role.bridge"),
]  # fmt: skip


def test_each_code_is_its_own_question_over_all_units_that_both_read():
    found = agreed(coding(SAID, all_read("anna", "ben"))).by_code["role.bridge"]
    assert (found.n_units, found.n_coded, found.given, found.n_all) == (16, 3, (2, 2), 1)
    assert found["percent"].value == 14 / 16
    assert found["positive"].value == 2 / 4
    assert found["negative"].value == 26 / 28
    assert found["percent"].prevalence == 4 / 32
    assert found["percent"].readers == 2


def test_a_unit_that_one_did_not_read_counts_nowhere():
    read = [each for each in all_read("anna", "ben") if each[:2] != ("ben", 1)]
    found = agreed(coding(SAID, read))
    assert {one.n_units for one in found.by_code.values()} == {12}
    assert found.by_code["behaviour"]["percent"].value == 1
    assert not any(unit.document == "d1" for unit in found.stack.units)
    assert all(one.segment.document != "d1" for one in found.differences())


def test_who_read_for_one_code_is_silent_on_the_others():
    read = [*all_read("anna"), *(("ben", d, ("role.bridge",), None, True) for d in range(4))]
    found = agreed(coding(SAID, read))
    assert found.by_code["role.bridge"].n_units == 16
    unread = found.by_code["behaviour"]
    assert (unread.n_units, unread["alpha"].value) == (0, None)
    assert unread["alpha"].reason == "no unit was read by two coders"
    assert "unitizing" in found.by_code["role.bridge"].statistics
    assert "unitizing" not in unread.statistics


coders = st.sampled_from(["anna", "ben", "cleo"])
givens = st.lists(
    st.tuples(coders, st.integers(0, 3), st.integers(0, 3), st.sampled_from(FLAT)), max_size=25, unique=True
)
readings = st.lists(
    st.tuples(
        coders,
        st.integers(0, 3),
        st.sampled_from([None, ("role.bridge",), ("behaviour", "role.mediator"), FLAT]),
        st.just(None),
        st.just(True),
    ),
    min_size=4,
    max_size=20,
)


def plainly(said, read, between):
    """Count again without any of ours: units x coders for each code, None where it was not read."""
    tables = {}
    for code in FLAT:
        rows = []
        for d, s in product(range(4), range(N_SENTENCES)):
            row = [
                ((coder, d, s, code) in said)
                if any(r[0] == coder and r[1] == d and (r[2] is None or code in r[2]) for r in read)
                else None
                for coder in between
            ]
            rows.append(row if sum(v is not None for v in row) > 1 else [None] * len(between))
        tables[code] = rows
    return tables


def alpha_of(rows):
    values = {v for row in rows for v in row if v is not None}
    if len(values) < 2:
        return None
    table = [[np.nan if row[k] is None else float(row[k]) for row in rows] for k in range(len(rows[0]))]
    return krippendorff.alpha(table, level_of_measurement="nominal")


@settings(max_examples=60)
@given(givens, readings, st.sampled_from([("anna", "ben"), ("ben", "anna"), ("anna", "ben", "cleo")]))
def test_every_figure_is_that_of_plain_counting(said, read, between):
    tables = plainly(set(said), read, between)
    coded = coding(said, read)
    if not any(v is not None for rows in tables.values() for row in rows for v in row):
        with pytest.raises(CodingError):
            agreed(coded, between=between, codes=FLAT)
        return
    if {r[0] for r in read} & set(between) != set(between):
        with pytest.raises(CodingError, match="read nothing|no reading"):
            agreed(coded, between=between, codes=FLAT)
        return
    found = agreed(coded, between=between, codes=FLAT, n_replicates=0)
    for code, rows in tables.items():
        figures = found.by_code[code]
        counted = [row for row in rows if any(v is not None for v in row)]
        assert figures.n_units == len(counted)
        assert figures.n_coded == sum(any(row) for row in counted)
        assert figures.given == tuple(sum(bool(row[k]) for row in counted) for k in range(len(between)))
        assert figures["alpha"].value == pytest.approx(alpha_of(counted))
        if len(between) == 2 and counted:
            assert figures["percent"].value == pytest.approx(np.mean([a == b for a, b in counted]))
    every = [row for rows in tables.values() for row in rows if any(v is not None for v in row)]
    assert found.over_read["alpha"].value == pytest.approx(alpha_of(every))
    anyone = [any(tables[code][u][k] for code in FLAT for k in range(len(between))) for u in range(16)]
    some = [
        row
        for rows in tables.values()
        for row, so in zip(rows, anyone, strict=True)
        if so and any(v is not None for v in row)
    ]
    assert found.over_coded.n_coded == found.over_coded.n_units == sum(anyone)
    assert found.over_coded["alpha"].value == (pytest.approx(alpha_of(some)) if some else None)
    differing = {
        (f"d{u // 4}", SENTENCES[u % 4][0])
        for rows in tables.values()
        for u, row in enumerate(rows)
        if len({v for v in row if v is not None}) > 1
    }
    assert {(one.segment.document, one.segment.start) for one in found.differences()} == differing


def test_the_figures_are_those_of_the_core_with_the_same_draws():
    found = agreed(coding(SAID, all_read("anna", "ben")), codes=FLAT)
    draws = drawn(2, n_replicates=50, seed=1)
    values, clusters = found.stack.values, found.stack.clusters
    assert clusters.tolist() == [0] * 8 + [1] * 8
    sums = tally(values, clusters=clusters)
    for i, code in enumerate(FLAT):
        alphas = krippendorff_alpha(sums, level="nominal", draws=draws)
        assert found.by_code[code]["alpha"] == alphas[i]
        np.testing.assert_array_equal(found.by_code[code]["alpha"].replicates, alphas[i].replicates)
        assert found.by_code[code]["cohen"] == cohen_kappa(sums, weights="identity", draws=draws)[i]


def test_two_empty_sets_are_equal_and_are_left_out_of_the_units_that_anyone_coded():
    found = agreed(coding(SAID, all_read("anna", "ben")), codes=FLAT)
    empty = frozenset()
    sets = {
        coder: [
            frozenset(c for who, a, b, c in SAID if (who, a, b) == (coder, d, s))
            for d, s in product(range(4), range(4))
        ]
        for coder in ("anna", "ben")
    }
    pairs = list(zip(sets["anna"], sets["ben"], strict=True))
    for figures, chosen in (
        (found.over_read, pairs),
        (found.over_coded, [pair for pair in pairs if pair != (empty, empty)]),
    ):
        given_sets = [one for pair in chosen for one in pair]
        observed = np.mean([masi_distance(*pair) for pair in chosen])
        n = len(given_sets)
        expected = sum(masi_distance(a, b) for a in given_sets for b in given_sets) / (n * (n - 1))
        assert figures["masi"].value == pytest.approx(1 - observed / expected)


def test_figures_on_spans_are_of_the_text_that_all_read():
    document = CORPUS["d0"]
    half = Reading("ben", document.segment(0, 60))
    meaning = BOOK["behaviour"].meaning
    coded = Coded(
        (
            CodedSegment("1", document.segment(3, 20), "behaviour", meaning, "anna"),
            CodedSegment("2", document.segment(50, 90), "behaviour", meaning, "anna"),
            CodedSegment("3", document.segment(5, 22), "behaviour", meaning, "ben"),
        ),
        (Reading("anna", document.whole), half),
    )
    continuum = Continuum(np.array([60]))
    spans = [merged(each, continuum) for each in ([(0, 3, 20), (0, 50, 60)], [(0, 5, 22)])]
    found = agreed(coded, codes=["behaviour"], n_replicates=0).by_code["behaviour"]
    assert found["unitizing"].value == unitizing_alpha({"b": spans}, continuum)[0][0].value
    assert found["code_points"].value == 2 * 15 / (17 + 10 + 17)
    assert found["segments"].value == 2 / 3
    assert found["unitizing"].n_units == 60


def test_rolled_up_a_code_is_borne_where_one_below_it_is():
    coded = coding(SAID, all_read("anna", "ben"))
    plain, rolled = agreed(coded), agreed(coded, rollup=True)
    assert plain.by_code["role"].flags == ("never used",)
    assert rolled.by_code["role"].given == (2, 3)
    assert rolled.by_code["role"].n_all == 2
    assert rolled.by_code["role.bridge"].given == plain.by_code["role.bridge"].given


def test_only_the_codes_asked_for_are_compared_with_what_counts_for_them():
    found = agreed(coding(SAID, all_read("anna", "ben")), codes=["role"], rollup=True)
    assert list(found.by_code) == ["role"]
    assert found.over_read["alpha"].value == found.by_code["role"]["alpha"].value


def test_an_exclusive_family_is_one_value_of_a_unit():
    said = [
        ("anna", 0, 0, "orientation.security"), ("ben", 0, 0, "orientation.security"),
        ("anna", 0, 1, "orientation.security"), ("ben", 0, 1, "orientation.growth"),
        ("anna", 0, 2, "orientation.growth"), ("ben", 0, 2, "orientation.growth"),
        ("ben", 0, 2, "orientation.security"),
    ]  # fmt: skip
    read = [(coder, 0, None, None, True) for coder in ("anna", "ben")]
    found = agreed(coding(said, read), exclusive=["orientation"])
    everywhere, coded_units = found.families["orientation"]
    assert (everywhere.n_units, coded_units.n_units) == (4, 3)
    assert everywhere["percent"].value == 2 / 4
    assert coded_units["percent"].value == 1 / 3
    values = [["s", "s", "g", "n"], ["s", "g", "m", "n"]]
    coded = [[("s", "g", "m", "n").index(v) for v in row] for row in values]
    assert everywhere["alpha"].value == pytest.approx(
        krippendorff.alpha(coded, level_of_measurement="nominal")
    )
    assert "positive" not in everywhere.statistics


def test_a_confusion_is_where_one_gave_a_code_and_the_other_another_instead():
    said = [*SAID, ("anna", 3, 3, "role.bridge"), ("ben", 3, 3, "role.mediator"), ("ben", 3, 3, "behaviour")]
    found = agreed(coding(said, all_read("anna", "ben")), rollup=True)
    assert [(c.codes, c.n) for c in found.confusions] == [
        (("role.bridge", "role.mediator"), 2),
        (("role.bridge", "behaviour"), 1),
    ]
    assert {c.coders for c in found.confusions} == {("anna", "ben")}


def test_a_difference_is_told_with_its_words_and_who_said_what():
    found = agreed(coding(SAID, all_read("anna", "ben")), rollup=True)
    first = found.differences()[0]
    assert first.quote == "Sentence number two is here."
    assert (first.before, first.after) == ("Sentence number one is here.", "Sentence number three is here.")
    assert first.codes == ("role.bridge", "role.mediator")
    assert first.said == {"anna": ("role.bridge",), "ben": ("role.mediator",)}
    assert [one.segment.document for one in found.differences("role.bridge")] == ["d0", "d3"]
    assert len(found.differences(most=2)) == 2
    with pytest.raises(CodingError, match="Did you mean 'role.bridge'"):
        found.differences("role.brige")


def test_a_third_coder_who_did_not_read_is_told_as_such():
    said = [*SAID, ("cleo", 0, 0, "behaviour")]
    coded = coding(said, [*all_read("anna", "ben"), ("cleo", 0, None, None, True)])
    found = agreed(coded, between=("anna", "ben", "cleo"))
    assert found.by_code["behaviour"].n_units == 16
    assert found.by_code["behaviour"]["cohen"].value is None
    assert "Fleiss" in found.by_code["behaviour"]["cohen"].reason
    assert found.differences("behaviour")[1].said["cleo"] is None
    assert found.differences("behaviour")[0].said["cleo"] == ("behaviour",)


def test_a_rare_code_with_low_kappa_and_high_agreement_is_flagged():
    found = agreed(coding(SAID, all_read("anna", "ben")))
    assert "too few" in found.by_code["behaviour"].flags
    assert found.by_code["orientation"].flags == ("never used",)
    assert found.by_code["orientation"]["alpha"].value is None
    rare = [("anna", 0, 0, "behaviour"), ("ben", 3, 3, "role.bridge")]
    flags = agreed(coding(rare, all_read("anna", "ben"))).by_code["behaviour"].flags
    assert flags == ("too few", "prevalence paradox")


def test_drift_divides_the_units_by_when_the_last_coder_read_them():
    read = [
        *((("anna"), d, None, f"2026-0{1 + d}-01T10:00:00Z", True) for d in range(4)),
        *((("ben"), d, None, f"2026-0{1 + 2 * (d // 2)}-15T10:00:00Z", True) for d in range(3)),
        ("ben", 3, None, None, True),
    ]
    found = agreed(coding(SAID, read), codes=FLAT)
    halves = found.drift(by="halves")
    assert [(p.name, p.first, p.last, p.figures.n_units) for p in halves] == [
        ("first half", "2026-01-15", "2026-02-01", 8),
        ("second half", "2026-03-15", "2026-04-01", 8),
    ]
    months = found.drift(by="months")
    assert [p.name for p in months] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    assert sum(p.figures.n_units for p in months) == found.over_read.n_units
    assert months[0].figures["percent"].value == 10 / 12
    with pytest.raises(CodingError, match="by: 'month' is not one of"):
        found.drift(by="month")


def test_readings_without_a_date_stand_apart():
    read = [
        (coder, d, None, "2026-01-01T00:00:00Z" if d else None, True)
        for coder in ("anna", "ben")
        for d in range(4)
    ]
    assert [(p.name, p.figures.n_units) for p in agreed(coding(SAID, read)).drift(by="months")] == [
        ("2026-01", 12),
        ("undated", 4),
    ]


def test_units_read_with_open_eyes_are_counted():
    read = [each for each in all_read("anna", "ben") if each[:2] != ("ben", 0)]
    assert agreed(coding(SAID, [*read, ("ben", 0, None, None, False)])).n_open == 4
    assert agreed(coding(SAID, all_read("anna", "ben"))).n_open == 0


def test_people_and_rules_are_compared_with_the_same_verb():
    by_rule = machine_coded(segment(0, 0), BOOK["role.bridge"], Coder("rules", "rules"), "bridge")
    rules = Coded((by_rule,), tuple(Reading("rules", d.whole, FLAT, kind="rules") for d in CORPUS))
    found = agreed(coding(SAID, all_read("anna", "ben")) + rules, between=("anna", "rules"))
    assert found.by_code["role.bridge"].given == (2, 1)
    assert found.by_code["orientation"].n_units == 0
    assert -1 < found.over_read["unitizing"].value < 1


def test_who_stands_first_does_not_change_a_figure():
    coded = coding(SAID, all_read("anna", "ben"))
    one, other = agreed(coded), agreed(coded, between=("ben", "anna"))
    for code, figures in one.by_code.items():
        for name, statistic in figures.statistics.items():
            assert statistic.value == pytest.approx(other.by_code[code][name].value), (code, name)


def test_two_who_said_the_same_agree_wholly():
    said = [(coder, d, s, c) for _, d, s, c in SAID for coder in ("anna", "ben")]
    found = agreed(coding(list(dict.fromkeys(said)), all_read("anna", "ben")), codes=FLAT)
    assert {s.value for s in found.over_read.statistics.values()} == {1.0}
    assert found.confusions == found.differences() == ()


def test_what_cannot_be_compared_is_refused_with_what_to_do():
    coded = coding(SAID, all_read("anna", "ben"))
    with pytest.raises(CodingError, match="two different coders or more, not only anna. Name each once"):
        agreed(coded, between=("anna",))
    with pytest.raises(CodingError, match="not only anna"):
        agreed(coded, between=("anna", "anna"))
    with pytest.raises(CodingError, match="'bem' has read nothing here. Did you mean 'ben'"):
        agreed(coded, between=("anna", "bem"))
    with pytest.raises(CodingError, match="ben has coded here but filed no reading"):
        agreed(coding(SAID, all_read("anna")))
    apart = [("anna", 0, None, None, True), ("ben", 1, None, None, True)]
    with pytest.raises(
        CodingError, match=r"anna and ben have read no sentence both.*`coding assign --twice`"
    ):
        agreed(coding(SAID, apart))
    with pytest.raises(CodingError, match="no code 'rol'. Did you mean 'role'"):
        agreed(coded, codes=["rol"])
    with pytest.raises(CodingError, match="there is no code to compare. Name one of book"):
        agreed(coded, codes=[])
    with pytest.raises(CodingError, match="no family 'orientatio'. Did you mean 'orientation'"):
        agreed(coded, exclusive=["orientatio"])
    with pytest.raises(CodingError, match="level: 'ordinal' is not one of nominal"):
        verb(
            coded, CORPUS, BOOK, between=("anna", "ben"), unit="sentence", counts="any", rollup=False,
            level="ordinal", seed=1,
        )  # fmt: skip


def test_a_code_in_mixed_meanings_is_refused_unless_it_is_left_out():
    other = CodedSegment("x", segment(0, 3), "behaviour", "another meaning", "ben")
    coded = coding(SAID, all_read("anna", "ben")) + Coded((other,))
    with pytest.raises(
        CodingError, match="ben coded 'behaviour' in another meaning than codebook book 1.0.0"
    ):
        agreed(coded)
    assert agreed(coded, codes=["role.bridge"]).by_code["role.bridge"].n_units == 16
    unknown = CodedSegment("x", segment(0, 3), "behavior", "m", "ben")
    with pytest.raises(CodingError, match="ben coded 'behavior', which codebook book 1.0.0 does not know"):
        agreed(coding(SAID, all_read("anna", "ben")) + Coded((unknown,)))


def test_a_changed_text_is_never_compared():
    coded = coding(SAID, all_read("anna", "ben"))
    changed = Corpus(tuple(Document(d.id, d.text + "x") for d in CORPUS))
    with pytest.raises(StaleText):
        verb(
            coded, changed, BOOK, between=("anna", "ben"), unit="sentence", counts="any", rollup=False,
            level="nominal", seed=1,
        )  # fmt: skip


def test_a_statistic_that_there_is_not_names_the_nearest():
    found = agreed(coding(SAID, all_read("anna", "ben")))
    with pytest.raises(CodingError, match="no statistic 'alfa' on all codes. Did you mean 'alpha'"):
        found.over_read["alfa"]


def written(figure):
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def dots(figure):
    """Return for each dot where it stands and whether it is filled, from above."""
    from matplotlib.lines import Line2D

    found = [line for line in figure.findobj(Line2D) if line.get_marker() == "o"]
    return [(line.get_xdata()[0], line.get_markerfacecolor() != "none") for line in found]


def test_the_figure_has_a_dot_for_each_code_that_was_given_and_two_over_all():
    found = agreed(coding(SAID, all_read("anna", "ben")), codes=FLAT)
    figure = draw(found)
    texts = written(figure)
    assert [text for text in texts if text in ("Bridge", "Mediator", "Behaviour")] == [
        "Bridge",
        "Mediator",
        "Behaviour",
    ]
    assert "0.45" in texts, "bridge: 1 - (2 / 16) / (2 * 4 * 28 / (32 * 31))"
    assert "0.64" in texts, "behaviour: 1 - (1 / 16) / (2 * 3 * 29 / (32 * 31))"
    alphas = [one["alpha"].value for one in (*found.by_code.values(), found.over_read, found.over_coded)]
    places = [x for x, _ in dots(figure)]
    assert np.allclose(np.diff(places), np.diff(alphas) * 50)
    assert not any(filled for _, filled in dots(figure)), "two clusters give no interval"
    assert svg(figure) == svg(draw(found))


def test_the_figure_counts_the_codes_that_it_leaves_out():
    figure = draw(agreed(coding(SAID, all_read("anna", "ben"))))
    caption = " ".join(written(figure))
    assert "Security" not in caption
    assert "Codes that nobody gave, or two did not read: 4." in caption
