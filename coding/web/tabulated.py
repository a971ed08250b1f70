"""The matrix that a coder has asked for, made once and kept, with what is left out of it for this coder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from coding.attribution import NAMED_BY_MENTION, attribute
from coding.cases import BESIDE
from coding.coders import RULES, Reviewed, count
from coding.errors import CodingError
from coding.matrix import Cell, Matrix, tabulate
from coding.model import Coded, Corpus
from coding.passages import Passage, Passages
from coding.selection import select
from coding.taggers import tag
from coding.taggers.rules import RuleTagger
from coding.taggers.rules.languages import unsearched
from coding.units import unitise
from coding.web.kept import Kept
from coding.web.told import workers
from coding.web.wanted import Wanted, unreviewed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future

    from coding.batch import Decision
    from coding.codebook import Codebook
    from coding.sight import Sight
    from coding.study import Study
    from coding.taggers.rules import Overlap
    from coding.web.desk import Desk, Files, Work

MOST_COLUMNS = 60
ON_A_PAGE = 50  # passages of a cell


@dataclass(frozen=True, slots=True)
class Table:
    """A matrix as one coder may see it.

    Attributes
    ----------
    largest : the largest value in each family of codes: the full width of its bars
    n_withheld : documents in which others' coding was left out: the coder is to read or judge them blind
    whose : for each document whose work counts in the numbers
    rules : where the rules' coding is from: "stored", "afresh", "afresh, stored is old"; "" if not asked for
    n_searched : documents that the rules have read
    n_unread, n_stale, reviewed : see `coding.coders.Counted`
    """

    matrix: Matrix
    corpus: Corpus = field(repr=False)
    codebook: Codebook = field(repr=False)
    largest: Mapping[str, float]
    n_withheld: int
    whose: Mapping[str, frozenset[str]] = field(repr=False)
    rules: str
    n_searched: int
    n_unread: int
    n_stale: int
    reviewed: Reviewed | None

    def part(self, cell: Cell) -> float:
        """Return a cell's value as a part of the largest of its family, 0..1."""
        largest = self.largest[self.matrix.family(cell.code)]
        return (cell.value or 0.0) / largest if largest else 0.0

    @property
    def unsearched(self) -> str:
        """How many documents the rules did not read, since they are in other languages; empty if none."""
        return unsearched(self.codebook, self.corpus) if self.rules else ""

    @property
    def rows(self) -> list[list[tuple[str, int]]]:
        """The codes without one above, each with those below it and how far below they stand."""
        groups: list[list[tuple[str, int]]] = []
        for code in self.matrix.codes:
            depth = len([up for up in self.codebook.ancestors(code) if up in self.matrix.codes])
            if depth == 0:
                groups.append([])
            groups[-1].append((code, depth))
        return groups

    @property
    def heads(self) -> list[list[tuple[str, int]]]:
        """The names above the columns, a list for each variable: a name and how many columns it spans."""
        parts = [tuple(case.split(BESIDE)) for case in self.matrix.cases]
        if len(self.matrix.measurement.variables) == 1:
            return [[(self.matrix.names[case], 1) for case in self.matrix.cases]]
        levels: list[list[tuple[str, int]]] = []
        for level in range(len(self.matrix.measurement.variables)):
            spans: list[tuple[str, int]] = []
            for i, part in enumerate(parts):
                if i and part[: level + 1] == parts[i - 1][: level + 1]:
                    spans[-1] = (spans[-1][0], spans[-1][1] + 1)
                else:
                    spans.append((self.corpus.name(part[level]), 1))
            levels.append(spans)
        return levels


@dataclass(frozen=True, slots=True)
class Opened:
    """A cell with some of its passages.

    Attributes
    ----------
    passages : each with its number among all of the cell
    n : how many passages there are
    zero : what an empty cell means; empty if it is not
    """

    cell: Cell
    passages: tuple[tuple[int, Passage], ...]
    n: int
    zero: str


_tables: Kept[Table] = Kept(24)
_rules: Kept[Coded] = Kept(3)


def tabulated(desk: Desk, coder: str, wanted: Wanted, plan: Study | None) -> Future[Table]:
    """Return the matrix that is asked for, or what will be it.

    Parameters
    ----------
    plan : the study whose documents are selected, None for all

    Raises
    ------
    CodingError
        From the future: if the codings or documents do not fit what is asked for.
    """
    files, work, sight = desk.files, desk.work, desk.sight(coder)
    withheld = frozenset(document.id for document in files.corpus if sight.is_withheld(document.id))
    overlap: Overlap = plan.overlap if plan else "longest"
    selection = plan.corpus.model_dump_json() if plan else ""
    key = (
        desk.root, files.digest, work.n_batches, wanted, overlap, selection,
        withheld, coder if withheld else "",
    )  # fmt: skip
    return _tables.get(key, lambda: _table(files, work, sight, wanted, plan, overlap))


def opened(table: Table, code: str, case: str, *, first: int) -> Opened:
    """Return a cell with its passages from the number `first` on.

    Raises
    ------
    CodingError
        If there is no such code or case.
    """
    cell = table.matrix.cell(case, code)
    documents = {segment.segment.document for segment in cell.coded.segments}
    texts = Corpus(tuple(d for d in table.corpus if d.id in documents), table.corpus.known_cases)
    found = Passages(replace(table, corpus=texts)).of_cell(cell.code, cell.case)
    numbered = tuple(enumerate(found, start=1))[first - 1 : first - 1 + ON_A_PAGE]
    return Opened(cell, numbered, len(found), _zero(table, cell))


