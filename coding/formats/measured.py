"""What was measured of a codebook's rules against readers: `codebooks/quality/<id>.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coding.errors import CodingError
from coding.files import replacing
from coding.formats.text import decode, write_text

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".json",)

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)
Share = Annotated[float | None, Field(ge=0, le=1)]


class CategoryMeasured(BaseModel):
    """F1 of the rules for a category, with its interval, and that of the readers with one another."""

    model_config = _STRICT
    precision: Share
    recall: Share
    f1: Share
    low: Share
    high: Share
    readers: Share


class Measured(BaseModel):
    """How well the rules of one version of a codebook find what readers found.

    `digest` is that of the codebook; another codebook has another, and then the figures are not its own.
    """

    model_config = _STRICT
    codebook: str
    digest: str
    texts: str
    sentences: int
    documents: int
    macro_f1: Share
    macro_f1_readers: Share
    orientation_accuracy: Share
    orientation_accuracy_readers: Share
    categories: dict[str, CategoryMeasured]


def read_measured(path: Path, *, name: str | None = None) -> Measured:
    """Return what a file says was measured.

    Raises
    ------
    CodingError
        If it is not such a file.
    """
    shown = name or str(path)
    try:
        return Measured.model_validate_json(decode(path, name=shown))
    except ValidationError as error:
        details = error.errors()[0]
        key = ".".join(map(str, details["loc"])) or "the file"
        raise CodingError(
            f"{shown}: '{key}': {details['msg'].lower()}. Measure again with `coding quality --save`."
        ) from error


def write_measured(path: Path, measured: Measured) -> None:
    """Write what was measured; reading it gives the same again."""
    text = json.dumps(measured.model_dump(), ensure_ascii=False, indent=2)
    with replacing([path]) as (beside,):
        write_text(beside, text + "\n")
