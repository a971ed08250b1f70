"""Drawing a blind sample of what a coder coded and of what it did not."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from coding.attribution import attribute
from coding.batch import now, refuse_coder
from coding.cases import variables_of
from coding.errors import CodingError, refuse
from coding.sample import NOTHING, UNPLACED, Drawn, Framed, Sample, Stratum, abstains, refuse_name
from coding.units import PRESENT, UNREAD, counting, on_units

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.random import Generator

    from coding.codebook import Codebook
    from coding.model import Coded, Corpus
    from coding.units import Counts, Projection, Unit


def draw(
    coded: Coded,
    corpus: Corpus,
    codebook: Codebook,
    *,
    name: str,
    coder: str,
    readers: Sequence[str],
    codes: Sequence[str],
    unit: Unit,
    counts: Counts,
    rollup: bool,
    by: str | Sequence[str],
    where: Sequence[str] = (),
    n_found: int,
    n_others: int,
    seed: int,
) -> Sample:
    """Return a sample of the units that a coder has read.

    Parameters
    ----------
    coded : what the coder coded, with its readings
    codes : what readers are asked for; the strata are made of them
    unit, counts : as in `on_units`
    rollup : whether a segment counts for the codes above its own too
    by : the document variables whose values make a case
    where : how the documents were chosen, to be kept with the sample
    n_found : how many units to draw for each case of those in which the coder found a code, for each code
        that is the rarest in them
    n_others : how many to draw for each case of those in which it found none

    Returns
    -------
    Sample
        Where a stratum has fewer units all of them are drawn. Within a stratum every unit has the same
        probability, and no cluster of documents gives more than its share of the units, rounded up.

    Raises
    ------
    CodingError
        If the coder has not read all the texts for all the codes, nothing is to be drawn, or a name
        cannot be one.
    StaleText
        If a text has changed since it was coded.

    Source
    ------
    Equal probabilities with units in random order of their clusters: systematic sampling, Cochran (1977),
    *Sampling Techniques*, 3rd ed., ch. 8; strata that are not what is estimated: Stehman (2014),
    *International Journal of Remote Sensing* 35, 4923-4939.
    """
    refuse_name(name)
    refuse_readers(readers, coder)
    named = {codebook[code].id for code in codes}
    asked = tuple(code.id for code in codebook.codes if code.id in named)
    if not asked:
        raise CodingError(f"readers need a code to look for. Name one of {codebook.id} (`codes`).")
    if n_found < 0 or n_others < 0 or not n_found + n_others:
        raise CodingError(
            "nothing is to be drawn. Draw units in which the coder found codes, others, or both."
        )
    if seed < 0:
        raise CodingError(f"a seed is a whole number, 0 or more, not {seed}.")
    targets = counting(codebook, asked, rollup=rollup)
    found = on_units(coded.by(coder), corpus, unit=unit, counts=counts, counts_for=targets)
    if not abstains(coded.by(coder)):
        _refuse_unread(found, asked, coder)
    placed = attribute(found.units, corpus, by=by)
    groups = _strata(found, asked, placed.cases)
    random = np.random.default_rng(seed)
    strata, drawn = [], []
    stratum_of = np.full(len(found.units), UNPLACED)
    for place, ((cases, code), rows) in enumerate(groups):
        n = min(len(rows), n_found if code != NOTHING else n_others)
        strata.append(Stratum(cases, code, len(rows), n))
        stratum_of[rows] = place
        clusters = [corpus[found.units[row].document].cluster for row in rows]
        drawn += [Drawn(found.units[rows[i]], place) for i in spread(clusters, n, random)]
    if not drawn:
        raise CodingError(
            f"no {unit} is drawn: none that speaks of a case is among those from which units are to be drawn "
            "(`n_found`, `n_others`). Draw the others as well, or look for other codes."
        )
    return Sample(
        name=name,
        at=now(),
        coder=coder,
        readers=tuple(readers),
        codebook=codebook.id,
        digest=codebook.digest,
        codes={code: codebook[code].meaning for code in asked},
        unit=unit,
        counts=counts,
        rollup=rollup,
        by=variables_of(by),
        where=tuple(where),
        n_found=n_found,
        n_others=n_others,
        seed=seed,
        reworded=(),
        documents=_framed(found, stratum_of.tolist()),
        strata=tuple(strata),
        drawn=tuple(drawn[i] for i in random.permutation(len(drawn))),
    )


def refuse_readers(readers: Sequence[str], coder: str) -> None:
    """Raise unless these people can judge what a coder coded: each named once, none of them the coder."""
    for reader in readers:
        refuse_coder(reader)
    if not readers:
        raise CodingError(
            "there is nobody to judge the sample. Name a reader: `coding sample --reader NAME`."
        )
    twice = [
        f"'{reader}' is named twice. Name each reader once."
        for reader, n in Counter(readers).items()
        if n > 1
    ]
    refuse([*twice, *([f"{coder} cannot judge its own coding. Name a person."] if coder in readers else [])])


def _refuse_unread(found: Projection, asked: Sequence[str], coder: str) -> None:
    if not found.units:
        raise CodingError("there is no text to draw from. `coding add` brings texts in.")
    columns = [found.codes.index(code) for code in asked]
    unread = (found.values[:, columns] == UNREAD).any(axis=1)
    if unread.any():
        first = found.units[int(unread.argmax())]
        lacking = [code for code in asked if (found.column(code) == UNREAD).any()]
        raise CodingError(
            f"{coder} has not looked for {', '.join(lacking)} in {int(unread.sum())} of {len(found.units)} "
            f"units, the first in {first.document}. Leave out codes without rules (`--codes`); else let it "
            "code all the texts, or draw from those that it did (`--where`)."
        )


def _strata(
    found: Projection, asked: Sequence[str], cases: Sequence[tuple[str, ...]]
) -> Iterator[tuple[tuple[tuple[str, ...], str], list[int]]]:
    """Yield each stratum, cases and rarest code, with its rows: in the order of the cases, then the codes."""
    bears = {code: found.column(code) == PRESENT for code in asked}
    rarest = sorted(asked, key=lambda code: int(bears[code].sum()))
    groups: dict[tuple[tuple[str, ...], str], list[int]] = defaultdict(list)
    for row, named in enumerate(cases):
        if named:
            code = next((code for code in rarest if bears[code][row]), NOTHING)
            groups[tuple(sorted(named)), code].append(row)
    order = {code: place for place, code in enumerate([*asked, NOTHING])}
    seen = {named: place for place, named in enumerate(dict.fromkeys(named for named, _ in groups))}
    yield from sorted(groups.items(), key=lambda group: (seen[group[0][0]], order[group[0][1]]))


def _framed(found: Projection, stratum_of: Sequence[int]) -> dict[str, Framed]:
    strata: dict[str, list[int]] = defaultdict(list)
    for unit, stratum in zip(found.units, stratum_of, strict=True):
        strata[unit.document].append(stratum)
    digests = {unit.document: unit.digest for unit in found.units}
    return {document: Framed(digests[document], tuple(places)) for document, places in strata.items()}


def spread(clusters: Sequence[str], n: int, random: Generator) -> list[int]:
    """Return `n` places, each as probable as the other, every cluster with its share of them.

    The clusters stand in random order, and the places in each; of this row every (N / n)-th is taken,
    from a random one of the first on.
    """
    if not n:
        return []
    names = sorted(set(clusters))
    turn = dict(zip(names, random.permutation(len(names)).tolist(), strict=True))
    chance = random.permutation(len(clusters))
    row = sorted(range(len(clusters)), key=lambda i: (turn[clusters[i]], chance[i]))
    step = len(clusters) / n
    start = random.random() * step
    return [row[min(int(start + i * step), len(row) - 1)] for i in range(n)]
