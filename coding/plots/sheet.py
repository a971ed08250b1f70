"""A figure as a sheet of paper: measured in millimetres from its upper left corner.

It has no matplotlib axes: places are counted, not sought by a layout engine, so nothing overlaps,
nothing is clipped and drawing is quick. `svg` and `png` turn it into bytes that are equal from run
to run. Every text from outside is drawn as it stands, never read as a formula.
"""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import numpy as np
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from numpy.typing import NDArray

Align = Literal["left", "center", "right"]
Ink = tuple[str, str]  # a colour and the shape of its dots

TITLE, TEXT, SMALL = 9.0, 8.0, 6.5  # points
INK, QUIET, LINE, PALE = "#222222", "#5F5F5F", "#C4C4C4", "#F1F1F1"
BLACK, WHITE = "#000000", "#FFFFFF"

COLUMN, PAGE = 79.0, 169.0  # millimetres; with the margins the 85 and 175 of a journal's column and page
MARGIN = 3.0

# Okabe-Ito. Blue and vermilion are alike in grey, so each donor also has a shape.
DONORS: tuple[Ink, ...] = (
    ("#0072B2", "o"),
    ("#D55E00", "s"),
    ("#009E73", "^"),
    ("#CC79A7", "d"),
    ("#E69F00", "v"),
    ("#56B4E9", "P"),
    ("#000000", "X"),
    ("#8A7F00", "p"),
)

# For letters that DejaVu Sans lacks, where one of them is installed.
_OTHER_LETTERS = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Noto Sans CJK KR",
    "Hiragino Sans",
    "Yu Gothic",
    "Malgun Gothic",
)
_FIRST_OTHER = "\u1100"  # Hangul Jamo; DejaVu Sans has what comes before
_GAPS = re.compile(r"[^\S\u00a0]+")  # white space but the kind that keeps words together
_POINT = 25.4 / 72  # millimetres
_PITCH = 1.22  # from line to line, for each point of size
_RESOLUTION = 200  # dots per inch


def svg(figure: Figure) -> bytes:
    """Return a figure as an SVG document, equal from run to run."""
    title = str(figure.get_label()) or None
    return _saved(figure, "svg", {"Date": None, "Creator": None, "Title": title})


def png(figure: Figure) -> bytes:
    """Return a figure as a PNG picture of 200 dots per inch, equal from run to run."""
    # Less pressing is much quicker, and these flat pictures come out no larger.
    return _saved(figure, "png", {"Software": None}, pil_kwargs={"compress_level": 3})


def _saved(figure: Figure, kind: str, metadata: Mapping[str, str | None], **how: Any) -> bytes:
    written = BytesIO()
    with _style(), _strange_letters():
        figure.savefig(written, format=kind, dpi=_RESOLUTION, facecolor=WHITE, metadata=dict(metadata), **how)
    return written.getvalue()


def _style() -> AbstractContextManager[None]:
    """Return the settings under which figures are drawn, whatever the reader has set for others.

    The letters of an SVG are drawn as paths: their widths were measured with DejaVu Sans, and where
    it is missing other letters would run over the edges. The words stand beside them in comments.
    """
    import matplotlib as mpl

    return mpl.rc_context(
        {
            "svg.fonttype": "path",
            "svg.hashsalt": "normatrix",
            "savefig.bbox": None,
            "path.sketch": None,
            "text.hinting": "none",  # for coarse screens; at this resolution it only costs time
        }
    )


@contextmanager
def _strange_letters() -> Iterator[None]:
    """Let a letter that no installed font has be drawn as a box, without a warning for each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing")
        yield


@lru_cache(maxsize=4096)
def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a line of text is, in millimetres."""
    from matplotlib.textpath import text_to_path

    with _strange_letters():
        points = text_to_path.get_text_width_height_descent(
            plain(text), _font(text, size, bold=bold), ismath=False
        )[0]
    return float(points) * _POINT


