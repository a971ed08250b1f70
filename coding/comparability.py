"""Whether a donor can stand beside others in a matrix: what its texts are, what the codebook makes of them.

Nothing here is a test that a donor passes. A *flag* says that its texts differ from the others' in something
by which numbers can differ although the donors do not; whoever compares them looks, and decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from coding.attribution import NAMED_BY_MENTION, mentions
from coding.errors import CodingError, nearest, refuse
from coding.estimating import Proportion, proportion
from coding.model import Corpus, Document
from coding.sample_quality import ALL_CASES
from coding.selection import select, why_none_is_left
from coding.study import read_checked
from coding.taggers import tag
from coding.taggers.rules import RuleTagger
from coding.taggers.rules.known import known_words
from coding.taggers.rules.languages import can_read
from coding.units import PRESENT, counting, on_units

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.project import Project
    from coding.sample_quality import SampleQuality
    from coding.study import Study

MOST_APART = 0.5  # of the documents, that would have to be of another type
LEAST_SHARED = 0.5  # of the documents, that lie in years of which the others have some
TIMES_AS_LONG = 2.0
LEAST_FOR_INTERVAL = 2  # clusters: of one nobody sees how far a share would vary
LEAST_NAMED = 0.75  # of the documents, that name the donor
SEED = 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a study would read of one donor, or of several together.

    Attributes
    ----------
    n_documents, n_clusters : documents, and independent projects or events among them
    left_out : how many documents the study leaves out, by reason
    types, source_kinds, fidelity, languages, years : documents by the value of the variable, commonest first
    words : of each document, in order of size
    n_named : documents that name the donor, by an alias or an agency of its case file
    n_searched : documents in the language of the codebook
    known : share of the content words that stand in a phrase of the codebook's rules
    coded : share of the units in which rules find a code of the category, by category; "" for any
    """

    name: str
    n_documents: int
    n_clusters: int
    left_out: Mapping[str, int]
    types: Mapping[str, int]
    source_kinds: Mapping[str, int]
    fidelity: Mapping[str, int]
    languages: Mapping[str, int]
    years: Mapping[int, int]
    words: tuple[int, ...]
    n_named: int
    n_searched: int
    known: Proportion | None
    coded: Mapping[str, Proportion | None]


@dataclass(frozen=True, slots=True)
class OnSample:
    """How well a coder finds a code in the donor's texts, as a blind sample has it; and in all together."""

    sample: str
    coder: str
    code: str
    n_judged: int
    precision: float | None
    recall: float | None
    precision_of_all: float | None
    recall_of_all: float | None


@dataclass(frozen=True, slots=True)
class Flag:
    """Something by which numbers can differ although donors do not, and what to do about it."""

    about: str
    said: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.about}: {self.said} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Comparability:
    """One donor beside the others of a study.

    Attributes
    ----------
    donor : its id
    own, others : what would be read of it, and of all others together
    each : of each of the others, by its id
    measured : what blind samples say of coders in its texts
    """

    donor: str
    study: str
    unit: str
    own: Coverage
    others: Coverage
    each: Mapping[str, Coverage]
    measured: tuple[OnSample, ...]
    flags: tuple[Flag, ...] = field(default=())


def comparability(
    project: Project,
    donor: str,
    *,
    study: str | None = None,
    against: Sequence[str] = (),
    samples: Sequence[SampleQuality] = (),
) -> Comparability:
    """Return what a donor's texts are beside those of others, and what speaks against comparing them.

    Parameters
    ----------
    study : whose selection, unit and codebook are taken; the project's own if left out. The donor need not be
        one of its cases.
    against : ids of donors; those of the study if left out
    samples : what blind samples say of coders; those with a document of the donor are shown

    Raises
    ------
    CodingError
        If a donor is unknown or compared with itself, or the study would read nothing of one.
    """
    plan, codebook = read_checked(project, study)
    corpus = project.corpus
    others = tuple(against or [case for case in plan.corpus.cases if case != donor])
    refuse(list(_wrong(donor, others, corpus)))
    widened = plan.corpus.model_copy(update={"cases": [donor, *others]})
    name = f"studies/{project.study_path(study).name}"
    refuse(
        [
            f"{name}: {_nothing_to_read(case, said, corpus)}"
            for case in (donor, *others)
            if (said := why_none_is_left(corpus, widened, case, by=NAMED_BY_MENTION))
        ]
    )
    look = _Look(plan, codebook, corpus, select(corpus, widened)[0])
    own, rest = look.coverage([donor]), look.coverage(others)
    measured = tuple(one for each in samples for one in _measured(each, donor))
    flags = (
        *_few(own, plan),
        *_kinds(own, rest),
        *_years(own, rest),
        *_words(own, rest),
        *_names(own),
        *_searched(own, codebook),
        *_found(own, rest, plan),
        *_quality(donor, samples, others),
    )
    each = {case: look.coverage([case]) for case in others}
    return Comparability(donor, plan.id, plan.measurement.unit, own, rest, each, measured, flags)


