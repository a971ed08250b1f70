"""Files that are not what their name says, damaged, hostile or too large, are refused by name."""

import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plainly import CORPUS, usual, write

from coding.errors import CodingError
from coding.formats import exchange
from coding.formats.exchange import docbin, doccano, foreign, label_studio, web_annotation

BAD = {
    ".jsonld": ["", "{", "[]", '{"a": 1}', '{"target": "\\ud800"}', "[" * 100_000, '{"target": NaN}'],
    ".ls.json": ["", "[", "{}", "[7]", '[{"data": {}}]', '[{"data": {"a": "x", "b": "y"}}]'],
    ".doccano.jsonl": ["", "{", "[]", '{"text": 7}', '{"text": "\\ud800"}'],
    ".csv": ["", "a,b\n1,2\n", '"open'],
    ".xlsx": ["", "PK", "nothing"],
    ".spacy": ["", "nothing"],
}


@pytest.mark.parametrize(
    ("suffix", "content"),
    [(suffix, each) for suffix, bad in BAD.items() for each in bad if suffix not in (".xlsx", ".spacy")],
)
def test_what_is_no_such_file_is_refused_by_name(tmp_path, suffix, content):
    with pytest.raises(CodingError, match=f"^x{suffix}|problems:\nx{suffix}"):
        exchange.read(write(tmp_path / f"x{suffix}", content), CORPUS)


@pytest.mark.parametrize("suffix", [".xlsx", ".spacy"])
def test_a_binary_file_that_is_none_is_refused_by_name(tmp_path, suffix):
    with pytest.raises(CodingError, match=f"^x{suffix}: is no "):
        exchange.read(write(tmp_path / f"x{suffix}", "nothing"), CORPUS)


@pytest.mark.parametrize("suffix", exchange.ENDINGS)
def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    with path.open("wb") as file:
        file.truncate(foreign.MOST_BYTES + 1)
    with pytest.raises(CodingError, match=f"^x{suffix}: has 200 MB; up to 200 MB are read. Part it"):
        exchange.read(path, CORPUS)


def test_a_docbin_that_is_cut_off_or_swollen_is_refused(monkeypatch):
    import spacy
    from spacy.tokens import DocBin

    raw = DocBin(docs=[spacy.blank("en")("Norland trains teachers.")]).to_bytes()
    for cut in (1, 10, len(raw) // 2, len(raw) - 1):
        with pytest.raises(CodingError, match="is cut off|is no DocBin"):
            docbin.read_rows(raw[:cut])
    with pytest.raises(CodingError, match="is no DocBin that spaCy can read"):
        docbin.read_rows(zlib.compress(b"\x81\xa1a\x01"))
    monkeypatch.setattr(docbin, "MOST_UNPACKED", 1000)
    with pytest.raises(CodingError, match="would unpack to more than"):
        docbin.read_rows(zlib.compress(b"\0" * 5000))


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4))
@usual
def test_a_docbin_with_other_bytes_in_it_is_read_or_refused(changes):
    import spacy
    from spacy.tokens import DocBin

    doc = spacy.blank("xx")("Norland trains teachers.")
    doc.spans["coding"] = [doc.char_span(0, 7, label="role")]
    raw = bytearray(zlib.decompress(DocBin(docs=[doc]).to_bytes()))
    for where, byte in changes:
        raw[int(where * len(raw))] = byte
    try:
        rows = docbin.read_rows(zlib.compress(bytes(raw)))
    except CodingError as error:
        rows, said = [], str(error)
    else:
        said = "is a DocBin"
    assert said.startswith("is ")
    assert len(rows) <= 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["target", "selector", "type", "source", "body", "value", "purpose", "creator", "data", "text", "annotations",
                         "predictions", "result", "meta", "labels", "start", "end", "label", "entities", "items", "id", "normatrix"]),
        inner, max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@pytest.mark.parametrize("format_", [web_annotation, label_studio, doccano])
@given(value=json_values)
@usual
def test_json_of_any_shape_is_read_or_refused(format_, value):
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "x.json", value)
        try:
            sources = format_.read(path, CORPUS).exchanged.sources
        except CodingError as error:
            sources, said = (), str(error)
        else:
            said = path.name
    assert path.name in said
    assert all(isinstance(s.start, int) for each in sources for s in each.selections)