def height_of(text: str, width: float, size: float, *, bold: bool = False) -> float:
    """Return how high a text is when wrapped to a width, in millimetres."""
    return len(wrapped(text, width, size, bold=bold)) * size * _PITCH * _POINT


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Return the lines into which a text falls: between words, within a word that is too long by itself."""
    gap = width_of("a a", size, bold=bold) - 2 * width_of("a", size, bold=bold)
    lines: list[str] = []
    used = 0.0
    for word in plain(text).split(" "):
        for part in _pieces(word, width, size, bold=bold):
            wide = width_of(part, size, bold=bold)
            if lines and used + gap + wide <= width:
                lines[-1], used = f"{lines[-1]} {part}", used + gap + wide
            else:
                lines.append(part)
                used = wide
    return lines


def _pieces(word: str, width: float, size: float, *, bold: bool) -> Iterator[str]:
    """Yield a word, or the pieces of one that is wider than a line."""
    if width_of(word, size, bold=bold) <= width:
        yield word
        return
    piece = ""
    for letter in word:
        if piece and width_of(piece + letter, size, bold=bold) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece


def plain(text: str) -> str:
    r"""Return a text on one line, with � for what cannot be drawn (and must not stand in an SVG).

    Examples
    --------
    >>> plain("two  lines\nand a bell\x07")
    'two lines and a bell�'
    """
    one_line = " ".join(_GAPS.split(text)).strip()
    return "".join(c if c.isprintable() or c == "\u00a0" else "�" for c in one_line)


def _font(text: str, size: float, *, bold: bool) -> FontProperties:
    return _letters(size, bold=bold, others=any(c >= _FIRST_OTHER for c in text))


@lru_cache
def _letters(size: float, *, bold: bool, others: bool) -> FontProperties:
    """Return a font; with `others` one that has Chinese, Japanese and Korean, which is slow to load."""
    from matplotlib.font_manager import FontProperties, fontManager

    families = ["DejaVu Sans"]
    if others:
        at_hand = {font.name for font in fontManager.ttflist}
        families += [name for name in _OTHER_LETTERS if name in at_hand]
    return FontProperties(family=families, size=size, weight="bold" if bold else "normal")


def ink_on(colour: str) -> str:
    """Return white or black, whichever contrasts more with a colour: always 4.5 or more (WCAG 2)."""
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return WHITE if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else BLACK


class Sheet:
    """A figure that grows downwards as it is drawn on, and is cut to its height by `finish`."""

    def __init__(self, width: float) -> None:
        from matplotlib.transforms import Affine2D

        from coding.plots.picture import Picture

        self.width = width
        # A notebook draws at the figure's own resolution; below 200 letters are widened to whole pixels.
        size = ((width + 2 * MARGIN) / 25.4, 1)
        self.figure = Picture(figsize=size, dpi=_RESOLUTION, facecolor=WHITE)
        self._paper = Affine2D()
        self._place = self._paper + self.figure.dpi_scale_trans

    def head(self, title: str, below: str) -> float:
        """Write title and subtitle; return the y below them."""
        self.figure.set_label(plain(title))
        y = self.write(0, 0, title, size=TITLE, bold=True, width=self.width, top=True)
        said = below[:1].upper() + below[1:]
        return self.write(0, y + 0.6, said, size=SMALL, colour=QUIET, width=self.width, top=True) + 3

    def finish(self, y: float, caption: str) -> Figure:
        """Write the caption, cut the sheet to its height and return the figure."""
        below = self.write(0, y + 2.5, caption, size=SMALL, colour=QUIET, width=self.width, top=True)
        height = below + 2 * MARGIN
        self.figure.set_size_inches((self.width + 2 * MARGIN) / 25.4, height / 25.4)
        self._paper.scale(1, -1).translate(MARGIN, height - MARGIN).scale(1 / 25.4)
        return self.figure

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = TEXT,
        colour: str = INK,
        align: Align = "left",
        bold: bool = False,
        width: float | None = None,
        top: bool = False,
    ) -> float:
        """Write a text around the middle y (from y down if `top`), wrapped to a width; return the y below."""
        from matplotlib.text import Text

        lines = [plain(text)] if width is None else wrapped(text, width, size, bold=bold)
        pitch = size * _PITCH * _POINT
        first = y if top else y - len(lines) * pitch / 2
        for i, line in enumerate(lines):
            # 0.365: half the height of a capital letter, so that capitals and figures sit in the middle
            baseline = first + (i + 0.5) * pitch + 0.365 * size * _POINT
            font = _font(line, size, bold=bold)
            written = Text(x, baseline, line, color=colour, ha=align, va="baseline", fontproperties=font)
            written.set_parse_math(False)
            written.set_usetex(False)
            self._add(written)
        return first + len(lines) * pitch

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        face: str,
        *,
        edge: str | None = None,
        hatch: str | None = None,
        name: str | None = None,
    ) -> None:
        """Draw a filled box: with an edge, or hatched in a colour; `name` becomes its id in the SVG."""
        from matplotlib.patches import Rectangle

        weight = 0.0 if hatch else 0.8
        drawn = Rectangle((x, y), width, height, fc=face, ec=hatch or edge or "none", lw=weight)
        if hatch:
            drawn.set_hatch("//////")
            drawn.set_hatch_linewidth(0.5)
        drawn.set_gid(name)
        self._add(drawn)
        if hatch and edge:  # an edge of its own: matplotlib hatches in the colour of the edge
            self.box(x, y, width, height, "none", edge=edge)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        colour: str = LINE,
        weight: float = 0.5,
        dotted: bool = False,
        behind: bool = False,
    ) -> None:
        """Draw a line through points; `weight` in points."""
        from matplotlib.lines import Line2D

        xs, ys = zip(*points, strict=True)
        style = (0, (1, 2)) if dotted else "-"
        self._add(Line2D(xs, ys, color=colour, lw=weight, ls=style, zorder=0.5 if behind else 1.5))

    def ribbon(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        height: float,
        face: str,
        *,
        part: Literal["whole", "first", "second"] = "whole",
    ) -> None:
        """Draw a band from its start to its end, the places of its upper edge, or one half of it."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        (x, y), (u, v) = start, end
        upper = {
            "whole": [(x, y), ((x + u) / 2, y), ((x + u) / 2, v), (u, v)],
            "first": [
                (x, y),
                (x + (u - x) / 4, y),
                (x + (u - x) * 3 / 8, (3 * y + v) / 4),
                _half(start, end),
            ],
            "second": [
                _half(start, end),
                (x + (u - x) * 5 / 8, (y + 3 * v) / 4),
                (u - (u - x) / 4, v),
                (u, v),
            ],
        }[part]
        lower = [(a, b + height) for a, b in reversed(upper)]
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        path = Path([*upper, *lower, upper[0]], codes)
        self._add(PathPatch(path, fc=face, ec="none", lw=0, zorder=0.8))

    def dot(self, ink: Ink, x: float, y: float, size: float, *, filled: bool = True) -> None:
        """Draw a dot in a colour and shape, `size` millimetres across; hollow unless filled."""
        from matplotlib.lines import Line2D

        colour, shape = ink
        points = size / _POINT
        rim = 0.0 if filled else min(0.9, 0.2 * points)
        face = colour if filled else "none"
        self._add(Line2D([x], [y], ls="", marker=shape, ms=points - rim, mfc=face, mec=colour, mew=rim))

    def tones(self, x: float, y: float, width: float, height: float, colours: NDArray[np.uint8]) -> None:
        """Fill a box with tones, from its upper left corner: (rows, columns, 3), red, green and blue."""
        from matplotlib.image import BboxImage
        from matplotlib.transforms import Bbox, TransformedBbox

        # The paper is turned over, so what is below here is the box's lower edge there.
        place = TransformedBbox(Bbox([[x, y + height], [x + width, y]]), self._place)
        drawn = BboxImage(place, interpolation="nearest", origin="lower")
        drawn.set_data(colours)
        self.figure.add_artist(drawn)

    def donor(self, number: int, x: float, y: float, name: str, *, width: float | None = None) -> None:
        """Name a donor beside its dot; `number` is its place among the donors and decides on its ink."""
        self.dot(DONORS[number % len(DONORS)], x + 1.1, y, 2.1)
        self.write(x + 3.4, y, name, size=SMALL, width=width and width - 3.4)

    def _add(self, artist: Artist) -> None:
        artist.set_transform(self._place)
        self.figure.add_artist(artist)


def _half(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    return (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
