"""Statistics of agreement: published values, other programs and plain definitions, and what must hold always."""

from functools import partial
from itertools import combinations, permutations
from math import comb

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coding.distances import masi_distance
from coding.errors import CodingError
from coding.reliability import (
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    negative_agreement,
    percent_agreement,
    positive_agreement,
    scott_pi,
)
from coding.resampling import drawn
from coding.tally import MISSING, indexed, tally, tally_counts

alpha = {
    level: partial(krippendorff_alpha, level=level) for level in ("nominal", "ordinal", "interval", "ratio")
}
kappa = partial(cohen_kappa, weights="identity")
conger = partial(conger_kappa, weights="identity")
uniform = partial(brennan_prediger, weights="identity")


def coders(*rows):
    """Turn one row for each coder, "." for missing, into a table units x coders."""
    split = [row.split() if " " in row else row for row in rows]
    return [
        [None if v == "." else int(v) if v.isdigit() else v for v in unit]
        for unit in zip(*split, strict=True)
    ]


def units(text):
    """Turn one word for each unit, a character for each coder, into the same."""
    return coders(*("".join(column) for column in zip(*text.split(), strict=True)))


def crossed(*rows):
    """Turn how often two coders gave each two values into the same."""
    return [[i, j] for i, row in enumerate(rows) for j, n in enumerate(row) for _ in range(n)]


KRIPPENDORFF_2011 = coders(
    "1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."
)
# in Gwet's copy the only value of the last unit is the third coder's; Conger's kappa alone sees it
GWET_2014 = [*KRIPPENDORFF_2011[:-1], [None, None, 3, None]]
WIKIPEDIA = coders(
    ". . . . . 3 4 1 2 1 1 3 3 . 3", "1 . 2 1 3 3 4 3 . . . . . . .", ". . 2 1 3 4 4 . 2 1 1 3 3 . 4"
)
PAGE_224 = coders("1100000000", "0110010100")
PAGE_227 = units("aa ab bb bb bb bb bc cc cc cc cc cc")
HAYES_2007 = units(
    "112.2 1101. 2333. .00.0 000.0 000.0 102.1 1.20. 222.2 2111. .100. 0000. 1222. 33223 111.1 111.1 212.2 "
    "1233. 1101. 000.0 0011. 00.00 2333. 0000. 12.22 0111. 00010 1212. 1122. 112.2 110.0 2121. 22.22 3222. "
    "222.2 223.2 222.2 22.12 2222. 111.1"
)
FLEISS_1971 = units(
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445 "
    "333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"
)
ARTSTEIN_2X2 = crossed([20, 10], [20, 50])
ARTSTEIN_3X3 = crossed([46, 6, 0], [0, 32, 0], [0, 6, 10])  # statement, request, check
CHECK_BETWEEN = np.array([[0, 1, 0.5], [1, 0, 0.5], [0.5, 0.5, 0]])
COHEN_1960 = crossed([88, 14, 18], [10, 40, 10], [2, 6, 12])
COHEN_1960_LOW = crossed([25, 12, 3], [13, 2, 15], [12, 16, 2])
PARADOX = crossed([80, 7], [8, 5])
GWET_2008 = crossed([8, 1], [0, 1])

