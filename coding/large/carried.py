"""A study carried out on the counts of a large corpus: the same verdicts, without the texts at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coding.attribution import NAMED_BY_MENTION
from coding.errors import CodingError, nearest, refuse
from coding.large.columns import lack, named
from coding.large.counted import CountedMatrix, tabulate_counts
from coding.large.counts import ids_of, lacking, needed, read_counts
from coding.large.driver import names_digest
from coding.large.tagged import Hit, Tagged
from coding.matrix import Measurement
from coding.model import Corpus
from coding.provenance import versions
from coding.selection import OTHER_CASE, cases_of, select, why_left_out
from coding.study import (
    Decisions,
    compositions_of,
    fidelity,
    findings_of,
    in_words,
    read_with_places,
    refuse_names,
)

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.formats.measured import Measured
    from coding.large.counts import Counts
    from coding.matrix import Composition
    from coding.project import Project
    from coding.study import Finding, Study


_SHOWN = 8  # donors that are named


@dataclass(frozen=True, slots=True)
class CountedRun:
    """A study carried out on counts. See `coding.study.Run`.

    Attributes
    ----------
    kinds : a document without text for each kind of document that was counted
    n_documents : documents that were counted, by the value of the variable that makes a case
    left_out : how many documents the selection leaves out, by reason; some lack what it asks for
    others : how many documents are of each donor that is no case of the study
    measured : how well the rules find what readers find, if they coded and it was measured
    """

    study: Study
    tagged: Tagged
    kinds: Corpus = field(repr=False)
    codebook: Codebook = field(repr=False)
    matrix: CountedMatrix
    compositions: Mapping[str, Mapping[str, Composition]] = field(repr=False)
    findings: tuple[Finding, ...]
    n_documents: Mapping[str, int]
    left_out: Mapping[str, int]
    others: Mapping[str, int]
    provenance: Mapping[str, str] = field(repr=False)
    measured: Measured | None = field(default=None, repr=False)

    @property
    def texts(self) -> str:
        """What the texts are, in words, and which are not in it: digests (1 partition not done)."""
        missing = self.tagged.what_is_missing
        return f"{in_words(fidelity(self.kinds))}{f' ({missing})' if missing else ''}"

    def hits(self, case: str, code: str, *, most: int) -> tuple[list[Hit], int]:
        """Return the coded segments behind a cell, and how many there are.

        They are read from the partitions that have them. A document about several cases may hold segments
        that speak of another: of these `is_surely` is false.

        Parameters
        ----------
        most : so many are returned, the first

        Raises
        ------
        CodingError
            Naming the nearest known case or code.
        """
        self.matrix.cell(case, code)
        documents, surely = self.matrix.documents_of(case, code)
        of_partition = {
            partition: dict(
                zip(
                    ids_of(self.tagged, partition, places),
                    surely[
                        np.searchsorted(documents, places + self.matrix.counts.starts[partition])
                    ].tolist(),
                    strict=True,
                )
            )
            for partition, places in self.matrix.counts.by_partition(documents).items()
        }
        codes = [each for each, targets in self.matrix.targets.items() if code in targets]
        return self.tagged.hits(of_partition, codes, most=most)


def run_counted(
    project: Project, tagged: Tagged, study: str | None = None, *, changed: Mapping[str, str] | None = None
) -> CountedRun:
    """Carry a study out on the counts of a tagged folder.

    Parameters
    ----------
    study : its id; the project's own study if left out
    changed : measurement decisions that differ from the study's for this run: `measure`, `weight`

    Raises
    ------
    CodingError
        If the folder was coded otherwise than the study decides (codebook, coder, unit, ...); if the study
        names what is unknown, or leaves a case no document.
    """
    plan, tree, codebook = read_with_places(project, study)
    if changed:
        known = plan.measurement.model_dump()
        refuse([f"'{name}' is no decision.{nearest(name, known)}" for name in changed if name not in known])
        decisions = Measurement(**{**known, **changed})
        plan = plan.model_copy(update={"measurement": Decisions(**asdict(decisions))})
    refuse(list(_otherwise(plan, codebook, project, tagged)))
    cases = project.corpus.known_cases
    counts = read_counts(tagged, cases)
    alike = counts.alike
    asked = needed(plan.corpus, tagged.settings.by)
    lost = {each.id: name for each in counts.kinds if (name := lacking(each.variables, asked))}
    whole = Corpus(tuple(each for each in counts.kinds if each.id not in lost), cases)
    without = _without(counts, lost)
    others = _others(whole, alike, plan)
    if not len(whole):
        refuse(list(_why_not(without, {})))
    try:
        refuse_names(plan, tree, codebook, whole, alike)
    except CodingError as error:
        refuse([*error.problems, *_why_not({}, others)])
    kinds, left_out = select(whole, plan.corpus, alike=alike)
    by = plan.measurement.by
    own = {case: sum(alike[d.id] for d in some) for case, some in kinds.cases(by).items()}
    matrix = tabulate_counts(
        counts,
        [document.id for document in kinds],
        codebook,
        Measurement(**plan.measurement.model_dump()),
        kind=tagged.settings.coder_kind,
        cases=plan.corpus.cases if by == NAMED_BY_MENTION else list(own),
    )
    return CountedRun(
        study=plan,
        tagged=tagged,
        kinds=kinds,
        codebook=codebook,
        matrix=matrix,
        compositions=compositions_of(plan, codebook, matrix),
        findings=findings_of(plan, matrix, kinds),
        n_documents=own,
        left_out=left_out | {why: n for why, (n, _, _) in without.items()},
        others=others,
        provenance=_provenance(project, plan, codebook, tagged),
        measured=project.measured(codebook) if tagged.settings.coder_kind == "rules" else None,
    )


def _without(counts: Counts, lost: Mapping[str, str]) -> dict[str, tuple[int, str, str]]:
    """Return how many documents cannot be selected, by why; with each the variable and the first of them.

    Parameters
    ----------
    lost : the variable that is lacking, for each kind that lacks one
    """
    alike, found = counts.alike, dict[str, tuple[int, str, str]]()
    for document, name in lost.items():
        why = lack(name, counts.kinds[document].variables.get(name))
        n, _, first = found.get(why, (0, name, document))
        found[why] = n + alike[document], name, first
    return found


def _why_not(without: Mapping[str, tuple[int, str, str]], others: Mapping[str, int]) -> Iterator[str]:
    """Yield what may be behind a study that names cases which have no documents."""
    for why, (n, name, first) in without.items():
        yield (
            f"{n:,} document{'s' * (n != 1)} have {why} ('{first}' is the first), so that none can be "
            f"selected. {named(name)} Then give `coding tag --corpus` again."
        )
    if others:
        said = ", ".join(f"{donor} ({n:,})" for donor, n in list(others.items())[:_SHOWN])
        yield f"donors of documents that are no case of the study: {said}{', ...' * (len(others) > _SHOWN)}."


def _others(kinds: Corpus, alike: Mapping[str, int], plan: Study) -> dict[str, int]:
    """Return how many documents are of each donor that is no case of the study, the commonest first."""
    found: Counter[str] = Counter()
    for document in kinds:
        if why_left_out(document, plan.corpus) == OTHER_CASE:
            found.update(dict.fromkeys(cases_of(document), alike[document.id]))
    return dict(found.most_common())


def _otherwise(plan: Study, codebook: Codebook, project: Project, tagged: Tagged) -> Iterator[str]:
    """Yield in what a folder was coded otherwise than a study decides."""
    how, where = tagged.settings, tagged.folder
    again = "Give `coding tag --corpus` again, with another --out to keep both."
    if codebook.digest != how.codebook_digest:
        yield (
            f"{where}: was coded with codebook {how.codebook}, the study has {codebook.id} "
            f"{codebook.version}{_other_rules(codebook, how.codebook)}. {again}"
        )
    if names_digest(project.corpus.known_cases) != how.names_digest:
        yield (
            f"{where}: names of cases (`case.yaml`) have changed since it was coded; by them units find "
            f"their donor, and rules their actor. {again}"
        )
    if plan.coders != [how.coder]:
        coders = ", ".join(plan.coders)
        yield f"{where}: was coded by {how.coder}, the study counts the coding of {coders}. Name one coder."
    if plan.unreviewed is not None:
        yield f"studies/{plan.id}.yaml: `unreviewed`: nobody reviews a large corpus. Take it out."
    decided = {
        "unit": (how.unit, plan.measurement.unit),
        "counts": (how.counts, plan.measurement.counts),
        "by": (", ".join(how.by), plan.measurement.by),
        **({"overlap": (how.overlap, plan.overlap)} if how.coder_kind == "rules" else {}),
    }
    for name, (then, now) in decided.items():
        if then != now:
            yield f"{where}: was counted with {name} '{then}', asked for is '{now}'. {again}"


def _other_rules(codebook: Codebook, then: str) -> str:
    same = f"{codebook.id} {codebook.version}" == then
    return ", of the same version but changed since" if same else ""


def _provenance(project: Project, plan: Study, codebook: Codebook, tagged: Tagged) -> dict[str, str]:
    """Return what identifies the result: as for any run, the texts by the digests of their partitions."""
    from coding.formats.text import decode
    from coding.model import digest_of

    how = tagged.settings
    return {
        "study": digest_of(decode(project.study_path(plan.id))),
        "codebook": f"{codebook.id} {codebook.version}",
        "codebook digest": codebook.digest,
        "partitions": str(len(tagged.names)),
        "partitions digest": digest_of("\n".join(sorted(tagged.sources))),
        "tagging digest": digest_of("\n".join(sorted(tagged.keys))),
        **{f"coded with {name}": what for name, what in how.made_with.items()},
        "names digest": how.names_digest,
        "coders": how.coder,
        **({"not in it": tagged.what_is_missing} if tagged.what_is_missing else {}),
        **versions(),
    }
