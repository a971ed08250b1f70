"""A codebook as tables, for people who work in a spreadsheet: codes, rules, and what holds for all.

A CSV file `x.csv` holds the codes; `x.rules.csv` and `x.about.csv` beside it hold the rest. A workbook has
the sheets `codes`, `rules` and `about`. A table of codes alone can be read as well: a column `name` is
enough, with `parent` naming another row; ids are then made of the names. So can a list of codes that
another program has written (`coding.formats.code_lists`).

A cell that holds several things has one in a line. Where a line would not do, because a thing has a line
break in it, the cell is a JSON list. An example in a document of a donor begins with the donor, as in
`[japan] We trained them.`
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from coding.codebook import RuleKind
from coding.errors import CodingError, nearest, refuse
from coding.files import replacing
from coding.formats import code_lists, csv, xlsx
from coding.formats.codebook import codebook_of, values
from coding.ids import Named, identify

if TYPE_CHECKING:
    from pathlib import Path

    from coding.codebook import Codebook
    from coding.formats.csv import Cell
    from coding.formats.yaml import Key

SUFFIXES = (".csv", ".xlsx")
FIRST_VERSION = "0.1.0"

Rows = Sequence[Sequence["Cell"]]

_DONOR = re.compile(r"\[([^\]\s]+)\] (.+)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Taken:
    """A codebook read from tables, and the columns that say nothing of what a code means."""

    codebook: Codebook
    left_out: tuple[str, ...]


def tables(codebook: Codebook) -> dict[str, list[list[Cell]]]:
    """Return the tables of a codebook: `codes`, `rules`, `about`; the first row of each is its header."""
    said = values(codebook)
    codes: list[list[Cell]] = [list(_CODES)]
    rules: list[list[Cell]] = [list(_RULES)]
    for code, entry in zip(codebook.codes, _in_order(codebook, said), strict=True):
        codes.append(_row(_CODES, {**entry, "parent": code.parent}))
        for rule in entry.get("rules", []):
            kind = next(kind for kind in get_args(RuleKind) if kind in rule)
            given = rule[kind]
            patterns = [json.dumps(given, ensure_ascii=False)] if kind == "pattern" else given
            rules.append(_row(_RULES, {**rule, "code": code.id, "kind": kind, "patterns": patterns}))
    about: list[list[Cell]] = [["key", "value"]]
    about += [[key, str(said[key])] for key in ("id", "version", "title", "language", "match") if key in said]
    about += [[f"family {family}", _lines(list(codes))] for family, codes in codebook.families.items()]
    return {"codes": codes, "rules": rules, "about": about}


def write_tables(path: Path, codebook: Codebook) -> list[Path]:
    """Write a codebook as a workbook or as CSV files, by the suffix, and return the files.

    Raises
    ------
    CodingError
        If a file cannot be written, or a text cannot stand in a cell.
    """
    _choose(path)
    made = tables(codebook)
    refuse(list(_unfit(path, made)))
    if path.suffix == ".xlsx":
        with replacing([path]) as (beside,):
            xlsx.write_sheets(beside, made)
        return [path]
    files = [path, *(path.with_suffix(f".{name}.csv") for name in list(made)[1:])]
    with replacing(files) as written:
        for beside, table in zip(written, made.values(), strict=True):
            csv.write_table(beside, table)
    return files


def read_tables(path: Path, *, codebook: str | None = None) -> Codebook:
    """Return the codebook of a workbook or of CSV files, as `take_tables` does."""
    return take_tables(path, codebook=codebook).codebook


def take_tables(path: Path, *, codebook: str | None = None) -> Taken:
    """Return the codebook of a workbook or of CSV files, and the columns that were left out.

    Parameters
    ----------
    codebook : str, optional
        The id of the codebook; else what the table `about` says, else the name of the file.

    Raises
    ------
    CodingError
        Listing every problem with file, row and column: an unknown column with the nearest known
        one, a parent that is no row, and all that is wrong in a codebook file.
    """
    _choose(path)
    reader = _Reader(path, codebook)
    return Taken(codebook_of(reader.read()), tuple(reader.left_out))


@dataclass(frozen=True, slots=True)
class _Values:
    """Plain values read from tables, and in which row and column each stands."""

    name: str
    values: object
    places: Mapping[tuple[Key, ...], str]

    def where(self, *path: Key) -> str:
        """Return 'codes.csv, row 3, column name' for the nearest known place of a path."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, self.name)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that is not empty: its place, and its cells by column."""

    place: str
    cells: Mapping[str, str]

    def at(self, column: str) -> str:
        return f"{self.place}, column {column}"

    def named(self) -> Named:
        return Named(self.place, *(self.cells.get(what, "").strip() for what in ("id", "name", "parent")))