PUBLISHED = [
    ("Krippendorff 2011, p. 8", KRIPPENDORFF_2011, alpha["nominal"], 0.743, 5e-4),
    ("Krippendorff 2011, p. 8", KRIPPENDORFF_2011, alpha["ordinal"], 0.815, 5e-4),
    ("Krippendorff 2011, p. 8", KRIPPENDORFF_2011, alpha["interval"], 0.849, 5e-4),
    ("Krippendorff 2011, p. 8", KRIPPENDORFF_2011, alpha["ratio"], 0.797, 5e-4),
    ("irrCAC, overview (Gwet 2014)", GWET_2014, percent_agreement, 0.8181818, 5e-8),
    ("irrCAC, overview (Gwet 2014)", GWET_2014, gwet_ac1, 0.77544, 5e-6),
    ("irrCAC, overview (Gwet 2014)", GWET_2014, fleiss_kappa, 0.76117, 5e-6),
    ("irrCAC, overview (Gwet 2014)", GWET_2014, conger, 0.76282, 5e-6),
    ("irrCAC, overview (Gwet 2014)", GWET_2014, uniform, 0.77273, 5e-6),
    ("irrCAC, overview (Gwet 2014)", GWET_2014, alpha["nominal"], 0.74342, 5e-6),
    ("fast-krippendorff, sample.py", WIKIPEDIA, alpha["nominal"], 0.691358, 5e-7),
    ("fast-krippendorff, sample.py", WIKIPEDIA, alpha["interval"], 0.810845, 5e-7),
    ("Krippendorff 2004, p. 224", PAGE_224, percent_agreement, 0.60, 5e-9),
    ("Krippendorff 2004, p. 224", PAGE_224, alpha["nominal"], 0.095, 5e-4),
    ("Krippendorff 2004, p. 227", PAGE_227, alpha["nominal"], 0.734, 5e-4),
    ("Hayes and Krippendorff 2007", HAYES_2007, alpha["ordinal"], 0.7598, 5e-5),
    ("Hayes and Krippendorff 2007, recomputed", HAYES_2007, alpha["nominal"], 0.4765, 5e-5),
    ("Fleiss 1971", FLEISS_1971, fleiss_kappa, 0.430, 5e-4),
    ("Fleiss 1971", FLEISS_1971, percent_agreement, 0.5556, 5e-5),
    ("Fleiss 1971, recomputed", FLEISS_1971, alpha["nominal"], 0.4334, 5e-5),
    ("Fleiss 1971, recomputed", FLEISS_1971, gwet_ac1, 0.4479, 5e-5),
    ("Artstein and Poesio 2008", ARTSTEIN_2X2, uniform, 0.40, 5e-9),
    ("Artstein and Poesio 2008", ARTSTEIN_2X2, scott_pi, 0.341, 5e-4),
    ("Artstein and Poesio 2008", ARTSTEIN_2X2, kappa, 0.348, 5e-4),
    ("Artstein and Poesio 2008", ARTSTEIN_3X3, percent_agreement, 0.88, 5e-9),
    ("Artstein and Poesio 2008", ARTSTEIN_3X3, uniform, 0.82, 5e-9),
    ("Artstein and Poesio 2008", ARTSTEIN_3X3, scott_pi, 0.79953, 5e-6),
    ("Artstein and Poesio 2008", ARTSTEIN_3X3, kappa, 0.8013, 5e-5),
    ("Artstein and Poesio 2008", ARTSTEIN_3X3, alpha["nominal"], 0.80053, 5e-6),
    ("Artstein and Poesio 2008", ARTSTEIN_3X3, partial(krippendorff_alpha, level=CHECK_BETWEEN), 0.8156, 5e-5),
    ("Artstein and Poesio 2008", ARTSTEIN_3X3, partial(cohen_kappa, weights=1 - CHECK_BETWEEN), 0.8163, 5e-5),
    ("Cohen 1960", COHEN_1960, kappa, 0.492, 6e-4),
    ("Gwet 2008, in dkpro", COHEN_1960, gwet_ac1, 0.5760, 5e-5),
    ("Cohen 1960", COHEN_1960_LOW, percent_agreement, 0.29, 5e-9),
    ("Cohen 1960, recomputed", COHEN_1960_LOW, kappa, -0.0923, 5e-5),
    ("irrCAC 1.4, fixture", COHEN_1960_LOW, gwet_ac1, -0.04797, 5e-6),
    ("irrCAC 1.4, fixture", COHEN_1960_LOW, partial(gwet_ac2, weights="quadratic"), 0.1831, 5e-5),
    ("irrCAC, in dkpro", PARADOX, gwet_ac1, 0.808, 5e-4),
    ("irrCAC, recomputed", PARADOX, kappa, 0.3144, 5e-5),
    ("irrCAC, recomputed", PARADOX, scott_pi, 0.3143, 5e-5),
    ("Gwet 2008, in dkpro", GWET_2008, gwet_ac1, 0.8658, 5e-5),
    ("Gwet 2008, in dkpro", GWET_2008, scott_pi, 0.6078, 5e-5),
]  # fmt: skip

CHANCE = [  # agreement by chance, from agreement and the corrected statistic
    ("irrCAC, overview (Gwet 2014)", GWET_2014, gwet_ac1, 0.1903212, 5e-8),
    ("irrCAC, overview (Gwet 2014)", GWET_2014, fleiss_kappa, 0.2387153, 5e-8),
    ("Krippendorff 2004, p. 224", PAGE_224, alpha["nominal"], 1 - 0.442, 5e-4),
    ("Krippendorff 2004, p. 227", PAGE_227, alpha["nominal"], 1 - 0.6268, 5e-5),
    ("Fleiss 1971, from rounded shares", FLEISS_1971, fleiss_kappa, 0.2201, 2e-4),
    ("Gwet 2008, in dkpro", COHEN_1960, gwet_ac1, 0.2925, 5e-5),
    ("Cohen 1960", COHEN_1960_LOW, kappa, 0.35, 5e-9),
    ("irrCAC 1.4, fixture", COHEN_1960_LOW, gwet_ac1, 0.3225, 5e-9),
    ("irrCAC, in dkpro", PARADOX, gwet_ac1, 0.21875, 5e-9),
]

