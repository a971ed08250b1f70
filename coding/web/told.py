"""What numbers tell of single documents: a column of one or two documents shows how each was coded."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from coding.batch import Decision
    from coding.matrix import Matrix
    from coding.model import Coded, CodedSegment
    from coding.sight import Sight

FEW = 3  # documents of a column from which on its numbers show the coding of none


def workers(
    coded: Coded, decisions: Iterable[Decision] = (), segments: Mapping[str, CodedSegment] | None = None
) -> dict[str, frozenset[str]]:
    """Return for each document whose coding, reading or ruling counts there.

    Parameters
    ----------
    decisions : those that are applied
    segments : by their ids, those that may have been ruled on
    """
    found: dict[str, set[str]] = defaultdict(set)
    places = [(s.segment.document, s.coder) for s in coded.segments]
    for document, coder in (*places, *((r.segment.document, r.coder) for r in coded.readings)):
        found[document].add(coder)
    for decision in decisions:
        about = (segments or {}).get(decision.about)
        if about is not None:
            found[about.segment.document].add(decision.coder)
    return {document: frozenset(coders) for document, coders in found.items()}


def told(
    matrix: Matrix,
    whose: Mapping[str, Collection[str]],
    sight: Sight,
    *,
    cases: Collection[str] | None = None,
) -> set[str]:
    """Return the covered documents whose coding by others the numbers of some cases tell a coder.

    Those are the documents of a case in which others' coding counts, if they are fewer than `FEW`.

    Parameters
    ----------
    whose : see `workers`
    cases : the ids of the cases that are shown; all if left out
    """
    places = [unit.document for unit in matrix.projection.units]
    others = {document for document, coders in whose.items() if set(coders) - {sight.coder}}
    found: set[str] = set()
    for case in matrix.cases if cases is None else cases:
        counting = {places[row] for row in matrix.rows[case]} & others
        if len(counting) < FEW:
            found |= {document for document in counting if sight.is_covered(document)}
    return found
