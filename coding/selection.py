"""Which documents of the corpus a study is about, and why the others are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coding.attribution import NAMED_BY_MENTION
from coding.model import Corpus, Document

_STRICT = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

# The reasons for which a document is left out, in the order of asking, each with the key that says so.
OTHER_CASE = "other case"
_REASONS = {OTHER_CASE: "cases", "fidelity": "fidelity", "source kind": "source_kind", "year": "years"}


class Years(BaseModel):
    """A time window; both ends belong to it."""

    model_config = _STRICT
    first: Annotated[int | None, Field(alias="from")] = None
    last: Annotated[int | None, Field(alias="to")] = None

    @property
    def are_limited(self) -> bool:
        """Whether there is a year that does not belong to it."""
        return self.first is not None or self.last is not None

    @model_validator(mode="after")
    def _in_order(self) -> Years:
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"no year is from {self.first} to {self.last}. Turn them round.")
        return self


class Selection(BaseModel):
    """Which documents of the corpus the study is about."""

    model_config = _STRICT
    cases: list[str]
    fidelity: Annotated[list[Literal["original", "digest", "translation"]], Field(min_length=1)]
    source_kind: Annotated[list[Literal["primary", "secondary"]], Field(min_length=1)]
    years: Years

    @property
    def asks(self) -> tuple[str, ...]:
        """The variables without which no document is selected, besides its donor."""
        return ("fidelity", "source_kind", *(("year",) if self.years.are_limited else ()))


def select(
    corpus: Corpus, selection: Selection, *, alike: Mapping[str, int] | None = None
) -> tuple[Corpus, dict[str, int]]:
    """Return the documents a study is about, and how many were left out for each reason.

    Parameters
    ----------
    alike : how many documents of the same variables each one stands for; itself alone if left out
    """
    reasons = {document.id: why_left_out(document, selection) for document in corpus}
    kept = tuple(document for document in corpus if reasons[document.id] is None)
    counts = _counted(reasons, alike)
    return Corpus(kept, corpus.known_cases), {name: counts[name] for name in _REASONS if counts[name]}


def why_left_out(document: Document, selection: Selection) -> str | None:
    """Return why a document is left out; None if it is not."""
    years, variables = selection.years, document.variables
    if not set(cases_of(document)) & set(selection.cases):
        return OTHER_CASE
    if variables["fidelity"] not in selection.fidelity:
        return "fidelity"
    if variables["source_kind"] not in selection.source_kind:
        return "source kind"
    if not years.are_limited:
        return None
    year = int(str(variables["year"]))
    return None if (years.first or year) <= year <= (years.last or year) else "year"


def why_none_is_left(
    corpus: Corpus, selection: Selection, case: str, *, by: str, alike: Mapping[str, int] | None = None
) -> str | None:
    """Say why a selection has no document of a case, and what to widen; None if it has one.

    Parameters
    ----------
    alike : as in `select`
    """
    own = [document for document in corpus if case in cases_of(document, by)]
    counts = _counted({document.id: why_left_out(document, selection) for document in own}, alike)
    if counts[None]:
        return None
    if not own:
        return f"no document is about '{case}'. Add one, or take the case out."
    keys = {f"`{_REASONS[reason]}`": n for reason, n in counts.items() if reason}
    said = ", ".join(f"{n} left out by {key}" for key, n in keys.items())
    return f"no document of '{case}' is left: {said}. Widen {' or '.join(keys)} under `corpus`."


def _counted(reasons: Mapping[str, str | None], alike: Mapping[str, int] | None) -> Counter[str | None]:
    counts: Counter[str | None] = Counter()
    for document, reason in reasons.items():
        counts[reason] += 1 if alike is None else alike[document]
    return counts


def cases_of(document: Document, by: str = NAMED_BY_MENTION) -> tuple[str, ...]:
    """Return the cases that a document is about: of donors those it names as such, else its own."""
    value = document.variables.get(by)
    if by == NAMED_BY_MENTION:
        value = document.variables.get("about") or value
    return value if isinstance(value, tuple) else (str(value),)