class _Reader:
    """Turns tables into the values of a codebook file; problems are gathered and told at once."""

    def __init__(self, path: Path, codebook: str | None) -> None:
        self.left_out: list[str] = []
        self._path = path
        self._id = codebook
        self._problems: list[str] = []
        self._places: dict[tuple[Key, ...], str] = {}

    def read(self) -> _Values:
        sheets = dict(self._sheets())
        codes = self._rows(*sheets["codes"], _CODES) if "codes" in sheets else []
        rules = self._rows(*sheets["rules"], _RULES) if "rules" in sheets else []
        about = self._rows(*sheets["about"], {"key": _text, "value": _text}) if "about" in sheets else []
        refuse(self._problems)
        entries = self._codes(codes)
        self._rules(rules, entries)
        said = self._about(about)
        refuse(self._problems)
        return _Values(self._path.name, {**said, "codes": list(entries.values())}, self._places)

    def _sheets(self) -> Iterator[tuple[str, tuple[str, Rows]]]:
        name = self._path.name
        if self._path.suffix == ".csv":
            yield "codes", (name, code_lists.read_cells(self._path))
            for part in ("rules", "about"):
                beside = self._path.with_suffix(f".{part}.csv")
                if beside.is_file():
                    yield part, (beside.name, code_lists.read_cells(beside))
            return
        sheets = xlsx.read_sheets(self._path)
        if len(sheets) == 1:
            sheets = {"codes": next(iter(sheets.values()))}
        known = ("codes", "rules", "about")
        for sheet, rows in sheets.items():
            if sheet in known:
                yield sheet, (f"{name}, sheet {sheet}", rows)
            else:
                self._problems.append(f"{name}: unknown sheet '{sheet}'.{nearest(sheet, known)}")

    def _rows(self, name: str, rows: Rows, columns: Mapping[str, _Read]) -> list[_Row]:
        if not rows:
            self._problems.append(f"{name}: is empty. Its first row names the columns: {', '.join(columns)}.")
            return []
        head = self._head(name, [_plain(cell).strip() for cell in rows[0]], columns)
        found = []
        for number, row in enumerate(rows[1:], start=2):
            given = zip(head, map(_plain, row), strict=False)
            cells = {column: cell for column, cell in given if column is not None}
            if any(_plain(cell).strip() for cell in row[len(head) :]) or cells.pop("", "").strip():
                self._problems.append(f"{name}, row {number}: has a cell without a column. Name its column.")
            if any(cell.strip() for cell in cells.values()):
                found.append(_Row(f"{name}, row {number}", cells))
        return found

    def _head(self, name: str, written: list[str], columns: Mapping[str, _Read]) -> list[str | None]:
        """Return the column of each cell of a row, None if it is left out."""
        is_list = columns is _CODES
        named = code_lists.column if is_list else code_lists.plain_head
        known = {"", *columns, *([code_lists.MEMO] if is_list else [])}
        idle = [said for said in written if is_list and named(said) not in known and code_lists.is_idle(said)]
        self.left_out += idle
        head = [None if said in idle else named(said) for said in written]
        self._problems += [
            f"{name}, row 1: unknown column '{column}'.{nearest(column, columns)}"
            for column in head
            if column is not None and column not in known
        ]
        self._problems += [
            f"{name}, row 1: the column '{column}' stands there {n} times. Keep one."
            for column, n in Counter(head).items()
            if column and n > 1
        ]
        return head

    def _codes(self, rows: list[_Row]) -> dict[int, dict[str, Any]]:
        if not rows:
            self._problems.append(f"{self._path.name}: has no code. Write one in each row, with a `name`.")
        rows, named = self._placed(rows)
        ids, problems = identify(named)
        self._problems += problems
        entries: dict[int, dict[str, Any]] = {}
        cells = code_lists.completed([row.cells for row in rows], self._path.name)
        rows = [replace(row, cells=of_row) for row, of_row in zip(rows, cells, strict=True)]
        for i, (row, found) in enumerate(zip(rows, ids, strict=True)):
            entry = {"name": "", "definition": "", **_read(row, _CODES), "id": found.id}
            entries[i] = {**entry, "parent": found.parent}
            self._places[("codes", i)] = row.place
            self._places |= {("codes", i, column): row.at(column) for column in row.cells}
        return entries

    def _placed(self, rows: list[_Row]) -> tuple[list[_Row], list[Named]]:
        """Return the rows, and what they are called; where names are paths, a row for each code above too."""
        found = code_lists.paths([row.cells for row in rows])
        if found is None:
            return rows, [row.named() for row in rows]
        made, named = [], []
        for i, path in code_lists.whole(found):
            cells = rows[i].cells if path == found[i] else {}
            made.append(replace(rows[i], cells={**cells, "name": path[-1]}))
            above = code_lists.id_of(path[:-1])
            named.append(Named(rows[i].place, code_lists.id_of(path), path[-1], above))
        return made, named

    def _rules(self, rows: list[_Row], entries: dict[int, dict[str, Any]]) -> None:
        index = {entry["id"]: i for i, entry in entries.items()}
        for row in rows:
            rule = _read(row, _RULES)
            code, kind, patterns = rule.pop("code", ""), rule.pop("kind", ""), rule.pop("patterns", [])
            wrong = [
                f"{row.at(what)}: no {what} '{value}'.{nearest(value, known)}"
                for what, value, known in (("code", code, index), ("kind", kind, get_args(RuleKind)))
                if value not in known
            ]
            self._problems += wrong
            if wrong:
                continue
            if kind == "pattern":
                patterns = self._json(row)
            i = index[code]
            rules = entries[i].setdefault("rules", [])
            at = ("codes", i, "rules", len(rules))
            self._places[at] = row.place
            self._places |= {(*at, column): row.at(column) for column in row.cells}
            self._places[*at, kind] = row.at("patterns")
            rules.append({**rule, kind: patterns})

    def _json(self, row: _Row) -> object:
        try:
            return json.loads(row.cells.get("patterns", ""))
        except ValueError as error:
            self._problems.append(f"{row.at('patterns')}: a token pattern is a JSON list: {error}.")
            return [{}]

    def _about(self, rows: list[_Row]) -> dict[str, Any]:
        said: dict[str, Any] = {"id": self._path.stem, "version": FIRST_VERSION}
        families = {}
        known = ("id", "version", "title", "language", "match", "family NAME")
        for row in rows:
            key, value = row.cells.get("key", "").strip(), row.cells.get("value", "")
            if key.startswith("family "):
                families[key.removeprefix("family ")] = _items(value)
                self._places["families", key.removeprefix("family ")] = row.at("value")
            elif key in known:
                said[key] = value
                self._places[(key,)] = row.at("value")
            else:
                self._problems.append(f"{row.at('key')}: no key '{key}'.{nearest(key, known)}")
        if self._id is not None:
            said["id"] = self._id
        return {**said, **({"families": families} if families else {})}


