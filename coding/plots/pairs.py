"""Co-occurrence: a staircase of cells, each with how many places bear both codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.plots.heat import ZEROS
from coding.plots.sheet import LINE, PAGE, PALE, QUIET, SMALL, TEXT, WHITE, Sheet, height_of, ink_on, width_of
from coding.plots.words import joined

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from coding.cooccurrence import Cooccurrence, Pair

_NAME = 46.0  # what the name of the last code takes beside the staircase, in millimetres
_WIDEST, _LEAST = 13.0, 4.6  # a cell; below that its number would not fit

_Place = tuple[float, float, float, float]  # x, y, width, height


def cooccurrence(found: Cooccurrence, *, texts: str = "") -> Figure:
    """Draw for each two codes a cell with the number of places that bear both.

    Parameters
    ----------
    texts : what the texts are, such as "in digests"; written below the title

    Returns
    -------
    Figure
        175 mm wide, or wider for more than 26 codes. The cell of two codes lies below the one and to the
        left of the other, shaded by Jaccard; in the diagonal, with its name, a code and its own number. The
        three zeros differ as in the heat matrix.
    """
    n, most = max(len(found.codes), 1), int(found.counts().max(initial=0))
    width = min(max((PAGE - _NAME) / n, _LEAST, width_of(str(most), SMALL, bold=True) + 1.2), _WIDEST)
    height = min(width, 7.5)
    sheet = Sheet(max(PAGE, n * width + _NAME))
    who = found.matrix.names[found.case] if found.case else "all cases"
    y = sheet.head(
        f"Codes that stand together: {who}", joined(f"{found.together}s that bear both codes", texts)
    )
    if not found.codes:
        sheet.write(0, y + 1, "There is no code.", colour=QUIET)
        return sheet.finish(y + 2, "")
    pairs = {
        (one, other): found.pair(one, other) for i, other in enumerate(found.codes) for one in found.codes[:i]
    }
    largest = max((pair.jaccard or 0.0 for pair in pairs.values()), default=0.0)
    for i, code in enumerate(found.codes):
        name = found.matrix.names[code]
        room = sheet.width - (i + 1) * width - 2
        tall = max(height, height_of(name, room, SMALL) + 0.8)
        for j, other in enumerate(found.codes[:i]):
            _cell(sheet, pairs[other, code], (j * width, y, width, tall), largest, f"cell-{i}-{j}")
        _own(sheet, found.pair(code, code), (i * width, y, width, tall))
        sheet.write((i + 1) * width + 1.6, y + tall / 2, name, size=SMALL, width=room)
        y += tall
    y = _scale(sheet, y + 3.4, largest)
    return sheet.finish(y, _caption(found))


def _cell(sheet: Sheet, pair: Pair, place: _Place, largest: float, name: str) -> None:
    x, y, width, height = place
    shade = _shade(pair, largest)
    edge = LINE if pair.state == "not examined" else None
    sheet.box(x + 0.15, y + 0.15, width - 0.3, height - 0.3, shade, edge=edge, name=name)
    said = str(pair.n_both) if pair.n_both else ZEROS[pair.state]
    ink = ink_on(shade) if pair.n_both else QUIET
    sheet.write(x + width / 2, y + height / 2, said, size=_size(said, width), colour=ink, align="center")


def _own(sheet: Sheet, pair: Pair, place: _Place) -> None:
    x, y, width, height = place
    sheet.box(x + 0.3, y + 0.3, width - 0.6, height - 0.6, WHITE, edge=LINE)
    said = str(pair.n_both) if pair.n_both else ZEROS[pair.state]
    sheet.write(x + width / 2, y + height / 2, said, size=_size(said, width), align="center", bold=True)


def _size(said: str, width: float) -> float:
    return TEXT if width_of(said, TEXT, bold=True) + 1.5 < width else SMALL


def _shade(pair: Pair, largest: float) -> str:
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    if not pair.n_both:
        return WHITE if pair.state == "not examined" else PALE
    # cividis turned round: on white paper more is darker
    return to_hex(colormaps["cividis_r"]((pair.jaccard or 0.0) / largest if largest else 0.0))


def _scale(sheet: Sheet, y: float, largest: float) -> float:
    """Draw the shades from none to the largest; return the y below."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    if not largest:
        return y - 3.4
    sheet.write(0, y, "Jaccard", size=SMALL, colour=QUIET)
    start = 16.5
    steps = 40
    for i in range(steps):
        shade = to_hex(colormaps["cividis_r"]((i + 0.5) / steps))
        sheet.box(start + i * 0.8, y - 1.1, 0.82, 2.2, shade)
    sheet.write(start - 1.2, y, "0", size=SMALL, colour=QUIET, align="right")
    sheet.write(start + 1.2 + steps * 0.8, y, f"{largest:.2f}", size=SMALL, colour=QUIET)
    return y + 1.6


def _caption(found: Cooccurrence) -> str:
    place = found.together
    unit, unread = found.matrix.measurement.unit, found.n_unread(*found.codes)
    documents = len({place.document for place in found.read})
    n = len(found.read)
    size = f"{n} {place}{'s' * (n != 1)}"
    if place != "document":
        size += f" in {documents} document{'s' * (documents != 1)}"
    if unread:
        size += (
            f" read; {unread} of {found.n_units} {unit}s not read for some code, and counted nowhere for it"
        )
    return (
        f"Number: {place}s that bear both codes; in the diagonal, those that bear the code. Shade: of the "
        f"{place}s that bear either, the share that bears both (Jaccard). {size}. –: rules searched and "
        "found none; 0: a person read and found none; ·: nobody looked."
    )