EVERY = {
    "percent": percent_agreement,
    "kappa": kappa,
    "weighted kappa": partial(cohen_kappa, weights="quadratic"),
    "conger": conger,
    "weighted conger": partial(conger_kappa, weights="linear"),
    "fleiss": fleiss_kappa,
    "pi": scott_pi,
    "ac1": gwet_ac1,
    "ac2": partial(gwet_ac2, weights="ordinal"),
    "uniform": partial(brennan_prediger, weights="linear"),
    **alpha,
}
OF_TWO = ("kappa", "weighted kappa", "pi")
OF_CODERS = (*OF_TWO, "conger", "weighted conger")
BINARY = EVERY | {"positive": positive_agreement, "negative": negative_agreement}
CORRECTED = {name: statistic for name, statistic in EVERY.items() if name != "percent"}
NOMINAL = ("percent", "kappa", "conger", "fleiss", "pi", "ac1", "nominal")


def value(statistic, rows, domain=None):
    table, domain = indexed(rows, domain)
    (found,) = statistic(tally(table, domain=domain))
    return found.value


several = st.integers(2, 4)


def tables(n_coders=several, n_values=3, *, missing=True, least=1):
    """Draw tables of numbers from 1, units x coders."""
    cell = st.integers(1, n_values) | (st.none() if missing else st.nothing())
    return n_coders.flatmap(
        lambda k: st.lists(st.lists(cell, min_size=k, max_size=k), min_size=least, max_size=12)
    )


two = tables(st.just(2))


@pytest.mark.parametrize(("source", "rows", "statistic", "published", "tolerance"), PUBLISHED)
def test_published_values_are_found(source, rows, statistic, published, tolerance):
    assert value(statistic, rows) == pytest.approx(published, abs=tolerance)


@pytest.mark.parametrize(("source", "rows", "statistic", "published", "tolerance"), CHANCE)
def test_published_agreement_by_chance_is_found(source, rows, statistic, published, tolerance):
    corrected, agreed = value(statistic, rows), value(percent_agreement, rows)
    assert (agreed - corrected) / (1 - corrected) == pytest.approx(published, abs=tolerance)


def test_fleiss_categories_are_found_all_at_once():
    """Fleiss 1971: kappa of each category against all others, printed from rounded shares."""
    table = np.array(FLEISS_1971)
    each = fleiss_kappa(tally(np.stack([table == category for category in range(1, 6)], axis=2).astype(int)))
    assert [one.value for one in each] == pytest.approx([0.248, 0.248, 0.517, 0.470, 0.565], abs=4e-3)


def test_positive_and_negative_agreement_are_those_of_the_four_cells():
    """Cicchetti and Feinstein 1990: 2a / (2a + b + c) and 2d / (2d + b + c)."""
    a, b, c, d = 5, 7, 8, 80
    assert value(positive_agreement, PARADOX, (0, 1)) == pytest.approx(2 * a / (2 * a + b + c))
    assert value(negative_agreement, PARADOX, (0, 1)) == pytest.approx(2 * d / (2 * d + b + c))


# the `krippendorff` package


