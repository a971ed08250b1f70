"""How far a study's verdicts hang on decisions that could as well have been made otherwise.

The study lists further values of its decisions (`coding.grid`); every combination is a universe. What is
said of a finding here is a description: universes are not drawn from anything, are not independent, and are
not equally sensible. No share of them is a probability. See docs/methods/robustness.md.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.coders import Counted
from coding.errors import CodingError
from coding.findings import Verdict
from coding.grid import in_words, options, universes
from coding.model import digest_of
from coding.provenance import provenance
from coding.study import fidelity, read_checked
from coding.study import in_words as kinds_in_words
from coding.universes import TESTED, Computing, Material, Outcome, coding_of, documents_of, material

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.grid import Universe
    from coding.project import Project
    from coding.study import Study

VERDICTS: tuple[Verdict, ...] = ("supported", "undetermined", "contradicted")

_BLOCKS = 32  # parts into which the work falls, so that it can be dealt out and told of

_PAYS = 20_000  # universes for which a further process pays

Told = Callable[[int, int], None]
Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Varied:
    """A decision with its values in words, the study's own first."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """One finding in every universe.

    Attributes
    ----------
    id, title : of the finding
    outcomes : all that came of it, each once, in the order in which it first came; the study's own first
    of : for each universe the number of its outcome, length U
    """

    id: str
    title: str
    outcomes: tuple[Outcome, ...]
    of: Numbers = field(repr=False)

    @property
    def own(self) -> Outcome:
        """What came of it in the study as it is."""
        return self.outcomes[0]

    def share(self, verdict: Verdict) -> float:
        """Return the share of universes with a verdict, 0..1."""
        return float(self._where([each.verdict == verdict for each in self.outcomes]).mean())

    @property
    def differences(self) -> NDArray[np.float64]:
        """The difference in each universe, length U; nan where there is none."""
        found = [np.nan if each.difference is None else each.difference for each in self.outcomes]
        return np.asarray(np.array(found)[self.of])

    def keeps(self) -> NDArray[np.bool_]:
        """Say of each universe whether it keeps the verdict of the study."""
        return self._where([each.verdict == self.own.verdict for each in self.outcomes])

    def _where(self, is_so: Sequence[bool]) -> NDArray[np.bool_]:
        return np.asarray(np.array(is_so, dtype=np.bool_)[self.of])


@dataclass(frozen=True, slots=True)
class Multiverse:
    """A study in all its universes. Universe 0 is the study as it is; the last decision varies fastest.

    Attributes
    ----------
    decisions : those that vary
    findings : those that have a verdict of their own
    texts : what the texts are that its universes read, in words
    """

    study: str
    title: str
    texts: str
    decisions: tuple[Varied, ...]
    findings: tuple[Spread, ...]
    provenance: Mapping[str, str] = field(repr=False)

    def __len__(self) -> int:
        return int(np.prod([len(each.values) for each in self.decisions], dtype=np.int64))

    @property
    def chosen(self) -> NDArray[np.int64]:
        """For each universe and decision the number of its value, (U, D); 0 is the study's own."""
        shape = [len(each.values) for each in self.decisions]
        return np.stack([np.ravel(each) for each in np.indices(shape)], axis=1)

    def changes(self, universe: int) -> dict[str, str]:
        """Return the decisions in which a universe differs from the study, each with its value in words."""
        chosen = self.chosen[universe]
        return {
            each.name: each.values[value] for each, value in zip(self.decisions, chosen, strict=True) if value
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """What the universes say of a finding. A description, no test.

    Attributes
    ----------
    keeps : share of universes with the verdict of the study, 0..1
    shares : share of universes with each verdict
    least, most : the range of the differences; None if no universe has one
    same_sign : of the universes with a difference the share in which it has the sign that it has in the
        study; None if the study has no difference, or one of nought
    n_without : universes without a difference, since a side has no base
    n_distinct : how many different results there are
    fewest : decisions that must at least be changed for another verdict; None if no universe has another
    flips : the universes that change so few and have another verdict
    moves : the universe with one decision changed in which the difference moves furthest; None if none moves
    """

    keeps: float
    shares: Mapping[Verdict, float]
    least: float | None
    most: float | None
    same_sign: float | None
    n_without: int
    n_distinct: int
    fewest: int | None
    flips: tuple[int, ...]
    moves: int | None


def multiverse(
    project: Project, study: str | None = None, *, jobs: int | None = 1, told: Told = lambda _, __: None
) -> Multiverse:
    """Return what comes of a study's findings in every universe of its grid.

    Parameters
    ----------
    study : str, optional
        Its id; the project's own study if left out.
    jobs : how many processes compute, the result being the same; None for more than one where that pays. A
        script that asks for more than one must be guarded by `if __name__ == "__main__"`.
    told : is called with how many universes are done, and of how many

    Raises
    ------
    CodingError
        If the study has no `robustness` or nothing to test, or something in it is wrong.
    """
    plan, codebook = checked(project, study)
    choices = options(plan, codebook)
    every = list(universes(choices))
    given = material(project, plan, codebook, every)
    found: list[tuple[Outcome, ...]] = []
    for part in _computed(given, list(_blocks(every)), _processes(len(every)) if jobs is None else jobs):
        found += part
        told(len(found), len(every))
    tested = [claim for claim in plan.findings if claim.kind in TESTED]
    return Multiverse(
        study=plan.id,
        title=plan.title,
        texts=kinds_in_words(fidelity(given.corpus)),
        decisions=tuple(
            Varied(each.title, tuple(in_words(each.name, value) for value in each.values))
            for each in choices
            if len(each.values) > 1
        ),
        findings=tuple(
            _spread(claim.id, claim.title, [outcomes[n] for outcomes in found])
            for n, claim in enumerate(tested)
        ),
        provenance=identified(project, plan, codebook),
    )


def checked(project: Project, study: str | None = None) -> tuple[Study, Codebook]:
    """Return a study that has universes, and its codebook.

    Raises
    ------
    CodingError
        If the study has no `robustness` or nothing to test, or something in it is wrong.
    """
    plan, codebook = read_checked(project, study)
    where = f"studies/{plan.id}.yaml"
    if plan.robustness is None:
        raise CodingError(
            f"{where}: it has no `robustness`. List there the values of decisions that could as well have "
            "been chosen, such as `robustness: {unit: [sentence, paragraph]}`."
        )
    if not any(claim.kind in TESTED for claim in plan.findings):
        raise CodingError(f"{where}: no finding is tested, so there is no verdict that could change.")
    return plan, codebook


def identified(project: Project, plan: Study, codebook: Codebook) -> dict[str, str]:
    """Return what identifies the universes of a study: the same inputs have the same outcomes."""
    corpus = documents_of(project, plan, list(universes(options(plan, codebook))))
    coded = None
    if plan.asks_the_store:
        scores = sorted((s.id, s.score) for s in project.coded.segments)
        decided = sorted(decision.id for decision in project.decisions)
        coded = digest_of(repr((Counted(project.coded).digest, scores, decided)))
    return provenance(project.study_path(plan.id), codebook, corpus, coders=plan.coders, coded=coded)


def summary(found: Multiverse, of: Spread) -> Summary:
    """Return what the universes say of one finding.

    Source
    ------
    All defensible decisions, combined: Steegen, Tuerlinckx, Gelman and Vanpaemel (2016), *Perspectives on
    Psychological Science* 11, 702-712. The share that keeps the verdict, and the fewest changes for another,
    are counts over these.
    """
    differences, keeps = of.differences, of.keeps()
    defined = ~np.isnan(differences)
    n_changed = (found.chosen > 0).sum(axis=1)
    fewest = None if keeps.all() else int(n_changed[~keeps].min())
    flips = () if fewest is None else tuple(np.flatnonzero(~keeps & (n_changed == fewest)).tolist())
    return Summary(
        keeps=float(keeps.mean()),
        shares={verdict: of.share(verdict) for verdict in VERDICTS},
        least=float(differences[defined].min()) if defined.any() else None,
        most=float(differences[defined].max()) if defined.any() else None,
        same_sign=_same_sign(of.own.difference, differences[defined]),
        n_without=int((~defined).sum()),
        n_distinct=len({(each.difference, each.low, each.high) for each in of.outcomes}),
        fewest=fewest,
        flips=flips,
        moves=_moves(of.own.difference, differences, n_changed),
    )


def _same_sign(own: float | None, differences: NDArray[np.float64]) -> float | None:
    if not own:
        return None
    return float((np.sign(differences) == np.sign(own)).mean())


def _moves(own: float | None, differences: NDArray[np.float64], n_changed: NDArray[np.int64]) -> int | None:
    """Return the universe with one change that moves the difference furthest; of equals the first."""
    if own is None:
        return None
    moved = np.where(n_changed == 1, np.nan_to_num(np.abs(differences - own)), 0.0)
    furthest = int(moved.argmax())
    return furthest if moved[furthest] > 0 else None


def _spread(id: str, title: str, outcomes: Sequence[Outcome]) -> Spread:  # noqa: A002  that of the finding
    numbers: dict[Outcome, int] = {}
    of = np.array([numbers.setdefault(each, len(numbers)) for each in outcomes], dtype=np.int32)
    return Spread(id, title, tuple(numbers), of)


def _blocks(every: Sequence[Universe]) -> Iterator[list[Universe]]:
    """Yield the universes in parts; those that share their coding stay together."""
    size = -(-len(every) // _BLOCKS)
    block: list[Universe] = []
    for _, alike in groupby(every, key=coding_of):
        block += alike
        if len(block) >= size:
            yield block
            block = []
    if block:
        yield block


def _computed(
    given: Material, blocks: Sequence[Sequence[Universe]], jobs: int
) -> Iterator[list[tuple[Outcome, ...]]]:
    if jobs <= 1 or len(blocks) == 1:
        computing = Computing(given)
        yield from map(computing.outcomes, blocks)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(blocks)), mp_context=context, initializer=_leave_interrupts)
    try:
        waiting = [pool.submit(_of_block, given, block) for block in blocks]
        for each in waiting:
            yield each.result()
    finally:  # after Ctrl-C what has not begun is dropped
        pool.shutdown(cancel_futures=True)


def _processes(n: int) -> int:
    """Return how many processes pay: beginning one costs as much as some thousand universes."""
    return min(os.cpu_count() or 1, 1 + n // _PAYS)


def _of_block(given: Material, block: Sequence[Universe]) -> list[tuple[Outcome, ...]]:
    return Computing(given).outcomes(block)


def _leave_interrupts() -> None:
    """Leave Ctrl-C to the process that waits: it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
