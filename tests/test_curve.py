"""The specification curve: what is drawn is what came out, readable for few universes and for thousands."""

import numpy as np
import pytest
from matplotlib.image import BboxImage
from matplotlib.lines import Line2D
from matplotlib.text import Text

from coding import plots
from coding.plots.curve import _HEIGHT, _PAINTS, _held, _Laid
from coding.plots.curve import specification_curve as curve
from coding.plots.sheet import INK, MARGIN
from coding.robustness import Multiverse, Spread, Varied
from coding.universes import Outcome

S, U, C = "supported", "undetermined", "contradicted"
LONG = ("nothing", "interest_normative.free_and_secure_cyberspace", "role.bridge")


def made(n_values=(2, 3, 2), seed=3, title="One is more than the other"):
    """Make universes in which the first decision moves the difference, and the last does nothing."""
    random = np.random.default_rng(seed)
    shape = tuple(n_values)
    numbers = np.indices(shape).reshape(len(shape), -1).T
    kinds = random.normal(0, 0.1, shape[1])
    outcomes, of = {}, []
    for values in numbers:
        difference = float(np.clip(0.3 - 0.4 * values[0] + kinds[values[1]], -1, 1))
        low, high = max(-1.0, difference - 0.25), min(1.0, difference + 0.25)
        verdict = S if low > 0 else C if high < 0 else U
        of.append(outcomes.setdefault(Outcome(difference, low, high, verdict, ""), len(outcomes)))
    names = ("unit", "leave out", "weight", "years")
    decisions = tuple(
        Varied(name, LONG if n == 3 else tuple(f"value {i}" for i in range(n)))
        for name, n in zip(names, shape, strict=False)
    )
    spread = Spread("one", title, tuple(outcomes), np.array(of, dtype=np.int32))
    return Multiverse("study", "A study", "digests", decisions, (spread,), {}), spread


def of(*outcomes):
    """Make the universes of one decision, each with its own outcome."""
    found = tuple(Outcome(d, low, high, verdict, "") for d, low, high, verdict in outcomes)
    spread = Spread("one", "One", tuple(dict.fromkeys(found)), np.array(
        [list(dict.fromkeys(found)).index(each) for each in found], dtype=np.int32))  # fmt: skip
    return Multiverse(
        "s", "S", "digests", (Varied("unit", tuple(map(str, range(len(found))))),), (spread,), {}
    ), spread


