"""The file of a model: what is written is read again to the last bit, and nothing else is taken for a model."""

import hashlib
import io
import json
import pickle
import random
import struct
import zipfile
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.codebook import Code, Codebook
from coding.errors import CodingError
from coding.formats import models
from coding.formats.models import read_model, write_model
from coding.learned import NEVER, LearnedCode, LeftOut, Model, Recipe, Vocabulary
from coding.model import Document
from coding.project import Project
from coding.taggers.learned import LearnedTagger
from coding.taggers.learned.words import learn_vocabulary

TEXTS = (
    "It is a bridge 🙂.",
    "A bridge it is: 日本は平和を築く。",
    "한국은 훈련한다, e\u0301te\u0301.",
    "한국은 日本は平和を築く。 e\u0301te\u0301",
)
CODES = (
    Code("role", "Role", "What it is."),
    Code("role.bridge", "Bridge", "It joins.", parent="role"),
    Code("peace", "Peace", "Of peace."),
)
BOOK = Codebook("book", "1.0.0", CODES)
VOCABULARY = learn_vocabulary(TEXTS)
N = len(VOCABULARY)


def code(name, n_columns, *, n_units=12, seed=1, **values):
    chance = np.random.default_rng(seed)
    return LearnedCode(**{
        "code": name, "meaning": BOOK[name].meaning if name in BOOK else "m",
        "weights": chance.normal(size=n_columns), "intercept": -1.25, "slope": 1.5, "shift": -0.1,
        "threshold": 0.5, "low": 0.125, "strength": 4.0, "n_units": n_units, "n_bearing": 10, "n_clusters": 3,
        "scores": chance.normal(size=n_units),
    } | values)  # fmt: skip


def model(*, recipe=Recipe(), vocabulary=VOCABULARY, more=0, **values):  # noqa: B008  it is frozen
    vocabulary = vocabulary if recipe.words else None
    rule_codes = ("role", "role.bridge") if recipe.rules else ()
    n = len(vocabulary or ()) * (1 + recipe.context) + len(rule_codes) + more
    return Model(**{
        "name": "first", "codebook": "book", "unit": "sentence", "counts": "any", "rollup": True, "target": "f1",
        "seed": 7, "recipe": recipe, "rules_digest": BOOK.digest if recipe.rules else "", "rule_codes": rule_codes,
        "vectors": "vectors 1" if recipe.embeddings else "",
        "vocabulary": vocabulary, "codes": (code("role", n), code("peace", n, n_units=20, seed=2)),
        "left_out": (LeftOut("role.bridge", "fewer than 10 units bear it", 3),), "training": "d" * 64,
        "n_units": 40, "n_weak": 3, "languages": ("en", "ja"),
    } | values)  # fmt: skip


def alike(first, second):
    """Say whether two values are the same to the last bit."""
    if type(first) is not type(second):
        return False
    if isinstance(first, np.ndarray):
        return (first.dtype, first.shape, first.tobytes()) == (second.dtype, second.shape, second.tobytes())
    if isinstance(first, Model | LearnedCode | Vocabulary):
        return all(alike(getattr(first, f.name), getattr(second, f.name)) for f in fields(first))
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(alike, first, second))
    if isinstance(first, float):
        return struct.pack("<d", first) == struct.pack("<d", second)
    return first == second


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "first.model"
    write_model(path, model())
    return path


# Reading is identity

KINDS = [
    model(),
    model(recipe=Recipe(context=True, rules=True)),
    model(recipe=Recipe(words=False, rules=True)),
    model(recipe=Recipe(words=False, embeddings=True), more=3),
    model(recipe=Recipe(context=True, rules=True, embeddings=True), more=5),
    model(target=0.8, rollup=False, counts="greater part", unit="document", left_out=(), languages=()),
    model(made_with={"normatrix": "0.0.1", "numpy": "1.0"}),
]


