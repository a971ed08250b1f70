"""A study is a file: corpus, codebook, every measurement decision, and the claims to be tested.

`read_study` reads it, `run` carries it out: what the texts say is coded, tabulated, contrasted, and
each claim gets its verdict, always with the fidelity of the texts on which it rests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field

from coding.attribution import NAMED_BY_MENTION
from coding.claims import Claim, problems
from coding.coders import RULES, Counted, Reviewed, count, known_coders
from coding.errors import CodingError, choose, nearest, refuse
from coding.findings import Contrast, Summed, Verdict, contrast, contrast_within, judge
from coding.formats import yaml
from coding.formats.measured import Measured
from coding.grid import Grid
from coding.grid import problems as problems_of_grid
from coding.matrix import Composition, Matrix, Measure, Measurement, Weight, tabulate
from coding.model import Coded, Corpus
from coding.originals import Texts, on_originals
from coding.provenance import provenance
from coding.review import Unreviewed
from coding.selection import Selection, select, why_none_is_left
from coding.steps import Steps
from coding.steps import problems as wrong_steps
from coding.taggers import tag
from coding.taggers.rules import Overlap, RuleTagger
from coding.units import Counts, Unit

if TYPE_CHECKING:
    from pathlib import Path

    from coding.codebook import Codebook
    from coding.project import Project

_STRICT = ConfigDict(extra="forbid", strict=True)


class Decisions(BaseModel):
    """The measurement decisions. See `coding.matrix.Measurement`."""

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
    coders: Annotated[list[str], Field(min_length=1)]
    unreviewed: Unreviewed | None = None
    overlap: Overlap
    measurement: Decisions
    least_clusters: Annotated[int, Field(ge=2)]
    seed: Annotated[int, Field(ge=0)]
    pathway: Steps | None = None
    robustness: Grid | None = None
    why: dict[str, str] = {}
    findings: list[Claim]

    @property
    def asks_the_store(self) -> bool:
        """Whether people's work counts: a coder besides the rules is named, or review is applied."""
        return self.unreviewed is not None or set(self.coders) != {RULES}


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
        return f"{self.verdict or 'described'}, in {in_words(self.fidelity)}"


@dataclass(frozen=True, slots=True)
class Run:
    """A study carried out.

    Attributes
    ----------
    left_out : how many documents the selection leaves out, by reason
    measured : how well the rules find what readers find, if they code and it was measured
    reviewed : what review made of the coding; None if no decision was applied
    n_unread : coded segments that count nowhere, since their coder has filed no reading there
    n_stale : coded segments that count nowhere, since the text of their document has changed
    missing : ids of the documents that were left out for want of an original, if originals were asked for
    """

    study: Study
    corpus: Corpus
    codebook: Codebook
    coded: Coded = field(repr=False)
    matrix: Matrix
    compositions: Mapping[str, Mapping[str, Composition]] = field(repr=False)
    findings: tuple[Finding, ...]
    left_out: Mapping[str, int]
    provenance: Mapping[str, str]
    measured: Measured | None = None
    reviewed: Reviewed | None = None
    n_unread: int = 0
    n_stale: int = 0
    missing: tuple[str, ...] = ()

    @property
    def texts(self) -> str:
        """What the texts are, in words: digests, originals and translations."""
        return in_words(fidelity(self.corpus))

    def __repr__(self) -> str:
        counted = Counter(finding.verdict or "described" for finding in self.findings)
        verdicts = ", ".join(f"{n} {verdict}" for verdict, n in counted.items()) or "no findings"
        size = f"{len(self.corpus)} documents, {len(self.coded.segments)} coded segments"
        return f"<Run of {self.study.id}: {size}, {verdicts}>"


def read_study(path: Path, *, name: str | None = None) -> tuple[Study, yaml.Tree]:
    """Return the study of a file, and where everything stands in it.

    Raises
    ------
    CodingError
        Listing every problem with file, line and column.
    """
    return yaml.read(path, Study, name=name)


