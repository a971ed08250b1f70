"""One study under two codebooks, side by side: the cells that are not the same, what comes of each claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.study import Finding, carry_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from coding.causes import Successors
    from coding.claims import Claim
    from coding.codebook import Codebook
    from coding.matrix import Cell, Composition, Matrix
    from coding.model import Corpus
    from coding.study import Study


@dataclass(frozen=True, slots=True)
class Side:
    """A codebook, the matrix of a study under it, and what the codebook is called."""

    codebook: Codebook
    matrix: Matrix
    name: str


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell of the matrix whose value, n, base or state is not the same.

    Attributes
    ----------
    code : its id in the new codebook, if it is there
    before, after : None where the codebook has no such code in use
    """

    code: str
    case: str
    before: Cell | None
    after: Cell | None

    @property
    def size(self) -> float:
        """How far apart the two values are; where there is none, it is taken for nought."""
        values = [cell.value or 0.0 if cell is not None else 0.0 for cell in (self.before, self.after)]
        return abs(values[1] - values[0])

    @property
    def n_more(self) -> int:
        """How many units more bear the code."""
        before, after = (cell.n if cell is not None else 0 for cell in (self.before, self.after))
        return after - before


@dataclass(frozen=True, slots=True)
class FindingChange:
    """What comes of a claim under the old codebook and under the new.

    Attributes
    ----------
    before, after : None where it cannot be carried out; `why` says what is missing, and where
    """

    claim: Claim
    before: Finding | None
    after: Finding | None
    why: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether the verdict or a number is not the same, whatever codes are called."""
        return _outcome(self.before) != _outcome(self.after)

    @property
    def is_turned(self) -> bool:
        """Whether the verdict is another, or there is one under one codebook only."""
        verdicts = (one if one is None else one.verdict or "described" for one in (self.before, self.after))
        return len(set(verdicts)) > 1


def cells_changed(before: Matrix, now: Matrix, after: Successors) -> tuple[CellChange, ...]:
    """Return the cells that are not the same, the largest change first.

    Parameters
    ----------
    after : for each code of the first matrix those that stand for it in the second. A code that got another
        id, and nothing else, is held against itself
    """
    found = [
        CellChange(code or was, case, _cell(before, was, case), _cell(now, code, case))
        for was, code in _pairs(before, now, after)
        for case in dict.fromkeys([*now.cases, *before.cases])
    ]
    changed = [one for one in found if _numbers(one.before) != _numbers(one.after)]
    return tuple(sorted(changed, key=lambda one: (-one.size, -abs(one.n_more))))


def findings_changed(plan: Study, one: Side, other: Side, corpus: Corpus) -> tuple[FindingChange, ...]:
    """Return for each claim of a study what comes of it on either side, whether that is the same or not."""
    before, now = (_carried_out(plan, side, corpus) for side in (one, other))
    return tuple(_finding(claim, before[claim.id], now[claim.id]) for claim in plan.findings)


def _pairs(before: Matrix, now: Matrix, after: Successors) -> Iterator[tuple[str, str]]:
    """Yield each code of the new matrix with that of the old that it was; then those that are gone.

    What is not there is the empty text.
    """
    gone = [code for code in before.codes if code not in now.codes]
    was = {after[code][0]: code for code in reversed(gone) if len(after[code]) == 1}
    paired = {code: old for code, old in was.items() if code not in before.codes}
    for code in now.codes:
        yield (code if code in before.codes else paired.get(code, "")), code
    yield from ((code, "") for code in gone if code not in paired.values())


def _cell(matrix: Matrix, code: str, case: str) -> Cell | None:
    return matrix.cells.get((code, case))


def _numbers(cell: Cell | None) -> tuple[object, ...] | None:
    return None if cell is None else (cell.value, cell.n, cell.base, cell.state)


def _outcome(finding: Finding | None) -> tuple[object, ...] | None:
    """Return verdict and numbers of a finding, without the names that stand beside them."""
    if finding is None:
        return None
    numbers = [
        (
            *((side.n, side.base, side.n_clusters, side.share) for side in (one.first, one.second)),
            *(one.difference, one.low, one.high, one.df, one.placebo),
        )
        for one in finding.contrasts
    ]
    described = finding.reason if finding.verdict is None else ""
    counts = [(code, case, dict(found.counts)) for code, case, found in _compositions(finding)]
    return finding.verdict, described, numbers, counts


def _compositions(finding: Finding) -> Iterator[tuple[str, str, Composition]]:
    for code, cases in finding.compositions.items():
        yield from ((code, case, found) for case, found in cases.items())


def _finding(claim: Claim, before: Finding | str, now: Finding | str) -> FindingChange:
    whys = dict.fromkeys(found for found in (before, now) if isinstance(found, str))
    one, other = (None if isinstance(found, str) else found for found in (before, now))
    return FindingChange(claim, one, other, " ".join(whys))


def _carried_out(plan: Study, side: Side, corpus: Corpus) -> dict[str, Finding | str]:
    """Return for each claim what comes of it; where it cannot be carried out, what is missing."""
    found: dict[str, Finding | str] = {}
    for claim in plan.findings:
        unknown = _unknown(claim, side.codebook)
        missing = [name for name in claim.test.findings if isinstance(found.get(name, ""), str)]
        if unknown:
            found[claim.id] = f"{side.name} does not know {', '.join(unknown)}."
        elif missing:
            found[claim.id] = f"Under {side.name} nothing comes of {', '.join(missing)}, on which it rests."
        else:
            found[claim.id] = _tried(claim, plan, side.matrix, found, corpus)
    return found


def _tried(
    claim: Claim, plan: Study, matrix: Matrix, found: Mapping[str, Finding | str], corpus: Corpus
) -> Finding | str:
    earlier = tuple(one for one in found.values() if isinstance(one, Finding))
    try:
        return carry_out(claim, plan, matrix, earlier, corpus)
    except CodingError as error:
        return str(error)


def _unknown(claim: Claim, book: Codebook) -> list[str]:
    """Return the codes and families of a claim that a codebook does not know, or has retired."""
    test = claim.test
    codes = dict.fromkeys(name for key in ("on", "versus", "within", "along") for name in test.names(key))
    unknown = [f"'{code}'" for code in codes if code not in book or book[code].retired]
    return unknown + [f"the family '{name}'" for name in test.names("family") if name not in book.families]
