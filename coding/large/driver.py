"""The driver: which partitions there are, who does them, what became of each, and the record of it all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import PurePosixPath
from time import perf_counter
from typing import TYPE_CHECKING

from coding.backend import Backend, Kept, opened
from coding.errors import CodingError
from coding.ids import slug
from coding.large import places
from coding.large.work import COMPUTES, Done, Part, Setup, recorded, result, tag_part
from coding.provenance import versions

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from coding.learned import Model
    from coding.model import Case

FORMAT = 1
MANIFEST = "manifest.json"
_SHOWN = 5  # ids that are named

Told = Callable[["Progress"], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes
    ----------
    n_done, n_parts : partitions done, and all
    n_bytes, n_bytes_done : of the files of all partitions, and of those done
    n_bytes_coded : of those coded in this run, which did not stand already
    n_characters : coded in this run
    seconds : since its beginning
    is_limited : whether it ends when there are documents enough
    """

    n_done: int
    n_parts: int
    n_bytes_done: int
    n_bytes: int
    n_bytes_coded: int
    n_characters: int
    seconds: float
    is_limited: bool = False

    @property
    def rate(self) -> float:
        """Code points coded in a second."""
        return self.n_characters / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes, if it is like what was coded; None if nothing was, or --limit ends it."""
        if not self.n_bytes_coded or self.is_limited:
            return None
        return self.seconds * (self.n_bytes - self.n_bytes_done) / self.n_bytes_coded


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a corpus.

    Attributes
    ----------
    done : partitions that were coded, in the order of their names
    failed : those that were not, each with its problem
    twice : documents whose id stands in more than one partition
    such : some of them, by their ids
    strays : results in the folder of partitions that were not named this time
    settings : what identifies the run
    replaced : partitions that had been coded with other settings, and were done again
    earlier : what was other in these settings, in words
    """

    out: str
    done: tuple[Done, ...]
    failed: tuple[Done, ...]
    twice: int
    settings: Mapping[str, object]
    seconds: float = 0.0
    left: Mapping[str, int] = field(default_factory=dict)
    such: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()
    replaced: int = 0
    earlier: tuple[str, ...] = ()

    @property
    def n_documents(self) -> int:
        """How many documents were coded."""
        return sum(each.n_documents for each in self.done)

    @property
    def n_segments(self) -> int:
        """How many coded segments there are."""
        return sum(each.n_segments for each in self.done)


def tag_large(
    named: Sequence[str],
    out: str,
    setup: Setup,
    *,
    backend: Backend,
    limit: int | None = None,
    share: float = 1.0,
    seed: int = 0,
    told: Told = lambda _: None,
) -> Summary:
    """Code the texts of Parquet partitions; leave coded segments, readings, documents and counts as Parquet.

    A partition whose results are there, whole and from the same texts and settings, is not done again. After
    an error or Ctrl-C the results of every partition are whole or absent, and the same call goes on.

    Parameters
    ----------
    named : files, folders, patterns, addresses
    limit : only the first documents, in the order of the partitions
    share, seed : only this share of the documents, chosen by their ids: the same however they are parted
    told : is called with how far the work is, after each partition

    Raises
    ------
    CodingError
        If there is no partition, it lies where results go, nothing can be written, or no worker can be had.
    """
    if not 0 < share <= 1:
        raise CodingError(f"--sample: {share} is no share of the documents. Give one above 0, up to 1.")
    files = places.partitions(named)
    out = places.checked_folder(out)
    if within := [place for place in files if places.is_below(place, out)]:
        raise CodingError(
            f"--out: {out} cannot hold results, since texts that are to be coded lie in it: {within[0]}. "
            "Name another folder."
        )
    setup = replace(setup, made_with=versions(*COMPUTES))
    keeping = Kept.of(setup)
    settings = _settings(setup, limit=limit, share=share, seed=seed)
    key = sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    names = {place: _name(place) for place in files}
    parts = [Part(place, names[place], out, keeping.digest, key, None, share, seed) for place in files]
    sizes = {part.place: places.size(part.place) for part in parts}
    work = _Work(parts, sizes, told, is_limited=limit is not None)
    with places.alone(out):
        before = _before(out, settings)
        try:
            if limit is None:
                work.run(parts, backend, keeping)
            else:
                _limited(work, parts, limit, keeping)
        finally:
            left = [part for part in parts if part.place not in work.found] if limit is None else []
            there = [done for part in left if (done := _recorded(part)) is not None]
            reached = {each.name: _of_manifest(each) for each in (*there, *work.found.values())}
            asked = {part.name for part in parts}
            kept = {name: said for name, said in before.found.items() if name in asked}
            _write_manifest(out, settings, kept | reached, len(parts))
    return _summary(out, settings, work, before)


def _recorded(part: Part) -> Done | None:
    """Return what a folder says of a partition, so far as it can be read."""
    try:
        return recorded(part)
    except (CodingError, OSError):
        return None


