"""How far coders agree with one another: by code and over all, with intervals, and where they do not.

Units count that coders have *read*, never the coded ones alone: for each code those that two or more read,
and a reading that is missing stays missing. Each code is its own question, borne by a unit or not, since a
unit may bear several. People, rules and models are compared alike.

Over all codes there are two answers to *how far*: over all units read, and over those that anyone coded.
Most units bear nothing, so that the first is mostly agreement on silence; the second leaves all of it out,
and with it what chance would do there, so that it comes out low.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from coding.errors import CodingError, choose, nearest, refuse
from coding.figures import Figures, of_all, of_codes, of_family, on_spans, only
from coding.resampling import drawn
from coding.stacking import Stack, stack
from coding.surroundings import cut
from coding.units import ABSENT, PRESENT, UNREAD, Counts, Unit, counting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coding.codebook import Codebook
    from coding.model import Coded, Corpus, Segment
    from coding.units import Targets

Level = Literal["nominal"]
Parts = Literal["halves", "months"]

UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many units one coder gave one code and another coder another code, neither giving both."""

    coders: tuple[str, str]
    codes: tuple[str, str]
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A unit on which coders differ, with its words and its neighbours.

    Attributes
    ----------
    codes : those that some of its readers gave and others did not
    said : for each coder the codes given there; None if the coder did not read it for a code in dispute
    """

    segment: Segment
    codes: tuple[str, ...]
    said: Mapping[str, tuple[str, ...] | None]
    quote: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Period:
    """How far coders agree on the units that were read in one stretch of time.

    Attributes
    ----------
    first, last : dates of the first and the last reading; empty for units whose reading has no date
    """

    name: str
    first: str
    last: str
    figures: Figures


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """How far coders agree, and where they do not.

    Attributes
    ----------
    between : the coders
    by_code : the figures on each code
    over_read, over_coded : those on all codes together, each unit and code a value: over all units that two
        coders read, and over those that anyone coded
    families : for each exclusive family the same two, its values being its parts, "none" and "mixed"
    confusions : which code one coder gave where another gave another, the most frequent first
    seed, n_replicates : of the clusters drawn anew
    """

    between: tuple[str, ...]
    unit: Unit
    counts: Counts
    rollup: bool
    level: Level
    by_code: Mapping[str, Figures]
    over_read: Figures
    over_coded: Figures
    families: Mapping[str, tuple[Figures, Figures]]
    confusions: tuple[Confusion, ...]
    seed: int
    n_replicates: int
    stack: Stack = field(repr=False)
    corpus: Corpus = field(repr=False)
    codebook: Codebook = field(repr=False)

    @property
    def n_open(self) -> int:
        """How many units a coder could read seeing what others had coded: no independent reading."""
        return int(self.stack.is_open.sum())

    @property
    def n_clusters(self) -> int:
        """How many clusters of documents the units lie in."""
        return int(self.stack.clusters.max()) + 1

    def differences(self, code: str | None = None, *, most: int | None = None) -> tuple[Difference, ...]:
        """Return the units on which coders differ, in the order of the texts.

        Parameters
        ----------
        code : only those on which they differ in this code
        most : at most so many, the first
        """
        if code is not None and code not in self.by_code:
            raise CodingError(f"agreement was not asked for '{code}'.{nearest(code, self.by_code)}")
        differ = _differ(self.stack.values)
        wanted = differ.any(1) if code is None else differ[:, self.stack.codes.index(code)]
        rows = np.flatnonzero(wanted)[:most]
        return tuple(self._difference(int(row), differ[row]) for row in rows)

    def drift(self, *, by: Parts) -> tuple[Period, ...]:
        """Return the agreement on all codes by the date of reading, the latest of a unit's readings.

        Parameters
        ----------
        by : {"halves", "months"}
            Halves hold as like a number of units as can be without parting what was read at once.
        """
        choose(by, get_args(Parts), "by")
        draws = drawn(self.n_clusters, n_replicates=self.n_replicates, seed=self.seed)
        at, found = np.array(self.stack.read_at), []
        for name, mask in _periods(at, by):
            dates = sorted(moment[:10] for moment in at[mask] if moment)
            first, last = (dates[0], dates[-1]) if dates else ("", "")
            found.append(Period(name, first, last, of_all(only(self.stack, mask), {}, draws)))
        return tuple(found)

    def _difference(self, row: int, differ: NDArray[np.bool_]) -> Difference:
        segment, codes = self.stack.units[row], self.stack.codes
        document = self.corpus[segment.document]
        before, after = cut(document, self.unit).neighbours(document.text, segment.start, segment.end)
        said: dict[str, tuple[str, ...] | None] = {}
        for coder, values in zip(self.between, self.stack.values[row], strict=True):
            given = tuple(code for code, value in zip(codes, values, strict=True) if value == PRESENT)
            said[coder] = None if (values[differ] == UNREAD).all() else _narrowest(given, self.codebook)
        disputed = tuple(code for code, so in zip(codes, differ, strict=True) if so)
        return Difference(segment, disputed, said, document.quote(segment), before, after)


def agreement(
    coded: Coded,
    corpus: Corpus,
    codebook: Codebook,
    *,
    between: Sequence[str],
    unit: Unit,
    counts: Counts,
    codes: Sequence[str] | None = None,
    exclusive: Sequence[str] = (),
    rollup: bool,
    level: Level,
    seed: int,
    n_replicates: int = 1000,
) -> Agreement:
    """Return how far coders agree on the units that they read.

    Parameters
    ----------
    coded : what coders coded themselves, with their readings; decisions on it left aside
    between : two coders or more: persons, the rules, models
    unit, counts : as in `on_units`
    codes : ids; None for all in use. Figures over all codes are over these
    exclusive : families whose parts exclude one another (`orientation`). They are compared as one nominal
        value of each unit besides: the part, "none" of them, or "mixed" where a coder gave several
    rollup : whether a segment counts for the codes above its own too
    level : {"nominal"}, how far two values are apart; a code is borne or not
    seed, n_replicates : clusters (`Document.cluster`) are drawn so often, the same draws for all figures

    Returns
    -------
    Agreement
        A statistic that is undefined has the value None and says why. Sets of codes are compared by MASI
        (`masi_distance`): two coders who both gave a unit no code have given it the same set, the empty
        one, and agree there wholly. Over the units that anyone coded such units are left out. Figures over
        all codes leave out codes that no two coders read; those on sets and spans need a unit, or a text,
        that was read for all the others.

    Raises
    ------
    CodingError
        If there are fewer than two coders or no unit that two of them read, a code or family is unknown,
        or a code was coded in another meaning than the codebook gives it. Each says what to do.
    StaleText
        If a coded text has changed since.
    """
    choose(level, get_args(Level), "level")
    asked = tuple(code.id for code in codebook.codes if not code.retired) if codes is None else tuple(codes)
    if not asked:
        raise CodingError(f"there is no code to compare. Name one of {codebook.id} (`codes`).")
    parts = {family: _parts(codebook, family) for family in exclusive}
    every = tuple(dict.fromkeys([*(codebook[c].id for c in asked), *(c for p in parts.values() for c in p)]))
    targets = counting(codebook, every, rollup=rollup)
    own = coded.by(*between)
    _refuse_other_meanings(own, corpus, codebook, every, targets)
    stacked = stack(coded, corpus, coders=between, codes=every, unit=unit, counts=counts, counts_for=targets)
    draws = drawn(int(stacked.clusters.max()) + 1, n_replicates=n_replicates, seed=seed)
    main = replace(stacked, codes=asked, values=stacked.values[:, :, stacked.places(asked)])
    spans, over_spans = on_spans(own, corpus, main, targets, seed=seed, n_replicates=n_replicates)
    return Agreement(
        between=tuple(between),
        unit=unit,
        counts=counts,
        rollup=rollup,
        level=level,
        by_code=of_codes(main, spans, draws),
        over_read=of_all(main, over_spans, draws),
        over_coded=of_all(only(main, main.coded), {}, draws),
        families={family: of_family(stacked, family, its, draws) for family, its in parts.items()},
        confusions=tuple(_confusions(main, codebook)),
        seed=seed,
        n_replicates=n_replicates,
        stack=main,
        corpus=corpus,
        codebook=codebook,
    )


def _parts(codebook: Codebook, family: str) -> tuple[str, ...]:
    known = {codebook.family(code.id) for code in codebook.codes}
    if family not in known:
        raise CodingError(f"codebook {codebook.id}: no family '{family}'.{nearest(family, known)}")
    return codebook.parts(family)


def _refuse_other_meanings(
    coded: Coded, corpus: Corpus, codebook: Codebook, codes: Sequence[str], targets: Targets
) -> None:
    """Raise if a coder gave a code that the codebook does not know, or one that counts in another meaning."""
    book = f"codebook {codebook.id} {codebook.version}"
    documents = {document.id for document in corpus}
    problems: dict[tuple[str, str], str] = {}
    for segment in coded.segments:
        code, coder = segment.code, segment.coder
        if segment.segment.document not in documents:
            continue
        if code not in codebook:
            known = nearest(code, [each.id for each in codebook.codes])
            problems[code, coder] = f"{coder} coded '{code}', which {book} does not know.{known}"
        elif set(targets.get(code, ())) & set(codes) and not codebook[code].holds(segment.meaning):
            problems[code, coder] = (
                f"{coder} coded '{code}' in another meaning than {book} gives it, so that coders would be "
                "compared on different questions. Code it afresh, say on the code's page that the earlier "
                "coding still holds, or leave the code out (`codes`)."
            )
    refuse([problems[key] for key in sorted(problems)])


def _differ(values: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return on which units and codes coders differ: (U, C)."""
    return np.asarray((values == PRESENT).any(1) & (values == ABSENT).any(1))


