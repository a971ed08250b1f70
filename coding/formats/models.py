"""A model as a file: `models/<name>.model`, written when it is trained.

It is a zip whose members are not compressed: what was learned as JSON, its arrays as a NumPy archive, its
features one a line. Nothing in it can be run. The same model gives the same bytes.
"""

from __future__ import annotations

import io
import json
import math
import re
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coding.errors import CodingError
from coding.files import replacing
from coding.learned import PAIR, LearnedCode, LeftOut, Model, Recipe, Vocabulary
from coding.units import Counts, Unit

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".model",)

FORMAT = "normatrix-model"
VERSION = 1
MOST_BYTES = 2**30  # of a file

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
_JSON, _ARRAYS, _WORDS, _RUNS = "model.json", "arrays.npz", "words.txt", "runs.txt"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_ARRAY = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '<f8', 'fortran_order': False, 'shape': \(([0-9, ]{1,40})\), \} *\n",
    re.DOTALL,
)
_NO_ZIP = (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError, OverflowError, struct.error)
_AGAIN = "Take the file as it was written, or train the model again (`coding train`)."

Array = NDArray[np.float64]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Recipe(BaseModel):
    model_config = _STRICT
    words: bool
    context: bool
    rules: bool
    embeddings: bool


class _Code(BaseModel):
    model_config = _STRICT
    code: str
    meaning: str
    intercept: float
    slope: float
    shift: float
    threshold: Annotated[float, Field(ge=0, le=2)]
    low: Share
    strength: Positive
    n_units: Count
    n_bearing: Count
    n_clusters: Count


class _LeftOut(BaseModel):
    model_config = _STRICT
    code: str
    reason: str
    n_bearing: Count


class _File(BaseModel):
    """`digest` is of all else, the other members with it."""

    model_config = _STRICT
    format: str
    digest: str
    made_with: dict[str, str]
    name: str
    codebook: str
    unit: Unit
    counts: Counts
    rollup: bool
    target: Literal["f1"] | Annotated[float, Field(gt=0, lt=1)]
    seed: int
    recipe: _Recipe
    rules_digest: str
    rule_codes: list[str]
    vectors: str
    n_columns: Count
    codes: Annotated[list[_Code], Field(min_length=1)]
    left_out: list[_LeftOut]
    training: str
    n_units: Count
    n_weak: Count
    languages: list[str]


def write_model(path: Path, model: Model) -> None:
    """Write a model; reading it gives the same again.

    Raises
    ------
    CodingError
        If it cannot be written, or is too large to be read again.
    """
    arrays = {
        "weights": np.stack([each.weights for each in model.codes]),
        "scores": np.concatenate([each.scores for each in model.codes]),
    }
    members: dict[str, bytes] = {}
    words = model.vocabulary
    if words is not None:
        arrays |= {"word_weights": words.word_weights, "run_weights": words.run_weights}
        members |= {_WORDS: _as_lines(words.words), _RUNS: _as_lines(words.runs)}
    members[_ARRAYS] = _zipped({f"{name}.npy": _as_bytes(array) for name, array in arrays.items()})
    values = _values(model)
    said = {"format": f"{FORMAT} {VERSION}", "digest": _digest(values, members)} | values
    text = json.dumps(said, indent=1) + "\n"
    whole = _zipped({_JSON: text.encode("ascii"), **members})
    if len(whole) > MOST_BYTES:
        raise CodingError(
            f"{path}: a model of {len(whole) / 2**20:.0f} MB is too large to be read again. Train it on "
            "fewer codes."
        )
    with replacing([path]) as (beside,):
        beside.write_bytes(whole)


def read_model(path: Path, *, name: str | None = None) -> Model:
    """Return the model of a file.

    Raises
    ------
    CodingError
        If the file is none, was changed since it was written, or is of a later version.
    """
    shown = name or str(path)
    try:
        members = _members(_content(path), _JSON)
        version = _version(members[_JSON])
        model = _model(members) if version <= VERSION else None
    except CodingError as error:
        raise CodingError(f"{shown}: {error} {_AGAIN}") from error
    if model is None:
        raise CodingError(
            f"{shown}: is of version {version} of the format, and this Normatrix reads {VERSION}. Install a "
            "newer one."
        )
    return model


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        raise CodingError(f"cannot be read: {error.strerror}.") from error
    if size > MOST_BYTES:
        raise CodingError(f"is larger than a model can be ({size / 2**20:.0f} MB).")
    return content


