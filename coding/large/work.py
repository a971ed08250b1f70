"""What a worker does: one partition read, coded, and its results written whole, or not at all."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b, sha256
from itertools import islice
from time import perf_counter
from typing import IO, TYPE_CHECKING

from coding.backend import kept
from coding.cases import is_single
from coding.errors import CodingError
from coding.identifying import foreign
from coding.large import places
from coding.large.columns import LISTS, Columns, lack, stored_types
from coding.large.tables import KINDS, rows, schemas
from coding.model import Corpus, Document
from coding.provenance import versions
from coding.taggers.rules import RuleTagger
from coding.units import sentence_spans

if TYPE_CHECKING:
    import pyarrow.parquet as pq

    from coding.codebook import Codebook
    from coding.learned import Model
    from coding.model import Case, Coder
    from coding.taggers import Tagger
    from coding.taggers.rules import Overlap
    from coding.units import Counts, Unit

COMPUTES = ("py3langid",)  # packages on which results depend, besides those of every result
AT_ONCE = 2_000_000  # code points coded at once: what a worker holds does not grow with the corpus
_ROWS = 64  # read at once
_LARGEST = 20_000_000  # code points of a document; more is no document


@dataclass(frozen=True, slots=True)
class Setup:
    """What every worker needs, whatever the partition.

    Attributes
    ----------
    cases : known by their names
    model : codes in the place of the rules if it is given
    overlap : of rules
    unit, counts : as in `coding.units.on_units`
    by : the document variables whose values make a case
    needed : variables without whose columns a partition is refused; `by` if left out
    made_with : the versions of what computes the results; a worker with others refuses
    """

    codebook: Codebook
    cases: Mapping[str, Case]
    overlap: Overlap
    unit: Unit
    counts: Counts
    by: tuple[str, ...]
    columns: Columns = Columns()  # noqa: RUF009  frozen
    model: Model | None = None
    made_with: Mapping[str, str] = field(default_factory=dict)
    needed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.model is not None and self.model.recipe.embeddings:
            raise CodingError(
                f"{self.model.name} looks at sentence vectors, which workers do not have. Train one that "
                "looks at words (`coding train`)."
            )

        if lists := [name for name in self.by if name in LISTS]:
            raise CodingError(
                f"measurement.by: '{lists[0]}' is a list of names, of which a document may have several, so "
                "it makes no case. Take another variable."
            )

    def tagger(self) -> Tagger:
        """Return what codes."""
        if self.model is None:
            return RuleTagger(self.codebook, overlap=self.overlap, cases=self.cases)
        from coding.taggers.learned import LearnedTagger

        return LearnedTagger(self.model, self.codebook, cases=self.cases)

    @property
    def coder(self) -> Coder:
        """Who signs the coded segments."""
        return self.tagger().coder


@dataclass(frozen=True, slots=True)
class Part:
    """A partition that is to be coded.

    Attributes
    ----------
    place : of the file
    name : of its results
    out : the folder of all results
    keeping : digest under which workers keep the `Setup`
    key : what identifies all but the texts that decides on the results
    limit : how many documents are taken, from the first on; None for all
    share : of the documents that are taken, by their ids; 1 for all
    """

    place: str
    name: str
    out: str
    keeping: str
    key: str
    limit: int | None = None
    share: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a partition.

    Attributes
    ----------
    key, source : what identifies everything else, and the texts
    digests : of the files that were written, by kind
    n_documents, n_segments, n_units, n_characters : what was coded
    n_read : documents that the coder read; the others are in another language
    left : rows that are no documents, by why not
    unused : columns that can be no variable of documents
    peak_mb : the most memory that its worker had held when it was done; 0 where the system does not say
    ids : 8 bytes for each document, by which one that stands in two partitions is seen
    stood : whether the results were there already
    problem : why there are none; empty if there are
    """

    place: str
    name: str
    key: str = ""
    source: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    n_documents: int = 0
    n_segments: int = 0
    n_units: int = 0
    n_characters: int = 0
    n_read: int = 0
    left: Mapping[str, int] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    seconds: float = 0.0
    peak_mb: float = 0.0
    ids: bytes = field(default=b"", repr=False)
    stood: bool = False
    problem: str = ""


def tag_part(part: Part) -> Done:
    """Return what came of a partition: results that are whole, or why there are none."""
    try:
        source = places.digest(part.place) or ""
        if (done := _standing(part, source)) is not None:
            return done
    except (CodingError, OSError) as error:  # whether what is there stands is not known, so it stays
        return Done(part.place, part.name, problem=_said(part, error))
    try:
        return _tagged(part, source)
    except CodingError as error:
        problem = _said(part, error)
    except OSError as error:
        problem = f"results cannot be written: {error.strerror or error}."
    except MemoryError:
        problem = "needs more memory than there is: write it in smaller partitions."
    _take_away(part)
    return Done(part.place, part.name, problem=problem)