def interval_of(share: Proportion) -> tuple[float, float] | None:
    """Return the interval of a share; None if all it rests on is one project or event."""
    return None if share.n_clusters < LEAST_FOR_INTERVAL else share.interval


def _nothing_to_read(case: str, said: str, corpus: Corpus) -> str:
    """Say why a study would read nothing of a donor; of one with documents, what else there is to do."""
    if not any(case in _about(document) for document in corpus):
        return f"no document is about '{case}'. `coding add FILE --donor {case} --year YEAR` adds one."
    return f"{said} That changes what is compared: better name a study of its own (--study)."


def _wrong(donor: str, others: Sequence[str], corpus: Corpus) -> Iterator[str]:
    for case in (donor, *others):
        if case not in corpus.known_cases:
            yield f"no donor '{case}' in corpus/.{nearest(case, corpus.known_cases)}"
    if donor in others:
        yield f"'{donor}' is compared with itself. Name others."
    if not others:
        yield "there is no other donor to compare with. Name some, or add them to the study."


class _Look:
    """What rules make of all texts that are compared, found out once, by document."""

    def __init__(self, plan: Study, codebook: Codebook, corpus: Corpus, documents: Corpus) -> None:
        self._plan, self._corpus = plan, corpus
        searched = tuple(d for d in documents if can_read(codebook, d))
        self._known = known_words(codebook, searched)
        self._codes = tuple(code.id for code in codebook.children(None) if not code.retired)
        self._n_units: Counter[str] = Counter()
        self._bearing: dict[str, Counter[str]] = {code: Counter() for code in ("", *self._codes)}
        self._code(Corpus(searched, corpus.known_cases), codebook)

    def coverage(self, cases: Sequence[str]) -> Coverage:
        """Return what a study of these cases would read."""
        selection = self._plan.corpus.model_copy(update={"cases": list(cases)})
        own = Corpus(tuple(d for d in self._corpus if set(cases) & set(_about(d))), self._corpus.known_cases)
        chosen, left_out = select(own, selection)
        documents = chosen.documents
        searched = [d for d in documents if d.id in self._known]
        names = {case: self._corpus.known_cases[case] for case in cases}
        return Coverage(
            name=_listed([self._corpus.name(case) for case in cases]),
            n_documents=len(documents),
            n_clusters=len({d.cluster for d in documents}),
            left_out=left_out,
            types=_counted(documents, "type"),
            source_kinds=_counted(documents, "source_kind"),
            fidelity=_counted(documents, "fidelity"),
            languages=_counted(documents, "language"),
            years=dict(sorted(Counter(int(str(d.variables["year"])) for d in documents).items())),
            words=tuple(sorted(len(d.text.split()) for d in documents)),
            n_named=sum(bool(mentions(d.text, names)) for d in documents),
            n_searched=len(searched),
            known=_of_documents([(d, *self._known[d.id]) for d in searched]),
            coded={
                code: _of_documents([(d, bearing[d.id], self._n_units[d.id]) for d in searched])
                for code, bearing in self._bearing.items()
            },
        )

    def _code(self, corpus: Corpus, codebook: Codebook) -> None:
        """Count for each document its units, and those in which the rules find each category, or any."""
        plan = self._plan.measurement
        tagger = RuleTagger(codebook, overlap=self._plan.overlap, cases=corpus.known_cases)
        targets = counting(codebook, [code.id for code in codebook.codes if not code.retired], rollup=True)
        found = on_units(
            tag(corpus, [tagger]), corpus, unit=plan.unit, counts=plan.counts, counts_for=targets
        )
        bears = found.values[:, [found.codes.index(code) for code in self._codes]] == PRESENT
        for unit, row in zip(found.units, bears, strict=True):
            self._n_units[unit.document] += 1
            self._bearing[""][unit.document] += bool(row.any())
            for code, yes in zip(self._codes, row, strict=True):
                self._bearing[code][unit.document] += bool(yes)