def said(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def pictures(figure):
    return [np.asarray(image.get_array()) for image in figure.findobj(BboxImage)]


def colours(picture):
    return {"#{:02X}{:02X}{:02X}".format(*colour) for colour in picture.reshape(-1, 3)}


def test_two_drawings_are_equal_byte_for_byte():
    assert plots.svg(curve(*made())) == plots.svg(curve(*made()))
    assert plots.png(curve(*made())) == plots.png(curve(*made()))


def test_it_is_as_wide_as_a_journal_s_page():
    assert curve(*made()).get_size_inches()[0] * 25.4 == pytest.approx(175)


def test_a_verdict_stands_with_what_the_texts_are():
    found, spread = made()
    words = " ".join(said(curve(found, spread)))
    assert f"is that of the study: {spread.own.verdict}, in digests." in " ".join(words.split())


def test_there_is_a_strip_for_each_value_and_of_many_values_only_for_the_study_s_own_and_the_others():
    ground, *strips = pictures(curve(*made((2, 3, 2))))
    assert len(strips) == 2 + 3 + 2
    figure = curve(*made((2, 3, 2, 40)))
    assert len(pictures(figure)) == 1 + 2 + 3 + 2 + 2
    assert "one of 39" in said(figure)
    assert ground.shape[1] == 12


def test_a_strip_is_dark_where_its_value_is_and_of_one_tone_where_it_does_not_matter():
    _, first, second, *_, of_weight, other = pictures(curve(*made((2, 3, 2))))
    assert first[0, 0].tolist() == [255, 255, 255]  # the second value has the smaller differences
    assert first[0, -1].tolist() == second[0, 0].tolist() == [0x22] * 3
    assert len(colours(of_weight)) == len(colours(other)) == 1


def test_thousands_of_universes_take_no_more_room_than_some_hundred():
    few, many = made((2, 3, 2)), made((9, 30, 9, 3))
    assert len(many[0]) == 7290
    assert pictures(curve(*many))[0].shape[1] == 900
    assert len(plots.svg(curve(*many))) < 3 * len(plots.svg(curve(*few))) + 200_000


def test_intervals_have_the_colour_of_their_verdict():
    figure = curve(*of((-0.5, -0.8, -0.2, C), (0.0, -0.3, 0.3, U), (0.5, 0.2, 0.8, S)))
    ground = pictures(figure)[0]
    assert colours(ground) == {"#FFFFFF", *_PAINTS.values()}
    n = len(ground)
    for column, (middle, paint) in enumerate(((-0.5, _PAINTS[C]), (0.0, _PAINTS[U]), (0.5, _PAINTS[S]))):
        line = ground[int((1 - middle) / 2 * n), column]
        assert "#{:02X}{:02X}{:02X}".format(*line) == paint
        assert ground[0, column].tolist() == [255, 255, 255]


def test_the_line_rises_from_the_least_difference_to_the_largest():
    found = of((0.2, 0.1, 0.3, S), (-0.4, -0.6, -0.2, C), (0.6, 0.1, 0.9, S))
    (line,) = [
        line
        for line in curve(*found).findobj(Line2D)
        if len(line.get_xdata()) == 6 and line.get_color() == INK
    ]
    heights = [float(y) for y in line.get_ydata()]
    top = heights[0] - (1 + 0.4) / 2 * _HEIGHT
    assert [round(1 - (y - top) / _HEIGHT * 2, 9) for y in heights] == [-0.4, -0.4, 0.2, 0.2, 0.6, 0.6]


def test_the_study_is_marked_where_it_stands_and_missed_where_it_has_no_difference():
    assert "the study" in said(curve(*of((0.2, 0.1, 0.3, S), (0.4, 0.1, 0.8, S))))
    figure = curve(*of((None, None, None, U), (0.4, 0.1, 0.8, S)))
    words = " ".join(said(figure))
    assert "the study" not in said(figure)
    assert "The study as it is has none: a side has no base." in words
    assert "In 1 universes a side has no base" not in words
    assert "In 1 universe a side has no base" in words


def test_a_finding_without_any_difference_says_so():
    words = " ".join(said(curve(*of((None, None, None, U), (None, None, None, U)))))
    assert "No universe has a difference" in words


def test_a_difference_without_an_interval_is_drawn_without_ground():
    figure = curve(*of((-1.0, None, None, U), (-1.0, None, None, U)))
    assert colours(pictures(figure)[0]) == {"#FFFFFF"}


def test_shares_of_thousands_are_not_rounded_to_none_or_all():
    found, spread = of(*[(0.1, 0.0, 0.2, U)] * 5000, (0.5, 0.2, 0.8, S))
    words = " ".join(said(curve(found, spread)))
    assert "✓ supported less than 0.1 %" in words.replace("\u00a0", " ")
    assert "? undetermined more than 99.9 %" in words.replace("\u00a0", " ")


def test_no_two_texts_overlap_and_none_leaves_the_sheet():
    for figure in (curve(*made((2, 3, 2))), curve(*made((5, 3, 2, 40), title="A title " * 20))):
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in figure.findobj(Text) if text.get_text()]
        assert all(not a.shrunk(0.98, 0.98).overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
        edge = figure.bbox.width - MARGIN / 25.4 * figure.dpi / 2
        assert all(box.x0 > 0 and box.x1 < edge for box in boxes)


def test_hostile_words_are_drawn_as_they_stand():
    found, spread = made(title="a $x_1^2$ <script>\x00\ud800")
    assert b"<script>" not in plots.svg(curve(found, spread))


def test_universes_of_one_difference_are_drawn_alike():
    laid = _Laid.out(np.array([0.2, 0.1, 0.2, 0.1]), np.array([1, 3, 0, 2]))
    assert laid.mean(np.array([1.0, 0.0, 0.0, 1.0])).tolist() == [0.5, 0.5, 0.5, 0.5]
    held = _held(np.array([[-0.5, 0.5], [0.0, 1.0]]), np.array([0, 0]), 1)
    assert held[[50, 150, 250, 350], 0].tolist() == [1, 2, 1, 0]
