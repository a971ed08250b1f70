"""Case files: `corpus/<case>/case.yaml`, a donor's names and its documents' variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from coding.formats import yaml
from coding.model import Case

if TYPE_CHECKING:
    from pathlib import Path

    from coding.model import Value

SUFFIXES = (".yaml",)

_STRICT = ConfigDict(extra="forbid", strict=True)
_DATE = re.compile(r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")


def _dated(date: str) -> str:
    if not _DATE.match(date):
        raise ValueError(f"'{date}' is not a date. Write 2019, 2019-03 or 2019-03-14.")
    return date


def _web(url: str) -> str:
    if not re.match(r"^https?://[^\s\"'<>]+$", url):
        raise ValueError(f"'{url}' is not a web address. It begins with http:// or https://.")
    return url


FileName = Annotated[str, StringConstraints(pattern=r"^[^/\\]+$")]
CaseId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
_Year = BeforeValidator(lambda v: str(v) if isinstance(v, int) else v, json_schema_input_type=str | int)
Date = Annotated[str, _Year, AfterValidator(_dated)]
Url = Annotated[str, AfterValidator(_web)]


class Statements(BaseModel):
    """What the sentences of a digest rest on. Sentences that are not listed were read at a source."""

    model_config = _STRICT
    read_at: list[Url] = []
    known: list[str] = []
    reference_list: list[str] = []
    inferred: list[str] = []


class DocumentEntry(BaseModel):
    """A document's variables."""

    model_config = _STRICT
    title: str
    year: Annotated[int, Field(ge=1000, le=9999)]
    fidelity: Literal["original", "digest", "translation"]
    source_kind: Literal["primary", "secondary"]
    publisher: str | None = None
    author: str | None = None
    date: Date | None = None
    type: str | None = None
    language: str = "en"
    source_language: list[str] = []
    url: Url | None = None
    citation: str | None = None
    recipient: list[str] = []
    agency: list[str] = []
    family: str | None = None
    about: list[CaseId] = []
    read_from: str | None = None
    read_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    read_as: str | None = None
    statements: Statements | None = None


class CaseFile(BaseModel):
    """A case file."""

    model_config = _STRICT
    id: CaseId
    name: str
    iso: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    aliases: Annotated[list[str], Field(min_length=1)]
    agencies: list[str] = []
    homonyms: list[str] = []
    documents: dict[FileName, DocumentEntry]

    def case(self) -> Case:
        """Return the case that the file describes."""
        return Case(
            self.id, self.name, self.iso, tuple(self.aliases), tuple(self.agencies), tuple(self.homonyms)
        )

    def variables(self, file: str) -> dict[str, Value]:
        """Return the variables of a document: those written, and the `donor`."""
        entry = self.documents[file].model_dump(exclude={"statements"}, exclude_none=True)
        frozen = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
        return {"donor": self.id, **frozen}


def read_case(path: Path, *, name: str | None = None) -> tuple[CaseFile, yaml.Tree]:
    """Return the content of a case file and where everything stands in it.

    Raises
    ------
    CodingError
        Listing every unknown key, missing variable and wrong value with file, line and column.
    """
    return yaml.read(path, CaseFile, name=name)