def run(
    project: Project,
    study: str | None = None,
    *,
    changed: Mapping[str, str] | None = None,
    texts: Texts = "corpus",
) -> Run:
    """Carry a study out.

    Parameters
    ----------
    study : str, optional
        Its id; the project's own study if left out.
    changed : mapping, optional
        Measurement decisions that differ from the study's for this run, such as
        ``{"unit": "paragraph"}``.
    texts : {"corpus", "originals"}
        Whether digests are read, or the originals that were fetched in their place; of these only what rules
        and models code afresh counts (`coding.originals`).

    Raises
    ------
    CodingError
        If the study names an unknown code, case, codebook or finding, or leaves a case no document; if a
        case has no original, or nobody but people codes.
    """
    choose(texts, get_args(Texts), "texts")
    plan, codebook = read_checked(project, study)
    if not plan.corpus.cases:
        raise CodingError(f"studies/{plan.id}.yaml: there are no texts yet. `coding add` brings them in.")
    if changed:
        known = plan.measurement.model_dump()
        refuse([f"'{name}' is no decision.{nearest(name, known)}" for name in changed if name not in known])
        decisions = Measurement(**{**known, **changed})
        plan = plan.model_copy(update={"measurement": Decisions(**asdict(decisions))})
    corpus, left_out = select(project.corpus, plan.corpus)
    missing: tuple[str, ...] = ()
    if texts == "originals":
        instead = on_originals(project, corpus, plan.corpus, plan.coders)
        corpus, missing, stored = instead.corpus, instead.missing, instead.modelled(project)
        left_out = {**left_out, **instead.left_out}
        plan = plan.model_copy(update=instead.decisions(plan.notes, plan.why))
    else:
        stored = project.coded if plan.asks_the_store else Coded()
    counted = _counted(project, plan, codebook, corpus, stored)
    coded = counted.coded
    cases = plan.corpus.cases if plan.measurement.by == NAMED_BY_MENTION else None
    matrix = tabulate(coded, corpus, codebook, **plan.measurement.model_dump(), cases=cases)
    return Run(
        study=plan,
        corpus=corpus,
        codebook=codebook,
        coded=coded,
        matrix=matrix,
        compositions=compositions_of(plan, codebook, matrix),
        findings=findings_of(plan, matrix, corpus),
        left_out=left_out,
        provenance={
            **provenance(
                project.study_path(plan.id),
                codebook,
                corpus,
                coders=plan.coders,
                coded=counted.digest if plan.asks_the_store else None,
            ),
            **({"texts": texts} if texts != "corpus" else {}),
        },
        measured=project.measured(codebook) if RULES in plan.coders else None,
        reviewed=counted.reviewed,
        n_unread=counted.n_unread,
        n_stale=counted.n_stale,
        missing=missing,
    )


def _counted(project: Project, plan: Study, codebook: Codebook, corpus: Corpus, stored: Coded) -> Counted:
    """Return the coding that counts in a study: rules code afresh, `stored` has the others' coding."""
    tagger = RuleTagger(codebook, overlap=plan.overlap, cases=project.corpus.known_cases)
    return count(
        plan.coders,
        corpus,
        stored=stored,
        rules=tag(corpus, [tagger]) if RULES in plan.coders else Coded(),
        decisions=project.decisions if plan.asks_the_store else (),
        unreviewed=plan.unreviewed,
    )


def compositions_of(
    plan: Study, codebook: Codebook, matrix: Matrix | Summed
) -> dict[str, dict[str, Composition]]:
    """Return for each category and case how its units divide over the family that the claims are about."""
    family = next((c.test.family for c in plan.findings if c.test.family), "orientation")
    return {
        code.id: matrix.compose(family, within=code.id)
        for code in codebook.children(None)
        if family in codebook.families and codebook.family(code.id) != family
    }


def findings_of(plan: Study, matrix: Matrix | Summed, corpus: Corpus) -> tuple[Finding, ...]:
    """Return what comes of each claim of a study in a matrix, in their order."""
    findings: list[Finding] = []
    for claim in plan.findings:
        findings.append(carry_out(claim, plan, matrix, tuple(findings), corpus))
    return tuple(findings)


def read_checked(project: Project, study: str | None = None) -> tuple[Study, Codebook]:
    """Return a study of the project and its codebook, every name in it known.

    Raises
    ------
    CodingError
        Listing unknown codes, cases, families, findings and variables, and cases without a document
        that is selected, with file, line and column.
    """
    plan, tree, codebook = read_with_places(project, study)
    coders = known_coders(project.coded) if plan.asks_the_store else (RULES,)
    refuse([*_unknown_coders(plan, tree, coders), *_problems(plan, tree, codebook, project.corpus)])
    return plan, codebook


def refuse_names(
    plan: Study, tree: yaml.Tree, codebook: Codebook, corpus: Corpus, alike: Mapping[str, int]
) -> None:
    """Raise if a study names what its codebook or the documents of a large corpus do not know.

    Parameters
    ----------
    corpus, alike : a document of each kind, and how many are like it (`coding.selection.select`)
    """
    refuse(list(_problems(plan, tree, codebook, corpus, alike)))


def read_with_places(project: Project, study: str | None = None) -> tuple[Study, yaml.Tree, Codebook]:
    """Return a study of the project, where everything stands in it, and its codebook.

    Raises
    ------
    CodingError
        If the file is no study, or there is no such codebook. What it names in them is not looked at.
    """
    path = project.study_path(study)
    plan, tree = read_study(path, name=f"studies/{path.name}")
    if plan.id != path.stem:
        raise CodingError(f"{tree.where('id')}: the id is '{plan.id}', the file '{path.name}'.")
    if plan.codebook not in project.codebooks:
        known = nearest(plan.codebook, project.codebooks)
        raise CodingError(f"{tree.where('codebook')}: no codebook '{plan.codebook}'.{known}")
    return plan, tree, project.codebook(plan.codebook)