def _about(document: Document) -> tuple[str, ...]:
    about = document.variables.get("about")
    return about if isinstance(about, tuple) and about else (str(document.variables["donor"]),)


def _counted(documents: Sequence[Document], variable: str) -> dict[str, int]:
    counts = Counter(str(d.variables.get(variable) or "not said") for d in documents)
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _of_documents(counts: Sequence[tuple[Document, int, int]]) -> Proportion | None:
    """Return a share over documents, each counting by its size; its sureness is that of their clusters.

    Parameters
    ----------
    counts : for each document how many are so, and of how many
    """
    sized = [(document, yes, n) for document, yes, n in counts if n]
    clusters = {name: i for i, name in enumerate(dict.fromkeys(d.cluster for d, _, _ in sized))}
    each = np.array([[yes, n - yes] for _, yes, n in sized], dtype=np.int64).reshape(-1, 2)
    values = np.repeat(np.tile([1.0, 0.0], len(sized)), each.ravel())
    places = np.array([clusters[d.cluster] for d, _, _ in sized], dtype=np.int64)
    return proportion(values, np.ones(len(values)), np.repeat(places, each.sum(axis=1)))


def _few(own: Coverage, plan: Study) -> Iterator[Flag]:
    if own.n_clusters < plan.least_clusters:
        yield Flag(
            "size",
            f"{own.n_clusters} independent projects or events; the study asks for {plan.least_clusters}.",
            "No finding about this donor can be more than undetermined. Add documents.",
        )


def _kinds(own: Coverage, others: Coverage) -> Iterator[Flag]:
    for what, mine, theirs in (
        ("fidelity", own.fidelity, others.fidelity),
        ("source kind", own.source_kinds, others.source_kinds),
        ("type", own.types, others.types),
        ("language", own.languages, others.languages),
    ):
        apart = _apart(mine, theirs)
        if apart > MOST_APART:
            yield Flag(
                what,
                f"{_said(mine)}; the others: {_said(theirs)} ({apart:.0%} of the documents would have to be "
                "of another kind).",
                "A difference may be one of genre. Compare like with like, or say so.",
            )


def _apart(mine: Mapping[str, int], theirs: Mapping[str, int]) -> float:
    """Return how far two distributions are apart: total variation distance, 0 to 1."""
    n, m = sum(mine.values()), sum(theirs.values())
    return sum(abs(mine.get(key, 0) / n - theirs.get(key, 0) / m) for key in {*mine, *theirs}) / 2


def _years(own: Coverage, others: Coverage) -> Iterator[Flag]:
    first, last = min(others.years), max(others.years)
    inside = sum(n for year, n in own.years.items() if first <= year <= last) / own.n_documents
    apart = abs(_middle(own.years) - _middle(others.years))
    spread = last - first
    if inside < LEAST_SHARED or apart > max(spread, 1) / 2:
        yield Flag(
            "years",
            f"{min(own.years)} to {max(own.years)}, middle {_middle(own.years):g}; the others: {first} to "
            f"{last}, middle {_middle(others.years):g}.",
            "A difference may be one of time. Narrow `years`, or compare by year.",
        )


def _middle(years: Mapping[int, int]) -> float:
    return float(median([year for year, n in years.items() for _ in range(n)]))


def _words(own: Coverage, others: Coverage) -> Iterator[Flag]:
    mine, theirs = median(own.words), median(others.words)
    if not 1 / TIMES_AS_LONG <= mine / theirs <= TIMES_AS_LONG:
        yield Flag(
            "length",
            f"its documents have {mine:.0f} words in the middle, the others' {theirs:.0f}.",
            "Longer texts name more codes. Use shares, not numbers of documents or segments.",
        )


