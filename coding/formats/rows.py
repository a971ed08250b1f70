"""Tables of which each row is a document, or a segment of one: a column holds the texts, others variables."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from coding.errors import CodingError, closest, nearest, refuse
from coding.formats.case import DocumentEntry
from coding.ids import slug

LISTS = ("source_language", "recipient", "agency", "about")
VARIABLES = tuple(
    name
    for name in DocumentEntry.model_fields
    if name not in ("statements", "read_from", "read_sha256", "read_as")
)
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Row:
    """A row that holds a text.

    Attributes
    ----------
    number : of the row in the table, the head being the first
    id : what names the document; empty if no column does
    following : numbers of the rows that were joined to it
    donor : that which it names; empty if none does
    """

    number: int
    id: str
    text: str
    variables: Mapping[str, str | int | list[str]]
    following: tuple[int, ...] = ()
    donor: str = ""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all its rows."""
        return (self.number, *self.following)

    @property
    def place(self) -> str:
        """Its rows as messages name them.

        Examples
        --------
        >>> Row(2, "a", "", {}).place, Row(2, "a", "", {}, (3, 4, 7)).place
        ('row 2', 'rows 2-4, 7')
        """
        return _numbered(self.numbers)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table, and what was left out.

    Attributes
    ----------
    unused : columns that are no variable of documents
    empty : numbers of rows without a text
    others : how many rows are of other donors
    """

    rows: tuple[Row, ...]
    unused: tuple[str, ...]
    empty: tuple[int, ...]
    others: int


def documents(
    table: Sequence[Sequence[str]],
    *,
    text: str,
    id: str | None,  # noqa: A002  the word of the option
    donor: str | None,
    speaker: str | None = None,
    donor_column: str | None = None,
) -> Rows:
    """Return the documents of a table.

    Parameters
    ----------
    table : rows of cells; the first is the head
    text, id : columns that hold the text, and what names it
    donor : rows that name another one in their column of donors are left out; None if each says its own
    donor_column : the column of donors, if it is not called `donor`
    speaker : column that says whose words they are: its cell stands before the text, with a colon

    Raises
    ------
    CodingError
        If a column is not there or stands twice, or a year is no number; if no column says the donors.
    """
    head = [cell.strip() for cell in table[0]] if table else []
    options = ((text, "--text"), (id, "--id"), (speaker, "--speaker"), (donor_column, "--donor-column"))
    chosen = {name: _column(head, name, option) for name, option in options if name}
    known = {re.sub(r"[\s-]+", "_", name.lower()): i for i, name in enumerate(head) if name not in chosen}
    donors = chosen[donor_column] if donor_column else known.get("donor")
    if donor is None and donors is None:
        raise CodingError(
            "no column `donor` says whose each row is. Name that which does with --donor-column, or give "
            "--donor for all."
        )
    variables = {name: known[name] for name in VARIABLES if name in known}
    rows, empty, others = [], [], 0
    for number, cells in enumerate(table[1:], start=2):
        row = [cell.strip() for cell in cells] + [""] * (len(head) - len(cells))
        named = "" if donors is None else row[donors]
        if donor is not None and named not in ("", donor):
            others += 1
        elif not row[chosen[text]]:
            empty += [number] if any(row) else []
        else:
            said = {name: _value(name, row[i]) for name, i in variables.items() if row[i]}
            words = _turn(row[chosen[speaker]] if speaker else "", row[chosen[text]])
            rows.append(Row(number, row[chosen[id]] if id else "", words, said, donor=donor or named))
    used = {*chosen.values(), *variables.values(), donors}
    unnamed = tuple(f"column {i + 1}, which has no name" for i in _unnamed(head, table) if i not in used)
    unused = tuple(name for i, name in enumerate(head) if i not in used and name)
    return Rows(tuple(rows), (*unused, *unnamed), tuple(empty), others)


def joined(table: Rows) -> Rows:
    """Return the table with all rows of one id as one document, its segments a paragraph each, in order.

    Raises
    ------
    CodingError
        If rows of one document say different things of it, or a row has no id.
    """
    found: dict[str, Row] = {}
    problems = []
    for row in table.rows:
        if not row.id:
            problems.append(f"row {row.number}: no id says to which document it belongs.")
            continue
        first = found.get(row.id)
        if first is None:
            found[row.id] = row
            continue
        problems += [
            f"row {row.number}: '{name}' of {row.id} is {row.variables[name]}, in {first.place} "
            f"{first.variables[name]}. A document has one: give each an id of its own."
            for name in sorted(first.variables.keys() & row.variables.keys())
            if first.variables[name] != row.variables[name]
        ]
        if "" != first.donor != row.donor != "":
            problems.append(
                f"row {row.number}: the donor of {row.id} is {row.donor}, in {first.place} {first.donor}. A "
                "document has one."
            )
        found[row.id] = replace(
            first,
            text=f"{first.text}\n\n{row.text}",
            variables={**first.variables, **row.variables},
            following=(*first.following, row.number),
            donor=first.donor or row.donor,
        )
    refuse(problems)
    return replace(table, rows=tuple(found.values()))


def refuse_unknown_donors(table: Rows, known: Collection[str]) -> None:
    """Raise unless each row names a donor that is known, by its id.

    Raises
    ------
    CodingError
        Listing each other name once, with its rows and the nearest known id.
    """
    found: dict[str, list[int]] = {}
    for row in table.rows:
        if row.donor not in known:
            found.setdefault(row.donor, []).extend(row.numbers)
    refuse([f"{_numbered(sorted(numbers))}: {_unknown(name, known)}" for name, numbers in found.items()])


def delimiter(text: str) -> str:
    r"""Return the sign that stands between the cells of a table: the commonest in its first line.

    Examples
    --------
    >>> delimiter("id;text\n1;One, two"), delimiter("text\nOne;")
    (';', ',')
    """
    head = text.partition("\n")[0]
    return max(_DELIMITERS, key=head.count)


def _numbered(numbers: Sequence[int]) -> str:
    starts = [numbers[0], *(b for a, b in pairwise(numbers) if b != a + 1)]
    ends = [*(a for a, b in pairwise(numbers) if b != a + 1), numbers[-1]]
    runs = [str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True)]
    return f"row{'s' * (len(numbers) > 1)} {', '.join(runs)}"


def _unknown(donor: str, known: Collection[str]) -> str:
    if not donor:
        return "no donor. Write its id there, or take the rows out."
    written = slug(donor).replace("_", "-")  # as an id would be: South Korea, south-korea
    near = closest(written, known) or closest(donor, known)
    meant = f" Did you mean '{near}'?" if near else nearest(donor, known)
    return f"there is no donor '{donor}' in corpus/.{meant} A new one is made by `coding donor add`."


def _column(head: Sequence[str], name: str, option: str) -> int:
    if head.count(name) != 1:
        said = (
            "stands there more than once. Rename one."
            if name in head
            else f"is not there.{nearest(name, filter(None, head))}"
        )
        raise CodingError(f"{option}: the column '{name}' {said}")
    return head.index(name)


def _unnamed(head: Sequence[str], table: Sequence[Sequence[str]]) -> list[int]:
    """Return the columns in which something stands, and over which nothing does."""
    filled = {i for cells in table[1:] for i, cell in enumerate(cells) if cell.strip()}
    return sorted(i for i in filled if i >= len(head) or not head[i])


def _turn(speaker: str, words: str) -> str:
    """Return words with who says them.

    Examples
    --------
    >>> _turn("Ms  Doe", "We train."), _turn("", "We train.")
    ('Ms Doe: We train.', 'We train.')
    """
    name = " ".join(speaker.split()).removesuffix(":")
    return f"{name}: {words}" if name else words


def _value(name: str, cell: str) -> str | int | list[str]:
    if name in LISTS:
        return [part.strip() for part in cell.split(";") if part.strip()]
    return int(cell) if name == "year" and re.fullmatch(r"\d{1,5}", cell) else cell