_Read = Callable[[str], object]


def _text(cell: str) -> object:
    return cell


def _word(cell: str) -> object:
    return cell.strip()


def _number(cell: str) -> object:
    return int(cell) if re.fullmatch(r"\s*\d{1,9}\s*", cell) else cell


def _truth(cell: str) -> object:
    return _TRUTHS.get(cell.strip().lower(), cell)


def _items(cell: str) -> list[str]:
    """Return the things in a cell, one a line, or a JSON list of texts."""
    given = _json_list(cell)
    if given is not None and all(isinstance(thing, str) for thing in given):
        return given
    return [line.strip() for line in cell.split("\n") if line.strip()]


def _examples(cell: str) -> list[object]:
    """Return the examples in a cell; one that begins with `[donor]` stands in a document of that donor."""
    given = _json_list(cell)
    if given is not None:
        return given
    return [
        {"text": match[2], "donor": match[1]} if (match := _DONOR.fullmatch(line)) else line
        for line in _items(cell)
    ]


def _json_list(cell: str) -> list[Any] | None:
    if not cell.lstrip().startswith("["):
        return None
    try:
        given = json.loads(cell)
    except ValueError:
        return None
    return given if isinstance(given, list) else None


# The columns of the tables, in order, and what a cell of each is.
_CODES: dict[str, _Read] = {
    "id": _word, "parent": _word, "name": _text, "definition": _text, "include": _text, "exclude": _text,
    "examples": _items, "source": _text, "implies": _items, "beats": _items, "retired": _truth,
}  # fmt: skip
_RULES: dict[str, _Read] = {
    "code": _word, "id": _word, "kind": _word, "patterns": _items, "within": _number, "ordered": _truth,
    "scope": _word, "match": _word, "case": _truth, "unless": _items, "unless_within": _number,
    "unless_in": _word, "actor": _word, "covers": _word, "matches": _examples, "rejects": _examples,
}  # fmt: skip