class _Work:
    """What is still to be done, and what was found out."""

    def __init__(
        self, parts: Sequence[Part], sizes: Mapping[str, int], told: Told, *, is_limited: bool
    ) -> None:
        self.found: dict[str, Done] = {}
        self.begun = perf_counter()
        self._is_limited = is_limited
        self._parts, self._sizes, self._told = parts, sizes, told

    @property
    def seconds(self) -> float:
        return perf_counter() - self.begun

    def run(self, parts: Sequence[Part], backend: Backend, keeping: Kept) -> None:
        """Have all partitions done; those that were under way when a worker died are done one by one then."""
        suspects = self._rounds(parts, backend, keeping, ahead=1)
        for part in self._rounds(suspects, replace(backend, n=1), keeping, ahead=0):
            self.take(Done(part.place, part.name, problem=_DIED))

    def _rounds(self, parts: Sequence[Part], backend: Backend, keeping: Kept, *, ahead: int) -> list[Part]:
        """Do partitions, with new workers whenever one died; return those that were under way then.

        Parameters
        ----------
        ahead : how many are handed out besides those that workers are at
        """
        todo, suspects = list(parts), []
        while todo:
            with opened(backend, keeping) as (executor, n):
                todo, under_way = self._all(todo, executor, n + ahead)
            suspects += under_way
        return suspects

    def _all(self, todo: list[Part], executor: Executor, most: int) -> tuple[list[Part], list[Part]]:
        """Do partitions, few at a time; return what was not begun when a worker died, and what was."""
        waiting, under_way = list(reversed(todo)), dict[Future[Done], Part]()
        while waiting or under_way:
            while waiting and len(under_way) < most:
                try:
                    under_way[executor.submit(tag_part, waiting[-1])] = waiting[-1]
                except BrokenProcessPool:
                    return list(reversed(waiting)), list(under_way.values())
                waiting.pop()
            ended, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in ended:
                part = under_way[future]
                try:
                    self.take(future.result())
                except (BrokenProcessPool, CancelledError):
                    return list(reversed(waiting)), list(under_way.values())
                except Exception as error:  # noqa: BLE001  the others are done all the same
                    self.take(Done(part.place, part.name, problem=_stopped(error)))
                del under_way[future]
        return [], []

    def take(self, done: Done) -> None:
        """Keep what came of a partition, and tell."""
        self.found[done.place] = done
        fresh = [each for each in self.found.values() if not each.stood and not each.problem]
        self._told(
            Progress(
                len(self.found),
                len(self._parts),
                sum(self._sizes[place] for place in self.found),
                sum(self._sizes.values()),
                sum(self._sizes[each.place] for each in fresh),
                sum(each.n_characters for each in fresh),
                self.seconds,
                self._is_limited,
            )
        )


_DIED = "its worker ended before it was done, perhaps for want of memory: write it in smaller partitions."


def _stopped(error: Exception) -> str:
    """Return why a partition has no results, by what its worker, or the cluster, said."""
    if type(error).__name__ == "KilledWorker":
        return _DIED
    return f"stopped by an error of the program: {type(error).__name__}: {error}"


def _limited(work: _Work, parts: Sequence[Part], limit: int, keeping: Kept) -> None:
    """Have partitions done one after the other until there are documents enough."""
    left = limit
    with opened(Backend("serial"), keeping) as (executor, _):
        for part in parts:
            if not left:
                return
            done = executor.submit(tag_part, replace(part, limit=left, key=f"{part.key} {left}")).result()
            work.take(done)
            left -= done.n_documents


def _settings(setup: Setup, **more: object) -> dict[str, object]:
    """Return what decides on the results, but for the texts."""
    said: dict[str, object] = {
        "made with": dict(setup.made_with),
        "codebook": f"{setup.codebook.id} {setup.codebook.version}",
        "codebook digest": setup.codebook.digest,
        "names digest": names_digest(setup.cases),
        "coder": setup.coder.id,
        "coder kind": setup.coder.kind,
        "model digest": _digest(setup.model) if setup.model else "",
        "overlap": setup.overlap,
        "unit": setup.unit,
        "counts": setup.counts,
        "by": list(setup.by),
        "columns": asdict(setup.columns),
    }
    return {**said, **more}


def names_digest(cases: Mapping[str, Case]) -> str:
    """Return what identifies the names of cases: by them rules know actors, and units their donors."""
    return sha256(repr([asdict(case) for case in cases.values()]).encode()).hexdigest()


def _digest(model: Model) -> str:
    """Return what identifies a model: all that it learned."""
    found = sha256(repr((model.name, model.codebook, model.recipe, model.unit, model.training)).encode())
    for code in model.codes:
        found.update(repr((code.code, code.meaning, code.threshold, code.low, code.intercept)).encode())
        found.update(code.weights.tobytes())
    return found.hexdigest()


def _name(place: str) -> str:
    """Return the name of a partition's results: that of its file, and what tells it from others so called."""
    stem = slug(PurePosixPath(place.replace("\\", "/")).stem) or "part"
    return f"{stem}-{sha256(places.one_name(place).encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class _Before:
    """What a folder says of its partitions before a run.

    Attributes
    ----------
    found : of those that were coded under the settings of this run, by their names
    replaceable : names of those that were coded under others, if their results do not stand
    other : what was other in the settings, in words
    """

    found: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    replaceable: AbstractSet[str] = frozenset()
    other: tuple[str, ...] = ()