def _table(
    files: Files, work: Work, sight: Sight, wanted: Wanted, plan: Study | None, overlap: Overlap
) -> Table:
    corpus = select(files.corpus, plan.corpus)[0] if plan else files.corpus
    if not corpus.documents:
        raise CodingError(
            "There is no document to count in. `coding add` brings texts in; a study selects some of them."
        )
    cases = _cases(corpus, wanted, plan)
    rules, source = _rules_coding(files, work, overlap) if RULES in wanted.coder else (Coded(), "")
    ids = {document.id for document in corpus}
    rules = _inside(rules, ids)
    applied = unreviewed(wanted)
    decisions = _visible(work, rules, sight) if applied else ()
    counted = count(
        wanted.coder,
        corpus,
        stored=sight.in_lists(work.coded),
        rules=sight.in_lists(rules),
        decisions=decisions,
        unreviewed=applied,
    )
    matrix = tabulate(
        counted.coded,
        corpus,
        files.codebook,
        by=wanted.by,
        measure=wanted.measure,
        unit=wanted.unit,
        counts=wanted.counts,
        weight=wanted.weight,
        rollup=wanted.rollup == "with",
        implies=wanted.implies == "with",
        cases=cases,
    )
    others = applied or set(wanted.coder) - {sight.coder}  # rulings are others' work too
    n_withheld = sum(sight.is_withheld(document) for document in ids) if others else 0
    ruled_on = {s.id: s for s in (*work.coded.segments, *rules.segments) if s.coder in wanted.coder}
    return Table(
        matrix=matrix,
        corpus=corpus,
        codebook=files.codebook,
        largest=_largest(matrix),
        n_withheld=n_withheld,
        whose=workers(counted.coded, decisions, ruled_on),
        rules=source,
        n_searched=len({reading.segment.document for reading in rules.readings}),
        n_unread=counted.n_unread,
        n_stale=counted.n_stale,
        reviewed=counted.reviewed,
    )


def _largest(matrix: Matrix) -> dict[str, float]:
    largest = dict.fromkeys(matrix.families, 0.0)
    for cell in matrix:
        family = matrix.family(cell.code)
        largest[family] = max(largest[family], cell.value or 0.0)
    return largest


def _cases(corpus: Corpus, wanted: Wanted, plan: Study | None) -> list[str]:
    """Return the columns: with a study's documents the donors that it compares, in its order."""
    units = [unit for document in corpus for unit in unitise(document, wanted.unit)]
    known = list(attribute(units, corpus, by=wanted.by).known)
    if plan and NAMED_BY_MENTION in wanted.by:
        place = wanted.by.index(NAMED_BY_MENTION)
        donors = {donor: i for i, donor in enumerate(plan.corpus.cases)}
        known = [case for case in known if case.split(BESIDE)[place] in donors]
        if place == 0:
            known.sort(key=lambda case: donors[case.split(BESIDE)[0]])
    if len(known) > MOST_COLUMNS:
        raise CodingError(
            f"By {' and '.join(wanted.by)} there are {len(known)} columns; {MOST_COLUMNS} are the most that "
            "can be read. Take a variable with fewer values, or one less."
        )
    return known


def _rules_coding(files: Files, work: Work, overlap: Overlap) -> tuple[Coded, str]:
    """Return the rules' coding as it is stored, if it is and is not old; else what they code now."""
    stored = work.coded.by(RULES)
    if stored.readings and _fits(stored, files):
        return stored, "stored"
    key = (files.digest, overlap)
    tagger = RuleTagger(files.codebook, overlap=overlap, cases=files.corpus.known_cases)
    found = _rules.get(key, lambda: tag(files.corpus, [tagger])).result()
    return found, "afresh, stored is old" if stored.readings else "afresh"


def _fits(stored: Coded, files: Files) -> bool:
    """Say whether coding was made on the texts and by the codes of today."""
    digests = {document.id: document.digest for document in files.corpus}
    places = [*(s.segment for s in stored.segments), *(r.segment for r in stored.readings)]
    meanings = {code.id: code.ruled for code in files.codebook.codes}
    searched = {code.id for code in files.codebook.codes if code.rules and not code.retired}
    return (
        all(digests.get(place.document, place.digest) == place.digest for place in places)
        and all(meanings.get(segment.code) == segment.meaning for segment in stored.segments)
        and all(reading.codes is None or searched == set(reading.codes) for reading in stored.readings)
    )


def _inside(coded: Coded, documents: set[str]) -> Coded:
    return Coded(
        tuple(s for s in coded.segments if s.segment.document in documents),
        tuple(r for r in coded.readings if r.segment.document in documents),
    )


def _visible(work: Work, rules: Coded, sight: Sight) -> Sequence[Decision]:
    """Return the decisions but those on what this coder is not to see."""
    document = {s.id: s.segment.document for s in (*work.coded.segments, *rules.segments)}
    return [d for d in work.decisions if not sight.is_withheld(document.get(d.about, ""))]


def _zero(table: Table, cell: Cell) -> str:
    """Say what an empty cell means; nothing of one that is not empty."""
    if cell.state == "present":
        return ""
    matrix = table.matrix
    case, code = matrix.names[cell.case], matrix.names[cell.code]
    n_read = int(matrix.is_read(cell.code)[matrix.rows[cell.case]].sum())
    read = f"{n_read} {matrix.measurement.unit}{'s' * (n_read != 1)}"
    return {
        "absent": f"People read {read} of {case} for {code} and found none.",
        "searched": f"Rules searched {read} of {case} for {code} and found none. Other words may say it.",
        "not examined": f"Nobody has looked for {code} in {case}: it may be there or not.",
    }[cell.state]