def _read(row: _Row, columns: Mapping[str, _Read]) -> dict[str, Any]:
    """Return what the cells of a row say; an empty cell says nothing."""
    return {column: columns[column](cell) for column, cell in row.cells.items() if cell and column in columns}


def _row(columns: Mapping[str, _Read], entry: Mapping[str, Any]) -> list[Cell]:
    return [_cell(entry.get(column), read) for column, read in columns.items()]


def _cell(value: Any, read: _Read) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _lines(value, read)
    return value if isinstance(value, int) else value or ""


def _lines(things: list[Any], read: _Read = _items) -> str:
    """Write things one a line where reading the lines gives them again, else as a JSON list."""
    said = [f"[{t['donor']}] {t['text']}" if isinstance(t, dict) else t for t in things]
    lines = "\n".join(said)
    return lines if read(lines) == things else json.dumps(things, ensure_ascii=False)


def _plain(cell: Cell) -> str:
    """Return a cell of a spreadsheet as the text that its reader sees."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell)


def _in_order(codebook: Codebook, said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the entry of each code in the order of the codebook."""
    found: dict[str, dict[str, Any]] = {}
    todo = list(said["codes"])
    while todo:
        entry = todo.pop()
        found[entry["id"]] = entry
        todo += entry.get("codes", [])
    return (found[code.id] for code in codebook.codes)


def _unfit(path: Path, made: Mapping[str, Rows]) -> Iterator[str]:
    """Yield what cannot stand in a table and be read again."""
    for name, rows in made.items():
        for row in rows:
            for column, cell in zip(rows[0], row, strict=True):
                where = f"{path.name}: {name}, '{row[0]}', column {column}"
                if isinstance(cell, str) and _CONTROL.search(cell):
                    yield f"{where}: holds a control character, which a table cannot. Take it out first."
                if path.suffix == ".xlsx" and isinstance(cell, str) and len(cell) > xlsx.MOST_CHARACTERS:
                    yield f"{where}: is longer than a cell can be ({len(cell)}). Export to .csv."


def _choose(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise CodingError(f"{path}: a table ends in {' or '.join(SUFFIXES)}, not in '{path.suffix}'.")
