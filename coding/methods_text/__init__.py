"""How a study was done, as a paper tells it: every number from the project, every gap plain to see.

`methods` gathers what the project knows; `methods_paper` makes it a paper, which every writer of
`coding.paper` can write. What no file can know (who the coders are, how texts were searched for) is not
guessed: it stands there as `[to be written: ...]`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coding.coders import count
from coding.errors import CodingError
from coding.methods_text import computing, material, work
from coding.methods_text.checklists import Answer, coreq, srqr
from coding.methods_text.known import Known, plural
from coding.model import Coded
from coding.paper import GAP, Block, Heading, Paper, Row, Table, Words, gap, paragraph
from coding.report import decisions, in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from coding.agreeing import Agreement
    from coding.model import Reading
    from coding.project import Project
    from coding.robustness import Multiverse
    from coding.sample_quality import SampleQuality
    from coding.study import Run

_NONE = in_words(None)
_SEED = "Any number does: it makes a run repeatable."
_SECTIONS = {
    "corpus": ("Corpus", material.corpus),
    "codebook": ("Codebook", material.codebook),
    "coders": ("Coding", work.coders),
    "agreement": ("Agreement", work.agreement),
    "quality": ("Quality of the coding", work.quality),
    "statistics": ("Claims, intervals, verdicts", computing.statistics),
    "robustness": ("Other decisions", computing.robustness),
    "software": ("Software and material", computing.software),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the text: its sentences, some of which are gaps."""

    name: str
    title: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Methods:
    """How a study was done.

    Attributes
    ----------
    decisions : each decision with its value and the reason that the study gives, or a gap
    coreq, srqr : the answers to the points of both checklists
    """

    run: Run = field(repr=False)
    sections: tuple[Section, ...]
    decisions: tuple[tuple[str, str, str], ...]
    coreq: tuple[Answer, ...] = field(repr=False)
    srqr: tuple[Answer, ...] = field(repr=False)

    @property
    def gaps(self) -> tuple[str, ...]:
        """All that is to be written in text and decisions, in order; `gaps_of_checklists` are apart."""
        texts = [*(said for one in self.sections for said in one.said), *(why for *_, why in self.decisions)]
        return tuple(found for text in texts for found in GAP.findall(text))

    @property
    def gaps_of_checklists(self) -> tuple[str, ...]:
        """All that is to be written in the answers to COREQ and then SRQR, in order."""
        return tuple(found for one in (*self.coreq, *self.srqr) for found in GAP.findall(one.says))

    @property
    def n_gaps(self) -> str:
        """How many gaps there are, in words: those of the text, and those of the checklists."""
        n = len(self.gaps)
        return f"{plural(n, 'gap')} in the text and {len(self.gaps_of_checklists)} in the checklists"


def methods(
    project: Project,
    run: Run,
    *,
    samples: Sequence[SampleQuality] = (),
    multiverse: Multiverse | None = None,
    references: Mapping[str, str] | None = None,
) -> Methods:
    """Return how a study was done.

    Parameters
    ----------
    run : of a study of the project
    samples : what blind samples say of the coding (`coding.sample_quality`)
    multiverse : what came of the findings under other decisions (`coding.robustness`)
    references : for each citation key its entry in words (`coding.citations.references`)
    """
    people = _people(project, run)
    found = _agreement(project, run, people)
    known = Known(
        run=run,
        people=people,
        agreement=None if isinstance(found, str) else found,
        alone=found if isinstance(found, str) else "",
        samples=tuple(samples),
        multiverse=multiverse,
        memos=project.memos,
        references=references or {},
    )
    sections = [Section(name, title, tuple(says(known))) for name, (title, says) in _SECTIONS.items()]
    if run.study.notes:
        sections.append(Section("notes", "Notes of the study", tuple(run.study.notes)))
    return Methods(
        run=run,
        sections=tuple(one for one in sections if one.said),
        decisions=tuple(_decisions(run)),
        coreq=coreq(known),
        srqr=srqr(known),
    )


