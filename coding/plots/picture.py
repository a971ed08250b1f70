"""A matplotlib figure that a notebook shows by itself, whether or not pyplot was imported."""

from __future__ import annotations

from matplotlib.figure import Figure

from coding.plots.sheet import png


class Picture(Figure):
    """A figure that stands as a picture below a cell when it is the cell's last line."""

    def _repr_png_(self) -> bytes:
        return png(self)
