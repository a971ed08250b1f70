"""How far a reader has come with the project's blind samples: what is still to be judged, and what cannot be.

What was judged `coding.judging.progress` says, here as in the terminal. A unit can be judged blind as long as
the reader has not seen what others coded in its document, and its text is that of the draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coding.judging import progress
from coding.model import Coded, Reading
from coding.review import carried
from coding.units import unitise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from coding.codebook import Codebook
    from coding.sample import Sample
    from coding.web.desk import Files

_Places = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a reader has come with a sample. Places are those in `Sample.drawn`, in this order.

    Attributes
    ----------
    refused : why no unit can be judged as things are; empty if units can
    left : units still to be judged blind
    seen : units not judged, in documents in which the reader has seen what others coded
    stale : units not judged, whose text has changed since the draw or is gone
    """

    sample: Sample
    refused: str
    left: _Places = ()
    seen: _Places = ()
    stale: _Places = ()

    @property
    def n_judged(self) -> int:
        """How many units the reader has judged blind; 0 where that cannot be said."""
        return 0 if self.refused else self.n_drawn - sum(map(len, (self.left, self.seen, self.stale)))

    @property
    def n_drawn(self) -> int:
        """How many units the sample has."""
        return len(self.sample.drawn)

    @property
    def documents(self) -> frozenset[str]:
        """The documents in which others' coding is kept from the reader until no unit is left to judge.

        All for which the sample speaks: of which units were drawn depends on what was found there.
        """
        return frozenset(self.sample.documents if self.left else ())


class Judging:
    """Says how far readers have come; works it out again only when files or their readings have changed."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[Files, tuple[Reading, ...], tuple[_Places, _Places]]] = {}

    def standings(
        self, reader: str, files: Files, readings: Iterable[Reading], has_seen: Callable[[str, str], bool]
    ) -> Mapping[str, Standing]:
        """Return how far a reader has come with each sample that names them, by its name.

        Parameters
        ----------
        has_seen : says of a coder and a document whether others' coding was ever shown there
        """
        asked = [sample for sample in files.samples.values() if reader in sample.readers]
        if not asked:
            return {}
        mine = Coded((), tuple(reading for reading in readings if reading.coder == reader))
        own = carried(mine, files.successions, [files.codebook]).readings
        found = {}
        for sample in asked:
            refused = _refusal(sample, files.codebook)
            left, stale = ((), ()) if refused else self._left(sample, reader, files, own)
            documents = {sample.drawn[place].segment.document for place in left}
            seen = {document for document in documents if has_seen(reader, document)}
            hidden = [sample.drawn[place].segment.document not in seen for place in left]
            found[sample.name] = Standing(
                sample,
                refused,
                left=tuple(place for place, is_hidden in zip(left, hidden, strict=True) if is_hidden),
                seen=tuple(place for place, is_hidden in zip(left, hidden, strict=True) if not is_hidden),
                stale=stale,
            )
        return found

    def _left(
        self, sample: Sample, reader: str, files: Files, own: tuple[Reading, ...]
    ) -> tuple[_Places, _Places]:
        """Return the places of the units that are not judged: those of today's texts, and the others."""
        key = reader, sample.name
        kept = self._kept.get(key)
        if kept is None or kept[0] is not files or kept[1] != own:
            kept = files, own, _not_judged(replace(sample, readers=(reader,)), files, own)
            self._kept[key] = kept
        return kept[2]


def _refusal(sample: Sample, codebook: Codebook) -> str:
    """Say why no unit of a sample can be judged, if it asks for what this codebook does not mean."""
    if sample.codebook != codebook.id:
        return (
            f"The sample {sample.name} asks for codes of {sample.codebook}, and {codebook.id} is open here. "
            f"`coding serve --codebook {sample.codebook}` opens the other."
        )
    in_use = {code.id: code for code in codebook.codes if not code.retired}
    for code, meaning in sample.codes.items():
        if code not in in_use or not in_use[code].holds(meaning):
            what = "means something else by now" if code in in_use else "is not in use any more"
            return (
                f"The sample {sample.name} asks for '{code}', which {what}: what is judged now would answer "
                f"another question. If it asks the same: `coding sample {sample.name} --still-asks`; "
                "else draw another sample."
            )
    return ""


def _not_judged(sample: Sample, files: Files, own: tuple[Reading, ...]) -> tuple[_Places, _Places]:
    (how_far,) = progress(sample, files.corpus, files.codebook, Coded((), own))
    left = set(how_far.left)
    places = [place for place, one in enumerate(sample.drawn) if one.segment in left]
    wanted = {sample.drawn[place].segment.document for place in places}
    texts = (document for document in files.corpus if document.id in wanted)
    today = {unit for document in texts for unit in unitise(document, sample.unit)}
    is_today = [sample.drawn[place].segment in today for place in places]
    return (
        tuple(place for place, is_so in zip(places, is_today, strict=True) if is_so),
        tuple(place for place, is_so in zip(places, is_today, strict=True) if not is_so),
    )
