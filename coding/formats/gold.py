"""Gold files: JSON lines, a sentence each, with its neighbours and what one or more readers coded in it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coding.errors import CodingError, refuse
from coding.formats.text import decode

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".jsonl",)


class Read(BaseModel):
    """What a reader coded in a sentence; `orientation` is None where nothing is coded."""

    model_config = ConfigDict(extra="forbid", strict=True)
    codes: list[str]
    orientation: str | None = None


class Sentence(BaseModel):
    """A sentence of the gold file."""

    model_config = ConfigDict(extra="ignore", strict=True)
    id: str
    donor: str
    document: str
    text: Annotated[str, Field(min_length=1)]
    before: str = ""
    after: str = ""
    readers: Annotated[dict[str, Read], Field(min_length=1)]


def read_gold(path: Path) -> list[Sentence]:
    """Return the sentences of a gold file: JSON lines, one sentence each.

    Raises
    ------
    CodingError
        Listing every line that is no sentence, and sentences whose readers differ from the first one's.
    """
    found, problems = [], []
    for number, line in enumerate(decode(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(Sentence.model_validate(json.loads(line)))
        except json.JSONDecodeError as error:
            problems.append(f"{path}, line {number}, column {error.colno}: not JSON: {error.msg}.")
        except ValidationError as error:
            details = error.errors()[0]
            key = ".".join(map(str, details["loc"]))
            problems.append(f"{path}, line {number}: '{key}': {details['msg'].lower()}.")
    refuse(problems)
    if not found:
        raise CodingError(f"{path}: no sentence. Write one JSON object a line (docs/methods/validity.md).")
    counts = Counter(sentence.id for sentence in found)
    refuse(
        [f"{path}: {n} sentences have the id '{name}'. Rename one." for name, n in counts.items() if n > 1]
    )
    readers = list(found[0].readers)
    refuse(
        [
            f"{path}: sentence '{sentence.id}' was read by {', '.join(sentence.readers)}, "
            f"the first by {', '.join(readers)}. Give each sentence the same readers."
            for sentence in found
            if set(sentence.readers) != set(readers)
        ]
    )
    return found
