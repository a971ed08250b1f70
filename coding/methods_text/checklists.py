"""COREQ and SRQR: what the project can say to each point, what is left to write, what documents leave out.

The points stand in our own words and in short; for theirs, and for what each is meant to achieve, see the
sources. Both were made for research with people, COREQ for interviews and focus groups: where a study of
documents has nothing to say, the reason is given. With what numbers, parts and points were compared stands in
docs/how-to/write-it-up.md.

Source
------
Tong, Sainsbury and Craig (2007), *International Journal for Quality in Health Care* 19, 349-357, 32 points.
O'Brien, Harris, Beckman, Reed and Cook (2014), *Academic Medicine* 89, 1245-1251, 21 points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from coding.methods_text.computing import software, statistics
from coding.methods_text.known import plural
from coding.methods_text.material import kinds, selection, size, tree
from coding.methods_text.work import agreement, by_rules, coders, quality, review
from coding.paper import GAP, gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from coding.methods_text.known import Known

State = Literal["said", "in part", "to write", "does not apply"]
_Says = Callable[["Known"], str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What can be said to a point of a checklist.

    Attributes
    ----------
    number : of the point, as its source counts
    part : the part of the checklist in which it stands
    state : said by the project; in part, and the rest is to be written; to be written; or that the point
        does not apply to documents
    says : what the project says, the gap, or why it does not apply
    """

    number: int
    part: str
    point: str
    state: State
    says: str


def coreq(known: Known) -> tuple[Answer, ...]:
    """Return the answers to the 32 points of COREQ."""
    return tuple(_answers(known, _COREQ))


def srqr(known: Known) -> tuple[Answer, ...]:
    """Return the answers to the 21 points of SRQR."""
    return tuple(_answers(known, _SRQR))


@dataclass(frozen=True, slots=True)
class _Point:
    """A point: what the project says of it, what is left to write, why it does not apply."""

    part: str
    point: str
    says: _Says | None = None
    write: str = ""
    no: str = ""


def _answers(known: Known, points: Iterable[_Point]) -> Iterator[Answer]:
    for number, one in enumerate(points, 1):
        if one.no:
            yield Answer(number, one.part, one.point, "does not apply", one.no)
            continue
        said = one.says(known).strip() if one.says else ""
        rest = gap(one.write) if one.write else ""
        state: State = "in part" if said and rest else "said" if said else "to write"
        yield Answer(number, one.part, one.point, state, f"{said} {rest}".strip())


def _joined(sentences: Iterable[str]) -> str:
    """Return what is said, without the gaps, which the point itself names."""
    return " ".join(sentence for sentence in sentences if not GAP.fullmatch(sentence))


def _chosen(known: Known) -> str:
    return _joined(selection(known))


def _described(known: Known) -> str:
    return _joined(kinds(known))


def _left_out(known: Known) -> str:
    return [*selection(known)][-1]


def _sources(known: Known) -> str:
    corpus = known.run.corpus
    n_urls = sum(bool(document.variables.get("url")) for document in corpus)
    publishers = {str(document.variables.get("publisher")) for document in corpus} - {"None"}
    return (
        f"{n_urls} of {plural(len(corpus), 'document')} have an address from which their source can be had; "
        f"publishers that are named: {len(publishers)}."
    )


def _coded_by(known: Known) -> str:
    return _joined(coders(known))


def _memos(known: Known) -> str:
    if not known.memos:
        return ""
    about = Counter(memo.about for memo in known.memos)
    said = ", ".join(f"{n} about a {what}" for what, n in about.most_common())
    writers = {memo.coder for memo in known.memos}
    return f"{plural(len(known.memos), 'memo')} of {plural(len(writers), 'coder')} are kept ({said})."


def _texts(known: Known) -> str:
    corpus = known.run.corpus
    n_taken = sum(bool(document.variables.get("read_from")) for document in corpus)
    return (
        f"Texts were taken in as {known.run.texts}, {n_taken} of {len(corpus)} out of files of other "
        "formats; each coded segment is bound to the SHA-256 of its text."
    )


def _trust(known: Known) -> str:
    return _joined([*agreement(known), *quality(known), review(known)])


def _opened(known: Known) -> str:
    run = known.run
    documents = {segment.segment.document for segment in run.coded.segments}
    return (
        f"Each number opens to its passages: {plural(len(run.coded.segments), 'coded segment')} in "
        f"{plural(len(documents), 'document')}, with document, place and coder (coding evidence, "
        "coding site)."
    )


def _findings(known: Known) -> str:
    findings = known.run.findings
    if not findings:
        return ""
    verdicts = Counter(finding.verdict or "described" for finding in findings)
    said = ", ".join(f"{n} {verdict}" for verdict, n in verdicts.most_common())
    return f"Each claim stands with its verdict, its interval and the passages for and against it: {said}."


def _rare(known: Known) -> str:
    found = {code for code, cell in _present(known)}
    codes = known.run.matrix.codes
    return (
        f"{len(codes) - len(found)} of {plural(len(codes), 'code')} in use have no coded segment in any case."
    )


def _present(known: Known) -> Iterator[tuple[str, str]]:
    yield from ((cell.code, cell.case) for cell in known.run.matrix if cell.coded.segments)


def _question(known: Known) -> str:
    return f"The study asks: {known.run.study.question}"


def _units(known: Known) -> str:
    return f"{size(known)} {_described(known)}"


def _computed(known: Known) -> str:
    return _joined(software(known))


def _measured(known: Known) -> str:
    return _joined(statistics(known))


def _limits(known: Known) -> str:
    notes = known.run.study.notes
    return f"The study notes: {' '.join(notes)}" if notes else ""


