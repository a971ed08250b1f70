"""The evidence for each claim: every passage that counts, for it and against it, with its source.

A claim that compares shares is spoken for by the units of its first side that bear the code and by those of
the base of the second that do not, and spoken against by the others. A described claim has passages that
count neither for it nor against it. Passages are numbered over the claim in the order of the corpus, whether
or not all of them are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from coding.errors import CodingError, nearest
from coding.passages import Passages, behind, compared, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coding.findings import Contrast
    from coding.passages import Passage
    from coding.study import Finding, Run

Speaks = Literal["for", "against", "both", "neither"]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A passage with its number in the evidence of a claim; `again` is the number that it has already."""

    number: int
    passage: Passage
    again: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Passages of one case that count in the same way.

    Attributes
    ----------
    part : what is compared, for a claim that compares several shares; else empty
    case : the name of the case
    within : the code within which the share is drawn, by name; empty if within none
    what : what its units bear, in words: with this, without that
    n_units : units that count so
    passages : those shown, in the order of the corpus
    n_passages : all there are
    is_listed : whether its passages are shown; of all that was searched the rest without the code is not
    """

    speaks: Speaks
    part: str
    case: str
    within: str
    what: str
    n_units: int
    passages: tuple[Numbered, ...] = ()
    n_passages: int = 0
    is_listed: bool = True

    @property
    def n_left_out(self) -> int:
        """Passages that are not shown."""
        return self.n_passages - len(self.passages)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finding and all that speaks for it and against it; `rests_on` are the findings of a derived one."""

    finding: Finding
    groups: tuple[Group, ...]
    rests_on: tuple[Finding, ...] = ()

    def n_units(self, speaks: Speaks) -> int:
        """Return how many units speak so."""
        return sum(group.n_units for group in self.groups if group.speaks == speaks)

    @property
    def n_passages(self) -> int:
        """Passages shown, those that stand twice counted once."""
        return sum(one.again is None for group in self.groups for one in group.passages)


def evidence(run: Run, *, claim: str | None = None, most: int | None = None) -> tuple[Evidence, ...]:
    """Return the evidence for each claim of a run, or for one.

    Parameters
    ----------
    claim : str, optional
        The id of a claim.
    most : int, optional
        So many passages of a group are shown at most: each document once before any a second time, those with
        more coded segments first.

    Raises
    ------
    CodingError
        If the study has no such claim.
    """
    known = [finding.claim.id for finding in run.findings]
    if claim is not None and claim not in known:
        raise CodingError(f"the study {run.study.id} has no claim '{claim}'.{nearest(claim, known)}")
    passages = Passages(run)
    return tuple(
        _of(run, finding, passages, most) for finding in run.findings if claim in (None, finding.claim.id)
    )


def _of(run: Run, finding: Finding, passages: Passages, most: int | None) -> Evidence:
    rests_on = tuple(f for f in run.findings if f.claim.id in finding.claim.test.findings)
    found = [
        *_described(run, finding, passages),
        *(
            drawn
            for link, contrast in enumerate(finding.contrasts)
            for drawn in _contrasted(run, finding, contrast, link, passages)
        ),
    ]
    return Evidence(finding, tuple(_numbered(found, most)), rests_on)


_Found = tuple[Group, list["Passage"]]


def _contrasted(
    run: Run, finding: Finding, contrast: Contrast, link: int, passages: Passages
) -> Iterator[_Found]:
    """Yield the groups of a comparison, those for the claim first."""
    claim = finding.claim
    pairs, within = compared(claim, link, run.study)
    rows = [behind(run.matrix, case, on, within=within, base=claim.test.base) for case, on in pairs]
    codes = dict.fromkeys(
        code for _, on in pairs for code in (*run.matrix.families[run.matrix.family(on)], within) if code
    )
    is_tested = finding.verdict is not None
    divided = _within(rows, contrast) if claim.kind == "within" else _between(rows, run, pairs[0][1])
    for speaks, side, what, units in divided if is_tested else sorted(divided, key=lambda each: each[1]):
        is_listed = claim.test.base == "coded" or not what.startswith(_WITHOUT)
        shown = passages.of_rows(units, list(codes)) if is_listed else []
        case = run.matrix.names[run.matrix.case(pairs[side][0])]
        inside = run.matrix.names[within] if within else ""
        part = "" if is_tested else contrast.what
        counts: Speaks = speaks if is_tested else "neither"
        yield Group(counts, part, case, inside, what, len(units), is_listed=is_listed), shown


_WITHOUT = "without"
_PARTS = {"mixed": "with several parts", "none": "with no part", "unread": "not read for the parts"}
_Divided = list[tuple[Speaks, int, str, "NDArray[np.int64]"]]


def _between(rows: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], run: Run, on: str) -> _Divided:
    name = run.matrix.names[on]
    return [
        ("for", 0, f"with {name}", rows[0][0]),
        ("for", 1, f"{_WITHOUT} {name}", rows[1][1]),
        ("against", 1, f"with {name}", rows[1][0]),
        ("against", 0, f"{_WITHOUT} {name}", rows[0][1]),
    ]


def _within(rows: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], contrast: Contrast) -> _Divided:
    (one, rest), (two, _) = rows
    first, second = contrast.first.name, contrast.second.name
    return [
        ("for", 0, f"with {first} and without {second}", np.setdiff1d(one, two)),
        ("against", 0, f"with {second} and without {first}", np.setdiff1d(two, one)),
        ("both", 0, f"with {first} and {second}", np.intersect1d(one, two)),
        ("neither", 0, f"{_WITHOUT} {first} and {_WITHOUT} {second}", np.setdiff1d(rest, two)),
    ]


def _described(run: Run, finding: Finding, passages: Passages) -> Iterator[_Found]:
    """Yield the groups of a composition: the units of each category and case by the part they belong to."""
    names = run.matrix.names
    for code, cases in finding.compositions.items():
        for case, found in cases.items():
            for part in passages.of_composition(found):
                what = _PARTS.get(part.name) or f"with {names.get(part.name, part.name)}"
                yield (
                    Group("neither", names[code], names[case], names[code], what, part.n),
                    list(part.passages),
                )


def _numbered(found: Sequence[_Found], most: int | None) -> Iterator[Group]:
    """Yield the groups with their passages numbered; one that stood before is numbered, and says where."""
    first_seen: dict[tuple[str, str, int, int], int] = {}
    number = 0
    for group, passages in found:
        kept = passages if most is None else spread(passages)[:most]
        shown = []
        for passage in passages:
            number += 1
            place = (group.part, passage.document.id, passage.start, passage.end)
            again = first_seen.setdefault(place, number)
            if passage in kept:
                shown.append(Numbered(number, passage, None if again == number else again))
        yield replace(group, passages=tuple(shown), n_passages=len(passages))