def _names(own: Coverage) -> Iterator[Flag]:
    if own.n_named / own.n_documents < LEAST_NAMED:
        yield Flag(
            "names",
            f"{own.n_documents - own.n_named} of {own.n_documents} documents name the donor nowhere.",
            "Rules that ask who acts see it by its `aliases` and `agencies`: complete them in its case.yaml.",
        )


def _searched(own: Coverage, codebook: Codebook) -> Iterator[Flag]:
    left = own.n_documents - own.n_searched
    if left:
        yield Flag(
            "not searched",
            f"{left} of {own.n_documents} documents are not in {codebook.language}: no rule of {codebook.id} "
            "reads them.",
            "They count as not examined. Add translations, or a codebook in their language.",
        )


def _found(own: Coverage, others: Coverage, plan: Study) -> Iterator[Flag]:
    if own.known and others.known and _lower(own.known, others.known):
        yield Flag(
            "vocabulary",
            f"the rules know {own.known.value:.0%} of its content words, {others.known.value:.0%} of the "
            "others'.",
            "What it says in other words is not found: read some of its texts, and judge a sample.",
        )
    mine, theirs = own.coded[""], others.coded[""]
    if mine and theirs and _lower(mine, theirs):
        unit = plan.measurement.unit
        yield Flag(
            "coded",
            f"rules code {mine.value:.0%} of its {unit}s, {theirs.value:.0%} of the others'.",
            "It may say less, or say it in other words: a blind sample tells.",
        )


def _lower(mine: Proportion, theirs: Proportion) -> bool:
    """Say whether a share is lower than another beyond what the choice of documents makes of it."""
    drawn = mine.drawn(np.random.default_rng((SEED, 0))) - theirs.drawn(np.random.default_rng((SEED, 1)))
    return bool(np.quantile(drawn, 0.975) < 0)


def _quality(donor: str, samples: Sequence[SampleQuality], others: Sequence[str]) -> Iterator[Flag]:
    mine = [each for each in samples if donor in each.cases]
    if not mine:
        yield Flag(
            "quality",
            "no blind sample holds judgements of its texts: how well the coding fits them is not known.",
            f"`coding sample NAME --reader YOU --where donor={donor}`, judge it, and check again.",
        )
    for each in mine:
        for one in each.warnings:
            if donor in one.cases and not one.rule and set(one.cases) & set(others):
                first, second = one.cases
                yield Flag(
                    "quality",
                    f"{one.what} of {each.judged.sample.coder} for {one.code} is {one.value:+.2f} "
                    f"({one.low:+.2f} to {one.high:+.2f}) in {first} against {second} (sample "
                    f"{each.judged.sample.name}).",
                    "The coder errs differently: compare corrected shares (`coding quality --sample`).",
                )


def _measured(found: SampleQuality, donor: str) -> Iterator[OnSample]:
    if donor not in found.cases:
        return
    for code in found.judged.codes:
        own, whole = found.rates[code, "", donor], found.rates[code, "", ALL_CASES]
        yield OnSample(
            sample=found.judged.sample.name,
            coder=found.judged.sample.coder,
            code=code,
            n_judged=own.n_judged,
            precision=own.precision.value,
            recall=own.recall.value,
            precision_of_all=whole.precision.value,
            recall_of_all=whole.recall.value,
        )


def _listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them."""
    return " and ".join([*([", ".join(names[:-1])] if names[1:] else []), names[-1]])


def _said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in counts.items())


def known_donors(project: Project, study: str | None) -> tuple[str, ...]:
    """Return the donors that have a document which a study would read, those of the study first.

    Raises
    ------
    CodingError
        If there is none.
    """
    plan, _ = read_checked(project, study)
    every = [*plan.corpus.cases, *(c for c in project.corpus.known_cases if c not in plan.corpus.cases)]
    widened = plan.corpus.model_copy(update={"cases": every})
    kept = [c for c in every if not why_none_is_left(project.corpus, widened, c, by=NAMED_BY_MENTION)]
    if not kept:
        raise CodingError(f"studies/{plan.id}.yaml reads no document. `coding add` brings them in.")
    return tuple(kept)
