"""Figures: what is drawn is what was counted, and the same from run to run."""

import subprocess
import sys
import warnings
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import coding
from coding import plots
from coding.codebook import Code, Codebook
from coding.errors import CodingError
from coding.findings import Contrast, Side, contrast
from coding.matrix import Composition, tabulate
from coding.model import Case, Coded, Coder, Corpus, Document, Reading, machine_coded
from coding.plots.parts import _MIXED, _NONE, _PAINTS
from coding.plots.sheet import DONORS, INK, QUIET, WHITE, Sheet, ink_on, width_of, wrapped
from coding.plots.words import percent, top_codes

HOSTILE = ("a $x_1^2$ b$", "<script>alert('1')</script> & --", "日本 🇯🇵 \x00\x1b\ud800")
BOOK = Codebook(
    "book",
    "1.0.0",
    (
        Code("role", "Role", "d"),
        Code("role.bridge", "Bridge", "d", parent="role"),
        Code("aim", "Aim", "d"),
        Code("aim.peace", "Peace", "d", parent="aim"),
        Code("aim.trade", "Trade", "d", parent="aim"),
    ),
    families={"category": ("role",), "aim": ("aim",)},
)
RULES = Coder("rules", "rules")


def corpus(names=("Norland", "Sudland", "Westland")):
    documents = tuple(
        Document(f"{case}/{i}", "One two. Three four. Five six.", {"donor": str(case), "year": 2010 + i})
        for case in range(len(names))
        for i in range(3)
    )
    return Corpus(documents, {str(i): Case(str(i), name) for i, name in enumerate(names)})


def matrix(names=("Norland", "Sudland", "Westland"), book=BOOK, **changed):
    """The first is coded by rules, the second read by a person, of the third only `aim` was searched."""
    texts = corpus(names)
    coded = tuple(
        machine_coded(texts[f"0/{i}"].segment(start, start + 3), book[code], RULES, "r")
        for i, start, code in (
            (0, 0, "role.bridge"),
            (0, 0, "aim.peace"),
            (1, 9, "role"),
            (1, 9, "aim.trade"),
        )
    )
    kinds = ("rules", "person", "rules")
    readings = tuple(
        Reading("x", d.whole, ("aim",) if d.id.startswith("2") else None, kind=kinds[int(d.id[0]) % 3])
        for d in texts
    )
    decisions = {
        "by": "donor",
        "measure": "share",
        "unit": "sentence",
        "counts": "any",
        "weight": "unit",
        "rollup": True,
        "implies": False,
    }
    return tabulate(Coded(coded, readings), texts, book, **{**decisions, **changed})


YEARS = {d.id: d.variables["year"] for d in corpus()}
UNDEFINED = Contrast(
    "Peace",
    Side("Norland", 0, 0, 0, None),
    Side("Sudland", 1, 4, 2, 0.25),
    *[None] * 5,
    "no unit in the base",
)
WITHOUT_INTERVAL = Contrast(
    "Peace", Side("Norland", 1, 2, 1, 0.5), Side("Sudland", 1, 4, 2, 0.25), 0.25, *[None] * 4, "one cluster"
)
DEFINED = Contrast(
    "Peace", Side("Norland", 3, 4, 4, 0.75), Side("Sudland", 1, 4, 4, 0.25), 0.5, 0.1, 0.9, 6.0, 0.04
)


def every_figure(names=("Norland", "Sudland", "Westland")):
    found = matrix(names)
    return {
        "heatmap": plots.heatmap(found),
        "composition": plots.composition({"role": found.compose("aim", within="role")}, found.names),
        "side_by_side": plots.side_by_side(found, {"role": found.compose("aim", within="role")}),
        "by_year": plots.by_year(found, YEARS),
        "estimates": plots.estimates([(names[0], DEFINED, "supported"), (names[1], UNDEFINED, None)]),
    }