@given(tables(n_values=4), st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
def test_alpha_is_what_the_krippendorff_package_finds(rows, level):
    found = value(alpha[level], rows, (1, 2, 3, 4))
    assume(found is not None)
    table = np.array(rows, dtype=float).T
    assert found == pytest.approx(
        krippendorff.alpha(reliability_data=table, level_of_measurement=level, value_domain=[1, 2, 3, 4]),
        abs=1e-9,
    )


# plain definitions, pair by pair


def pairs_of(unit):
    return list(permutations([v for v in unit if v is not None], 2))


def mean(numbers):
    return sum(numbers) / len(numbers)


def plain(name, rows, domain):
    """Compute a statistic as its definition reads; None if it divides by nothing or no value varies."""
    pairable = [unit for unit in rows if pairs_of(unit)]
    if len({v for unit in pairable for v in unit if v is not None}) < 2:
        return mean([1.0 for _ in pairable]) if name == "percent" and pairable else None
    if name in alpha:
        return plain_alpha(pairable, domain, name)
    weight = plain_weight(name, domain)
    observed = mean([mean([weight(a, b) for a, b in pairs_of(unit)]) for unit in pairable])
    if name == "percent":
        return observed
    expected = plain_expected(name, rows, pairable, domain, weight)
    return None if expected == pytest.approx(1) else (observed - expected) / (1 - expected)


def plain_weight(name, domain):
    wide = max(domain) - min(domain)
    return {
        "weighted kappa": lambda a, b: 1 - ((a - b) / wide) ** 2,
        "weighted conger": lambda a, b: 1 - abs(a - b) / wide,
        "uniform": lambda a, b: 1 - abs(a - b) / wide,
        "ac2": lambda a, b: 1 - comb(abs(a - b) + 1, 2) / comb(len(domain), 2),
    }.get(name, lambda a, b: float(a == b))


def plain_expected(name, rows, pairable, domain, weight):
    read = [[v for v in unit if v is not None] for unit in rows if any(v is not None for v in unit)]
    if name in ("kappa", "weighted kappa"):
        one, other = zip(*pairable, strict=True)
        return mean([weight(a, b) for a in one for b in other])
    if name == "pi":
        given = [v for unit in pairable for v in unit]
        return mean([weight(a, b) for a in given for b in given])
    if name in ("conger", "weighted conger"):
        own = [[v for v in column if v is not None] for column in zip(*rows, strict=True)]
        both = combinations([values for values in own if values], 2)
        return mean([mean([weight(a, b) for a in one for b in other]) for one, other in both])
    used = {v: mean([unit.count(v) / len(unit) for unit in read]) for v in domain}
    if name == "fleiss":
        return sum(used[a] * used[b] * weight(a, b) for a in domain for b in domain)
    total = sum(weight(a, b) for a in domain for b in domain)
    if name == "uniform":
        return total / len(domain) ** 2
    return total * sum(p * (1 - p) for p in used.values()) / (len(domain) * (len(domain) - 1))


def plain_alpha(pairable, domain, level):
    given = [v for unit in pairable for v in unit if v is not None]

    def apart(a, b):
        if level == "ordinal":
            low, high = sorted((a, b))
            between = sum(given.count(v) for v in domain if low <= v <= high)
            return (between - (given.count(a) + given.count(b)) / 2) ** 2 if a != b else 0
        return {"nominal": a != b, "interval": (a - b) ** 2, "ratio": ((a - b) / (a + b)) ** 2}[level]

    n = len(given)
    observed = (
        sum(sum(apart(a, b) for a, b in pairs_of(u)) / (len(u) - u.count(None) - 1) for u in pairable) / n
    )
    expected = sum(apart(a, b) for a in given for b in given) / (n * (n - 1))
    return 1 - observed / expected


@given(tables())
def test_statistics_of_any_number_of_coders_are_what_their_definitions_say(rows):
    for name, statistic in EVERY.items():
        if name not in OF_TWO:
            assert value(statistic, rows, (1, 2, 3)) == pytest.approx(plain(name, rows, (1, 2, 3))), name


@given(two)
def test_statistics_of_two_coders_are_what_their_definitions_say(rows):
    for name in OF_TWO:
        assert value(EVERY[name], rows, (1, 2, 3)) == pytest.approx(plain(name, rows, (1, 2, 3))), name


@given(tables(n_values=2))
def test_positive_and_negative_agreement_count_all_pairs_of_coders(rows):
    rows = [[None if v is None else v - 1 for v in unit] for unit in rows]
    pairs = [pair for unit in rows for pair in pairs_of(unit)]
    for statistic, of in ((positive_agreement, 1), (negative_agreement, 0)):
        first = [b == of for a, b in pairs if a == of]
        assert value(statistic, rows, (0, 1)) == (pytest.approx(mean(first)) if first else None)


sets = st.frozensets(st.sampled_from("abc"))


@given(st.lists(st.lists(sets | st.none(), min_size=3, max_size=3), min_size=1, max_size=8))
def test_alpha_of_sets_takes_their_distances_as_differences(rows):
    assume(any(v is not None for unit in rows for v in unit))
    pairable = [unit for unit in rows if pairs_of(unit)]
    given = [v for unit in pairable for v in unit if v is not None]
    expected = sum(masi_distance(a, b) for a in given for b in given)
    found = value(partial(krippendorff_alpha, level="masi"), rows)
    if not expected:
        assert found is None
        return
    observed = sum(
        sum(masi_distance(a, b) for a, b in pairs_of(unit)) / (len(unit) - unit.count(None) - 1)
        for unit in pairable
    )
    assert found == pytest.approx(1 - (len(given) - 1) * observed / expected)


# laws


@given(st.data())
def test_the_order_of_coders_and_of_units_changes_nothing(data):
    rows = data.draw(two)
    turned = data.draw(st.permutations([unit[::-1] for unit in rows]))
    for name, statistic in EVERY.items():
        assert value(statistic, turned, (1, 2, 3)) == pytest.approx(value(statistic, rows, (1, 2, 3))), name


@given(two, st.permutations([1, 2, 3]))
def test_other_names_for_values_change_nothing_where_they_have_no_order(rows, names):
    renamed = [[None if v is None else names[v - 1] for v in unit] for unit in rows]
    for name in NOMINAL:
        assert value(EVERY[name], renamed, (1, 2, 3)) == pytest.approx(value(EVERY[name], rows, (1, 2, 3))), (
            name
        )


@given(two)
def test_a_table_twice_over_leaves_all_as_it_is_but_alpha(rows):
    for name, statistic in EVERY.items():
        if name not in alpha:
            assert value(statistic, rows * 2, (1, 2, 3)) == pytest.approx(
                value(statistic, rows, (1, 2, 3))
            ), name


@given(tables(missing=False, least=2))
def test_who_agree_on_all_and_vary_have_one(rows):
    rows = [[unit[0]] * 2 for unit in rows]
    assume(len({unit[0] for unit in rows}) > 1)
    assert {round(value(statistic, rows, (1, 2, 3)), 12) for statistic in EVERY.values()} == {1}


@given(two)
def test_no_statistic_is_above_one(rows):
    found = [value(statistic, rows, (1, 2, 3)) for statistic in EVERY.values()]
    assert all(one is None or one <= 1 + 1e-12 for one in found)


@pytest.mark.parametrize("name", CORRECTED)
@pytest.mark.parametrize("n", [3, 10])
def test_one_value_only_is_undefined_not_perfect(name, n):
    (found,) = CORRECTED[name](tally(np.ones((n, 2), dtype=int), domain=(1, 2), clusters=np.arange(n)))
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.reason == found.no_interval == "only one value was ever used: nothing could disagree"


@pytest.mark.parametrize("name", BINARY)
def test_a_table_that_no_two_read_is_undefined_and_says_so(name):
    (found,) = BINARY[name](tally(np.array([[1, MISSING], [MISSING, 0]])))
    assert (found.value, found.reason) == (None, "no unit was read by two coders")
    assert (found.n_units, found.n_pairable, found.n_values, found.readers) == (2, 0, 0, 2)


@pytest.mark.parametrize("name", BINARY)
def test_a_table_without_units_is_undefined(name):
    assert value(BINARY[name], np.empty((0, 2)).tolist() or [[None, None]], (0, 1)) is None
    (found,) = BINARY[name](tally(np.empty((0, 2), dtype=int)))
    assert (found.value, found.n_units) == (None, 0)


def test_nobody_gave_the_code_so_there_is_no_positive_agreement():
    table = tally(np.zeros((4, 2), dtype=int))
    (positive,), (negative,), (percent,) = (
        statistic(table) for statistic in (positive_agreement, negative_agreement, percent_agreement)
    )
    assert (positive.value, positive.reason) == (None, "no coder gave the value 1")
    assert (negative.value, percent.value) == (1, 1)


def test_a_statistic_says_what_it_stands_on():
    (found,) = percent_agreement(tally(np.array([[1, 1, 0], [1, MISSING, MISSING], [0, 0, MISSING]])))
    assert (found.n_units, found.n_pairable, found.n_values, found.readers) == (3, 2, 5, 3)
    assert found.prevalence == pytest.approx(2 / 5)
    assert found.value == pytest.approx((1 / 3 + 1) / 2)


def test_of_more_values_than_two_no_prevalence_is_told():
    table, domain = indexed(KRIPPENDORFF_2011)
    assert fleiss_kappa(tally(table, domain=domain))[0].prevalence is None


def test_weights_of_one_and_nought_make_ac2_into_ac1():
    for rows in (KRIPPENDORFF_2011, FLEISS_1971):
        assert value(partial(gwet_ac2, weights="identity"), rows) == value(gwet_ac1, rows)


def test_values_that_nobody_used_change_what_guessing_gives():
    assert value(gwet_ac1, PARADOX, (0, 1, 2)) > value(gwet_ac1, PARADOX, (0, 1))
    assert value(alpha["nominal"], PARADOX, (0, 1, 2)) == value(alpha["nominal"], PARADOX, (0, 1))


# all codes and all replicates at once

binary = st.integers(1, 12).flatmap(
    lambda n: st.lists(
        st.lists(st.lists(st.sampled_from([0, 1, MISSING]), min_size=3, max_size=3), min_size=2, max_size=2),
        min_size=n,
        max_size=n,
    )
)


def same(one, other):
    assert one == other or (
        one.value == pytest.approx(other.value)
        and (one.reason, one.n_units, one.n_pairable, one.readers, one.n_undefined)
        == (other.reason, other.n_units, other.n_pairable, other.readers, other.n_undefined)
        and np.allclose(one.replicates, other.replicates, equal_nan=True)
    )


@given(binary)
def test_all_codes_at_once_are_what_each_is_alone(cells):
    values = np.array(cells)
    clusters = np.arange(len(values)) // 2
    draws = drawn(clusters.max() + 1, n_replicates=5, seed=1)
    for statistic in BINARY.values():
        together = statistic(tally(values, clusters=clusters), draws=draws)
        for code in range(values.shape[2]):
            (alone,) = statistic(tally(values[:, :, code], clusters=clusters), draws=draws)
            same(together[code], alone)


@given(binary)
def test_counts_are_worth_as_much_as_the_table(cells):
    values = np.array(cells)
    counts = np.stack([(values == v).sum(1) for v in (0, 1)], axis=2)
    for name, statistic in BINARY.items():
        if name not in OF_CODERS:
            found = zip(statistic(tally(values)), statistic(tally_counts(counts)), strict=True)
            assert all(one.value == pytest.approx(other.value) for one, other in found), name
    (first, *_) = percent_agreement(tally_counts(counts[:, 0]))
    assert first.value == pytest.approx(percent_agreement(tally(values[:, :, 0]))[0].value)


@given(st.data())
def test_a_replicate_is_the_statistic_of_the_table_with_its_clusters_drawn_anew(data):
    values = np.array(
        data.draw(
            st.lists(
                st.lists(st.sampled_from([0, 1, MISSING]), min_size=2, max_size=2), min_size=4, max_size=12
            )
        )
    )
    clusters = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(values), max_size=len(values))))
    n_clusters = clusters.max() + 1
    draws = np.vstack([np.ones((1, n_clusters), dtype=int), drawn(n_clusters, n_replicates=6, seed=3)])
    for name, statistic in BINARY.items():
        (found,) = statistic(tally(values, clusters=clusters), draws=draws)
        for times, replicate in zip(draws, found.replicates, strict=True):
            (again,) = statistic(tally(np.repeat(values, times[clusters], axis=0)))
            assert (None if np.isnan(replicate) else replicate) == pytest.approx(again.value), name
        assert found.value is None or found.replicates[0] == found.value


