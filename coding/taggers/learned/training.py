"""What a model learns from: units, and what people said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError, nearest, refuse
from coding.model import Coded, Corpus, Segment, digest_of
from coding.units import UNREAD, Counts, Targets, Unit, counting, on_units

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.model import Document


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """U units with what is known of them for C codes; of every unit something is.

    Attributes
    ----------
    values : int8 array (U, C), 1 bears the code, 0 does not, -1 not known
    by_person : bool array (U, C), whether a person said so; else rules did
    clusters : (U,), numbers of the clusters of their documents
    """

    units: tuple[Segment, ...]
    codes: tuple[str, ...]
    values: NDArray[np.int8] = field(repr=False)
    by_person: NDArray[np.bool_] = field(repr=False)
    clusters: NDArray[np.int64] = field(repr=False)

    @property
    def digest(self) -> str:
        """What identifies it: the units, their texts, and what is known of them."""
        places = [(unit.document, unit.start, unit.end, unit.digest) for unit in self.units]
        return digest_of(repr((self.codes, places, self.values.tolist(), self.by_person.tolist())))


def training_set(
    coded: Coded,
    corpus: Corpus,
    codebook: Codebook,
    *,
    codes: Sequence[str],
    unit: Unit,
    counts: Counts,
    rollup: bool,
    weak: Coded | None,
) -> TrainingSet:
    """Return the units that people have read, or failing them the rules, with what they said.

    Where several people have read a unit it bears a code if one of them gave it. What machines alone have
    read, or nobody, teaches nothing but as `weak`.

    Raises
    ------
    CodingError
        If nobody has read anything, or a code was coded in another meaning.
    """
    targets = counting(codebook, codes, rollup=rollup)
    _refuse_other_meanings(coded, codebook, codes, targets)
    read = {r.segment.document for r in (*coded.readings, *(weak.readings if weak else ()))}
    texts = Corpus(tuple(d for d in corpus if d.id in read), corpus.known_cases)
    on = on_units(coded, texts, unit=unit, counts=counts, counts_for=targets)
    columns = [on.codes.index(code) for code in codes]
    by_person = on.by_person[:, columns]
    values = np.where(by_person, on.values[:, columns], UNREAD)
    if not by_person.any():
        raise CodingError(
            "nobody has read a unit of these texts, and a model learns from what people read. Read and code "
            "some documents whole (`coding serve`), and say at the end of each that it is read."
        )
    if weak is not None:
        found = on_units(weak, texts, unit=unit, counts=counts, counts_for=targets)
        values = np.where(by_person, values, found.values[:, columns])
    kept = np.flatnonzero((values != UNREAD).any(1))
    names = [texts[on.units[row].document].cluster for row in kept]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return TrainingSet(
        tuple(on.units[row] for row in kept),
        tuple(codes),
        values[kept],
        by_person[kept],
        np.array([numbers[name] for name in names], dtype=np.int64),
    )


def language_of(document: Document, codebook: Codebook) -> str:
    """Return the language of a document, that of the codebook if nobody says."""
    return str(document.variables.get("language") or codebook.language).partition("-")[0]


def _refuse_other_meanings(coded: Coded, codebook: Codebook, codes: Sequence[str], targets: Targets) -> None:
    """Raise if a segment that counts for one of the codes was coded in another meaning."""
    book = f"codebook {codebook.id} {codebook.version}"
    known = [code.id for code in codebook.codes]
    problems = {}
    for segment in coded.segments:
        code = segment.code
        if code not in codebook:
            problems[code] = (
                f"coded segments bear '{code}', which {book} does not know.{nearest(code, known)}"
            )
        elif set(targets.get(code, ())) & set(codes) and not codebook[code].holds(segment.meaning):
            problems[code] = (
                f"{segment.coder} coded '{code}' in another meaning than {book} gives it. Code it afresh, "
                "say on the code's page that the earlier coding still holds, or leave the code out."
            )
    refuse([problems[code] for code in sorted(problems)])
