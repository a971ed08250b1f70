"""A study is a file: corpus, codebook, every measurement decision, and the claims to be tested.

`read_study` reads it, `run` carries it out: what the texts say is coded, tabulated, contrasted, and
each claim gets its verdict, always with the fidelity of the texts on which it rests.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coding.errors import CodingError, nearest, refuse
from coding.findings import Base, Contrast, Verdict, contrast, contrast_within, judge
from coding.formats import yaml
from coding.matrix import Composition, Matrix, Measure, Measurement, Weight, tabulate
from coding.model import Coded, Corpus, digest_of
from coding.taggers import tag
from coding.taggers.rules import Overlap, RuleTagger
from coding.units import Counts, Unit

if TYPE_CHECKING:
    from pathlib import Path

    from coding.codebook import Codebook
    from coding.project import Project

_STRICT = ConfigDict(extra="forbid", strict=True)


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


class Years(BaseModel):
    """A time window; both ends belong to it."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)
    first: Annotated[int | None, Field(alias="from")] = None
    last: Annotated[int | None, Field(alias="to")] = None


class Selection(BaseModel):
    """Which documents of the corpus the study is about."""

    model_config = _STRICT
    cases: Annotated[list[str], Field(min_length=1)]
    fidelity: Annotated[list[Literal["original", "digest", "translation"]], Field(min_length=1)]
    source_kind: Annotated[list[Literal["primary", "secondary"]], Field(min_length=1)]
    years: Years


class Decisions(BaseModel):
    """The measurement decisions. See `coding.Measurement`."""

    model_config = _STRICT
    by: str
    measure: Measure
    unit: Unit
    counts: Counts
    weight: Weight
    rollup: bool
    implies: bool


class Study(BaseModel):
    """A study file."""

    model_config = _STRICT
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: str
    question: str
    citation: str
    notes: list[str] = []
    corpus: Selection
    codebook: str
    coders: Annotated[list[Literal["rules"]], Field(min_length=1)]
    overlap: Overlap
    measurement: Decisions
    least_clusters: Annotated[int, Field(ge=2)]
    seed: int
    why: dict[str, str] = {}
    findings: list[Claim]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a claim.

    Attributes
    ----------
    verdict : None for what is only described or derived
    reason : why this verdict, or what is described, in one sentence
    contrasts : one for a tested claim; for a chain one contrast a link
    compositions : for described levels, by category and case
    fidelity : of the texts on which it rests
    """

    claim: Claim
    verdict: Verdict | None
    reason: str
    contrasts: tuple[Contrast, ...] = ()
    compositions: Mapping[str, Mapping[str, Composition]] = field(default_factory=dict)
    fidelity: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The verdict with the fidelity of its texts, as it must always be quoted."""
        texts = " and ".join(f"{kind}s" for kind in self.fidelity)
        return f"{self.verdict or 'described'}, in {texts}"


@dataclass(frozen=True, slots=True)
class Run:
    """A study carried out."""

    study: Study
    corpus: Corpus
    codebook: Codebook
    coded: Coded = field(repr=False)
    matrix: Matrix
    compositions: Mapping[str, Mapping[str, Composition]] = field(repr=False)
    findings: tuple[Finding, ...]
    left_out: Mapping[str, int]
    provenance: Mapping[str, str]


def read_study(path: Path, *, name: str | None = None) -> tuple[Study, yaml.Tree]:
    """Return the study of a file, and where everything stands in it.

    Raises
    ------
    CodingError
        Listing every problem with file, line and column.
    """
    return yaml.read(path, Study, name=name)