@pytest.mark.parametrize("name", alpha)
def test_levels_with_many_values_are_drawn_anew_too(name):
    table, domain = indexed(KRIPPENDORFF_2011)
    clusters = np.arange(12) // 2
    draws = drawn(6, n_replicates=20, seed=2)
    (found,) = alpha[name](tally(table, domain=domain, clusters=clusters), draws=draws)
    for times, replicate in zip(draws, found.replicates, strict=True):
        rows = [
            unit
            for cluster, unit in zip(clusters, KRIPPENDORFF_2011, strict=True)
            for _ in range(times[cluster])
        ]
        assert (None if np.isnan(replicate) else replicate) == pytest.approx(value(alpha[name], rows, domain))


# refusals


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: kappa(tally(np.array([[0, 1, 1]]))), "of 3 coders. Take `conger_kappa`"),
        (lambda: kappa(tally_counts(np.array([[1, 1]]))), "do not say who gave a value. Take `conger_kappa`"),
        (lambda: scott_pi(tally(np.array([[0, 1, 1]]))), "Take `fleiss_kappa`"),
        (lambda: conger(tally_counts(np.array([[1, 1]]))), "Use `tally`"),
        (lambda: value(positive_agreement, PAGE_227), "of the values 1 and 0"),
        (lambda: value(alpha["interval"], PAGE_227), "needs numbers"),
        (lambda: value(partial(cohen_kappa, weights="quadratc"), PAGE_227), "Did you mean 'quadratic'"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_a_remedy(act, said):
    with pytest.raises(CodingError, match=said):
        act()