def _model(members: Mapping[str, bytes]) -> Model:
    file = _file(members[_JSON])
    others = [*((_WORDS, _RUNS) if file.recipe.words else ()), _ARRAYS]
    _refuse_others(members, [_JSON, *others])
    values = file.model_dump(exclude={"format", "digest"})
    if file.digest != _digest(values, {name: members[name] for name in others}):
        raise CodingError("was changed since it was written.")
    arrays = _members(members[_ARRAYS], "weights.npy")
    names = ["weights", "scores", *(("word_weights", "run_weights") if file.recipe.words else ())]
    _refuse_others(arrays, [f"{each}.npy" for each in names])
    vocabulary = None
    if file.recipe.words:
        words, runs = _lines(members[_WORDS], _WORDS), _lines(members[_RUNS], _RUNS)
        _refuse_odd(words, runs)
        rare = [
            _array(arrays, f"{kind}_weights", (len(found),))
            for kind, found in (("word", words), ("run", runs))
        ]
        vocabulary = Vocabulary(words, runs, *rare)
    _refuse_unfit(file, vocabulary)
    weights = _array(arrays, "weights", (len(file.codes), file.n_columns))
    scores = _array(arrays, "scores", (sum(each.n_units for each in file.codes),))
    bounds = pairwise(accumulate((each.n_units for each in file.codes), initial=0))
    return Model(
        name=file.name,
        codebook=file.codebook,
        unit=file.unit,
        counts=file.counts,
        rollup=file.rollup,
        target=file.target,
        seed=file.seed,
        recipe=Recipe(**file.recipe.model_dump()),
        rules_digest=file.rules_digest,
        rule_codes=tuple(file.rule_codes),
        vectors=file.vectors,
        vocabulary=vocabulary,
        codes=tuple(
            LearnedCode(**each.model_dump(), weights=row, scores=scores[first:last])
            for each, row, (first, last) in zip(file.codes, weights, bounds, strict=True)
        ),
        left_out=tuple(LeftOut(each.code, each.reason, each.n_bearing) for each in file.left_out),
        training=file.training,
        n_units=file.n_units,
        n_weak=file.n_weak,
        languages=tuple(file.languages),
        made_with=file.made_with,
    )


def _values(model: Model) -> dict[str, object]:
    """Return all that is said of a model but its arrays and features."""
    return {
        "made_with": dict(sorted(model.made_with.items())),
        "name": model.name,
        "codebook": model.codebook,
        "unit": model.unit,
        "counts": model.counts,
        "rollup": model.rollup,
        "target": model.target,
        "seed": model.seed,
        "recipe": asdict(model.recipe),
        "rules_digest": model.rules_digest,
        "rule_codes": list(model.rule_codes),
        "vectors": model.vectors,
        "n_columns": len(model.codes[0].weights),
        "codes": [{name: getattr(each, name) for name in _Code.model_fields} for each in model.codes],
        "left_out": [asdict(each) for each in model.left_out],
        "training": model.training,
        "n_units": model.n_units,
        "n_weak": model.n_weak,
        "languages": list(model.languages),
    }


def _digest(values: Mapping[str, object], members: Mapping[str, bytes]) -> str:
    """Return what identifies a model: a digest of what is said of it and of the bytes of its members."""
    found = sha256(json.dumps(values, sort_keys=True).encode("ascii"))
    for name in sorted(members):
        found.update(name.encode("ascii") + sha256(members[name]).digest())
    return found.hexdigest()


def _version(raw: bytes) -> int:
    """Return the version of the format, which stands first; 0 if it does not."""
    said = re.match(rb'\s*\{\s*"format"\s*:\s*"%s (\d{1,9})"' % FORMAT.encode("ascii"), raw)
    return int(said[1]) if said else 0


def _file(raw: bytes) -> _File:
    try:
        file = _File.model_validate_json(raw)
    except ValidationError as error:
        details = error.errors(include_input=False)[0]
        key = ".".join(map(str, details["loc"])) or "the whole"
        raise CodingError(f"{_JSON}, '{key}': {details['msg'].lower()}.") from error
    if file.format != f"{FORMAT} {VERSION}":
        raise CodingError(f"{_JSON}, 'format': is {file.format[:40]!r}, not '{FORMAT} {VERSION}'.")
    return file