@pytest.mark.parametrize("written", KINDS, ids=range(len(KINDS)))
def test_a_model_that_is_written_is_read_again_to_the_last_bit(tmp_path, written):
    write_model(tmp_path / "a.model", written)
    assert alike(read_model(tmp_path / "a.model"), written)


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60)
@given(st.data())
def test_any_numbers_and_features_are_kept_as_they_are(tmp_path_factory, data):
    letters = st.text(st.characters(exclude_categories=["Zs", "Zl", "Zp", "Cc"]), min_size=1, max_size=4)
    words = tuple(
        sorted(data.draw(st.sets(st.lists(letters, min_size=1, max_size=2).map(" ".join), max_size=4)))
    )
    runs = tuple(sorted(data.draw(st.sets(letters.map(lambda run: f" {run}"), min_size=1, max_size=4))))

    def numbers(n):
        return np.array(data.draw(st.lists(finite, min_size=n, max_size=n)), dtype=np.float64)

    vocabulary = Vocabulary(words, runs, numbers(len(words)), numbers(len(runs)))
    n, n_units = len(vocabulary), data.draw(st.integers(0, 5))
    values = dict(zip(("intercept", "slope", "shift"), numbers(3).tolist(), strict=True))
    one = code(
        "role",
        n,
        n_units=n_units,
        weights=numbers(n),
        scores=numbers(n_units),
        threshold=NEVER,
        low=0.0,
        **values,
    )
    written = model(vocabulary=vocabulary, codes=(one,), seed=data.draw(st.integers()))
    folder = tmp_path_factory.mktemp("m")
    write_model(folder / "a.model", written)
    found = read_model(folder / "a.model")
    assert alike(found, written)
    write_model(folder / "b.model", found)
    assert (folder / "a.model").read_bytes() == (folder / "b.model").read_bytes()


def test_a_model_that_was_read_codes_as_the_one_that_was_written(tmp_path):
    codes = tuple(code(name, N, threshold=0.15, low=0.14) for name in ("role", "peace"))
    write_model(tmp_path / "a.model", model(codes=codes))
    taggers = [LearnedTagger(one, BOOK) for one in (model(codes=codes), read_model(tmp_path / "a.model"))]
    first, second = (tagger.tag(DOCUMENTS) for tagger in taggers)
    assert first.segments
    assert first == second


DOCUMENTS = [Document(f"norland/{i}", f"{text}\r\n\r\n{TEXTS[0]}") for i, text in enumerate(TEXTS)]


def test_the_same_model_gives_the_same_bytes(path, tmp_path):
    write_model(tmp_path / "again.model", read_model(path))
    assert (tmp_path / "again.model").read_bytes() == path.read_bytes()
    with zipfile.ZipFile(path) as file:
        assert {member.date_time for member in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert file.namelist() == ["model.json", "words.txt", "runs.txt", "arrays.npz"]


def test_what_was_learned_can_be_read_with_plain_tools(path):
    with zipfile.ZipFile(path) as file:
        said = json.loads(file.read("model.json"))
        assert file.read("words.txt").decode().splitlines() == list(VOCABULARY.words)
        with np.load(io.BytesIO(file.read("arrays.npz")), allow_pickle=False) as arrays:
            assert np.array_equal(arrays["weights"][1], model().codes[1].weights)
            assert sorted(arrays) == ["run_weights", "scores", "weights", "word_weights"]
    assert said["format"] == "normatrix-model 1"
    assert [each["code"] for each in said["codes"]] == ["role", "peace"]
    assert set(said["made_with"]) == {"normatrix", "scikit-learn", "numpy"}


def test_a_model_stands_whole_in_the_place_of_an_earlier_one(path):
    write_model(path, model(seed=8))
    assert read_model(path).seed == 8
    assert [each.name for each in path.parent.iterdir()] == ["first.model"]


def test_a_model_that_cannot_be_written_leaves_the_earlier_one(path):
    before = path.read_bytes()
    broken = model()
    with pytest.raises(TypeError):
        write_model(path, replace(broken, codebook=object()))
    assert path.read_bytes() == before
    with pytest.raises(CodingError, match="cannot be written"):
        write_model(path / "below.model", broken)


def test_a_model_too_large_to_be_read_again_is_not_written(path, monkeypatch):
    monkeypatch.setattr(models, "MOST_BYTES", 1000)
    with pytest.raises(CodingError, match="too large to be read again"):
        write_model(path, model(seed=9))
    with pytest.raises(CodingError, match="is larger than a model can be"):
        read_model(path)
    monkeypatch.undo()
    assert read_model(path).seed == 7


# What is no model


def parts(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def digest(said, members):
    """Return the digest that a forger would put."""
    values = {key: value for key, value in said.items() if key not in ("format", "digest")}
    found = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for name in sorted(members):
        found.update(name.encode() + hashlib.sha256(members[name]).digest())
    return found.hexdigest()


def forged(
    path,
    *,
    said=None,
    arrays=None,
    members=None,
    sign=True,
    pack=zipfile.ZIP_STORED,
    inner=zipfile.ZIP_STORED,
):
    """Write a model file changed by someone who knows how, with the right digest."""
    inside = parts(path)
    values = json.loads(inside.pop("model.json"))
    for key, value in (said or {}).items():
        target = values
        *way, last = key.split(".")
        for step in way:
            target = target[int(step) if step.isdigit() else step]
        if value is GONE:
            del target[last]
        else:
            target[last] = value
    if arrays is not None:
        with zipfile.ZipFile(io.BytesIO(inside["arrays.npz"])) as file:
            held = {name: file.read(name) for name in file.namelist()} | arrays
        inside["arrays.npz"] = zipped({k: v for k, v in held.items() if v is not None}, inner)
    inside |= members or {}
    inside = {name: content for name, content in inside.items() if content is not None}
    if sign:
        values["digest"] = digest(values, inside)
    path.write_bytes(zipped({"model.json": json.dumps(values).encode(), **inside}, pack))
    return path


GONE = object()


def zipped(members, pack=zipfile.ZIP_STORED):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", pack) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return whole.getvalue()


def npy(array, *, allow_pickle=False):
    whole = io.BytesIO()
    np.lib.format.write_array(whole, np.asarray(array), allow_pickle=allow_pickle)
    return whole.getvalue()


def refused(path, message):
    with pytest.raises(CodingError, match=message) as caught:
        read_model(path, name="models/first.model")
    said = str(caught.value)
    assert said.startswith("models/first.model: ")
    assert said.endswith(("train the model again (`coding train`).", "Install a newer one."))


def test_a_forger_who_changes_nothing_is_believed(path):
    assert alike(read_model(forged(path)), model())


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"no zip at all", b"\x80\x04K\x01.", b"PK\x05\x06" + b"\0" * 18]
)
def test_what_is_no_zip_is_refused(path, content):
    path.write_bytes(content)
    refused(path, "is no model, or was cut off|there is no model.json in it")