def _said(part: Part, error: CodingError | OSError) -> str:
    if isinstance(error, CodingError):
        return "; ".join(each.removeprefix(f"{part.place}: ") for each in error.problems)
    return f"cannot be read: {error.strerror or error}."


def _take_away(part: Part) -> None:
    """Take away what an earlier call left of a partition that cannot be coded any more."""
    with suppress(OSError):
        for kind in ("done", *KINDS):
            places.remove(result(part.out, kind, part.name))


def result(out: str, kind: str, name: str) -> str:
    """Return the place of a result of a partition."""
    suffix = "json" if kind == "done" else "parquet"
    return places.below(out, kind, f"{name}.{suffix}")


def recorded(part: Part) -> Done | None:
    """Return what a folder says of a partition that was coded under these settings; None if nothing."""
    place = result(part.out, "done", part.name)
    if not places.exists(place):
        return None
    with places.reading(place) as file:
        written = file.read()
    try:
        said = json.loads(written)
        changed = {"ids": bytes.fromhex(said["ids"]), "unused": tuple(said["unused"]), "place": part.place}
        found = Done(**{**said, **changed, "stood": True})
    except (ValueError, TypeError, KeyError):
        return None
    return found if found.key == part.key else None


def _standing(part: Part, source: str) -> Done | None:
    """Return what came of a partition if it was coded before, from the same, and its results are whole."""
    found = recorded(part)
    if found is None or found.source != source:
        return None
    whole = all(places.digest(result(part.out, kind, part.name)) == found.digests.get(kind) for kind in KINDS)
    return found if whole else None