def _refuse_unfit(file: _File, vocabulary: Vocabulary | None) -> None:
    """Raise if what is said of a model does not agree with itself."""
    codes = [each.code for each in file.codes]
    known = len(vocabulary or ()) * (1 + file.recipe.context) + len(file.rule_codes)
    fits = file.n_columns > known if file.recipe.embeddings else file.n_columns == known
    if not fits or not file.n_columns:
        raise CodingError(f"{file.n_columns} columns have weights, and the model looks at {known}.")
    if len(set(codes)) < len(codes):
        raise CodingError("a code stands in it twice.")
    if bool(file.rules_digest) != file.recipe.rules or bool(file.rule_codes) > file.recipe.rules:
        raise CodingError("it says what rules it looks at, and that it looks at none, or neither.")
    if bool(file.vectors) != file.recipe.embeddings:
        raise CodingError("it says what sentence vectors it looks at, and that it looks at none, or neither.")
    if any(each.low > each.threshold for each in file.codes):
        raise CodingError("the band of a code ends below its beginning.")


def _refuse_odd(words: Sequence[str], runs: Sequence[str]) -> None:
    """Raise unless features are single words, pairs and runs of letters, sorted, each once."""
    for names, found in ((_WORDS, words), (_RUNS, runs)):
        if any(first >= second for first, second in pairwise(found)):
            raise CodingError(f"{names}: the features are not sorted, or one stands there twice.")
    parts = [each.split(PAIR) for each in words]
    if not all(runs) or not all(len(each) <= 2 and all(each) for each in parts):
        raise CodingError("a feature is no word, pair of words or run of letters.")


def _refuse_others(members: Mapping[str, bytes], wanted: Sequence[str]) -> None:
    """Raise unless exactly these members are there."""
    for name in wanted:
        if name not in members:
            raise CodingError(f"there is no {name} in it.")
    for name in members:
        if name not in wanted:
            raise CodingError(f"there is {name[:60]!r} in it, which is no part of a model.")


def _members(content: bytes, wanted: str) -> dict[str, bytes]:
    """Return the members of a zip that holds no compressed ones: they take no more room than it does."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            inside = file.infolist()
            plain = all(one.compress_type == zipfile.ZIP_STORED for one in inside)
            small = sum(one.file_size for one in inside) <= len(content)
            found = {one.filename: file.read(one) for one in inside} if plain and small else {}
    except _NO_ZIP as error:
        raise CodingError(f"is no model, or was cut off ({_short(error)}).") from error
    if not plain or not small:
        raise CodingError("a member is packed otherwise than models are.")
    if len(found) < len(inside):
        raise CodingError("a member stands in it twice.")
    if wanted not in found:
        raise CodingError(f"there is no {wanted} in it.")
    return found


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:80].lower().rstrip(".")


def _zipped(members: Mapping[str, bytes]) -> bytes:
    """Return members as a zip that says nothing of when, where and by whom it was written."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        for name, content in members.items():
            member = zipfile.ZipInfo(name, _FIRST_DAY)
            member.create_system = 3
            member.external_attr = 0o644 << 16
            file.writestr(member, content)
    return whole.getvalue()


def _as_bytes(array: Array) -> bytes:
    whole = io.BytesIO()
    np.lib.format.write_array(whole, np.ascontiguousarray(array, "<f8"), version=(1, 0), allow_pickle=False)
    return whole.getvalue()


def _array(arrays: Mapping[str, bytes], name: str, shape: tuple[int, ...]) -> Array:
    """Return an array of numbers. What is no such array is not even looked into."""
    where, content = f"{_ARRAYS}, {name}", arrays[f"{name}.npy"]
    head = _ARRAY.match(content)
    if head is None:
        raise CodingError(f"{where}: is no array of floating point numbers (float64).")
    said = tuple(int(part) for part in head[1].split(b",") if part.strip().isdigit())
    if said != shape:
        raise CodingError(f"{where}: its shape is {said}, not {shape}.")
    if len(content) != head.end() + 8 * math.prod(shape):
        raise CodingError(f"{where}: it is longer or shorter than its shape says.")
    found = np.frombuffer(content, "<f8", offset=head.end()).astype(np.float64).reshape(shape)
    if not np.isfinite(found).all():
        raise CodingError(f"{where}: a number is not finite.")
    return found


def _as_lines(names: Sequence[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode("utf-8", "surrogatepass")


def _lines(content: bytes, where: str) -> tuple[str, ...]:
    try:
        text = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise CodingError(f"{where}: is not UTF-8 (byte {error.start}).") from error
    *lines, rest = text.split("\n")
    if rest:
        raise CodingError(f"{where}: its last line was cut off.")
    return tuple(lines)
