"""The figure of contrasts: dot, interval and adjusted interval stand where the numbers say."""

from dataclasses import replace

import pytest
from compared import matrix
from matplotlib.lines import Line2D
from matplotlib.text import Text

import coding
from coding import plots
from coding.errors import CodingError
from coding.plots.contrasts import _HALF, _LIMITS, _MIDDLE
from coding.plots.sheet import INK, WHITE

DOCUMENTS = {
    "n/1": "PPT", "n/2": "P-", "n/3": "PT", "s/1": "TT", "s/2": "PT", "s/3": "T", "w/1": "PT", "w/2": "PP",
}  # fmt: skip


def found(documents=DOCUMENTS, **changed):
    asked = {
        "on": ["aim.peace", "aim.trade"],
        "within": None,
        "pairs": "every pair",
        "base": "searched",
        "seed": 1,
    }
    return coding.contrasts(matrix(documents), **asked | changed)


def said(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def dots(figure):
    return [line for line in figure.findobj(Line2D) if line.get_marker() != "None"]


def intervals(figure, weight):
    lines = [line for line in figure.findobj(Line2D) if line.get_linewidth() == weight]
    return [line.get_xdata() for line in lines if line.get_ydata()[0] == line.get_ydata()[1]]


def test_dots_and_intervals_stand_where_the_numbers_say():
    shown = found()
    figure = plots.differences(shown)
    ends = [abs(v) for row in shown for v in (row.adjusted_low, row.adjusted_high)]
    limit = next(limit for limit in _LIMITS if limit >= 100 * max(ends)) / 100
    for dot, thick, row in zip(dots(figure), intervals(figure, 1.8), shown, strict=True):
        assert dot.get_xdata()[0] == pytest.approx(_MIDDLE + row.contrast.difference / limit * _HALF)
        assert list(thick) == pytest.approx(
            [_MIDDLE + v / limit * _HALF for v in (row.contrast.low, row.contrast.high)]
        )


def test_no_interval_reaches_beyond_the_scale():
    for thick in intervals(plots.differences(found()), 1.8):
        assert min(thick) >= _MIDDLE - _HALF
        assert max(thick) <= _MIDDLE + _HALF


def test_one_pair_is_named_once_and_several_at_each_difference():
    one = said(plots.differences(found(pairs=[("n", "s")])))
    assert "Norland − Sudland, difference of two shares in percentage points" in one
    assert "Peace, of all searched" in one
    several = said(plots.differences(found()))
    assert several.count("Norland − Sudland") == 2


def test_the_title_counts_what_is_sure_alone_and_together():
    assert "6 contrasts: 0 beyond zero by themselves, 0 all taken together, in digests" in said(
        plots.differences(found(), texts="in digests")
    )
    single = said(plots.differences(found(on=["aim.peace"], pairs=[("n", "s")])))
    assert "Difference of two shares" in single
    assert not any("together" in text for text in single)


def test_what_has_no_difference_has_its_reason_and_what_has_no_interval_a_hollow_dot():
    nothing = plots.differences(found({"n/1": "P", "n/2": "P", "s/1": "-", "s/2": "-"}, base="coded"))
    assert "Sudland: no unit in the base" in said(nothing)
    assert dots(nothing) == []
    alone = plots.differences(found({"n/1": "PT", "s/1": "T", "s/2": "P"}))
    assert all(dot.get_markerfacecolor() == "none" for dot in dots(alone))


def test_a_side_with_too_few_documents_is_hollow_and_grey_and_the_caption_says_so():
    shown = found()
    figure = plots.differences(shown, least_clusters=3)
    trusted = [row.n_clusters >= 3 for row in shown]
    assert set(trusted) == {True, False}
    drawn = [dot for dot in dots(figure) if dot.get_markeredgecolor() != WHITE]
    assert [dot.get_markerfacecolor() == INK for dot in drawn] == trusted
    assert [dot.get_markeredgecolor() == INK for dot in drawn] == trusted
    assert len(intervals(figure, 1.8)) == sum(trusted)
    warning = "fewer than 3 independent documents or projects on a side"
    assert warning in " ".join(" ".join(said(figure)).split())
    assert "fewer than" not in " ".join(said(plots.differences(shown)))


def many(n, **changed):
    """Return contrasts that stand n times, each time in another share."""
    once = found(**changed)
    rows = [
        replace(row, within=f"w{i}", contrast=replace(row.contrast, what=f"{row.contrast.what} {i}"))
        for i in range(n)
        for row in once
    ]
    return replace(once, rows=tuple(rows))


def high(figure):
    return figure.get_size_inches()[1] * 25.4


def test_more_contrasts_than_a_page_holds_are_refused_as_one_figure_with_what_to_do():
    with pytest.raises(CodingError, match=r"42 contrasts are too many .* Draw 3 figures with `plots.differ"):
        plots.differences(many(7))


@pytest.mark.parametrize("n", [1, 2, 7, 20])
@pytest.mark.parametrize("pairs", ["every pair", [("n", "s")]])
def test_pages_hold_each_contrast_once_in_order_and_none_is_higher_than_a_page_of_a_paper(n, pairs):
    asked = many(n, pairs=pairs)
    pages = plots.difference_pages(asked)
    drawn = [text for page in pages for text in said(page) if text.startswith(("Peace, ", "Trade, "))]
    assert drawn == list(dict.fromkeys(row.contrast.what for row in asked))
    assert sum(len(dots(page)) for page in pages) == len(asked)
    assert max(map(high, pages)) <= 247  # A4 with margins of 25 mm


def test_what_fits_on_a_page_is_one_figure_that_names_no_page():
    (page,) = plots.difference_pages(found())
    assert plots.svg(page) == plots.svg(plots.differences(found()))
    assert not any("page 1" in text for text in said(page))


def test_each_page_has_its_number_the_same_scale_and_the_caption():
    pages = plots.difference_pages(many(7), texts="in digests")
    for i, page in enumerate(pages, 1):
        assert f"Difference of two shares in percentage points, page {i} of 3" in said(page)
        assert "42 contrasts: 0 beyond zero by themselves, 0 all taken together, in digests" in said(page)
        assert "holds for all 42 contrasts together" in " ".join(" ".join(said(page)).split())
        assert {"−100", "−50", "+50", "+100"} <= set(said(page))


def test_contrasts_within_one_code_stay_on_one_page_where_they_fit():
    asked = many(7)
    for page in plots.difference_pages(asked):
        shares = [text for text in said(page) if text.startswith(("Peace, ", "Trade, "))]
        assert {text[:5] for text in shares if text.endswith(shares[-1][-2:])} == {"Peace", "Trade"}
        assert len(shares) % 2 == 0


def test_one_share_of_more_contrasts_than_a_page_holds_goes_on_under_its_name():
    once = found(on=["aim.peace"])
    asked = replace(once, rows=once.rows * 14)
    pages = plots.difference_pages(asked)
    assert sum(len(dots(page)) for page in pages) == 42
    assert len(pages) == 2
    assert all("Peace, of all searched" in said(page) for page in pages)
    assert max(map(high, pages)) <= 247


def test_nothing_to_compare_is_drawn_as_such_and_drawings_are_equal_byte_for_byte():
    assert "There is no contrast." in said(plots.differences(found(on=[])))
    assert plots.svg(plots.differences(found())) == plots.svg(plots.differences(found()))