def methods_paper(found: Methods) -> Paper:
    """Return the text with the table of decisions and both checklists as a paper."""
    blocks: list[Block] = [
        paragraph(
            f"Drawn from the files of the study {found.run.study.id}. There are {found.n_gaps}, in brackets, "
            "for the authors: what no file says is not said here.",
            kind="note",
        )
    ]
    for section in found.sections:
        blocks += [Heading(1, section.title), *_section(section)]
    blocks += [Heading(1, "Decisions"), _decisions_table(found), Heading(1, "Checklists")]
    blocks += [
        _checklist("coreq", "COREQ (Tong, Sainsbury and Craig 2007)", found.coreq),
        _checklist("srqr", "SRQR (O'Brien and others 2014)", found.srqr),
    ]
    return Paper(f"Methods: {found.run.study.title}", tuple(blocks))


def _section(section: Section) -> Iterator[Block]:
    """Yield a section as one paragraph, its gaps marked; notes as points, since each stands by itself."""
    if section.name == "notes":
        yield from (paragraph(note, kind="point") for note in section.said)
        return
    words: list[str | Words] = []
    for said in section.said:
        words += [*([" "] if words else []), Words(said, "strong") if GAP.fullmatch(said) else said]
    yield paragraph(*words)


def _decisions(run: Run) -> Iterator[tuple[str, str, str]]:
    cases = [run.corpus.name(case) for case in run.study.corpus.cases]
    for name, value, why in decisions(run.study, cases):
        given = _SEED if name == "seed" and why == _NONE else why
        yield name, value, gap(f"why {name} is {value}") if given == _NONE else given


def _decisions_table(found: Methods) -> Table:
    return Table(
        name="decisions",
        caption="Every decision that can change a number, as the study file says it.",
        head=("Decision", "Value", "Why"),
        rows=tuple(Row(row) for row in found.decisions),
        notes=(f"Study file {found.run.study.id}, SHA-256 {found.run.provenance['study']}.",),
    )


def _checklist(name: str, title: str, answers: Iterable[Answer]) -> Table:
    rows, part = [], ""
    for one in answers:
        rows.append(Row((f"{one.number}. {one.point}", one.state, one.says), apart=one.part != part))
        part = one.part
    return Table(
        name=name,
        caption=f"{title}: what the project says to each point.",
        head=("Point", "State", "What is said"),
        rows=tuple(rows),
        notes=("The points stand in short and in our words; the source has theirs.",),
    )


def _people(project: Project, run: Run) -> tuple[Reading, ...]:
    """Return what people read in the documents of a study, in the texts of today."""
    digests = {document.id: document.digest for document in run.corpus}
    return tuple(
        reading
        for reading in project.coded.readings
        if reading.kind == "person"
        and not reading.sample
        and digests.get(reading.segment.document) == reading.segment.digest
    )


def _agreement(project: Project, run: Run, people: Sequence[Reading]) -> Agreement | str:
    """Return how far people agree who read the texts: those who count, else all; or why that is not known."""
    from coding.agreeing import agreement

    readers = sorted({reading.coder for reading in people})
    counting = [reader for reader in readers if reader in run.study.coders]
    between = counting if len(counting) > 1 else readers
    if len(between) < 2:
        who = {0: "Nobody has", 1: "One person has"}[len(between)]
        return f"{who} read in the documents of the study, so there is no agreement to tell."
    how = run.study.measurement
    coded = count(
        between, run.corpus,
        stored=project.coded, rules=Coded(), decisions=project.decisions, unreviewed=None,
    ).coded  # fmt: skip
    try:
        return agreement(
            coded, run.corpus, run.codebook,
            between=between, unit=how.unit, counts=how.counts, rollup=how.rollup, level="nominal",
            seed=run.study.seed,
        )  # fmt: skip
    except CodingError as error:
        return f"How far people agree cannot be told: {error}"
