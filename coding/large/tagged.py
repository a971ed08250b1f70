"""A folder that `coding tag --corpus` wrote, opened: who coded what, how, and the passages, on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coding.errors import CodingError, installed_by
from coding.large import places
from coding.large.driver import FORMAT, MANIFEST
from coding.large.work import result
from coding.taggers.rules import Overlap
from coding.units import Counts, Unit

if TYPE_CHECKING:
    import pyarrow as pa

_AGAIN = "Give `coding tag --corpus` again."


class Settings(BaseModel):
    """What decided on the results, but for the texts (`coding.large.driver`)."""

    model_config = ConfigDict(frozen=True)
    made_with: Annotated[dict[str, str], Field(alias="made with")]
    codebook: str
    codebook_digest: Annotated[str, Field(alias="codebook digest")]
    names_digest: Annotated[str, Field(alias="names digest")]
    coder: str
    coder_kind: Annotated[Literal["rules", "model"], Field(alias="coder kind")]
    overlap: Overlap
    unit: Unit
    counts: Counts
    by: list[str]
    limit: int | None
    share: float
    seed: int


class _Partition(BaseModel):
    name: str
    source: str
    key: str
    digests: dict[str, str]
    n_segments: int
    n_documents: int
    n_read: int
    problem: str


class _Manifest(BaseModel):
    format: int
    settings: Settings
    partitions: list[_Partition]
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A coded segment of a large corpus, with its words.

    Attributes
    ----------
    start, end : in code points of the document, half-open
    because : the rules that found it, or what moved the model
    is_surely : whether all units of its document that bear the code speak of the case; else it may be one
        that speaks of another
    """

    document: str
    start: int
    end: int
    code: str
    because: str
    quote: str
    is_surely: bool = True


@dataclass(frozen=True, slots=True)
class Tagged:
    """A folder of coded partitions.

    Attributes
    ----------
    names : of the partitions that are done, in order
    sources, keys : digests of their texts, and of what else decided on their results
    digests : of the files of each, by kind
    n_segments : coded segments in all of them
    n_missing : partitions that are not done
    n_foreign : documents in a language that the coder does not read
    """

    folder: str
    settings: Settings
    names: tuple[str, ...]
    sources: tuple[str, ...]
    keys: tuple[str, ...] = field(repr=False)
    digests: tuple[Mapping[str, str], ...] = field(repr=False)
    n_segments: int
    n_missing: int
    n_foreign: int = 0

    @classmethod
    def open(cls, folder: str, *, partial: bool = False) -> Tagged:
        """Return a folder that `coding tag --corpus` wrote.

        Parameters
        ----------
        partial : whether it may be counted although partitions are not done

        Raises
        ------
        CodingError
            If it is none, of another format, or not all partitions are done and `partial` was not said.
        """
        require_pyarrow()
        folder = places.checked_folder(folder)
        said = _manifest(folder)
        done = [each for each in said.partitions if not each.problem]
        asked = said.asked if said.settings.limit is None else 0
        n_missing = max(len(said.partitions), asked) - len(done)
        if not done:
            raise CodingError(f"{folder}: no partition is done. {_AGAIN}")
        if n_missing and not partial:
            raise CodingError(
                f"{folder}: {n_missing} of {len(done) + n_missing} partitions not done. Give `coding tag "
                "--corpus` again; or count what is done: --partial."
            )
        return cls(
            folder,
            said.settings,
            tuple(each.name for each in done),
            tuple(each.source for each in done),
            tuple(each.key for each in done),
            tuple(each.digests for each in done),
            sum(each.n_segments for each in done),
            n_missing,
            sum(each.n_documents - each.n_read for each in done),
        )

    @property
    def what_is_missing(self) -> str:
        """In words, which texts are not in it; empty if it holds all that were named."""
        how, said = self.settings, []
        if self.n_missing:
            said.append(f"{self.n_missing} partition{'s' * (self.n_missing != 1)} not done")
        if how.limit is not None:
            said.append(f"only the first {how.limit:,} documents taken")
        if how.share != 1:
            said.append(f"only a share of {how.share:g} of the documents drawn (seed {how.seed})")
        return ", ".join(said)

    def table(
        self, kind: str, partition: int, columns: Sequence[str] | None = None, *, codes: Sequence[str] = ()
    ) -> pa.Table:
        """Return a table of a partition.

        Parameters
        ----------
        kind : of `coding.large.tables.KINDS`
        columns : those that are read; all that there are if left out
        codes : only rows of these codes; all if none is named

        Raises
        ------
        CodingError
            If the file is gone or cannot be read.
        """
        import pyarrow.parquet as pq

        place = result(self.folder, kind, self.names[partition])
        with places.reading(place) as file:
            try:  # by one thread: one that still reads when the command ends would bring it down
                parquet = pq.ParquetFile(file, pre_buffer=False)
                found = parquet.read(columns=list(columns) if columns else None, use_threads=False)
                return _where(found, "code", codes) if codes else found
            except (ValueError, KeyError, OSError) as error:
                why = str(error).splitlines()[0]
                raise CodingError(f"{place}: cannot be read: {why} {_AGAIN}") from error

    def refuse_changed(self, kinds: Sequence[str]) -> None:
        """Raise if files of some kinds are not those that were written."""
        for name, digests in zip(self.names, self.digests, strict=True):
            for kind in kinds:
                place = result(self.folder, kind, name)
                if places.digest(place) != digests.get(kind):
                    raise CodingError(f"{place}: is not what `coding tag --corpus` wrote. {_AGAIN}")

    def hits(
        self, documents: Mapping[int, Mapping[str, bool]], codes: Sequence[str], *, most: int
    ) -> tuple[list[Hit], int]:
        """Return coded segments of some documents, and how many there are.

        Parameters
        ----------
        documents : for each partition, by its place, the ids of documents, and whether surely the case's
        codes : only these
        most : so many are returned, the first
        """
        found: list[Hit] = []
        n = 0
        for partition, ids in documents.items():
            own = _where(self.table("segments", partition, _OF_A_HIT, codes=codes), "document", list(ids))
            n += len(own)
            rows = own.slice(0, most - len(found)).to_pylist()
            found += [Hit(**row, is_surely=ids[row["document"]]) for row in rows]
        return found, n


_OF_A_HIT = ("document", "start", "end", "code", "because", "quote")


def require_pyarrow() -> None:
    """Raise unless the packages that read and write Parquet are installed."""
    if find_spec("pyarrow") is None or find_spec("fsspec") is None:
        raise CodingError(f"large corpora: install what reads them with {installed_by('large')}.")


def _where(table: pa.Table, column: str, values: Sequence[str]) -> pa.Table:
    """Return the rows with one of these values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.is_in(table[column], value_set=pa.array(values, pa.string())))


def _manifest(folder: str) -> _Manifest:
    place = places.below(folder, MANIFEST)
    if not places.exists(place) and places.names(places.below(folder, "done")):
        raise CodingError(f"{folder}: the command that wrote it was stopped before its end. {_AGAIN}")
    if not places.exists(place):
        raise CodingError(
            f"{folder}: has no {MANIFEST}. Name the folder that `coding tag --corpus ... --out FOLDER` wrote."
        )
    with places.reading(place) as file:
        written = file.read()
    try:
        said = _Manifest.model_validate_json(written)
    except ValidationError as error:
        raise CodingError(f"{place}: is damaged, or of another version. {_AGAIN}") from error
    if said.format != FORMAT:
        raise CodingError(f"{place}: is of format {said.format}; format {FORMAT} is read here. {_AGAIN}")
    return said
