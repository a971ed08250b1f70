"""How tables, JSON and progress reach a terminal, a pipe or a script."""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.text import Text

WIDTH = 100

# A text may hold escape sequences that would speak to the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def print_json(value: object) -> None:
    """Print a value as JSON to standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    cut: Sequence[int] = (),
) -> None:
    """Print a table: drawn in a terminal, as tab-separated values in a pipe.

    Parameters
    ----------
    numbers : columns whose cells stand to the right
    cut : columns whose cells are cut where the line would be too long for a terminal
    """
    head, *rows = [[printable(cell) for cell in row] for row in (head, *rows)]
    if is_piped():
        for row in (head, *rows):
            typer.echo("\t".join(cell.strip() for cell in row))
        return
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    width = min(console.width, WIDTH)
    widths = [max(cell_len(row[i]) for row in (head, *rows)) for i in range(len(head)) if i not in cut]
    room = max(10, (width - sum(widths) - 3 * len(head)) // max(1, len(cut)))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(head):
        table.add_column(Text(name), justify="right" if i in numbers else "left")
    for row in rows:
        cells = [Text(cell) for cell in row]
        for i in cut:
            cells[i].truncate(room, overflow="ellipsis")
        table.add_row(*cells)
    console.print(table, width=width)


def is_piped() -> bool:
    """Say whether standard output goes to a script or file rather than to a reader."""
    return not sys.stdout.isatty()


def print_entry(title: str, said: str, why: str) -> None:
    """Print an entry of a list for a reader: a title with a word or two to its right, below it the reason."""
    from rich.text import Text

    _print_entry(title, said, Text(printable(why), style="dim"))


def print_passage(title: str, said: str, before: str, hit: str, after: str) -> None:
    """Print a passage for a reader: where it stands and what it bears, below it its words, the hit marked."""
    from rich.text import Text

    marked = (f"«{printable(hit)}»", "bold")
    _print_entry(title, said, Text.assemble(printable(before), marked, printable(after)))


def print_below(said: str, words: str) -> None:
    """Print words that belong to the passage printed before them, after what is said of them."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    below = Text.assemble((f"{printable(said)} ", "dim") if said else "", printable(words))
    console.print(Padding(below, (0, 0, 0, 4)), width=min(console.width, WIDTH))


def _print_entry(title: str, said: str, below: Text) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    width = min(console.width, WIDTH)
    head, beside = Text(printable(title), style="bold"), Text(printable(said))
    if head.cell_len + 2 + beside.cell_len > width:  # nothing is cut: what does not fit beside stands below
        console.print(head, width=width)
        console.print(Padding(beside, (0, 0, 0, 2)), width=width)
    else:
        line = Table.grid(expand=True, padding=(0, 0, 0, 2), pad_edge=False)
        line.add_column()
        line.add_column(justify="right", no_wrap=True)
        line.add_row(head, beside)
        console.print(line, width=width)
    console.print(Padding(below, (0, 0, 0, 2)), width=width)


def printable(cell: str) -> str:
    """Return a text for one line: tabs and line ends are spaces, what would steer a terminal is shown."""
    return _shown(re.sub(r"[\t\n\f\r]+", " ", cell))


def _shown(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def print_text(text: str) -> None:
    """Print lines of text to standard output."""
    typer.echo(_shown(text))


def note(text: str) -> None:
    """Print a sentence to standard error, where results are not."""
    typer.echo(_shown(text), err=True)


@contextmanager
def progress(first: str, *, every: float | None = None) -> Iterator[Callable[[str], None]]:
    """Show what is being done on standard error; the line vanishes when done.

    Parameters
    ----------
    every : where no terminal shows it, print a line at most once in so many seconds; None for none at all
    """
    if not sys.stderr.isatty():
        yield _sometimes(every) if every is not None else lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(first) as status:
        yield status.update


def _sometimes(every: float) -> Callable[[str], None]:
    """Return what prints the first words that it is given, and later ones if some time has passed."""
    last = float("-inf")

    def say(text: str) -> None:
        nonlocal last
        if monotonic() - last >= every:
            last = monotonic()
            note(text)

    return say