def run(project: Project, study: str | None = None, *, changed: Mapping[str, str] | None = None) -> Run:
    """Carry a study out.

    Parameters
    ----------
    study : str, optional
        Its id; the project's own study if left out.
    changed : mapping, optional
        Measurement decisions that differ from the study's for this run, such as
        ``{"unit": "paragraph"}``.

    Raises
    ------
    CodingError
        If the study names an unknown code, case, codebook or finding, or leaves no documents.
    """
    plan, codebook = read_checked(project, study)
    if changed:
        decisions = Measurement(**{**plan.measurement.model_dump(), **changed})
        plan = plan.model_copy(update={"measurement": Decisions(**asdict(decisions))})
    corpus, left_out = select(project.corpus, plan.corpus)
    if not len(corpus):
        raise CodingError(f"study {plan.id}: no document is left. Widen the selection under `corpus`.")
    coded = tag(corpus, [RuleTagger(codebook, overlap=plan.overlap, cases=project.corpus.known_cases)])
    matrix = tabulate(coded, corpus, codebook, **plan.measurement.model_dump())
    family = next((c.test.family for c in plan.findings if c.test.family), "orientation")
    compositions = {
        code.id: matrix.compose(family, within=code.id)
        for code in codebook.children(None)
        if family in codebook.families and codebook.family(code.id) != family
    }
    findings: list[Finding] = []
    for claim in plan.findings:
        findings.append(_carry_out(claim, plan, matrix, compositions, tuple(findings), corpus))
    return Run(
        study=plan,
        corpus=corpus,
        codebook=codebook,
        coded=coded,
        matrix=matrix,
        compositions=compositions,
        findings=tuple(findings),
        left_out=left_out,
        provenance=_provenance(project.study_path(plan.id), codebook, corpus),
    )


def read_checked(project: Project, study: str | None = None) -> tuple[Study, Codebook]:
    """Return a study of the project and its codebook, every name in it known.

    Raises
    ------
    CodingError
        Listing unknown codes, cases, families and findings with file, line and column.
    """
    path = project.study_path(study)
    plan, tree = read_study(path, name=f"studies/{path.name}")
    if plan.id != path.stem:
        raise CodingError(f"{tree.where('id')}: the id is '{plan.id}', the file '{path.name}'.")
    if plan.codebook not in project.codebooks:
        known = nearest(plan.codebook, project.codebooks)
        raise CodingError(f"{tree.where('codebook')}: no codebook '{plan.codebook}'.{known}")
    codebook = project.codebook(plan.codebook)
    _refuse_unknown(plan, tree, codebook, project.corpus)
    return plan, codebook


def select(corpus: Corpus, selection: Selection) -> tuple[Corpus, dict[str, int]]:
    """Return the documents a study is about, and how many were left out for each reason."""
    years = selection.years
    first, last = years.first or 0, years.last or 9999
    kept, left_out = [], dict.fromkeys(("other case", "fidelity", "source kind", "year"), 0)
    for document in corpus:
        variables = document.variables
        about = variables.get("about") or (variables["donor"],)
        named = set(about if isinstance(about, tuple) else (about,))
        if not named & set(selection.cases):
            left_out["other case"] += 1
        elif variables["fidelity"] not in selection.fidelity:
            left_out["fidelity"] += 1
        elif variables["source_kind"] not in selection.source_kind:
            left_out["source kind"] += 1
        elif not first <= int(str(variables["year"])) <= last:
            left_out["year"] += 1
        else:
            kept.append(document)
    cases = {c: case for c, case in corpus.known_cases.items() if c in selection.cases}
    return Corpus(tuple(kept), cases), {reason: n for reason, n in left_out.items() if n}


