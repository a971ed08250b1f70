"""What is written of a partition: coded segments, readings, documents, and units counted by what they bear.

The counts stand for all units: those of one document that speak of the same cases and bear the same codes
are one row with their number. What a matrix says of units follows from them; passages are in the segments.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from coding.attribution import attribute
from coding.units import PRESENT, UNREAD, Projection, on_units

if TYPE_CHECKING:
    import pyarrow as pa

    from coding.codebook import Codebook
    from coding.large.work import Setup
    from coding.model import Coded, Corpus, Value

KINDS = ("segments", "readings", "documents", "counts")

_WORD = re.compile(r"\w+")


def schemas(variables: Mapping[str, pa.DataType]) -> dict[str, pa.Schema]:
    """Return the columns of each kind of table.

    Parameters
    ----------
    variables : of the documents, with their types
    """
    import pyarrow as pa

    text, number, texts = pa.string(), pa.int32(), pa.list_(pa.string())
    columns: dict[str, list[tuple[str, pa.DataType]]] = {
        "segments": [
            ("id", text), ("document", text), ("digest", text), ("start", number), ("end", number),
            ("code", text), ("meaning", text), ("coder", text), ("because", text), ("score", pa.float64()),
            ("quote", text),
        ],
        "readings": [
            ("coder", text), ("kind", text), ("document", text), ("digest", text), ("start", number),
            ("end", number), ("codes", texts),
        ],
        "documents": [
            ("id", text), ("digest", text), ("characters", number), ("words", number), ("units", number),
            ("read", pa.bool_()), *((f"variable {name}", kind) for name, kind in variables.items()),
        ],
        "counts": [
            ("document", text), ("cases", texts), ("bears", texts), ("unread", texts), ("units", number),
            ("words", number),
        ],
    }  # fmt: skip
    return {kind: pa.schema(columns[kind]) for kind in KINDS}


def rows(coded: Coded, corpus: Corpus, setup: Setup) -> dict[str, list[dict[str, object]]]:
    """Return the rows of each kind of table for some documents."""
    found = on_units(
        coded, corpus, unit=setup.unit, counts=setup.counts, counts_for=own_codes(setup.codebook)
    )
    texts = {document.id: document.text for document in corpus}
    n_units = Counter(unit.document for unit in found.units)
    read = {reading.segment.document for reading in coded.readings}
    return {
        "segments": [
            {
                "id": s.id, "document": s.segment.document, "digest": s.segment.digest,
                "start": s.segment.start, "end": s.segment.end, "code": s.code, "meaning": s.meaning,
                "coder": s.coder, "because": s.because, "score": s.score,
                "quote": texts[s.segment.document][s.segment.start : s.segment.end],
            }
            for s in coded.segments
        ],
        "readings": [
            {
                "coder": r.coder, "kind": r.kind, "document": r.segment.document,
                "digest": r.segment.digest, "start": r.segment.start, "end": r.segment.end,
                "codes": None if r.codes is None else list(r.codes),
            }
            for r in coded.readings
        ],
        "documents": [
            {
                "id": d.id, "digest": d.digest, "characters": len(d.text),
                "words": len(_WORD.findall(d.text)), "units": n_units[d.id], "read": d.id in read,
                **{f"variable {name}": _written(value) for name, value in d.variables.items()},
            }
            for d in corpus
        ],
        "counts": _counted(found, corpus, setup.by),
    }  # fmt: skip


def own_codes(codebook: Codebook) -> dict[str, tuple[str, ...]]:
    """Return for each code itself: what it counts for above it is decided when a matrix is made."""
    return {code.id: (code.id,) for code in codebook.codes if not code.retired}


def _counted(found: Projection, corpus: Corpus, by: Sequence[str]) -> list[dict[str, object]]:
    """Return the units of each document, those that are alike together."""
    cases = attribute(found.units, corpus, by=by).cases
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for row, unit in enumerate(found.units):
        alike[unit.document, cases[row], found.values[row].tobytes()].append(row)
    counted = []
    for (document, named, _), same in alike.items():
        values = found.values[same[0]]
        text = corpus[str(document)].text
        counted.append(
            {
                "document": document,
                "cases": list(named) if isinstance(named, tuple) else [],
                "bears": [c for c, v in zip(found.codes, values, strict=True) if v == PRESENT],
                "unread": [c for c, v in zip(found.codes, values, strict=True) if v == UNREAD],
                "units": len(same),
                "words": sum(
                    len(_WORD.findall(text, found.units[row].start, found.units[row].end)) for row in same
                ),
            }
        )
    return counted


def _written(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value
