"""What explains a model's suggestion: the nearest units that people coded, as far as a coder may see them."""

from __future__ import annotations

from concurrent.futures import wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.coders import Counted, by_text
from coding.errors import CodingError
from coding.examples import Example, Examples
from coding.model import Coded
from coding.review import firsthand
from coding.taggers.learned import LearnedTagger
from coding.taggers.learned.vectors import sentence_vectors
from coding.web.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Hashable

    from coding.learned import Model
    from coding.model import CodedSegment, Document
    from coding.sight import Sight
    from coding.taggers.learned.recipe import Vectors
    from coding.web.desk import Desk, Files, Work

LONGEST = 300  # code points of an example that a page shows

_MOMENT = 1.0  # seconds that a decision may wait for its examples

_NOTHING_SEEN = (
    "They are looked for in documents that you have read, or in which you have seen what others coded; "
    "people have judged nothing there yet."
)
_NOTHING_NEAR = "Of what people have read, and you may see, nothing is like it."
_LATER = "They are still being looked for. Show this page again in a moment."


@dataclass(frozen=True, slots=True)
class Shown:
    """An example with its document and its words, which may be cut."""

    example: Example
    document: Document
    words: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Near:
    """What is near to a suggestion: units with its code, units without; else why nothing is."""

    bearing: tuple[Shown, ...] = ()
    others: tuple[Shown, ...] = ()
    problem: str = ""


_taggers: Kept[LearnedTagger] = Kept(4)
_examples: Kept[Examples] = Kept(8)


def near(desk: Desk, files: Files, work: Work, seeing: Sight, segment: CodedSegment) -> Near:
    """Return what people have read that is near to a model's suggestion.

    Others' coding counts only in documents that are not covered for the coder, and nothing does in those
    that are withheld.
    """
    seen = _visible(files, work, seeing)
    if not seen.readings:
        return Near(problem=_NOTHING_SEEN)
    try:
        model = _model_key(desk, files, segment.coder)
        key = (*model, files.digest, Counted(seen).digest)
        future = _examples.get(key, lambda: _made(desk, files, segment.coder, model, seen))
        if not wait([future], timeout=_MOMENT).done:
            return Near(problem=_LATER)
        (found,) = future.result().nearest([segment.segment], segment.code)
    except CodingError as error:
        return Near(problem=str(error))
    shown = [_shown(each, files) for each in found]
    return Near(
        tuple(each for each in shown if each.example.bears),
        tuple(each for each in shown if not each.example.bears),
        "" if shown else _NOTHING_NEAR,
    )


def _made(desk: Desk, files: Files, name: str, key: tuple[Hashable, ...], seen: Coded) -> Examples:
    tagger = _taggers.get(key, lambda: _tagger(desk, files, name)).result()
    return Examples(tagger, seen, files.corpus, vectors=_vectors(desk, tagger.model))


def _tagger(desk: Desk, files: Files, name: str) -> LearnedTagger:
    model = desk.project().model(name)
    return LearnedTagger(model, files.codebook, cases=files.corpus.known_cases, vectors=_vectors(desk, model))


def _vectors(desk: Desk, model: Model) -> Vectors | None:
    """Return the sentence vectors that are kept, if a model looks at any; a page makes none."""
    return sentence_vectors(desk.root / ".coding", makes=False) if model.recipe.embeddings else None


def _model_key(desk: Desk, files: Files, name: str) -> tuple[Hashable, ...]:
    """Return what changes when the file of a model does, or the codes that it has learned."""
    path = desk.project().model_path(name)
    stat = path.stat() if path.is_file() else None
    return (path, stat and (stat.st_mtime_ns, stat.st_size), files.codebook.digest)


def _visible(files: Files, work: Work, seeing: Sight) -> Coded:
    """Return what people coded themselves in the texts of today, as far as the coder may see it."""
    coded = by_text(firsthand(work.coded, work.decisions), files.corpus)[0]

    def counts(coder: str, document: str) -> bool:
        if work.kind(coder) != "person" or seeing.is_withheld(document):
            return False
        return coder == seeing.coder or not seeing.is_covered(document)

    return Coded(
        tuple(s for s in coded.segments if counts(s.coder, s.segment.document)),
        tuple(r for r in coded.readings if counts(r.coder, r.segment.document)),
    )


def _shown(example: Example, files: Files) -> Shown:
    document, place = files.corpus[example.segment.document], example.segment
    end = min(place.end, place.start + LONGEST)
    return Shown(example, document, document.text[place.start : end], end < place.end)
