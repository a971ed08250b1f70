"""A blind sample: units drawn with known probabilities, for people to judge what a coder found in them.

Every unit of the texts stands in one *stratum*: those of one case in which the coder found the same, the
rarest code counting. Within a stratum all units have the same probability of being drawn, which the sample
records. So what readers say of a few units speaks for all, and a rare code is met often enough.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from coding.errors import CodingError
from coding.model import Coded, Segment
from coding.units import Counts, Unit

UNPLACED = -1
NOTHING = ""  # what the coder found in units in which it found none of the codes
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Stratum:
    """Units that are drawn with the same probability.

    Attributes
    ----------
    cases : the cases of which the units speak; more than one in a document about several
    found : the code that the coder found there, of several the rarest; `NOTHING` if none
    n_units, n_drawn : how many there are, and how many of them were drawn
    """

    cases: tuple[str, ...]
    found: str
    n_units: int
    n_drawn: int

    @property
    def probability(self) -> float:
        """The probability with which each of its units was drawn, 0..1."""
        return self.n_drawn / self.n_units


@dataclass(frozen=True, slots=True)
class Drawn:
    """A unit that was drawn, and the place of its stratum."""

    segment: Segment
    stratum: int


@dataclass(frozen=True, slots=True)
class Framed:
    """A document from which units were drawn: the digest of its text, the stratum of each of its units.

    A unit that speaks of no case, or from which nothing was to be drawn, is in no stratum: `UNPLACED`.
    """

    digest: str
    strata: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """Units that people are to judge without seeing what the coder found there.

    Attributes
    ----------
    at : when it was drawn, in UTC
    coder : whose coding is to be judged
    readers : who judges; each of them all units
    codebook, digest : id of the codebook, and what identified it
    codes : what readers are asked for in every unit, each code with its meaning then
    rollup : whether a segment counts for the codes above its own too
    by : the document variables whose values make a case
    where : conditions on the documents, as they were written; empty for all
    n_found, n_others : how many units were asked for of each stratum in which the coder found a code, and of
        the others
    reworded : when it was said that codes whose definitions had changed ask the same as before
    documents : all documents from which units were drawn, by their ids
    drawn : the units in the order in which they are judged, which is random
    """

    name: str
    at: str
    coder: str
    readers: tuple[str, ...]
    codebook: str
    digest: str
    codes: Mapping[str, str]
    unit: Unit
    counts: Counts
    rollup: bool
    by: tuple[str, ...]
    where: tuple[str, ...]
    n_found: int
    n_others: int
    seed: int
    reworded: tuple[str, ...]
    documents: Mapping[str, Framed] = field(repr=False)
    strata: tuple[Stratum, ...] = field(repr=False)
    drawn: tuple[Drawn, ...] = field(repr=False)

    def __post_init__(self) -> None:
        refuse_name(self.name)
        units = Counter(stratum for each in self.documents.values() for stratum in each.strata)
        drawn = Counter(one.stratum for one in self.drawn)
        known = range(len(self.strata))
        whole = set(units) <= {*known, UNPLACED} and set(drawn) <= set(known)
        said = [(units[place], drawn[place]) for place in known]
        once = len({one.segment for one in self.drawn}) == len(self.drawn)
        if not whole or not once or said != [(stratum.n_units, stratum.n_drawn) for stratum in self.strata]:
            raise CodingError(
                f"sample {self.name}: what is said of its strata is not what stands in them. The file was "
                "changed by hand. Put it back as it was drawn, or draw another sample."
            )

    @property
    def n_units(self) -> int:
        """How many units the sample speaks for."""
        return sum(stratum.n_units for stratum in self.strata)

    @property
    def n_unplaced(self) -> int:
        """How many units are in no stratum, so that nothing was drawn from them."""
        return sum(each.strata.count(UNPLACED) for each in self.documents.values())

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases of which units speak."""
        return tuple(dict.fromkeys(case for stratum in self.strata for case in stratum.cases))

    def probability(self, one: Drawn) -> float:
        """Return the probability with which a unit was drawn."""
        return self.strata[one.stratum].probability


def abstains(coder: Coded) -> bool:
    """Say whether a coder is a model: what it does not say of a unit counts as not found, for it abstains."""
    return any(reading.kind == "model" for reading in coder.readings)


def refuse_name(name: str) -> None:
    """Raise unless a name can be that of a sample, which is a file name too."""
    if not _NAME.fullmatch(name):
        raise CodingError(
            f"{name!r} cannot be a sample's name. Take small letters, digits and . _ -, at most 64 of them, "
            "a letter or digit first."
        )