def _tagged(part: Part, source: str) -> Done:
    """Code a partition, and write what comes of it; last the record that it is done."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    setup = kept(part.keeping)
    assert isinstance(setup, Setup)
    _refuse_other_versions(setup)
    tagger = setup.tagger()
    begun = perf_counter()
    counted: Counter[str] = Counter()
    left: Counter[str] = Counter()
    seen: dict[bytes, None] = {}
    with places.reading(part.place) as file, ExitStack() as stack:
        with as_parquet():
            parquet = pq.ParquetFile(file)
            schema = parquet.schema_arrow
        variables = setup.columns.of(schema, needed=setup.needed or setup.by)
        kinds = stored_types(schema, variables, setup.columns.given)
        unused = tuple(column for name, column in variables.items() if name not in kinds)
        variables = {name: column for name, column in variables.items() if name in kinds}
        kinds.setdefault("language", pa.string())
        tables = _Tables(part, kinds, stack)
        documents = _documents(parquet, setup.columns, variables, left)
        for some in _at_once(_chosen(documents, part, setup.by, seen, left)):
            corpus = Corpus(tuple(some), setup.cases)
            coded = tagger.tag(corpus)
            made = rows(coded, corpus, setup)
            tables.write(made)
            counted["documents"] += len(some)
            counted["read"] += sum(bool(row["read"]) for row in made["documents"])
            counted["units"] += sum(int(str(row["units"])) for row in made["counts"])
            counted["segments"] += len(coded.segments)
            counted["characters"] += sum(len(document.text) for document in some)
            sentence_spans.cache_clear()  # nobody asks for the sentences of these texts again
        digests = tables.close()
    done = Done(
        part.place,
        part.name,
        key=part.key,
        source=source,
        digests=digests,
        n_documents=counted["documents"],
        n_segments=counted["segments"],
        n_units=counted["units"],
        n_characters=counted["characters"],
        n_read=counted["read"],
        left=dict(left),
        unused=unused,
        seconds=perf_counter() - begun,
        peak_mb=_peak_mb(),
        ids=b"".join(seen),
    )
    with places.writing(result(part.out, "done", part.name)) as file:
        file.write(json.dumps({**asdict(done), "ids": done.ids.hex()}).encode())
    return done


def _peak_mb() -> float:
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def _documents(
    parquet: pq.ParquetFile, columns: Columns, variables: Mapping[str, str], left: Counter[str]
) -> Iterator[Document]:
    wanted = list(dict.fromkeys([columns.id, columns.text, *variables.values()]))
    batches = parquet.iter_batches(batch_size=_ROWS, columns=wanted)
    while True:
        with as_parquet():
            batch = next(batches, None)
            found = [] if batch is None else list(columns.documents(batch, variables, left))
        if batch is None:
            return
        yield from found


@contextmanager
def as_parquet() -> Iterator[None]:
    """Say what is wrong with a file that is read.

    Raises
    ------
    CodingError
        If the file is damaged, or holds what is no text.
    """
    try:
        yield
    except CodingError:
        raise
    except (OSError, ValueError, KeyError, TypeError, NotImplementedError) as error:  # pyarrow's are these
        raise CodingError(f"cannot be read as Parquet: {str(error).splitlines()[0]}") from error


def _refuse_other_versions(setup: Setup) -> None:
    own = versions(*COMPUTES) if setup.made_with else {}
    other = [
        f"{name} {own.get(name)}, not {said}"
        for name, said in setup.made_with.items()
        if own.get(name) != said
    ]
    if other:
        raise CodingError(f"this worker has {', '.join(other)}: install there what the driver has.")


def _chosen(
    documents: Iterator[Document],
    part: Part,
    by: Sequence[str],
    seen: dict[bytes, None],
    left: Counter[str],
) -> Iterator[Document]:
    """Yield the documents that are taken: each id once, of a case, those of the sample, up to the limit."""

    def taken() -> Iterator[Document]:
        for document in documents:
            name = blake2b(document.id.encode(), digest_size=8).digest()
            if name in seen:
                left["id twice"] += 1
            elif without := [each for each in by if not is_single(document.variables.get(each))]:
                left[lack(without[0], document.variables.get(without[0]))] += 1
            elif len(document.text) > _LARGEST:
                left[f"more than {_LARGEST:,} characters"] += 1
            elif is_sampled(document.id, part.share, part.seed):
                seen[name] = None
                yield in_its_language(document)

    return islice(taken(), part.limit)


def is_sampled(document: str, share: float, seed: int) -> bool:
    """Say whether a document belongs to a sample: by its id alone, however the corpus is parted."""
    if share >= 1:
        return True
    drawn = blake2b(f"{seed} {document}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) < share * 2**64


def in_its_language(document: Document) -> Document:
    """Return a document with the language of its text, as `coding add` writes it where nobody says one."""
    if "language" in document.variables or not (language := foreign(document.text)):
        return document
    return replace(document, variables={"language": language, **document.variables})


def _at_once(documents: Iterator[Document]) -> Iterator[list[Document]]:
    some: list[Document] = []
    length = 0
    for document in documents:
        some.append(document)
        length += len(document.text)
        if length >= AT_ONCE:
            yield some
            some, length = [], 0
    if some:
        yield some


class _Tables:
    """The results of a partition as they are written, each beside its place until all are whole."""

    def __init__(self, part: Part, kinds: Mapping[str, object], stack: ExitStack) -> None:
        self._schemas = schemas(kinds)
        self._stack = stack.enter_context(ExitStack())
        self._files = {
            kind: self._stack.enter_context(_hashed(result(part.out, kind, part.name))) for kind in KINDS
        }
        self._writers = {kind: self._writer(kind) for kind in KINDS}

    def _writer(self, kind: str) -> pq.ParquetWriter:
        import pyarrow.parquet as pq

        writer = pq.ParquetWriter(self._files[kind], self._schemas[kind], compression="zstd")
        self._stack.callback(_end, writer)
        return writer

    def write(self, made: Mapping[str, list[dict[str, object]]]) -> None:
        """Write some rows of each kind."""
        import pyarrow as pa

        for kind, found in made.items():
            if found:
                self._writers[kind].write_table(pa.Table.from_pylist(found, schema=self._schemas[kind]))

    def close(self) -> dict[str, str]:
        """Put all files in their places; return their digests."""
        for writer in self._writers.values():
            writer.close()
        self._stack.close()
        return {kind: file.digest for kind, file in self._files.items()}


def _end(writer: pq.ParquetWriter) -> None:
    """End a writer after an error: it would try again to write when it is forgotten."""
    with suppress(Exception):
        writer.close()
    writer.is_open = False


class _Hashed:
    """A file that is written, with the digest of what was."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sha = file, sha256()

    def write(self, data: bytes) -> int:
        """Write bytes."""
        self._sha.update(data)
        return self._file.write(data)

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def flush(self) -> None:
        """Write what waits."""
        self._file.flush()

    def close(self) -> None:
        """Leave the closing to whoever opened the file."""

    @property
    def digest(self) -> str:
        """SHA-256 of all that was written, in hexadecimal."""
        return self._sha.hexdigest()


@contextmanager
def _hashed(place: str) -> Iterator[_Hashed]:
    with places.writing(place) as file:
        yield _Hashed(file)