def test_a_file_that_is_not_there_or_a_folder_is_refused(path):
    refused(path.parent / "none.model", "cannot be read: No such file")
    refused(path.parent, "cannot be read: Is a directory")


def test_a_file_that_was_cut_off_is_refused_wherever_it_was(path):
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        refused(path, "is no model, or was cut off|there is no model.json in it")


def test_no_byte_can_be_changed_unnoticed(path):
    """A byte of the zip's own papers may change nothing; then the model is the same."""
    whole, chance = path.read_bytes(), random.Random(1)
    n_refused = 0
    for place in [*range(0, len(whole), 61), *range(len(whole) - 400, len(whole))]:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(changed))
        try:
            found = read_model(path)
        except CodingError:
            n_refused += 1
        else:
            assert alike(found, model())
    assert n_refused > 50


@settings(max_examples=150)
@given(st.data())
def test_no_file_whatever_is_another_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("m") / "first.model"
    write_model(path, model())
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(whole)))
        whole[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    path.write_bytes(bytes(whole))
    try:
        assert alike(read_model(path), model())
    except CodingError:
        refused(path, "models/first.model")


@pytest.mark.parametrize("name", ["words.txt", "runs.txt", "arrays.npz"])
def test_a_missing_member_is_named(path, name):
    refused(forged(path, members={name: None}), f"there is no {name} in it")


@pytest.mark.parametrize("name", ["notes.txt", "model.pkl", "../evil.py", "arrays/", "WORDS.TXT", "x" * 300])
def test_a_superfluous_member_is_named(path, name):
    refused(forged(path, members={name: b""}), "in it, which is no part of a model")


def test_a_file_without_its_papers_is_refused(path):
    path.write_bytes(zipped({"words.txt": b""}))
    refused(path, "there is no model.json in it")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_stands_there_twice_is_refused(path):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        for name, content in [*parts(path).items(), ("words.txt", b"")]:
            file.writestr(name, content)
    path.write_bytes(whole.getvalue())
    refused(path, "a member stands in it twice")


@pytest.mark.parametrize(
    "changes",
    [
        {"said": {"name": "second"}},
        {"said": {"codes.0.threshold": 0.4}},
        {"said": {"codes.0.meaning": "other"}},
        {"said": {"made_with.numpy": "9"}},
        {"said": {"digest": "0" * 64}},
        {"members": {"words.txt": b"bridge\n"}},
        {"arrays": {"scores.npy": npy(np.zeros(32))}},
    ],
)
def test_what_was_changed_by_hand_is_noticed(path, changes):
    refused(forged(path, sign=False, **changes), "was changed since it was written")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", "normatrix-model 2", "is of version 2 of the format, and this Normatrix reads 1. Install"),
        ("format", "normatrix-model 999", "is of version 999"),
        ("format", "other 1", "'format': is 'other 1', not 'normatrix-model 1'"),
        ("format", "normatrix-model 0", "'format': is"),
        ("format", 1, "'format'"),
        ("seed", GONE, "'seed'"),
        ("seed", "7", "'seed'"),
        ("seed", 1.5, "'seed'"),
        ("pickle", "x", "'pickle'"),
        ("unit", "word", "'unit'"),
        ("counts", "all", "'counts'"),
        ("target", 1.5, "'target"),
        ("target", "f2", "'target"),
        ("rollup", 1, "'rollup'"),
        ("name", "rules", "cannot be called 'rules'"),
        ("name", "../evil", "cannot be a model's name"),
        ("codes", [], "'codes'"),
        ("codes.0.code", "peace", "a code stands in it twice"),
        ("codes.0.low", 0.6, "the band of a code"),
        ("codes.0.low", -0.1, "'codes.0.low'"),
        ("codes.0.threshold", 3.0, "'codes.0.threshold'"),
        ("codes.0.slope", float("nan"), "'codes.0.slope'"),
        ("codes.0.slope", float("inf"), "'codes.0.slope'"),
        ("codes.0.n_units", 11, "arrays.npz, scores: its shape is"),
        ("codes.0.n_units", 10**30, "arrays.npz, scores: its shape is"),
        ("codes.0.n_units", -1, "'codes.0.n_units'"),
        ("n_columns", 3, "3 columns have weights, and the model looks at"),
        ("recipe.words", False, "in it, which is no part of a model"),
        ("recipe.context", True, "columns have weights, and the model looks at"),
        ("recipe.embeddings", True, "columns have weights, and the model looks at"),
        ("recipe.rules", True, "what rules it looks at"),
        ("rules_digest", "x", "what rules it looks at"),
        ("languages", "en", "'languages'"),
        ("made_with", ["numpy"], "'made_with'"),
    ],
)
def test_what_is_said_of_a_model_is_held_against_the_format_and_itself(path, key, value, message):
    refused(forged(path, said={key: value}), message)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"null", b"{", b"\xff", b'{"format": "normatrix-model 1"}', b"[" * 100_000]
)
def test_papers_that_are_no_papers_are_refused(path, raw):
    inside = parts(path) | {"model.json": raw}
    path.write_bytes(zipped(inside))
    refused(path, "model.json, '")


