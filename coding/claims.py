"""Published claims as a study file states them, and what can be wrong with the names in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coding.errors import nearest
from coding.findings import Base

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.formats.yaml import Tree

_STRICT = ConfigDict(extra="forbid", strict=True)

_CASES = ("first", "second", "case")
_CODES = ("on", "versus", "within", "along")


class Source(BaseModel):
    """Where a claim is published."""

    model_config = _STRICT
    citation: str
    place: str


class Test(BaseModel):
    """How a claim is put to the texts."""

    model_config = _STRICT
    first: str | None = None
    second: str | None = None
    case: str | None = None
    on: str | None = None
    versus: str | None = None
    within: str | None = None
    base: Base | None = None
    family: str | None = None
    along: list[str] = []
    findings: list[str] = []

    def names(self, key: str) -> list[str]:
        """Return the names under a key; none if it is not written."""
        value = getattr(self, key)
        return value if isinstance(value, list) else [value] if value else []


class Claim(BaseModel):
    """A published claim and how the study tests or describes it."""

    model_config = _STRICT
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: str
    claim: str
    source: Source
    kind: Literal["contrast", "within", "levels", "chain", "derived"]
    operationalisation: str
    why: str
    test: Test

    @model_validator(mode="after")
    def _complete(self) -> Claim:
        needed = {
            "contrast": ("first", "second", "on", "base"),
            "within": ("case", "on", "versus", "base"),
            "levels": ("family", "along"),
            "chain": ("on", "along", "base"),
            "derived": ("findings",),
        }[self.kind]
        missing = [name for name in needed if not getattr(self.test, name)]
        if missing:
            raise ValueError(f"finding '{self.id}' is a {self.kind}: its test needs {', '.join(missing)}.")
        return self


def problems(
    claims: Sequence[Claim],
    tree: Tree,
    *,
    codebook: Codebook,
    cases: Sequence[str] | None,
    absent: Mapping[str, str],
) -> list[str]:
    """Return what is wrong with claims, each with its place in the study file.

    Parameters
    ----------
    cases : those of the study; None if they are not known
    absent : of every other case of the corpus, why it is no case of the study
    """
    found = []
    for i, claim in enumerate(claims):
        earlier = [other.id for other in claims[:i]]
        if claim.id in earlier:
            first = tree.where("findings", earlier.index(claim.id), "id").removeprefix(f"{tree.name}, ")
            where = tree.where("findings", i, "id")
            found.append(f"{where}: finding '{claim.id}' stands already at {first}. Rename one.")
        said = [
            *_wrong_cases(claim, cases, absent),
            *_wrong_codes(claim.test, codebook),
            *_wrong_findings(claim.test, earlier, [other.id for other in claims]),
        ]
        found += [f"{tree.where('findings', i, 'test', key)}: {problem}" for key, problem in said]
    return found


_Wrong = Iterator[tuple[str, str]]  # a key of the test, and what is wrong there


def _wrong_cases(claim: Claim, cases: Sequence[str] | None, absent: Mapping[str, str]) -> _Wrong:
    if cases is None:
        return
    test = claim.test
    for key in _CASES:
        for name in test.names(key):
            if name not in cases:
                yield key, absent.get(name) or f"no case '{name}'.{nearest(name, cases)}"
    if test.first is not None and test.first == test.second:
        yield "second", f"'{test.first}' is compared with itself. Name another case."
    if claim.kind == "chain" and len(cases) < 2:
        yield "along", "a chain compares the first two cases of the study, which has only one."


def _wrong_codes(test: Test, codebook: Codebook) -> _Wrong:
    known = [code.id for code in codebook.codes if not code.retired]
    for key in _CODES:
        for name in test.names(key):
            if name not in known:
                retired = " (it is retired)" if name in codebook else ""
                yield key, f"no code '{name}'{retired}.{nearest(name, known)}"
    for name in test.names("family"):
        if name not in codebook.families:
            yield "family", f"no family '{name}'.{nearest(name, codebook.families)}"
    for name in test.along if test.family else ():
        if name in known and codebook.family(name) == test.family:
            yield "along", f"'{name}' is of the family {test.family} itself. Name codes of another."
    pair = [name for name in (*test.names("on"), *test.names("versus")) if name in known]
    if len(pair) == 2 and pair[0] == pair[1]:
        yield "versus", f"'{pair[0]}' is compared with itself. Name another code."
    if test.base == "coded" and len({codebook.family(name) for name in pair}) == 2:
        yield "versus", f"'{pair[0]}' and '{pair[1]}' are of two families. Take one, or `base: searched`."


def _wrong_findings(test: Test, earlier: Sequence[str], every: Sequence[str]) -> _Wrong:
    for name in test.findings:
        if name in every and name not in earlier:
            yield "findings", f"'{name}' must stand before the finding that rests on it."
        elif name not in every:
            yield "findings", f"no finding '{name}'.{nearest(name, earlier)}"