def _confusions(stacked: Stack, codebook: Codebook) -> list[Confusion]:
    """Count for each two coders what one gave alone beside what the other gave alone, in the same unit.

    Of a code and one above it only the narrower is counted.
    """
    counts: Counter[tuple[int, int, str, str]] = Counter()
    codes = np.array(stacked.codes)
    for one, other in combinations(range(len(stacked.coders)), 2):
        first, second = stacked.values[:, one], stacked.values[:, other]
        mine = (first == PRESENT) & (second == ABSENT)
        theirs = (first == ABSENT) & (second == PRESENT)
        for row in np.flatnonzero(mine.any(1) & theirs.any(1)):
            own, others = (_narrowest(codes[mask[row]].tolist(), codebook) for mask in (mine, theirs))
            counts.update((one, other, a, b) for a, b in product(own, others))
    order = {code: place for place, code in enumerate(stacked.codes)}
    found = [
        Confusion((stacked.coders[one], stacked.coders[other]), (a, b), n)
        for (one, other, a, b), n in counts.items()
    ]
    return sorted(found, key=lambda c: (-c.n, c.coders, order[c.codes[0]], order[c.codes[1]]))


def _narrowest(codes: Sequence[str], codebook: Codebook) -> tuple[str, ...]:
    """Return the codes without those that stand above another of them."""
    above = {up for code in codes for up in codebook.ancestors(code)}
    return tuple(code for code in codes if code not in above)


def _periods(at: NDArray[np.str_], by: Parts) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield the name of each stretch of time and the units that were read last in it."""
    dated = at[at != ""]
    if by == "months":
        months = np.array([moment[:7] for moment in at])
        yield from ((str(month), months == month) for month in np.unique(months) if month)
    elif len(dated):
        moments, n = np.unique(dated, return_counts=True)
        # The first half ends with the reading that leaves it nearest to half of the units.
        middle = moments[np.abs(n.cumsum() - len(dated) / 2).argmin()]
        halves = (("first half", (at != "") & (at <= middle)), ("second half", at > middle))
        yield from ((name, mask) for name, mask in halves if mask.any())
    if len(dated) < len(at):
        yield UNDATED, at == ""
