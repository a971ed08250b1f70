"""A blind sample as a file: `samples/<name>.json`, written when it is drawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coding.errors import CodingError
from coding.files import replacing
from coding.formats.text import decode, write_text
from coding.model import Segment
from coding.sample import Drawn, Framed, Sample, Stratum
from coding.units import Counts, Unit

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".json",)

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Stratum(BaseModel):
    model_config = _STRICT
    cases: list[str]
    found: str
    units: Annotated[int, Field(ge=1)]
    drawn: int


class _Framed(BaseModel):
    """`strata` are the numbers of the strata of its units, parted by spaces."""

    model_config = _STRICT
    digest: str
    strata: Annotated[str, Field(pattern=r"^(-?\d{1,9}( -?\d{1,9})*)?$")]


class _Drawn(BaseModel):
    model_config = _STRICT
    document: str
    start: int
    end: int
    stratum: int
    probability: float


class _File(BaseModel):
    model_config = _STRICT
    name: str
    at: str
    coder: str
    readers: Annotated[list[str], Field(min_length=1)]
    codebook: str
    digest: str
    codes: Annotated[dict[str, str], Field(min_length=1)]
    unit: Unit
    counts: Counts
    rollup: bool
    by: list[str]
    where: list[str]
    found: int
    others: int
    seed: int
    reworded: list[str]
    documents: dict[str, _Framed]
    strata: list[_Stratum]
    drawn: list[_Drawn]


def read_sample(path: Path, *, name: str | None = None) -> Sample:
    """Return the sample of a file.

    Raises
    ------
    CodingError
        If the file is none, or does not agree with itself.
    """
    shown = name or str(path)
    try:
        file = _File.model_validate_json(decode(path, name=shown))
    except ValidationError as error:
        details = error.errors()[0]
        key = ".".join(map(str, details["loc"])) or "the file"
        raise CodingError(
            f"{shown}: '{key}': {details['msg'].lower()}. Put the file back as it was drawn, or draw another "
            "sample."
        ) from error
    missing = {one.document for one in file.drawn} - set(file.documents)
    if missing:
        raise CodingError(
            f"{shown}: units are drawn from {min(missing)}, which is not among its documents. Put the file "
            "back as it was drawn, or draw another sample."
        )
    return Sample(
        name=file.name,
        at=file.at,
        coder=file.coder,
        readers=tuple(file.readers),
        codebook=file.codebook,
        digest=file.digest,
        codes=file.codes,
        unit=file.unit,
        counts=file.counts,
        rollup=file.rollup,
        by=tuple(file.by),
        where=tuple(file.where),
        n_found=file.found,
        n_others=file.others,
        seed=file.seed,
        reworded=tuple(file.reworded),
        documents={
            name: Framed(each.digest, tuple(map(int, each.strata.split())))
            for name, each in file.documents.items()
        },
        strata=tuple(Stratum(tuple(s.cases), s.found, s.units, s.drawn) for s in file.strata),
        drawn=tuple(
            Drawn(Segment(d.document, d.start, d.end, file.documents[d.document].digest), d.stratum)
            for d in file.drawn
        ),
    )


def write_sample(path: Path, sample: Sample) -> None:
    """Write a sample; reading it gives the same again."""
    drawn = [
        {
            "document": one.segment.document,
            "start": one.segment.start,
            "end": one.segment.end,
            "stratum": one.stratum,
            "probability": sample.probability(one),
        }
        for one in sample.drawn
    ]
    strata = [
        {"cases": list(s.cases), "found": s.found, "units": s.n_units, "drawn": s.n_drawn}
        for s in sample.strata
    ]
    values = {
        "name": sample.name,
        "at": sample.at,
        "coder": sample.coder,
        "readers": list(sample.readers),
        "codebook": sample.codebook,
        "digest": sample.digest,
        "codes": dict(sample.codes),
        "unit": sample.unit,
        "counts": sample.counts,
        "rollup": sample.rollup,
        "by": list(sample.by),
        "where": list(sample.where),
        "found": sample.n_found,
        "others": sample.n_others,
        "seed": sample.seed,
        "reworded": list(sample.reworded),
        "documents": {
            name: {"digest": each.digest, "strata": " ".join(map(str, each.strata))}
            for name, each in sample.documents.items()
        },
        "strata": strata,
        "drawn": drawn,
    }
    with replacing([path]) as (beside,):
        write_text(beside, json.dumps(values, ensure_ascii=False, indent=1) + "\n")