def _before(out: str, settings: Mapping[str, object]) -> _Before:
    """Return what a folder says of its partitions.

    Raises
    ------
    CodingError
        If this is a trial, and the folder holds results of all documents.
    """
    place = places.below(out, MANIFEST)
    there = frozenset(name.removesuffix(".json") for name in places.names(places.below(out, "done")))
    if not places.exists(place):
        return _Before(replaceable=there)
    with places.reading(place) as file:
        written = file.read()
    try:
        said = json.loads(written)
        earlier, found = said["settings"], {each["name"]: each for each in said["partitions"]}
    except (ValueError, KeyError, TypeError):
        return _Before(replaceable=there)
    if _is_trial(settings) and not _is_trial(earlier):
        raise CodingError(
            f"{out} holds results of all documents. Give a trial (--limit, --sample) its own --out."
        )
    now = json.loads(json.dumps(settings))
    if earlier == now:
        return _Before(found, there - set(found))  # of others if a run that was to replace them was stopped
    return _Before({}, there, tuple(_other(earlier, now)))


def _other(earlier: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    """Yield in words what was other in earlier settings."""
    is_other = {name: earlier.get(name) != said for name, said in now.items()}
    if is_other["codebook"]:
        yield f"codebook {earlier.get('codebook')}"
    elif is_other["codebook digest"]:
        yield f"codebook {earlier.get('codebook')} as it was then"
    for name in ("coder", "overlap", "unit", "counts", "by", "limit", "share", "seed"):
        said = earlier.get(name)
        if is_other[name] and said is not None:
            yield f"{name} {', '.join(map(str, said)) if isinstance(said, list) else said}"
    if is_other["model digest"] and not is_other["coder"]:
        yield "another model"
    for name, what in (("names digest", "names of cases"), ("columns", "columns"), ("made with", "versions")):
        if is_other[name]:
            yield f"other {what}"


def _is_trial(settings: Mapping[str, object]) -> bool:
    return settings.get("limit") is not None or settings.get("share") != 1.0


def _write_manifest(
    out: str, settings: Mapping[str, object], found: Mapping[str, Mapping[str, object]], n_asked: int
) -> None:
    said = {
        "format": FORMAT,
        "settings": dict(settings),
        "asked": n_asked,
        "partitions": [dict(found[name]) for name in sorted(found)],
    }
    try:
        with places.writing(places.below(out, MANIFEST)) as file:
            file.write(json.dumps(said, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise CodingError(f"--out: {out} cannot be written: {error.strerror or error}.") from error


def _of_manifest(done: Done) -> dict[str, object]:
    said = asdict(done)
    for name in ("ids", "stood", "seconds", "peak_mb"):
        del said[name]
    return said


def _summary(out: str, settings: Mapping[str, object], work: _Work, before: _Before) -> Summary:
    found = sorted(work.found.values(), key=lambda each: each.name)
    done = tuple(each for each in found if not each.problem)
    left: Counter[str] = Counter()
    for each in done:
        left.update(each.left)
    return Summary(
        out,
        done,
        tuple(each for each in found if each.problem),
        _twice(done),
        settings,
        work.seconds,
        dict(left),
        tuple(_such(out, done)),
        _strays(out, {each.name for each in done}),
        sum(each.name in before.replaceable and not each.stood for each in done),
        before.other,
    )


def _twice(done: Sequence[Done]) -> int:
    """Return how many documents stand in more than one partition."""
    return sum(n - 1 for n in _times(done).values())


def _times(done: Sequence[Done]) -> dict[int, int]:
    """Return how often each id comes, of those that come more than once, by the 8 bytes that stand for it."""
    import numpy as np

    ids = np.frombuffer(b"".join(each.ids for each in done), dtype=np.uint64)
    found, times = np.unique(ids, return_counts=True)
    return dict(zip(found[times > 1].tolist(), times[times > 1].tolist(), strict=True))


def _such(out: str, done: Sequence[Done]) -> Iterator[str]:
    """Yield some ids that stand in more than one partition, with the partitions."""
    import numpy as np
    import pyarrow.parquet as pq

    found: dict[str, list[str]] = {}
    for wanted in list(_times(done))[:_SHOWN]:
        for each in done:
            at = np.flatnonzero(np.frombuffer(each.ids, dtype=np.uint64) == wanted)
            if len(at):
                with places.reading(result(out, "documents", each.name)) as file:
                    ids = pq.ParquetFile(file, pre_buffer=False).read(columns=["id"], use_threads=False)
                found.setdefault(str(ids["id"][int(at[0])]), []).append(each.place)
    short = places.short_names([each.place for each in done])[1]
    for name, where in found.items():
        yield f"{name} in {' and '.join(short[place] for place in where)}"


def _strays(out: str, known: AbstractSet[str]) -> tuple[str, ...]:
    there = (name.removesuffix(".parquet") for name in places.names(places.below(out, "segments")))
    return tuple(name for name in there if name not in known)
