"""The framework matrix: what people say of each cell, in their own words, kept as memos beside the evidence.

A summary is a memo about a cell. Nothing of it is bound to a study: whichever matrix has the cell shows it.
Who rewrites one adds a memo and takes the earlier one back, which stays in the record.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coding.attribution import NAMED_BY_MENTION
from coding.batch import Batch, Memo, act, new_id, now, refuse_coder
from coding.cases import variables_of
from coding.cells import CellName, cell_name
from coding.errors import CodingError, nearest
from coding.model import Coder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coding.codebook import Codebook
    from coding.matrix import Matrix
    from coding.model import Corpus, Document
    from coding.store import Store


@dataclass(frozen=True, slots=True)
class Summary:
    """What somebody wrote of a cell.

    Attributes
    ----------
    n_newer : coded segments of the cell that were added to the store after it was written
    """

    memo: Memo
    n_newer: int = 0


@dataclass(frozen=True, slots=True)
class Framework:
    """A matrix with what people wrote of its cells.

    Attributes
    ----------
    summaries : for each (code, case) of which somebody wrote, the latest first
    elsewhere : memos about cells that this matrix does not have, by their names
    """

    matrix: Matrix
    summaries: Mapping[tuple[str, str], tuple[Summary, ...]] = field(repr=False)
    elsewhere: tuple[Memo, ...] = field(default=(), repr=False)

    def of(self, case: str, code: str) -> tuple[Summary, ...]:
        """Return what was written of a cell: of a case (by id or shown name) and a code.

        Raises
        ------
        CodingError
            Naming the nearest known case or code.
        """
        cell = self.matrix.cell(case, code)
        return self.summaries.get((cell.code, cell.case), ())

    def name(self, case: str, code: str) -> CellName:
        """Return the name of a cell of this matrix."""
        return CellName(self.matrix.measurement.variables, case, code)


def framework(
    matrix: Matrix,
    memos: Iterable[Memo],
    *,
    coders: Sequence[str] | None = None,
    added: Mapping[str, str] | None = None,
) -> Framework:
    """Return a matrix with the summaries of its cells.

    Parameters
    ----------
    memos : those that stand, under the codes of today (`Project.memos`); only those about cells are taken
    coders : whose; everybody's if left out
    added : when each coded segment was added (`Store.added_at`); without it no summary is called older than
        its evidence

    Returns
    -------
    Framework
        Every memo about a cell stands in it once: at its cell, or elsewhere.
    """
    at_cells: dict[tuple[str, str], list[Memo]] = defaultdict(list)
    elsewhere: list[Memo] = []
    for memo in sorted(memos, key=lambda memo: (memo.at, memo.id), reverse=True):
        if memo.about != "cell" or (coders is not None and memo.coder not in coders):
            continue
        name = cell_name(memo.subject)
        is_here = name.by == matrix.measurement.variables and (name.code, name.case) in matrix.cells
        (at_cells[name.code, name.case] if is_here else elsewhere).append(memo)
    times = {
        place: [(added or {}).get(s.id, "") for s in matrix.cells[place].coded.segments] for place in at_cells
    }
    summaries = {
        place: tuple(Summary(memo, sum(at > memo.at for at in times[place])) for memo in found)
        for place, found in at_cells.items()
    }
    return Framework(matrix, summaries, tuple(elsewhere))


def shown_codes(
    found: Framework, codebook: Codebook, *, codes: Sequence[str] | None = None, depth: int | None = None
) -> list[str]:
    """Return the rows of a framework matrix, in the order of the codebook.

    Parameters
    ----------
    codes : only these and those below them; all if left out
    depth : levels that are shown: 1 for the topmost alone. If left out, all below named codes; of a whole
        codebook the topmost and those of which somebody wrote

    Raises
    ------
    CodingError
        Naming the nearest known code.
    """
    for code in codes or ():
        codebook[code]
    wanted = [
        code
        for code in found.matrix.codes
        if codes is None or {code, *codebook.ancestors(code)}.intersection(codes)
    ]
    level = {code: len({*codebook.ancestors(code)}.intersection(wanted)) for code in wanted}
    if depth is None and codes is None:
        written = {code for code, _ in found.summaries}
        return [code for code in wanted if level[code] == 0 or code in written]
    return [code for code in wanted if depth is None or level[code] < depth]


def cell_of(
    case: str,
    code: str,
    *,
    by: str | Sequence[str],
    corpus: Corpus,
    codebook: Codebook,
    may_be_retired: bool = False,
) -> CellName:
    """Return the name of a cell of which something can be written.

    Parameters
    ----------
    case : its id, or the name under which it is shown
    may_be_retired : whether the code may be: what was written of it before can be taken back

    Raises
    ------
    CodingError
        If there is no such variable, case or code in use, naming the nearest known one.
    """
    variables = variables_of(by)
    known = list(corpus.cases(variables))
    known += [other for other in corpus.known_cases if variables == (NAMED_BY_MENTION,)]
    names = {corpus.name(other): other for other in known}
    if codebook[code].retired and not may_be_retired:
        used = [each.id for each in codebook.codes if not each.retired]
        raise CodingError(f"the code '{code}' is retired: no matrix has a cell of it.{nearest(code, used)}")
    found = CellName(variables, case if case in known else names.get(case, case), code)
    if found.case not in known and not documents_of(found, corpus):
        raise CodingError(f"no case '{case}'.{nearest(case, [*known, *names])}")
    return found


def documents_of(name: CellName, corpus: Corpus) -> tuple[str, ...]:
    """Return the documents on which a summary may rest: those of its case, and those about its donor."""
    wanted = list(zip(name.by, name.values, strict=False))
    return tuple(document.id for document in corpus if all(_is_of(document, *each) for each in wanted))


def earlier(written: Iterable[Memo], standing: Iterable[Memo]) -> dict[tuple[str, str], tuple[Memo, ...]]:
    """Return the earlier wordings of each cell and coder, the latest first.

    Parameters
    ----------
    written : all that was ever written of cells and not undone (`Store.written`)
    standing : what stands of it
    """
    now_standing = {memo.id for memo in standing}
    found: dict[tuple[str, str], list[Memo]] = defaultdict(list)
    for memo in sorted(written, key=lambda memo: (memo.at, memo.id), reverse=True):
        if memo.id not in now_standing:
            found[memo.subject, memo.coder].append(memo)
    return {key: tuple(memos) for key, memos in found.items()}


def summarise(
    store: Store, texts: Mapping[CellName, str], *, coder: str, memos: Iterable[Memo]
) -> Batch | None:
    """Return the act by which a coder's summaries say this from now on; None if they say it already.

    Parameters
    ----------
    texts : for each cell the whole summary; an empty one takes it back
    memos : those that stand, under the codes of today (`Project.memos`)

    Raises
    ------
    CodingError
        If the coder's name cannot be one, or the store cannot be written.
    """
    refuse_coder(coder)
    mine: dict[str, list[Memo]] = defaultdict(list)
    for memo in memos:
        if memo.about == "cell" and memo.coder == coder:
            mine[memo.subject].append(memo)
    new, gone = [], []
    for name, text in texts.items():
        before = mine[str(name)]
        if [memo.text for memo in before] != ([text] if text.strip() else []):
            gone += [memo.id for memo in before]
            new += [Memo(new_id(), "cell", str(name), text, coder, now())] if text.strip() else []
    if not new and not gone:
        return None
    batch = act(coder, "memo", *new, *store.to_take_back(gone, of=coder))
    known = {each.id for each in store.coders()}
    store.add(*([] if coder in known else [act(coder, "coder", Coder(coder, "person"))]), batch)
    return batch


def _is_of(document: Document, variable: str, value: str) -> bool:
    if str(document.variables.get(variable)) == value:
        return True
    about = document.variables.get("about")
    return variable == NAMED_BY_MENTION and isinstance(about, tuple) and value in about