def _unknown_coders(plan: Study, tree: yaml.Tree, known: Sequence[str]) -> Iterator[str]:
    for i, coder in enumerate(plan.coders):
        where = tree.where("coders", i)
        if coder not in known:
            yield f"{where}: no coder '{coder}' has coded or read here.{nearest(coder, known)}"
        elif coder in plan.coders[:i]:
            yield f"{where}: '{coder}' stands twice."


def _problems(
    plan: Study,
    tree: yaml.Tree,
    codebook: Codebook,
    corpus: Corpus,
    alike: Mapping[str, int] | None = None,
) -> Iterator[str]:
    """Yield what is wrong with the names in a study, and cases that its selection leaves without texts."""
    if not plan.corpus.cases and corpus.known_cases:  # without a text there is nothing to name yet
        where = tree.where("corpus", "cases")
        yield f"{where}: no donor is named. Name those to compare, of: {', '.join(corpus.known_cases)}."
    for i, case in enumerate(plan.corpus.cases):
        where = tree.where("corpus", "cases", i)
        if case not in corpus.known_cases:
            yield f"{where}: no case '{case}'.{nearest(case, corpus.known_cases)}"
        elif case in plan.corpus.cases[:i]:
            yield f"{where}: '{case}' stands twice."
        elif said := why_none_is_left(corpus, plan.corpus, case, by=NAMED_BY_MENTION, alike=alike):
            yield f"{where}: {said}"
    try:
        cases, absent = _cases(plan, corpus)
    except CodingError as error:
        yield f"{tree.where('measurement', 'by')}: {error}"
        cases, absent = None, {}
    yield from problems(plan.findings, tree, codebook=codebook, cases=cases, absent=absent)
    if alike is None:  # universes are of the project's own texts
        yield from problems_of_grid(plan, tree, codebook, corpus)
    if plan.pathway:
        yield from wrong_steps(plan.pathway, tree, codebook, unit=plan.measurement.unit)


def _cases(plan: Study, corpus: Corpus) -> tuple[list[str] | None, dict[str, str]]:
    """Return the cases of a study, and of every other case of the corpus why it is none of them."""
    by, cases = plan.measurement.by, plan.corpus.cases
    if by == NAMED_BY_MENTION:
        others = [case for case in corpus.known_cases if case not in cases]
        return cases, {case: f"'{case}' is no case of the study. Add it under `corpus`." for case in others}
    cases = list(select(corpus, plan.corpus)[0].cases(by))
    others = sorted({str(document.variables.get(by)) for document in corpus} - set(cases))
    return cases, {case: why_none_is_left(corpus, plan.corpus, case, by=by) or "" for case in others}


def carry_out(
    claim: Claim,
    plan: Study,
    matrix: Matrix | Summed,
    earlier: tuple[Finding, ...],
    corpus: Corpus,
) -> Finding:
    """Return what comes of a claim in a matrix; `earlier` are the findings on which it may rest."""
    texts = fidelity(corpus)
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
            return Finding(claim, verdict, reason, (found,), fidelity=texts)
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
            return Finding(claim, verdict, reason, (found,), fidelity=texts)
        case "levels":
            shown = {code: matrix.compose(test.family, within=code) for code in test.along}
            return Finding(claim, None, "described by its composition", compositions=shown, fidelity=texts)
        case "chain":
            first, second = matrix.cases[:2]
            links = tuple(
                contrast(matrix, first, second, on=test.on, within=code, base=test.base, seed=plan.seed)
                for code in test.along
            )
            return Finding(claim, None, _chain(links, matrix.names[first]), links, fidelity=texts)
        case "derived":
            return Finding(claim, None, _derived(test.findings, earlier), fidelity=texts)


def _chain(links: tuple[Contrast, ...], first: str) -> str:
    shares = [link for link in links if link.first.share is not None and link.second.share is not None]
    higher = sum(1 for link in shares if (link.difference or 0) > 0)
    return (
        f"{first} has the higher share in {higher} of {len(shares)} categories with a base on both sides, "
        "however small these are; that one category shapes the next is not tested here"
    )


def fidelity(corpus: Corpus) -> tuple[str, ...]:
    """Return what the texts of a corpus are: digest, original, translation."""
    return tuple(sorted({str(document.variables["fidelity"]) for document in corpus}))


def in_words(kinds: Sequence[str]) -> str:
    """Return kinds of texts in words.

    Examples
    --------
    >>> in_words(["digest", "original"])
    'digests and originals'
    """
    return " and ".join(f"{kind}s" for kind in kinds)


def _derived(names: list[str], earlier: tuple[Finding, ...]) -> str:
    verdicts = {f.claim.id: f.verdict for f in earlier}
    counts = {v: sum(verdicts[n] == v for n in names) for v in ("supported", "contradicted", "undetermined")}
    said = ", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n)
    plural = "s" if len(names) > 1 else ""
    return f"it rests on {len(names)} finding{plural}: {said or 'none of them tested'}"
