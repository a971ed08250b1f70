"""The summaries of cells that one coder may see, and of which documents they tell.

Who is still to read or judge a document of a case blind is not shown what others wrote of that case, nor
whether they have. What others wrote of a case that is shown tells of all its documents: it is a look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coding.batch import Batch, Memo, TakenBack
from coding.cells import CellName, cell_name
from coding.framework import Framework, documents_of, earlier, framework
from coding.review import carried_memos

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coding.matrix import Matrix
    from coding.sight import Sight
    from coding.web.desk import Desk, Files


@dataclass(frozen=True, slots=True)
class Summarised:
    """The summaries of a matrix as one coder may see them.

    Attributes
    ----------
    withheld : the cases of which what others wrote is left out
    wordings : the earlier wordings of what is shown, by the name of the cell and the coder
    undoes : the coder's last act, by the names of the cells of which it is a summary
    n_undone : of how many cells it wrote, rewrote or took back a summary, as a workbook does of many
    """

    framework: Framework
    coder: str
    withheld: frozenset[str]
    wordings: Mapping[tuple[str, str], tuple[Memo, ...]] = field(repr=False)
    undoes: Mapping[str, str] = field(repr=False)
    n_undone: int
    _covered: Mapping[str, frozenset[str]] = field(repr=False)

    @property
    def only_writer(self) -> str | None:
        """The coder, if nobody else's summaries are shown."""
        writers = {each.memo.coder for found in self.framework.summaries.values() for each in found}
        return self.coder if writers <= {self.coder} else None

    def earlier(self, memo: Memo) -> tuple[Memo, ...]:
        """Return the earlier wordings of a summary, the latest first."""
        return self.wordings.get((memo.subject, memo.coder), ())

    def told(self, cells: Iterable[tuple[str, str]]) -> set[str]:
        """Return the documents, not read by the coder, of which others' summaries of these cells tell.

        Parameters
        ----------
        cells : each a code and a case
        """
        return {
            document
            for code, case in cells
            if any(each.memo.coder != self.coder for each in self.framework.summaries.get((code, case), ()))
            for document in self._covered[case]
        }


def summarised(desk: Desk, coder: str, matrix: Matrix) -> Summarised:
    """Return the summaries of the cells of a matrix that a coder may see."""
    files, work, sight = desk.files, desk.work, desk.sight(coder)
    with desk.store() as store:
        added, written = store.added_at(), store.written("cell")
        last = store.get(store.to_undo(coder) or "")
    by = matrix.measurement.variables
    of_case = {case: documents_of(CellName(by, case, ""), files.corpus) for case in matrix.cases}
    withheld = frozenset(case for case, found in of_case.items() if any(map(sight.is_withheld, found)))
    memos = [memo for memo in work.memos if memo.about == "cell" and _may_see(memo, files, sight)]
    shown = {(memo.subject, memo.coder) for memo in memos}
    wordings = earlier(carried_memos(written, files.successions), work.memos)
    return Summarised(
        framework(matrix, memos, added=added),
        coder,
        withheld,
        {key: found for key, found in wordings.items() if key in shown},
        _undoes(last),
        len(_summarised_by(last, written)),
        {case: frozenset(filter(sight.is_covered, found)) for case, found in of_case.items()},
    )


def _undoes(last: Batch | None) -> dict[str, str]:
    memos = last.of(Memo) if last else ()
    return {memo.subject: last.id for memo in memos if last and memo.about == "cell"}


def _summarised_by(last: Batch | None, written: Iterable[Memo]) -> set[str]:
    """Return the names of the cells of which an act wrote a summary or took one back."""
    if last is None:
        return set()
    gone = {back.row for back in last.of(TakenBack)}
    return {*_undoes(last), *(memo.subject for memo in written if memo.id in gone)}


def _may_see(memo: Memo, files: Files, sight: Sight) -> bool:
    documents = documents_of(cell_name(memo.subject), files.corpus)
    return memo.coder == sight.coder or not any(map(sight.is_withheld, documents))
