"""How far two people agree on each code, as a short line that leads to where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.agreeing import agreement
from coding.coders import count
from coding.errors import CodingError
from coding.model import Coded, Corpus

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from coding.codebook import Codebook
    from coding.review import Disagreement
    from coding.sight import Sight
    from coding.web.desk import Files, Work


@dataclass(frozen=True, slots=True)
class Line:
    """Agreement on one code.

    Attributes
    ----------
    alpha : Krippendorff's alpha over the sentences that both read; None if undefined, and `reason` says why
    n_coded, n_read : sentences that either coded, and that both read
    at : the first passage on which the two differ in the code; empty if there is none
    """

    code: str
    alpha: float | None
    reason: str
    n_coded: int
    n_read: int
    flags: tuple[str, ...]
    at: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """The agreement of two people as one coder may see it.

    Attributes
    ----------
    lines : of each code that either gave, itself or one below it
    n_left_out : documents that both read and that the coder may not compare yet
    refused : why nothing could be compared; empty if it could
    """

    lines: tuple[Line, ...] = ()
    n_documents: int = 0
    n_left_out: int = 0
    refused: str = ""


def agreed(
    first: str,
    second: str,
    documents: Collection[str],
    files: Files,
    work: Work,
    seeing: Sight,
    passages: Sequence[Disagreement],
) -> Agreed:
    """Return how far two people agree in the documents that are neither withheld nor covered.

    Parameters
    ----------
    documents : those that both have read
    passages : those on which they disagree, in order
    """
    hidden = {name for name in documents if seeing.is_withheld(name) or seeing.is_covered(name)}
    chosen = tuple(d for d in files.corpus if d.id in documents and d.id not in hidden)
    if not chosen:
        return Agreed(n_left_out=len(hidden))
    corpus, book = Corpus(chosen, files.corpus.known_cases), files.codebook
    counted = count(
        (first, second), corpus, stored=work.coded, rules=Coded(), decisions=work.decisions, unreviewed=None
    )
    used = {segment.code for segment in counted.coded.segments if segment.code in book}
    used |= {above for code in used for above in book.ancestors(code)}
    if not used:
        return Agreed((), len(chosen), len(hidden))
    try:
        found = agreement(
            counted.coded,
            corpus,
            book,
            between=(first, second),
            unit="sentence",
            counts="any",
            codes=[code.id for code in book.codes if code.id in used],
            rollup=True,
            level="nominal",
            seed=1,
            n_replicates=0,
        )
    except CodingError as error:
        return Agreed(n_documents=len(chosen), n_left_out=len(hidden), refused=str(error))
    shown = [each for each in passages if each.document not in hidden]
    given = [figures for figures in found.by_code.values() if figures.n_coded]
    lines = tuple(
        Line(
            figures.on,
            figures["alpha"].value,
            figures["alpha"].reason,
            figures.n_coded,
            figures.n_units,
            figures.flags,
            _first(shown, figures.on, book),
        )
        for figures in given
    )
    return Agreed(lines, len(chosen), len(hidden))


def _first(passages: Sequence[Disagreement], code: str, book: Codebook) -> str:
    """Return the first passage in which one gave the code, or one below it, and the other did not."""
    for each in passages:
        for segment in each.contested:
            if segment.code in book and code in (segment.code, *book.ancestors(segment.code)):
                return each.id
    return ""
