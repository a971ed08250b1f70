"""The conflict queue: where people, rules and models differ, worked out once for what stands in the store."""

from __future__ import annotations

from concurrent.futures import wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from coding.coders import by_text
from coding.conflicts import Conflict, Kind, conflicts, unit_of
from coding.errors import CodingError
from coding.model import CoderKind, digest_of
from coding.project import Project
from coding.review import firsthand
from coding.web.filters import address
from coding.web.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from coding.batch import Memo
    from coding.learned import Model
    from coding.model import Coded
    from coding.sight import Sight
    from coding.units import Unit
    from coding.web.desk import Desk, Files, Work

State = Literal["open", "settled", "all"]
STATES: tuple[State, ...] = get_args(State)

_PATIENCE = 0.3  # seconds that a page waits which only says how many conflicts are open


@dataclass(frozen=True, slots=True)
class Asked:
    """Which conflicts, as the address says.

    Attributes
    ----------
    code : a code, with those below it; all if empty
    texts : a donor, or the id of a document; all if empty
    kind : all if empty
    """

    code: str = ""
    texts: str = ""
    kind: Kind | Literal[""] = ""
    state: State = "open"

    def address(self, at: str = "", **changed: object) -> str:
        """Return the address of the queue with something else asked for.

        Examples
        --------
        >>> Asked(code="role").address("d:0-7:role", state="all")
        '/conflicts?code=role&state=all&at=d%3A0-7%3Arole'
        """
        asked = replace(self, **changed)  # type: ignore[arg-type]
        return address(
            "/conflicts",
            ("code", asked.code),
            ("texts", asked.texts),
            ("kind", asked.kind),
            ("state", "" if asked.state == "open" else asked.state),
            ("at", at),
        )


@dataclass(frozen=True, slots=True)
class Contested:
    """All conflicts that there are, whoever asks.

    Attributes
    ----------
    readers : the kinds of coders who have read anything
    n_stale : coded segments left out, since their text has changed
    """

    conflicts: tuple[Conflict, ...]
    unit: Unit
    readers: frozenset[CoderKind]
    n_stale: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What a coder may see of the conflicts.

    Attributes
    ----------
    every : all that match, in order
    listed : those of them in the state asked for
    n_seen : how many there are in all documents and of all codes
    withheld : documents of the chosen texts that are left out, since the coder is to read or judge them blind
    """

    every: tuple[Conflict, ...]
    listed: tuple[Conflict, ...]
    n_seen: int
    withheld: tuple[str, ...]

    def place(self, at: str) -> int:
        """Return where a conflict stands in the list; of one that does not, where it would; else 0."""
        before, listed = 0, {one.id for one in self.listed}
        for one in self.every:
            if one.id == at:
                return before % len(self.listed) if self.listed else 0
            before += one.id in listed
        return 0


_found: Kept[Contested] = Kept(4)


def contested(root: Path, files: Files, work: Work) -> Future[Contested]:
    """Return the conflicts, or what will be them. Decisions alone change none of them."""
    own = firsthand(work.coded, work.decisions)
    segments = [(segment.id, segment.code) for segment in own.segments]
    said = digest_of(repr((segments, own.readings, [memo.id for memo in work.memos])))
    key = root, files.digest, said, _stamp(root)
    return _found.get(key, lambda: _contested(own, work.memos, files, root))


def queue(asked: Asked, found: Contested, files: Files, work: Work, seeing: Sight) -> Queue:
    """Return the conflicts that match, without what the coder may not see yet."""
    book = files.codebook
    codes = {asked.code} | {code.id for code in book.codes if asked.code in book.ancestors(code.id)}
    chosen = [d.id for d in files.corpus if asked.texts in ("", d.id, d.variables.get("donor"))]
    texts = frozenset(chosen)
    visible = [one for one in found.conflicts if not seeing.is_withheld(one.unit.document)]
    every = [
        one
        for one in visible
        if one.unit.document in texts
        and (not asked.code or one.code in codes)
        and asked.kind in ("", one.kind)
    ]
    wanted = {"open": (False,), "settled": (True,), "all": (False, True)}[asked.state]
    return Queue(
        tuple(every),
        tuple(one for one in every if one.is_settled(work.latest) in wanted),
        len(visible),
        tuple(document for document in chosen if seeing.is_withheld(document)),
    )


def n_open(desk: Desk, coder: str) -> int | None:
    """Return how many conflicts are open that a coder may see; None if that takes more than a moment."""
    files, work = desk.files, desk.work
    future = contested(desk.root, files, work)
    wait([future], timeout=_PATIENCE)
    if not future.done() or future.exception() is not None:
        return None
    return len(queue(Asked(), future.result(), files, work, desk.sight(coder)).listed)


def _contested(own: Coded, memos: Iterable[Memo], files: Files, root: Path) -> Contested:
    today, earlier = by_text(own, files.corpus)
    models = _models(today, root, files.codebook.id)
    unit = unit_of(models.values())
    found = conflicts(
        today, files.corpus, files.codebook, unit=unit, counts="any", models=models, memos=memos
    )
    readers = frozenset(reading.kind for reading in today.readings)
    return Contested(tuple(found), unit, readers, len(earlier.segments))


def _models(coded: Coded, root: Path, codebook: str) -> dict[str, Model]:
    """Return the models that have coded here and can be read; without one its reasons only say less."""
    project = Project.open(root)
    names = {reading.coder for reading in coded.readings if reading.kind == "model"}
    found: dict[str, Model] = {}
    for name in sorted(names.intersection(project.models)):
        try:
            model = project.model(name)
        except CodingError:
            continue
        if model.codebook == codebook:
            found[name] = model
    return found


def _stamp(root: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what changes when a model does."""
    stats = ((path.name, path.stat()) for path in sorted((root / "models").glob("*.model")))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