class Evil:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (npy(np.zeros((2, N), dtype=np.float32)), "is no array of floating point numbers"),
        (npy(np.zeros((2, N), dtype=np.int64)), "is no array of floating point numbers"),
        (npy(np.zeros((2, N), dtype=">f8")), "is no array of floating point numbers"),
        (npy(np.zeros((2, N), dtype=np.complex128)), "is no array of floating point numbers"),
        (npy(np.asfortranarray(np.zeros((2, N)))), "is no array of floating point numbers"),
        (npy(np.array([[Evil()] * N] * 2, dtype=object), allow_pickle=True), "is no array of floating"),
        (pickle.dumps(Evil()), "is no array of floating point numbers"),
        (npy(np.float64(1)), "is no array of floating point numbers"),
        (b"", "is no array of floating point numbers"),
        (npy(np.zeros((2, N + 1))), r"its shape is \(2, "),
        (npy(np.zeros((N, 2))), "its shape is"),
        (npy(np.zeros(2 * N)), "its shape is"),
        (npy(np.zeros((2, N)))[:-1], "it is longer or shorter than its shape says"),
        (npy(np.zeros((2, N))) + b"x", "it is longer or shorter than its shape says"),
        (npy(np.full((2, N), np.nan)), "a number is not finite"),
        (npy(np.full((2, N), -np.inf)), "a number is not finite"),
        (npy(np.zeros((2, N))).replace(f"(2, {N})".encode(), b"(2, %d)" % 10**15), "its shape is"),
    ],
)  # fmt: skip
def test_only_arrays_of_the_right_kind_and_shape_are_read(path, array, message):
    refused(forged(path, arrays={"weights.npy": array}), f"arrays.npz, weights: {message}")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"scores.npy": None}, "there is no scores.npy in it"),
        ({"weights.npy": None}, "there is no weights.npy in it"),
        ({"more.npy": npy(np.zeros(1))}, "'more.npy' in it, which is no part of a model"),
        ({"word_weights.npy": npy(np.zeros(1))}, "word_weights: its shape is"),
    ],
)
def test_missing_and_superfluous_arrays_are_named(path, arrays, message):
    refused(forged(path, arrays=arrays), message)