def _refuse_unknown(plan: Study, tree: yaml.Tree, codebook: Codebook, corpus: Corpus) -> None:
    problems = []
    cases = list(corpus.known_cases)
    codes = [code.id for code in codebook.codes]
    known: dict[str, list[str]] = {
        "first": cases, "second": cases, "case": cases, "on": codes, "versus": codes, "within": codes,
        "along": codes, "family": list(codebook.families), "findings": [c.id for c in plan.findings],
    }  # fmt: skip
    for i, case in enumerate(plan.corpus.cases):
        if case not in cases:
            where = tree.where("corpus", "cases", i)
            problems.append(f"{where}: no case '{case}'.{nearest(case, cases)}")
    for i, claim in enumerate(plan.findings):
        for key, value in claim.test.model_dump(exclude_none=True).items():
            names = value if isinstance(value, list) else [value]
            problems += [
                f"{where}: no {_kind(key)} '{name}'.{nearest(name, known[key])}"
                for where in [tree.where("findings", i, "test", key)]
                for name in names
                if key in known and name not in known[key]
            ]
    refuse(problems)


def _kind(key: str) -> str:
    return {"first": "case", "second": "case", "case": "case", "family": "family", "findings": "finding"}.get(
        key, "code"
    )


def _carry_out(
    claim: Claim,
    plan: Study,
    matrix: Matrix,
    compositions: Mapping[str, Mapping[str, Composition]],
    earlier: tuple[Finding, ...],
    corpus: Corpus,
) -> Finding:
    fidelity = tuple(sorted({str(d.variables["fidelity"]) for d in corpus}))
    test: Any = claim.test
    match claim.kind:
        case "contrast":
            found = contrast(
                matrix,
                test.first,
                test.second,
                on=test.on,
                within=test.within,
                base=test.base,
                seed=plan.seed,
            )
            verdict, reason = judge(found, least_clusters=plan.least_clusters)
            return Finding(claim, verdict, reason, (found,), fidelity=fidelity)
        case "within":
            found = contrast_within(
                matrix,
                test.case,
                on=test.on,
                versus=test.versus,
                within=test.within,
                base=test.base,
                seed=plan.seed,
            )
            verdict, reason = judge(found, least_clusters=plan.least_clusters)
            return Finding(claim, verdict, reason, (found,), fidelity=fidelity)
        case "levels":
            shown = {code: compositions[code] for code in test.along if code in compositions}
            return Finding(claim, None, "described by its composition", compositions=shown, fidelity=fidelity)
        case "chain":
            first, second = plan.corpus.cases[:2]
            links = tuple(
                contrast(matrix, first, second, on=test.on, within=code, base=test.base, seed=plan.seed)
                for code in test.along
            )
            return Finding(claim, None, _chain(links), links, fidelity=fidelity)
        case "derived":
            return Finding(claim, None, _derived(test.findings, earlier), fidelity=fidelity)


def _chain(links: tuple[Contrast, ...]) -> str:
    shares = [link for link in links if link.first.share is not None and link.second.share is not None]
    higher = sum(1 for link in shares if (link.difference or 0) > 0)
    return (
        f"the first case has the higher share in {higher} of {len(shares)} links with a base on both sides; "
        "that the links cause one another is the paper's argument and is not tested here"
    )


def _derived(names: list[str], earlier: tuple[Finding, ...]) -> str:
    verdicts = {f.claim.id: f.verdict for f in earlier}
    missing = [name for name in names if name not in verdicts]
    if missing:
        raise CodingError(f"a derived finding rests on '{missing[0]}', which must stand before it.")
    counts = {v: sum(verdicts[n] == v for n in names) for v in ("supported", "contradicted", "undetermined")}
    said = ", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n)
    return f"it rests on {len(names)} findings: {said}"


def _provenance(path: Path, codebook: Codebook, corpus: Corpus) -> dict[str, str]:
    """Return what identifies a run. No time and no folder: the same inputs leave the same files."""
    texts = "\n".join(f"{d.id} {d.digest} {sorted(d.variables.items())!r}" for d in corpus)
    packages = ("normatrix", "spacy", "nupunkt", "numpy", "scipy", "pandas", "matplotlib")
    return {
        "study": digest_of(path.read_text(encoding="utf-8")),
        "codebook": f"{codebook.id} {codebook.version}",
        "codebook digest": codebook.digest,
        "corpus digest": digest_of(texts),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }
