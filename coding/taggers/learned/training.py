"""What a model learns from: units, and what people said of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError, nearest, refuse
from coding.model import Coded, Corpus, Document, Reading, Segment, digest_of
from coding.units import UNREAD, Counts, Projection, Targets, Unit, counting, on_units

if TYPE_CHECKING:
    from coding.codebook import Codebook

BETWEEN = " ; "  # between two passages that were marked in one unit
_HAS_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Marked:
    """Words of a unit for themselves: those that people marked as bearing a code, or all but those.

    Attributes
    ----------
    row, column : of the unit and the code, in the training set
    document : whose words they are, with its variables; its text is these words
    bears : whether they were marked
    """

    row: int
    column: int
    document: Document
    bears: bool


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """U units with what is known of them for C codes; of every unit something is.

    Attributes
    ----------
    values : int8 array (U, C), 1 bears the code, 0 does not, -1 not known
    by_person : bool array (U, C), whether a person said so; else rules did
    clusters : (U,), numbers of the clusters of their documents
    marked : what people marked in units that bear a code, and what they left
    """

    units: tuple[Segment, ...]
    codes: tuple[str, ...]
    values: NDArray[np.int8] = field(repr=False)
    by_person: NDArray[np.bool_] = field(repr=False)
    clusters: NDArray[np.int64] = field(repr=False)
    marked: tuple[Marked, ...] = field(repr=False)

    @property
    def digest(self) -> str:
        """What identifies it: the units, their texts, and what is known of them."""
        places = [(unit.document, unit.start, unit.end, unit.digest) for unit in self.units]
        marked = [(each.row, each.column, each.document.text, each.bears) for each in self.marked]
        return digest_of(repr((self.codes, places, self.values.tolist(), self.by_person.tolist(), marked)))


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
    read_by_people = [reading for reading in coded.readings if reading.kind == "person"]
    return TrainingSet(
        tuple(on.units[row] for row in kept),
        tuple(codes),
        values[kept],
        by_person[kept],
        np.array([numbers[name] for name in names], dtype=np.int64),
        tuple(_marked(on, kept.tolist(), codes, texts, read_by_people)),
    )


def language_of(document: Document, codebook: Codebook) -> str:
    """Return the language of a document, that of the codebook if nobody says."""
    return str(document.variables.get("language") or codebook.language).partition("-")[0]


def _marked(
    on: Projection, kept: Sequence[int], codes: Sequence[str], corpus: Corpus, readings: Sequence[Reading]
) -> Iterator[Marked]:
    """Yield what people marked in a unit and what they left, where they read all of it and marked a part.

    Where a machine's words count for a unit, accepted by someone, nobody has said which words bear the code.
    """
    people = {reading.coder for reading in readings}
    by_document: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_document[reading.segment.document].append(reading)
    for row, place in enumerate(kept):
        unit = on.units[place]
        document = corpus[unit.document]
        for column, code in enumerate(codes):
            evidence = on.evidence.get((place, code), ())
            if not evidence or any(each.coder not in people for each in evidence):
                continue
            if not any(_covers(reading, unit, code) for reading in by_document[unit.document]):
                continue
            words, rest = _divided(document.text, unit, [each.segment for each in evidence])
            if _HAS_WORD.search(words) and _HAS_WORD.search(rest):
                for text, bears in ((words, True), (rest, False)):
                    name = f"{unit.document} {unit.start}:{unit.end} {code} {bears}"
                    yield Marked(row, column, Document(name, text, document.variables), bears)


def _covers(reading: Reading, unit: Segment, code: str) -> bool:
    """Say whether somebody read the whole unit for a code."""
    place = reading.segment
    names = reading.codes is None or code in reading.codes
    return names and place.start <= unit.start and unit.end <= place.end


def _divided(text: str, unit: Segment, marked: Sequence[Segment]) -> tuple[str, str]:
    """Return the marked words of a unit, one passage beside another, and the words that are left."""
    inside: list[list[int]] = []
    for start, end in sorted((max(m.start, unit.start), min(m.end, unit.end)) for m in marked):
        if inside and start <= inside[-1][1]:
            inside[-1][1] = max(end, inside[-1][1])
        else:
            inside.append([start, end])
    ends = [unit.start, *(end for _, end in inside)]
    starts = [*(start for start, _ in inside), unit.end]
    rest = " ".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    return BETWEEN.join(text[start:end] for start, end in inside), " ".join(rest.split())


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
                "say on the code's page that the earlier coding still holds, or learn others (`--codes`)."
            )
    refuse([problems[code] for code in sorted(problems)])