@pytest.mark.parametrize("content", [b"", b"no zip", pickle.dumps(Evil())])
def test_an_archive_that_is_none_is_refused(path, content):
    refused(forged(path, members={"arrays.npz": content}), "is no model, or was cut off")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("words.txt", b"\xff\n", r"words.txt: is not UTF-8 \(byte 0\)"),
        ("words.txt", b"bridge", "words.txt: its last line was cut off"),
        ("words.txt", b"bridge\nbridge\n", "one stands there twice"),
        ("words.txt", b"it\nbridge\n", "not sorted"),
        ("words.txt", b"a bridge it\n", "is no word, pair of words"),
        ("words.txt", b" bridge\n", "is no word, pair of words"),
        ("words.txt", b"\n", "is no word, pair of words"),
        ("runs.txt", b"\nab\n", "or run of letters"),
        ("runs.txt", b"", "run_weights: its shape is"),
    ],
)
def test_only_sorted_features_are_read(path, name, content, message):
    refused(forged(path, members={name: content}), message)


def test_packed_members_are_refused_before_they_are_unpacked(path):
    refused(forged(path, pack=zipfile.ZIP_DEFLATED), "packed otherwise")


def test_packed_arrays_are_refused_before_they_are_unpacked(path):
    bomb = {"weights.npy": b"\0" * 2**26}
    refused(forged(path, arrays=bomb, inner=zipfile.ZIP_DEFLATED), "packed otherwise")


def test_a_member_that_claims_to_be_larger_than_the_file_is_refused(path):
    whole = path.read_bytes()
    at = whole.index(b"PK\x01\x02")
    claimed = bytearray(whole)
    claimed[at + 20 : at + 28] = struct.pack("<II", 2**31 - 1, 2**31 - 1)
    path.write_bytes(bytes(claimed))
    refused(path, "packed otherwise|cut off")


def test_a_locked_member_is_refused(path):
    whole = bytearray(path.read_bytes())
    at = whole.index(b"PK\x01\x02")
    whole[at + 8] |= 1
    path.write_bytes(bytes(whole))
    refused(path, "is no model, or was cut off")


def test_no_array_of_the_reader_is_read_through_a_pickle(monkeypatch, path):
    def never(*_, **__):
        pytest.fail("a pickle was loaded")

    monkeypatch.setattr(pickle, "load", never)
    monkeypatch.setattr(pickle, "loads", never)
    assert alike(read_model(path), model())


# In a project


def test_a_project_knows_its_models(sandbox):
    project = Project.open(sandbox.root)
    assert project.models == ()
    with pytest.raises(CodingError, match="models/: no 'first'. Train one: `coding train`."):
        project.model("first")
    write_model(project.model_path("first"), model())
    write_model(project.model_path("second"), model(name="second"))
    sandbox.write("models/notes.txt", "x")
    assert project.models == ("first", "second")
    assert alike(project.model("first"), model())
    with pytest.raises(CodingError, match="models/: no 'frist'. Did you mean 'first'"):
        project.model("frist")


def test_a_model_whose_file_was_renamed_is_refused(sandbox):
    project = Project.open(sandbox.root)
    write_model(project.model_path("other"), model())
    with pytest.raises(CodingError, match="models/other.model: the name is 'first', the file 'other.model'"):
        project.model("other")


@pytest.mark.parametrize("name", ["../corpus", "rules", "", "a/b", "A"])
def test_no_name_leads_out_of_the_folder(sandbox, name):
    with pytest.raises(CodingError, match="cannot be"):
        Project.open(sandbox.root).model_path(name)


def test_a_wrong_file_is_named_by_its_place_in_the_project(sandbox):
    project = Project.open(sandbox.root)
    sandbox.write("models/first.model", b"PK no zip")
    with pytest.raises(CodingError, match=r"^models/first\.model: is no model"):
        project.model("first")
