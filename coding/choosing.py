"""What to read next: units from which a model would learn most, and beside them a share drawn by chance.

What is chosen so (`coding.promising`) speaks for nothing but itself. So the choice is a sample like any
other, in which chosen units are drawn with certainty, each standing for itself alone, while those drawn by
chance stand for all the rest: what readers say of the sample, weighted, says without bias what they would say
of all the units that they had not read before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import NDArray

from coding.attribution import attribute
from coding.batch import now
from coding.cases import variables_of
from coding.errors import CodingError
from coding.promising import Chosen, Prospects, foreseen, take
from coding.resampling import Integers
from coding.sample import NOTHING, UNPLACED, Drawn, Framed, Sample, Stratum, refuse_name
from coding.sampling import refuse_readers, spread
from coding.units import PRESENT, UNREAD, counting, on_units

if TYPE_CHECKING:
    from numpy.random import Generator

    from coding.model import Coded, Corpus, Segment
    from coding.taggers.learned import LearnedTagger

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Choice:
    """What to read next.

    Attributes
    ----------
    sample : for readers to judge; nothing in it says which unit was chosen for what
    units : why each unit is in it: first those chosen, in the order of the choice, then those drawn by chance
    n_read : units left aside, since one of the readers had read them
    n_seen : others left aside, since one of the readers has seen what others coded in their documents
    n_waiting : others left aside, since they wait to be judged in another sample
    """

    sample: Sample
    units: tuple[Chosen, ...] = field(repr=False)
    n_read: int
    n_seen: int
    n_waiting: int


def choose(
    tagger: LearnedTagger,
    corpus: Corpus,
    *,
    people: Coded,
    rules: Coded,
    name: str,
    coder: str,
    readers: Sequence[str],
    codes: Sequence[str],
    by: str | Sequence[str],
    n: int,
    share: float,
    seed: int,
    where: Sequence[str] = (),
    seen: Collection[str] = (),
    waiting: Collection[Segment] = (),
    told: Callable[[str], None] = lambda _: None,
) -> Choice:
    """Return which units to read next, as a sample that speaks for all that no reader has read yet.

    Parameters
    ----------
    tagger : the model that is to learn; its unit, and how segments count, are those of the sample
    people : what people coded and read in these texts, readers and others
    rules : what rules coded in them; empty if rules are to have no say
    coder : whose coding is judged by the sample, the model's or that of the rules; no matter for the choice
    codes : what readers are asked for; of one that the model has not learned only rules can say where it is
    by : the document variables whose values make a case
    n : how many units
    share : 0..1, how many of them are drawn by chance; more where too few differ enough to be chosen. With 0
        nothing can be said of the units that were not chosen
    where : how the documents were chosen, to be kept with the sample
    seen : documents in which a reader has seen what others coded, so that they cannot be judged blind
    waiting : units that readers are asked about already, in samples that are not judged yet
    told : is told what is being done

    Returns
    -------
    Choice
        Strata of the sample are, for each case, the units that were chosen (all drawn), and all others (each
        drawn with the same probability). Their `found` is empty, whatever the coder finds in them; `n_found`
        and `n_others` are how many were chosen, and drawn by chance. A unit that a reader has read for one of
        the codes, that stands in a document that was seen, or that waits, is in no stratum.

    Raises
    ------
    CodingError
        If nothing is left to read, the share is too small for all cases, the model has learned none of the
        codes, or a name cannot be one.
    StaleText
        If a text has changed since it was coded.

    Source
    ------
    Unsure units: Lewis and Gale (1994), "A sequential algorithm for training text classifiers", *SIGIR*.
    Units drawn with certainty beside others drawn by chance: Särndal, Swensson and Wretman (1992), *Model
    Assisted Survey Sampling*, ch. 3.
    """
    refuse_name(name)
    for machine in (coder, tagger.model.name):
        refuse_readers(readers, machine)
    _refuse_numbers(n, share, seed)
    book, model = tagger.codebook, tagger.model
    named = {book[code].id for code in codes}
    asked = tuple(code.id for code in book.codes if code.id in named)
    if not asked:
        raise CodingError(f"readers need a code to look for. Name one of {book.id} (`codes`).")
    targets = counting(book, asked, rollup=model.rollup)

    def projected(coded: Coded) -> tuple[tuple[Segment, ...], NDArray[np.int8]]:
        on = on_units(coded, corpus, unit=model.unit, counts=model.counts, counts_for=targets)
        return on.units, on.values[:, [on.codes.index(code) for code in asked]]

    units, values = projected(people)
    read = (projected(people.by(*readers))[1] != UNREAD).any(1)
    is_seen = np.array([unit.document in seen for unit in units], dtype=np.bool_) & ~read
    asked_for = set(waiting)
    waits = np.array([unit in asked_for for unit in units], dtype=np.bool_) & ~read & ~is_seen
    cases = tuple(tuple(sorted(of_unit)) for of_unit in attribute(units, corpus, by=by).cases)
    placed = np.array([bool(of_unit) for of_unit in cases], dtype=np.bool_)
    free = np.flatnonzero(~read & ~is_seen & ~waits & placed)
    aside = [int(each.sum()) for each in (read, is_seen, waits)]
    if not len(free):
        _refuse_all(len(units), aside, model.unit, readers)
    n_random = round(n * share)
    _refuse_too_few(n, share, n_random, sorted({cases[row] for row in free.tolist()}))
    told("looking at the units")
    random = np.random.default_rng(seed)
    prospects = Prospects(
        units,
        cases,
        tuple(corpus[unit.document].cluster for unit in units),
        asked,
        *foreseen(tagger, corpus, units, asked),
        projected(rules)[1],
        _examples(tagger, asked, (values == PRESENT).sum(0)),
        random.permutation(free),
    )
    told("choosing among them")
    picked = take(prospects, tagger, corpus, n=n - n_random)
    n_random = n - len(picked) if share else 0
    strata, drawn, stratum_of = _drawn(picked, prospects, n_random=n_random, random=random)
    sample = Sample(
        name=name,
        at=now(),
        coder=coder,
        readers=tuple(readers),
        codebook=book.id,
        digest=book.digest,
        codes={code: book[code].meaning for code in asked},
        unit=model.unit,
        counts=model.counts,
        rollup=model.rollup,
        by=variables_of(by),
        where=tuple(where),
        n_found=len(picked),
        n_others=len(drawn) - len(picked),
        seed=seed,
        reworded=(),
        documents=_framed(units, stratum_of),
        strata=strata,
        drawn=tuple(drawn[i] for i in random.permutation(len(drawn))),
    )
    chosen = tuple(prospects.chosen(row, why, column) for row, (why, column) in picked.items())
    others = tuple(Chosen(one.segment, "random") for one in drawn[len(picked) :])
    return Choice(sample, (*chosen, *others), *aside)


def _examples(tagger: LearnedTagger, codes: Sequence[str], here: Integers) -> Integers:
    """Return how many units bear each code by what people have read: the model, or in these texts if more."""
    model = tagger.model
    learned = {each.code: each.n_bearing for each in model.codes}
    learned |= {each.code: each.n_bearing for each in model.left_out}
    return np.array([max(learned.get(code, 0), n) for code, n in zip(codes, here.tolist(), strict=True)])


def _drawn(
    picked: Mapping[int, object], prospects: Prospects, *, n_random: int, random: Generator
) -> tuple[tuple[Stratum, ...], list[Drawn], list[int]]:
    """Return the strata, the units drawn (first those picked, in order), and the stratum of each unit."""
    chosen: dict[tuple[str, ...], list[int]] = defaultdict(list)
    others: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row in sorted(prospects.free.tolist()):
        (chosen if row in picked else others)[prospects.cases[row]].append(row)
    sizes = shared_out([len(rows) for rows in others.values()], n_random)
    groups = [(named, rows, len(rows)) for named, rows in chosen.items()]
    groups += [(*group, n) for group, n in zip(others.items(), sizes, strict=True)]
    stratum_of = [UNPLACED] * len(prospects.units)
    by_chance: list[int] = []
    for place, (_, rows, n) in enumerate(groups):
        for row in rows:
            stratum_of[row] = place
        if place >= len(chosen):
            clusters = [prospects.clusters[row] for row in rows]
            by_chance += [rows[i] for i in spread(clusters, n, random)]
    strata = tuple(Stratum(named, NOTHING, len(rows), n) for named, rows, n in groups)
    drawn = [Drawn(prospects.units[row], stratum_of[row]) for row in (*picked, *by_chance)]
    return strata, drawn, stratum_of


def shared_out(sizes: Sequence[int], n: int) -> list[int]:
    """Return how many to draw of each stratum: in proportion, one at least, no more than there are.

    Examples
    --------
    >>> shared_out([100, 300, 2], 10)
    [2, 7, 1]
    """
    given = [min(1, n)] * len(sizes) if n >= len(sizes) else [0] * len(sizes)
    for _ in range(min(n, sum(sizes)) - sum(given)):
        open_ = [i for i, size in enumerate(sizes) if given[i] < size]
        given[max(open_, key=lambda i: (sizes[i] / (given[i] + 0.5), -i))] += 1
    return given


def _framed(units: Sequence[Segment], stratum_of: Sequence[int]) -> dict[str, Framed]:
    places: dict[str, list[int]] = defaultdict(list)
    for unit, stratum in zip(units, stratum_of, strict=True):
        places[unit.document].append(stratum)
    digests = {unit.document: unit.digest for unit in units}
    return {
        document: Framed(digests[document], tuple(strata))
        for document, strata in places.items()
        if set(strata) != {UNPLACED}
    }


def _refuse_numbers(n: int, share: float, seed: int) -> None:
    if n < 1:
        raise CodingError(f"{n} units are none to read. Ask for one at least (`--next`).")
    if not 0 <= share <= 1:
        raise CodingError(f"a share lies between 0 and 1, not at {share} (`--random`).")
    if seed < 0:
        raise CodingError(f"a seed is a whole number, 0 or more, not {seed}.")


def _refuse_all(n: int, aside: Sequence[int], unit: str, readers: Sequence[str]) -> NoReturn:
    if not n:
        raise CodingError("there is no text to choose from. `coding add` brings texts in.")
    who = " or ".join(readers)
    n_read, n_seen, n_waiting = aside
    reasons = {
        f"{who} read": n_read,
        f"stand in documents in which {who} saw what others coded": n_seen,
        "wait to be judged in another sample": n_waiting,
        "speak of no case": n - sum(aside),
    }
    said = ", ".join(f"{many} {reason}" for reason, many in reasons.items() if many)
    raise CodingError(
        f"nothing is left to read: of {n} {unit}s {said}. `coding add` brings more texts in; or name other "
        "readers."
    )


def _refuse_too_few(n: int, share: float, n_random: int, cases: Sequence[tuple[str, ...]]) -> None:
    n_cases = len(cases)
    if share and n_random < n_cases:
        enough = int(np.ceil(n_cases / share))
        also = f", or a larger share (`--random {np.ceil(100 * n_cases / n) / 100:.2f}`)" * (n_cases <= n)
        named = ", ".join(" with ".join(of) for of in cases)
        raise CodingError(
            f"of {n} units a share of {share:g} is {n_random} drawn by chance, and it takes one at least "
            f"from each of {n_cases} cases ({named}), to speak for all. Take more (`--next {enough}`){also}."
        )