def _instruments(known: Known) -> str:
    return f"{tree(known)} {by_rules(known) if 'rules' in known.run.study.coders else ''}"


_TEAM, _DESIGN, _RESULTS = "Research team and reflexivity", "Study design", "Analysis and findings"
_NOBODY = "The project holds documents and knows of no interview. If texts come of some, answer it yourself."

_COREQ = (
    _Point(_TEAM, "Who led the interviews", no=f"{_NOBODY} Who read and coded stands under 24."),
    _Point(_TEAM, "Qualifications of the researchers", write="the qualifications of those who coded"),
    _Point(_TEAM, "Their occupation then", write="what they did at the time of the study"),
    _Point(_TEAM, "Their gender", write="the gender of the researchers, if it is to be told"),
    _Point(_TEAM, "Their experience and training", write="experience in coding, and training for this study"),
    _Point(_TEAM, "Ties before the study", no=f"{_NOBODY} Ties to those who published them belong under 8."),
    _Point(_TEAM, "What participants knew of the researchers", no=_NOBODY),
    _Point(_TEAM, "Assumptions and interests of the researchers", write="assumptions, interests and ties"),
    _Point(_DESIGN, "Method and theory", write="method and theory on which the study rests"),
    _Point(_DESIGN, "How the sample was chosen", _chosen, "how documents were searched for"),
    _Point(_DESIGN, "How participants were approached", no=f"{_NOBODY} Where sources are to be had: 16."),
    _Point(_DESIGN, "Size of the sample", size),
    _Point(
        _DESIGN,
        "Who did not take part: what could not be had or was left out, and why",
        _left_out,
        "sources that were sought and not found",
    ),
    _Point(
        _DESIGN,
        "Where texts were gathered",
        no="Documents have no place of gathering; who published them is in 16.",
    ),
    _Point(_DESIGN, "Who else was present", no=_NOBODY),
    _Point(_DESIGN, "What the sample is like", lambda known: f"{_described(known)} {_sources(known)}"),
    _Point(_DESIGN, "What was asked, and whether it was tried", no=f"{_NOBODY} What was asked of texts: 25."),
    _Point(_DESIGN, "Repeated interviews", no=_NOBODY),
    _Point(_DESIGN, "Recording", no=f"{_NOBODY} Each text is kept with its digest."),
    _Point(_DESIGN, "Notes taken on the way", _memos, "which notes were kept while coding, and their use"),
    _Point(_DESIGN, "Duration", no=_NOBODY),
    _Point(_DESIGN, "Saturation", write="when the search for documents ended, and why then"),
    _Point(_DESIGN, "Transcripts given back", no=_NOBODY),
    _Point(_RESULTS, "How many coded", _coded_by),
    _Point(_RESULTS, "The codes and their order", tree),
    _Point(_RESULTS, "Whether codes stood before or came of the texts", write="where the codes come from"),
    _Point(_RESULTS, "Software", _computed),
    _Point(_RESULTS, "Feedback of participants", no=_NOBODY),
    _Point(_RESULTS, "Quotations, with whose they are", _opened, "the passages that the paper quotes"),
    _Point(_RESULTS, "Whether findings follow from the texts", _findings, "how the paper reads these"),
    _Point(_RESULTS, "The main themes", write="the main findings, as the paper presents them"),
    _Point(
        _RESULTS,
        "Minor themes and cases that differ",
        _rare,
        "minor themes and cases that do not fit, and what is made of them",
    ),
)

_FRONT, _WHY, _HOW = "Title and abstract", "Introduction", "Methods"
_FOUND, _MEANS, _END = "Results", "Discussion", "Other"

_SRQR = (
    _Point(_FRONT, "Title: the topic and the approach", write="a title that names topic and approach"),
    _Point(_FRONT, "Abstract", write="an abstract in the form of the journal"),
    _Point(_WHY, "The problem, and what is known of it", write="the problem, theory, earlier work"),
    _Point(_WHY, "Purpose or question", _question),
    _Point(_HOW, "Approach, theory, paradigm", write="approach, theory and paradigm, and why these"),
    _Point(_HOW, "Who the researchers are, and what it does", write="who coded, and what they brought along"),
    _Point(_HOW, "Context", write="the setting of the cases and of their documents"),
    _Point(_HOW, "How documents were chosen", _chosen, "how they were searched for, and when it was enough"),
    _Point(
        _HOW,
        "Ethics",
        write="that no person took part, or the approval; rights in the texts; what is confidential",
    ),
    _Point(
        _HOW,
        "How texts were gathered",
        _sources,
        "when texts were gathered and analysed, by whom, and what changed on the way and why",
    ),
    _Point(_HOW, "Instruments", _instruments, "how the codebook was made, and changed"),
    _Point(_HOW, "What was studied", _units),
    _Point(
        _HOW,
        "How texts were processed",
        _texts,
        "how texts were checked, kept and, if need be, made nameless",
    ),
    _Point(
        _HOW,
        "How texts were analysed",
        _measured,
        "who analysed, how the paper went from numbers to what it says, and why so",
    ),
    _Point(_HOW, "What was done so that one can trust it", _trust, "what else was done or not done, and why"),
    _Point(_FOUND, "What was found", _findings, "the main findings and what they mean"),
    _Point(_FOUND, "Evidence from the texts", _opened, "the passages that the paper quotes"),
    _Point(
        _MEANS,
        "How it joins earlier work, what it implies, where else it may hold, what it adds",
        write="how the findings join earlier work, what they imply, where else they may hold, what they add",
    ),
    _Point(_MEANS, "Limits", _limits, "the limits of corpus, coding and method"),
    _Point(_END, "Conflicts of interest", write="conflicts of interest, and what was done about them"),
    _Point(_END, "Funding", write="who paid, and what they had a say in"),
)
