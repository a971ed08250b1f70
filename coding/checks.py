"""Everything in a project that can be wrong before a study is run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from coding.coders import count
from coding.errors import CodingError, refuse
from coding.keeping import kept_in, unplaced
from coding.model import Coded
from coding.selection import select
from coding.study import read_checked
from coding.taggers.rules.check import problems as rule_problems
from coding.upkeep import misfits, taken_out
from coding.upkeep import unplaced as segments_unplaced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coding.codebook import Codebook
    from coding.model import Case
    from coding.project import Project


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at and found sound."""

    documents: int
    cases: int
    codebooks: int
    codes: int
    rules: int
    examples: int
    studies: int

    def __str__(self) -> str:
        """Say the counts in a row: 2 documents, 1 study."""
        one = {"studies": "study"}
        return ", ".join(
            f"{n} {one.get(what, what.removesuffix('s')) if n == 1 else what}"
            for what, n in asdict(self).items()
        )


def _cases(project: Project, problems: list[str]) -> Mapping[str, Case] | None:
    """Return the cases of the corpus; None if it cannot be read, and what is wrong joins `problems`.

    Without the cases nobody knows of whom the examples of rules speak.
    """
    try:
        return project.corpus.known_cases
    except CodingError as error:
        problems += error.problems
        return None


def _without_actors(book: Codebook) -> Codebook:
    """Return a codebook without the rules that ask of whom a sentence speaks."""
    codes = (
        replace(code, rules=tuple(rule for rule in code.rules if rule.actor == "any")) for code in book.codes
    )
    return replace(book, codes=tuple(codes))


def unread(study: str, n_segments: int) -> str:
    """Return what to do about coded segments of a study that count nowhere for want of a reading."""
    lie = "coded segment lies" if n_segments == 1 else "coded segments lie"
    count_ = "counts" if n_segments == 1 else "count"
    return (
        f"Study {study}: {n_segments} {lie} where the coder has filed no reading, and {count_} nowhere. "
        "File it in the app (`coding serve`); for what another program coded, `coding import FILE --read`."
    )


def doubts(project: Project) -> tuple[str, ...]:
    """Return what may be meant in a sound project, and is most often a slip: a sentence each."""
    by_iso: dict[str, list[str]] = defaultdict(list)
    for case in project.corpus.known_cases.values():
        by_iso[case.iso].append(case.id)
    said = [
        f"{' and '.join(ids)} have the same code, iso: {iso}. Correct it in one case.yaml."
        for iso, ids in by_iso.items()
        if iso and len(ids) > 1
    ]
    said += _same_texts(project)
    said += [*taken_out(project), *segments_unplaced(project), *_selections_unplaced(project)]
    for name in project.studies:
        plan, _ = read_checked(project, name)
        if not plan.asks_the_store:
            continue
        corpus, _ = select(project.corpus, plan.corpus)
        counted = count(
            plan.coders,
            corpus,
            stored=project.coded,
            rules=Coded(),
            decisions=project.decisions,
            unreviewed=None,
        )
        said += [unread(plan.id, counted.n_unread)] if counted.n_unread else []
    return tuple(said)


def _same_texts(project: Project) -> list[str]:
    """Return which documents have one text: a sentence for each text."""
    by_digest: dict[str, list[str]] = defaultdict(list)
    for document in project.corpus:
        by_digest[document.digest].append(document.id)
    return [
        f"{' and '.join(ids)} have the same text: it counts {len(ids)} times. Take out what was added twice."
        for ids in by_digest.values()
        if len(ids) > 1
    ]


def _selections_unplaced(project: Project) -> list[str]:
    """Return of which documents selections without a code have no place in the text of today."""
    by_document: dict[str, list[str]] = defaultdict(list)
    for one in unplaced(project, kept_in(project)):
        by_document[one.selection.place.document].append(str(one))
    here = {document.id for document in project.corpus}
    return [
        f"{', '.join(said)}: marked in another program, without a code, in an earlier text, and without a "
        f"place in that of today. Kept, and left out of `coding export`. If the file in corpus/ was changed "
        f"by hand, `coding realign {document} FILE --old EARLIER` places what still stands in it."
        for document, said in sorted(by_document.items())
        if document in here
    ]


def check(project: Project) -> Checked:
    """Return counts of what is sound.

    Raises
    ------
    CodingError
        Listing everything that is wrong: in texts and case files, in codebooks (each rule's
        `matches` and `rejects` are run), in studies.
    """
    problems: list[str] = []
    books = []
    for name in project.codebooks:
        try:
            books.append(project.codebook(name))
        except CodingError as error:
            problems += error.problems
    cases = _cases(project, problems)
    for book in books:
        problems += rule_problems(book if cases is not None else _without_actors(book), cases)
    if not problems:
        problems += misfits(project, books)
    for study in project.studies:
        try:
            read_checked(project, study)
        except CodingError as error:
            problems += error.problems
    refuse(list(dict.fromkeys(problems)))
    corpus = project.corpus
    rules = [rule for book in books for code in book.codes for rule in code.rules]
    return Checked(
        documents=len(corpus),
        cases=len(corpus.known_cases),
        codebooks=len(books),
        codes=sum(len(book.codes) for book in books),
        rules=len(rules),
        examples=sum(len(rule.matches) + len(rule.rejects) for rule in rules),
        studies=len(project.studies),
    )