def said(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def cells(figure):
    return figure.findobj(lambda a: isinstance(a, Rectangle) and (a.get_gid() or "").startswith("cell"))


def dots(figure):
    return [line for line in figure.findobj(Line2D) if line.get_marker() != "None"]


def test_two_drawings_are_equal_byte_for_byte():
    first, second = every_figure(), every_figure()
    for name in first:
        assert plots.svg(first[name]) == plots.svg(second[name])
        assert plots.png(first[name]) == plots.png(second[name])


def test_importing_the_package_or_its_plots_does_not_load_matplotlib():
    code = "import sys, coding, coding.plots; assert not {'matplotlib', 'pandas'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_figures_are_drawn_without_pyplot():
    code = "import sys; from coding import plots; plots.svg(plots.estimates([])); assert 'matplotlib.pyplot' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_figure_shows_itself_in_a_notebook_without_pyplot():
    figure = plots.estimates([])
    assert figure._repr_png_() == plots.png(figure)


def test_the_reader_s_own_matplotlib_settings_change_nothing():
    import matplotlib as mpl

    before = {name: plots.svg(figure) for name, figure in every_figure().items()}
    own = {"svg.fonttype": "none", "svg.hashsalt": None, "hatch.linewidth": 5, "savefig.bbox": "tight"}
    with mpl.rc_context({**own, "font.size": 30, "lines.linewidth": 9, "axes.unicode_minus": False}):
        after = {name: plots.svg(figure) for name, figure in every_figure().items()}
    assert before == after


def test_the_heat_matrix_draws_one_cell_for_each_code_and_case():
    found = matrix()
    assert len(cells(plots.heatmap(found, codes=found.codes))) == len(found.codes) * len(found.cases)
    assert len(cells(plots.heatmap(found))) == 2 * 3


def test_each_zero_has_its_own_sign():
    found = matrix()
    assert [found.cells["role", case].state for case in found.cases] == ["present", "absent", "not examined"]
    texts = said(plots.heatmap(found, codes=["role"]))
    assert {"22\u00a0%", "2/9", "0", "0/9", "·"} <= set(texts)
    assert found.cells["aim", "2"].state == "searched"
    assert "–" in said(plots.heatmap(found, codes=["aim"]))


def test_a_zero_takes_no_shade_and_the_largest_the_darkest():
    shades = [to_hex(cell.get_facecolor()) for cell in cells(plots.heatmap(matrix(), codes=["role"]))]
    assert len(set(shades)) == 3
    assert sum(to_rgb(shades[0])) == min(sum(to_rgb(shade)) for shade in shades)


@pytest.mark.parametrize("measure", ["segments", "units", "share", "profile", "documents", "rate"])
def test_every_measure_is_drawn_in_every_figure_of_a_matrix(measure):
    found = matrix(measure=measure)
    cell = found.cells["role", "0"]
    wanted = {"share": "22\u00a0%", "profile": "100\u00a0%", "rate": "111.1"}.get(
        measure, f"{cell.value:.0f}"
    )
    assert wanted in said(plots.heatmap(found, codes=["role"]))
    assert plots.svg(plots.by_year(found, YEARS)).startswith(b"<?xml")


def test_top_level_codes_are_those_above_which_none_stands():
    assert top_codes(matrix()) == ("role", "aim")
    several = Codebook(BOOK.id, BOOK.version, BOOK.codes, families={"all": ("role", "aim")})
    assert top_codes(matrix(book=several)) == ("role", "aim")
    unnamed = Codebook(BOOK.id, BOOK.version, BOOK.codes)
    assert top_codes(matrix(book=unnamed)) == ("role", "aim")


def test_an_unknown_code_names_the_nearest():
    for draw in (
        lambda: plots.heatmap(matrix(), codes=["roll"]),
        lambda: plots.by_year(matrix(), {}, codes=["roll"]),
    ):
        with pytest.raises(CodingError, match="Did you mean 'role'"):
            draw()


def bars(figure):
    """The boxes of the bars, from the left: the key and the fields behind numbers are lower or later."""
    drawn = [r for r in figure.findobj(Rectangle) if r.get_height() == pytest.approx(4.0) and r.get_fill()]
    return sorted(
        (r for r in drawn if to_hex(r.get_facecolor(), keep_alpha=True)[-2:] != "00"), key=Rectangle.get_x
    )


def test_a_bar_divides_its_whole_width_by_the_counts():
    counts = {"a": 2, "b": 0, "mixed": 1, "none": 5}
    drawn = bars(plots.composition({"role": {"n": Composition("n", "role", counts)}}, {}))
    widths = [r.get_width() for r in drawn]
    assert [width / sum(widths) for width in widths] == pytest.approx([2 / 8, 1 / 8, 5 / 8])
    assert all(a.get_x() + a.get_width() == pytest.approx(b.get_x()) for a, b in pairwise(drawn))


def test_counts_stand_in_the_parts_and_the_base_beside_the_bar():
    counts = {"a": 20, "b": 30, "mixed": 40, "none": 50}
    texts = said(plots.composition({"role": {"n": Composition("n", "role", counts)}}, {"a": "Peace"}))
    assert {"20", "30", "40", "50", "140", "Peace", "mixed", "none"} <= set(texts)


def test_an_empty_base_is_said_and_has_no_bar():
    figure = plots.composition(
        {"role": {"n": Composition("n", "role", {"a": 0, "none": 0})}}, {}, unit="paragraph"
    )
    assert "no paragraph coded" in said(figure)
    assert bars(figure) == []


def test_there_is_a_dot_for_each_year_and_case_that_was_searched():
    key = 3
    assert len(dots(plots.by_year(matrix(), YEARS, codes=["aim"]))) == key + 9
    assert len(dots(plots.by_year(matrix(), YEARS, codes=["role"]))) == key + 6
    one = {name: year for name, year in YEARS.items() if year == 2010}
    assert len(dots(plots.by_year(matrix(), one, codes=["role"]))) == key + 2


def test_hollow_dots_are_years_in_which_none_was_found():
    filled = [
        dot.get_markerfacecolor() != "none" for dot in dots(plots.by_year(matrix(), YEARS, codes=["role"]))
    ]
    assert filled[3:] == [True, True, False, False, False, False]


def test_units_without_a_year_are_counted_not_lost():
    some = {name: year for name, year in YEARS.items() if not name.startswith("1")}
    words = " ".join(said(plots.by_year(matrix(), some)))
    assert "Not shown, for want of a year: 9 sentences." in words
    assert "Not shown" not in " ".join(said(plots.by_year(matrix(), YEARS)))


def test_an_undefined_contrast_is_drawn_with_its_reason_and_without_a_dot():
    figure = plots.estimates([("Claim", UNDEFINED, "undetermined")])
    assert {"no unit in the base", "?", "undetermined"} <= set(said(figure))
    assert dots(figure) == []


def test_a_contrast_without_an_interval_has_a_hollow_dot_and_its_reason():
    figure = plots.estimates([("Claim", WITHOUT_INTERVAL, None)])
    assert {"one cluster", "described"} <= set(said(figure))
    assert [dot.get_markerfacecolor() for dot in dots(figure)] == ["none"]


@pytest.mark.parametrize(
    ("verdict", "sign"), [("supported", "✓"), ("contradicted", "✗"), ("undetermined", "?")]
)
def test_a_verdict_is_a_sign_and_a_word_and_stands_in_the_title_with_the_texts(verdict, sign):
    texts = said(plots.estimates([("Claim", DEFINED, verdict)], texts="in digests"))
    assert {sign, verdict, f"1 claim tested: 1 {verdict}, in digests"} <= set(texts)


def test_a_title_is_neutral_where_nothing_was_tested():
    assert "Differences of two shares" in said(plots.estimates([("Claim", DEFINED, None)]))


def test_the_interval_spans_from_low_to_high_around_the_line_at_zero():
    figure = plots.estimates([("Claim", DEFINED, "supported")])
    (dot,) = dots(figure)
    lines = {
        line.get_color(): line.get_xdata() for line in reversed(figure.findobj(Line2D)) if line is not dot
    }
    low, high = lines[INK]
    zero = lines[QUIET][0]
    scale = dot.get_xdata()[0] - zero
    assert ((low - zero) / scale, (high - zero) / scale) == pytest.approx((0.1 / 0.5, 0.9 / 0.5))


def test_text_from_outside_is_drawn_as_it_stands_and_never_breaks_the_svg():
    drawn = every_figure(HOSTILE)
    for figure in drawn.values():
        assert all(not text.get_parse_math() and not text.get_usetex() for text in figure.findobj(Text))
        document = plots.svg(figure)
        ET.fromstring(document)
        assert b"<script" not in document
        assert plots.png(figure).startswith(b"\x89PNG")
    assert {"a $x_1^2$ b$", "日本 🇯🇵 ���"} <= set(said(drawn["by_year"]))


def test_letters_that_no_font_has_are_drawn_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert plots.png(plots.estimates([("日本 한국 \U000e0fff", DEFINED, None)])).startswith(b"\x89PNG")


@pytest.mark.parametrize("n_cases", [1, 2, 3, 6, 16])
def test_nothing_is_drawn_beyond_the_edge_of_the_sheet(n_cases):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    found = matrix(tuple(f"The United Kingdom of Country {i}" for i in range(n_cases)))
    for figure in (
        plots.heatmap(found, codes=found.codes),
        plots.composition({"role": found.compose("aim", within="role")}, found.names),
        plots.by_year(found, YEARS),
    ):
        renderer = FigureCanvasAgg(figure).get_renderer()
        boxes = [text.get_window_extent(renderer) for text in figure.findobj(Text)]
        assert min(box.x0 for box in boxes) >= 0
        assert min(box.y0 for box in boxes) >= 0
        assert max(box.x1 for box in boxes) <= figure.bbox.x1
        assert max(box.y1 for box in boxes) <= figure.bbox.y1


def test_no_two_texts_of_a_figure_overlap():
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    for figure in every_figure(("Norland", "The United Kingdom of Sudland", "Westlandschifffahrt")).values():
        renderer = FigureCanvasAgg(figure).get_renderer()
        boxes = [text.get_tightbbox(renderer) for text in figure.findobj(Text) if text.get_text().strip()]
        assert all(not a.shrunk(0.98, 0.98).overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_figures_are_as_wide_as_a_journal_s_column_or_page():
    widths = {name: round(figure.get_figwidth() * 25.4) for name, figure in every_figure().items()}
    assert widths == {"heatmap": 85} | dict.fromkeys(widths.keys() - {"heatmap"}, 175)
    assert round(plots.heatmap(matrix(tuple("abcdef"))).get_figwidth() * 25.4) == 175


def test_wrapped_lines_fit_and_lose_no_letter():
    text = "A short word and Donaudampfschifffahrtsgesellschaftskapitän end"
    lines = wrapped(text, 20.0, 8.0)
    assert all(width_of(line, 8.0) <= 20.5 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    "colour", [*_PAINTS, _MIXED, _NONE, *(f"#{g:02x}{g:02x}{g:02x}" for g in range(0, 256, 15))]
)
def test_numbers_contrast_with_their_ground(colour):
    assert contrast_of(ink_on(colour), colour) >= 4.5


def contrast_of(one, other):
    light, dark = sorted((lightness(one), lightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lightness(colour):
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_words_contrast_with_the_paper():
    assert min(contrast_of(colour, WHITE) for colour in (INK, QUIET)) >= 4.5


def test_orientations_stay_apart_in_grey_and_donors_by_shape():
    assert all(contrast_of(a, b) >= 1.9 for a, b in pairwise(_PAINTS[:3]))
    assert len({shape for _, shape in DONORS}) == len(DONORS)


def test_small_shares_keep_a_decimal():
    assert [percent(s) for s in (0, 0.004, 0.05, 0.0994, 0.0996, 0.5, 1)] == [
        f"{number}\u00a0%" for number in ("0", "0.4", "5", "9.9", "10", "50", "100")
    ]


@pytest.mark.parametrize(
    "figure",
    [
        lambda: plots.heatmap(matrix(), codes=[]),
        lambda: plots.composition({}, {}),
        lambda: plots.by_year(matrix(), {}),
        lambda: plots.estimates([]),
    ],
)
def test_nothing_to_draw_is_drawn_as_such(figure):
    assert ET.fromstring(plots.svg(figure())).tag.endswith("svg")
    assert len(said(figure())) >= 2


def test_a_sheet_is_cut_to_what_stands_on_it():
    sheet = Sheet(50.0)
    low = sheet.finish(sheet.head("Title", "below"), "caption").get_figheight()
    sheet = Sheet(50.0)
    assert sheet.finish(sheet.head("Title", "below") + 25.4, "caption").get_figheight() == pytest.approx(
        low + 1
    )


def test_a_contrast_of_a_matrix_can_be_drawn_as_it_is():
    found = contrast(matrix(), "Norland", "Sudland", on="aim.peace", within="role", base="coded", seed=1)
    assert "Sudland: no unit in the base" in said(plots.estimates([("Peace", found, None)]))


def test_all_figures_of_a_run_are_written_as_svg_and_png(sandbox, tmp_path):
    run = coding.run(coding.Project.open(sandbox.root))
    folder = tmp_path / "figures"
    folder.mkdir()
    drawn = plots.draw_all(run, folder)
    assert list(drawn) == ["heatmap", "composition", "by-year", "estimates", "timeline"]
    for name, document in drawn.items():
        assert (folder / f"{name}.svg").read_bytes() == document
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert b"Role" in document or name == "estimates"
    assert b"More police" in drawn["estimates"]
    assert b"in digests" in drawn["estimates"]


def test_without_a_comparison_there_is_no_figure_of_estimates(sandbox, tmp_path):
    run = replace(coding.run(coding.Project.open(sandbox.root)), findings=())
    assert list(plots.draw_all(run, tmp_path)) == ["heatmap", "composition", "by-year", "timeline"]


def test_donors_side_by_side_have_bars_as_long_as_their_cells():
    found = matrix(measure="units")
    figure = plots.side_by_side(found, {"role": found.compose("aim", within="role")})
    bars = [a for a in figure.findobj(Rectangle) if a.get_height() == pytest.approx(3.4)]
    lengths = dict.fromkeys(found.cases, 0.0)
    for bar in bars:
        column = int((bar.get_x() - 31.0) // ((169.0 - 31.0) / 3))
        lengths[found.cases[column]] += bar.get_width()
    values = {case: found.cell(case, "role").value or 0.0 for case in found.cases}
    assert max(values.values()) > 0
    for case, value in values.items():
        assert lengths[case] / max(lengths.values()) == pytest.approx(value / max(values.values()))


def test_many_donors_stand_in_panels_of_six():
    names = [f"Donor {i}" for i in range(8)]
    found = matrix(names)
    drawn = said(plots.side_by_side(found, {"role": found.compose("aim", within="role")}))
    assert [name for name in drawn if name.startswith("Donor")] == names
    assert drawn.count("Role") == 2
