"""The figure of ranks: each case at its rank, on the band of those it could have, in its own colour."""

import numpy as np
from compared import matrix
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from coding import plots
from coding.findings import Side
from coding.plots.ranks import _BAND
from coding.plots.sheet import DONORS, PAGE
from coding.ranking import Rank, Ranks, ranks

DOCUMENTS = {
    f"{case}/{i}": letter for case, letter in (("n", "P"), ("s", "T"), ("w", "PT")) for i in range(8)
}
HOSTILE = ("a $x_1^2$ b$", "<script>alert('1')</script> & --", "日本 🇯🇵 \x00\x1b\ud800")


def found(on="aim.peace", documents=None):
    return ranks(matrix(documents or DOCUMENTS), on=on, within=None, base="coded")


def said(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def dots(figure):
    return [line for line in figure.findobj(Line2D) if line.get_marker() != "None"]


def bands(figure):
    return [box for box in figure.findobj(Rectangle) if to_hex(box.get_facecolor()).upper() == _BAND]


def test_there_is_a_dot_on_a_band_for_each_case_that_has_a_rank():
    figure = plots.ranking([found(), found("aim.trade")])
    assert len(dots(figure)) == len(bands(figure)) == 6
    for dot, band in zip(dots(figure), bands(figure), strict=True):
        assert band.get_x() < dot.get_xdata()[0] < band.get_x() + band.get_width()


def test_a_case_keeps_its_colour_in_every_share():
    one, two = found(), found("aim.trade")
    figure = plots.ranking([one, two], cases=["s", "n", "w"])
    drawn = list(zip([row.case for ranks in (one, two) for row in ranks.rows], dots(figure), strict=True))
    for case, dot in drawn:
        assert (dot.get_markeredgecolor(), dot.get_marker()) == DONORS[["s", "n", "w"].index(case)]


def test_a_dot_whose_band_leaves_all_open_is_hollow():
    alike = {f"{case}/{i}": "PT" for case in "nsw" for i in range(3)}
    assert all(dot.get_markerfacecolor() == "none" for dot in dots(plots.ranking([found(documents=alike)])))
    assert all(dot.get_markerfacecolor() != "none" for dot in dots(plots.ranking([found()])))


def test_the_title_counts_the_ranks_that_are_sure():
    assert "3 of 3 ranks are sure" in said(plots.ranking([found()]))
    assert "Rank of each case and what it could be, 1 the largest share, in digests" in said(
        plots.ranking([found()], texts="in digests")
    )


def test_a_case_without_a_base_is_named_below_without_a_dot():
    figure = plots.ranking([found(documents=DOCUMENTS | {f"w/{i}": "-" for i in range(8)})])
    assert "no unit in the base" in said(figure)
    assert "Westland" in said(figure)
    assert len(dots(figure)) == 2


def test_nothing_to_rank_is_drawn_as_such():
    assert "There is no share to rank." in said(plots.ranking([]))
    none = found(documents={"n/1": "-", "s/1": "-"})
    assert dots(plots.ranking([none])) == []


def test_two_drawings_are_equal_byte_for_byte_and_text_is_drawn_as_it_stands():
    rows = tuple(
        Rank(str(i), Side(name, 1, 2, 3, 0.5), i + 1, 1, 3, (), ()) for i, name in enumerate(HOSTILE)
    )
    hostile = [Ranks(HOSTILE[0], rows, 3)]
    one, two = plots.ranking(hostile), plots.ranking(hostile)
    assert plots.svg(one) == plots.svg(two)
    assert b"<script>" not in plots.svg(one)
    assert HOSTILE[0] in said(one)


def test_nothing_is_drawn_beyond_the_edge_with_many_cases_of_long_names():
    names = [f"The united federation of donors, number {i}" for i in range(14)]
    rows = tuple(Rank(str(i), Side(name, 1, 2, 3, 0.5), i + 1, 1, 14, (), ()) for i, name in enumerate(names))
    figure = plots.ranking([Ranks("A share with a very long name, of all searched " * 2, rows, 91)] * 3)
    figure.canvas.draw()
    width, height = figure.get_size_inches() * figure.dpi
    for text in figure.findobj(Text):
        if text.get_text():
            box = text.get_window_extent()
            assert box.x0 >= -1
            assert box.y0 >= -1
            assert box.x1 <= width + 1
            assert box.y1 <= height + 1
    assert np.isclose(figure.get_size_inches()[0] * 25.4, PAGE + 6)
