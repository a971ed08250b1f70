"""Agreement on spans: published values, plain definitions, and what must hold always."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coding.errors import CodingError
from coding.reliability import positive_agreement
from coding.resampling import drawn
from coding.tally import tally
from coding.unitizing import Continuum, code_point_f1, merged, segment_f1, unitizing_alpha

PAGE_254 = {  # continuum 150 to 450; start and length for each of two observers
    "c": ([(225, 70), (370, 30)], [(220, 80), (355, 20), (400, 20)]),
    "k": ([(180, 60), (300, 50)], [(180, 60), (300, 50)]),
}


def placed(coders, continuum):
    return [merged(segments, continuum) for segments in coders]


def of_page_254():
    continuum = Continuum(np.array([300]))
    spans = {
        code: placed([[(0, s - 150, s - 150 + n) for s, n in own] for own in coders], continuum)
        for code, coders in PAGE_254.items()
    }
    return spans, continuum


def test_the_published_unitizing_alpha_is_found():
    """Krippendorff 2004, p. 254; the printed 0.8591 comes from rounded sums."""
    (c, k), whole = unitizing_alpha(*of_page_254())
    assert c.value == pytest.approx(0.7286, abs=5e-5)
    assert k.value == 1
    assert whole.value == pytest.approx(0.8591, abs=5e-4)
    assert (c.n_units, c.n_values, c.readers, c.prevalence) == (300, 5, 2, pytest.approx(220 / 600))
    assert (whole.n_values, whole.prevalence) == (9, None)


# plain definitions, section by section


def sections(segments, size):
    """Return start, length and whether it is a segment, for every segment and gap of a coder."""
    found, place = [], 0
    for start, end in sorted(segments):
        found += [(place, start - place, 0)] * (start > place) + [(start, end - start, 1)]
        place = end
    return found + [(place, size - place, 0)] * (size > place)


def plain_disagreements(coders, size):
    """Return observed and expected disagreement as Krippendorff 2004, 251-254, has them."""
    own, m = [sections(segments, size) for segments in coders], len(coders)
    observed = sum(
        plain_difference(g, h) for one, other in permutations(own, 2) for g in one for h in other
    ) / (m * (m - 1) * size**2)
    segments = [n for one in own for _, n, v in one if v]
    gaps = [n for one in own for _, n, v in one if not v]
    total = sum(
        (len(segments) - 1) / 3 * (2 * n**3 - 3 * n**2 + n) + n**2 * sum(g - n + 1 for g in gaps if g >= n)
        for n in segments
    )
    return observed, 2 / size * total / (m * size * (m * size - 1) - sum(n * (n - 1) for n in segments))


def plain_difference(g, h):
    (b, n, v), (c, k, w) = g, h
    if v and w and -n < b - c < k:
        return (b - c) ** 2 + (b + n - c - k) ** 2
    if v and not w and k - n >= b - c >= 0:
        return n**2
    if w and not v and k - n <= b - c <= 0:
        return k**2
    return 0


lengths = st.lists(st.integers(1, 12), min_size=1, max_size=4)


@st.composite
def texts(draw, n_coders=None, n_codes=1):
    """Draw the lengths of documents, and for each code and coder segments in them."""
    sizes = draw(lengths)
    k = n_coders or draw(st.integers(2, 3))
    segment = st.integers(0, len(sizes) - 1).flatmap(
        lambda d: st.tuples(st.just(d), st.integers(0, sizes[d] - 1), st.integers(1, sizes[d])).map(
            lambda s: (s[0], *((s[1], s[2]) if s[1] < s[2] else (s[2] - 1, s[1] + 1)))
        )
    )
    coders = st.lists(st.lists(segment, max_size=4), min_size=k, max_size=k)
    return sizes, [draw(coders) for _ in range(n_codes)]


def found_of(statistic, sizes, codes, **keywords):
    continuum = Continuum(np.array(sizes), **keywords)
    return statistic({str(i): placed(coders, continuum) for i, coders in enumerate(codes)}, continuum)


def code_points(segments):
    return {(d, i) for d, start, end in segments for i in range(start, end)}


def plain_merged(segments, sizes):
    """Return places on the continuum, overlapping segments taken as one, code point by code point."""
    begins = np.cumsum([0, *sizes[:-1]])
    found = []
    for d, start, end in sorted(segments):
        start, end = int(begins[d]) + start, int(begins[d]) + end
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


@given(texts(n_codes=2))
def test_unitizing_alpha_is_what_its_definition_says(text):
    sizes, codes = text
    each, whole = found_of(unitizing_alpha, sizes, codes)
    plain = [
        plain_disagreements([plain_merged(own, sizes) for own in coders], sum(sizes)) for coders in codes
    ]
    for found, (observed, expected) in zip(each, plain, strict=True):
        assert found.value == (pytest.approx(1 - observed / expected) if expected else None)
    total = sum(expected for _, expected in plain)
    assert whole.value == (pytest.approx(1 - sum(o for o, _ in plain) / total) if total else None)


@given(texts(n_codes=2))
def test_f1_of_code_points_is_what_its_definition_says(text):
    sizes, codes = text
    each, whole = found_of(code_point_f1, sizes, codes)
    pairs = [list(combinations(map(code_points, coders), 2)) for coders in codes]
    sums = [(sum(2 * len(a & b) for a, b in own), sum(len(a) + len(b) for a, b in own)) for own in pairs]
    for found, (part, base) in zip(each, sums, strict=True):
        assert found.value == (pytest.approx(part / base) if base else None)
    part, base = (sum(parts) for parts in zip(*sums, strict=True))
    assert whole.value == (pytest.approx(part / base) if base else None)


@given(texts(), st.sampled_from([0.1, 0.5, 0.7, 1.0]))
def test_f1_of_segments_is_what_its_definition_says(text, share):
    sizes, (coders,) = text
    (found,), _ = found_of(lambda *given: segment_f1(*given, share=share), sizes, [coders])
    own = [[set(range(*span)) for span in plain_merged(segments, sizes)] for segments in coders]
    matched = [
        any(len(a & b) / len(a | b) >= share for b in other)
        for one, other in permutations(own, 2)
        for a in one
    ]
    assert found.value == (pytest.approx(sum(matched) / len(matched)) if matched else None)


@given(texts(n_coders=2))
def test_f1_of_code_points_is_the_positive_agreement_on_them(text):
    sizes, (coders,) = text
    (found,), _ = found_of(code_point_f1, sizes, [coders])
    own = [code_points(segments) for segments in coders]
    table = [[(d, i) in marked for marked in own] for d, size in enumerate(sizes) for i in range(size)]
    (positive,) = positive_agreement(tally(np.array(table, dtype=int)))
    assert found.value == pytest.approx(positive.value)


# laws

STATISTICS = (
    unitizing_alpha,
    code_point_f1,
    lambda *given, **keywords: segment_f1(*given, share=0.5, **keywords),
)


@given(texts(n_coders=1))
def test_who_mark_the_same_have_one(text):
    sizes, (coders,) = text
    assume(any(coders) and sum(sizes) > 12)
    for statistic in STATISTICS:
        (found,), whole = found_of(statistic, sizes, [coders * 3])
        assert found.value == whole.value == 1


@given(texts(), st.randoms())
def test_the_order_of_coders_changes_nothing(text, random):
    sizes, (coders,) = text
    turned = random.sample(coders, len(coders))
    for statistic in STATISTICS:
        (found,), _ = found_of(statistic, sizes, [coders])
        assert found_of(statistic, sizes, [turned])[0][0].value == pytest.approx(found.value)


@given(texts(n_codes=2))
def test_all_codes_at_once_are_what_each_is_alone(text):
    sizes, codes = text
    for statistic in STATISTICS:
        each, _ = found_of(statistic, sizes, codes)
        for together, coders in zip(each, codes, strict=True):
            (alone,), whole = found_of(statistic, sizes, [coders])
            assert together.value == alone.value == whole.value


def test_nobody_marked_anything_so_it_is_undefined():
    for statistic in STATISTICS:
        (found,), whole = found_of(statistic, [10, 5], [[[], []]])
        assert found.value is whole.value is None
        assert found.reason == "no coder has a segment that could lie elsewhere: nothing could disagree"


def test_who_mark_different_words_are_below_chance():
    (found,), _ = found_of(unitizing_alpha, [100], [[[(0, 0, 20)], [(0, 70, 90)]]])
    assert found.value < 0


def test_segments_dropped_at_random_have_none():
    random = np.random.default_rng(2)

    def dropped():
        starts = random.integers(0, 36, 40)
        return [(d, start, start + 5) for d, start in enumerate(starts) if random.random() < 0.3]

    found = [found_of(unitizing_alpha, [40] * 40, [[dropped(), dropped()]])[0][0].value for _ in range(200)]
    assert np.mean(found) == pytest.approx(0, abs=0.02)


@given(st.data())
def test_a_replicate_is_the_statistic_of_the_documents_drawn_laid_end_to_end(data):
    sizes, codes = data.draw(texts(n_codes=2))
    clusters = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(sizes), max_size=len(sizes))))
    n_clusters = clusters.max() + 1
    draws = np.vstack([np.ones((1, n_clusters), dtype=int), drawn(n_clusters, n_replicates=4, seed=1)])
    for statistic in STATISTICS:
        continuum = Continuum(np.array(sizes), clusters)
        spans = {str(i): placed(coders, continuum) for i, coders in enumerate(codes)}
        each, whole = statistic(spans, continuum, draws=draws)
        for row, times in enumerate(draws):
            documents = [d for d in range(len(sizes)) for _ in range(times[clusters[d]])]
            if not documents:
                continue
            again = [
                [[(i, *s[1:]) for i, d in enumerate(documents) for s in own if s[0] == d] for own in coders]
                for coders in codes
            ]
            expected, of_all = found_of(statistic, [sizes[d] for d in documents], again)
            for one, other in zip((*each, whole), (*expected, of_all), strict=True):
                value = one.replicates[row]
                assert (None if np.isnan(value) else value) == pytest.approx(other.value)
        assert each[0].value is None or each[0].replicates[0] == each[0].value


def test_documents_give_an_interval():
    random = np.random.default_rng(4)
    sizes, coders = [60] * 30, [[], []]
    for d in range(30):
        start = int(random.integers(0, 30))
        for own in coders:
            own.append((d, start + int(random.integers(0, 6)), start + 12 + int(random.integers(0, 6))))
    continuum = Continuum(np.array(sizes), np.arange(30))
    spans = {"act": placed(coders, continuum)}
    for statistic in STATISTICS[:2]:
        (found,), whole = statistic(spans, continuum, draws=drawn(30, n_replicates=500, seed=1))
        assert found.low < found.value < found.high
        assert (whole.low, whole.high) == (found.low, found.high)
        assert (found.n_clusters, found.n_replicates) == (30, 500)


# merging


@given(texts(n_coders=1))
def test_merging_keeps_every_code_point_and_leaves_none_twice(text):
    sizes, ((segments,),) = text
    spans = merged(segments, Continuum(np.array(sizes)))
    assert list(zip(spans.starts, spans.ends, strict=True)) == plain_merged(segments, sizes)
    assert (spans.starts[1:] >= spans.ends[:-1]).all()
    assert spans.lengths.sum() == len(code_points(segments))


def test_segments_that_touch_stay_two_also_over_a_boundary():
    continuum = Continuum(np.array([5, 5]))
    spans = merged([(0, 0, 3), (0, 3, 5), (1, 0, 2)], continuum)
    assert list(zip(spans.starts, spans.ends, strict=True)) == [(0, 3), (3, 5), (5, 7)]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Continuum(np.array([3, 0])), "has no code point"),
        (lambda: Continuum(np.array([3, 2]), np.array([0])), "1 clusters for 2 documents"),
        (lambda: merged([(0, 1, 4)], Continuum(np.array([3]))), "segment 1 to 4 of document 0"),
        (lambda: merged([(0, 1, 1), (2, 0, 1)], Continuum(np.array([3]))), "2 problems"),
        (lambda: found_of(unitizing_alpha, [5], [[[]]]), "'0' has the spans of fewer than two coders"),
        (lambda: found_of(unitizing_alpha, [5], []), "no code to compare"),
        (lambda: segment_f1({}, Continuum(np.array([5])), share=0), "share: 0 is not above 0"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_remedy(act, said):
    with pytest.raises(CodingError, match=said):
        act()
