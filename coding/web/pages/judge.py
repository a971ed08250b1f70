"""Judge: the units of a blind sample, one after the other, for readers who do not know what was found there.

A page tells nothing of where a unit comes from: neither document nor donor, nor why it was drawn. It carries
the unit's place in the sample, whose order is random, and the server looks up the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from coding.model import Reading
from coding.surroundings import cut
from coding.web.colours import colour
from coding.web.passage import stretch
from coding.web.shown import page
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from coding.codebook import Code, Codebook
    from coding.model import Document, Segment
    from coding.sample import Sample
    from coding.units import Unit
    from coding.web.desk import Desk
    from coding.web.judged import Standing

router = APIRouter()

MANY = 12  # codes from which on a list needs a filter, and definitions are folded away
_KEYS = 9  # codes that have a digit


@dataclass(frozen=True, slots=True)
class Shown:
    """A unit as it is shown, with the words before and after it; its place in the sample.

    Attributes
    ----------
    apart : whether what stands beside it are paragraphs of their own
    """

    place: int
    words: str
    before: str
    after: str
    apart: bool
    language: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A code that can be chosen, or only stands above some that can.

    Attributes
    ----------
    number : from 1; 0 for a code that is not asked for
    """

    code: Code
    colour: int
    number: int
    path: str
    below: tuple[Choice, ...]

    @property
    def key(self) -> str:
        """The digit that chooses it; empty if it has none."""
        return str(self.number) if 0 < self.number <= _KEYS else ""


@router.get("/judge")
def samples(request: Request, desk: TheDesk, who: Visitor) -> Response:
    """Show the samples: how far the coder has come with each, and those that others judge."""
    files, mine = desk.files, desk.standings(who.coder)
    return page(
        request,
        "judge_samples.html.j2",
        standings=list(mine.values()),
        others=[sample for name, sample in files.samples.items() if name not in mine],
        book=files.codebook,
        many=MANY,
    )


@router.get("/judge/{name}")
def judge(request: Request, name: str, desk: TheDesk, who: Visitor) -> Response:
    """Show the next unit of a sample that the coder has not judged."""
    sample = desk.files.sample(name)
    standing = desk.standings(who.coder).get(name)
    shown = _shown(standing, desk) if standing and standing.left else None
    return page(
        request,
        "judge.html.j2",
        sample=sample,
        standing=standing,
        shown=shown,
        choices=tuple(_choices(sample.codes, desk.files.codebook)) if shown else (),
        many=len(sample.codes) > MANY,
        acts=_acts(desk, who.coder, sample),
    )


def _shown(standing: Standing, desk: Desk) -> Shown:
    files, sample, place = desk.files, standing.sample, standing.left[0]
    unit = sample.drawn[place].segment
    document = files.corpus[unit.document]
    before, after = _beside(document, unit, sample.unit)
    language = document.variables.get("language")
    return Shown(
        place,
        document.quote(unit),
        before,
        after,
        sample.unit == "paragraph",
        language if isinstance(language, str) else files.codebook.language,
    )


def _beside(document: Document, segment: Segment, unit: Unit) -> tuple[str, str]:
    """Return what stands before and after a unit, shortened; beside a whole document nothing does."""
    if unit != "sentence":
        return cut(document, unit).neighbours(document.text, segment.start, segment.end)
    around = stretch(document, segment.start, segment.end)
    before, after = around.words(around.start, segment.start), around.words(segment.end, around.end)
    return "… " * around.cut_before + before, after + " …" * around.cut_after


def _choices(asked: Collection[str], book: Codebook) -> Iterator[Choice]:
    """Yield the codes asked for, and those above them, as the codebook has them one below the other."""
    shown = {up for code in asked for up in (code, *book.ancestors(code))}
    order = [code.id for code in _in_order(book, None) if code.id in asked]
    numbers = {code: number for number, code in enumerate(order, start=1)}

    def below(parent: str | None) -> Iterator[Choice]:
        for code in book.codes:
            if code.parent == parent and code.id in shown:
                path = " › ".join(book[up].name for up in reversed(book.ancestors(code.id)))
                number = numbers.get(code.id, 0)
                yield Choice(code, colour(book, code.id), number, path, tuple(below(code.id)))

    return below(None)


def _in_order(book: Codebook, parent: str | None) -> Iterator[Code]:
    for code in book.codes:
        if code.parent == parent:
            yield code
            yield from _in_order(book, code.id)


def _acts(desk: Desk, coder: str, sample: Sample) -> dict[str, str]:
    """Return which judgement of this sample undo would undo, and redo would do again; empty if none."""
    units = {one.segment for one in sample.drawn}
    with desk.store() as store:
        last = {"undo": store.to_undo(coder), "redo": store.to_redo(coder)}
        batches = {which: store.get(id_) if id_ else None for which, id_ in last.items()}
    return {
        which: batch.id if batch and any(r.codes and r.segment in units for r in batch.of(Reading)) else ""
        for which, batch in batches.items()
    }
