"""What is written fits the schema, is the same each time, and is read again as it was."""

import uuid
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refi_schema import faults

from coding.codebook import Code
from coding.errors import CodingError
from coding.formats.refi import read
from coding.formats.refi.beyond import Beyond, Extra, heard, said
from coding.formats.refi.description import code_of, described
from coding.formats.refi.nouns import (
    Coding,
    Exchanged,
    FileCase,
    FileCode,
    Link,
    Note,
    Selection,
    Set,
    Source,
    User,
    Variable,
    VariableValue,
)  # fmt: skip
from coding.formats.refi.ours import listed, unlisted
from coding.formats.refi.writer import codebook_xml, name_of, project_xml, write
from coding.model import Coder

guids = st.integers(0, 2**64).map(lambda n: str(uuid.UUID(int=n)))
fitting = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff\ufeff")
names = st.text(fitting, max_size=12).map(str.strip)
texts = st.text(fitting | st.sampled_from("\n\r\t<&>\"'"), max_size=30)
raw_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"), max_size=30)


@st.composite
def exchanges(draw):
    """A file with a few of everything, each with a GUID of its own."""
    fresh = iter(draw(st.lists(guids, min_size=40, max_size=40, unique=True)))
    users = [User(next(fresh), draw(names), draw(names)) for _ in range(2)]
    notes = [
        Note(next(fresh), draw(names), f"x{draw(raw_texts)}".replace("\r", ""), users[0].guid)
        for _ in range(2)
    ]
    codes = [FileCode(next(fresh), f"n{draw(names)}", draw(texts), notes=(notes[0].guid,))]
    for _ in range(draw(st.integers(0, 4))):
        parent = draw(st.sampled_from([None, *(code.guid for code in codes)]))
        codes.append(
            FileCode(next(fresh), f"n{draw(names)}", draw(texts), parent, "#04B", draw(st.booleans()))
        )
    codes = depth_first(codes)
    variables = [
        Variable(next(fresh), f"v{i}", kind) for i, kind in enumerate(["Text", "Integer", "Boolean", "Float"])
    ]
    told = [draw(texts.filter(str.strip)), draw(st.integers()), draw(st.booleans()), draw(st.floats(0, 1e9))]
    values = tuple(VariableValue(v.guid, value) for v, value in zip(variables, told, strict=True))
    sources = [source(draw, fresh, users, codes, notes, values) for _ in range(2)]
    refs = tuple(each.guid for each in sources)
    cases = [FileCase(next(fresh), draw(names), draw(texts), (codes[0].guid,), values, refs, (next(fresh),))]
    sets = [Set(next(fresh), f"s{draw(names)}", draw(texts), (codes[0].guid,), refs, (notes[0].guid,))]
    links = [Link(next(fresh), draw(names), "OneWay", refs[0], codes[0].guid, "", (notes[1].guid,))]
    return Exchanged(
        f"p{draw(names)}", draw(names), draw(texts), users[0].guid, "2026-01-02T03:04:05Z", tuple(users), codes,
        tuple(variables), tuple(cases), tuple(sources), tuple(notes), tuple(links), tuple(sets), (notes[0].guid,),
    )  # fmt: skip


def source(draw, fresh, users, codes, notes, values):
    text = draw(raw_texts)
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    coding = Coding(
        next(fresh), codes[-1].guid, users[1].guid, "2026-01-02T03:04:05.123456Z", (notes[1].guid,)
    )
    selection = Selection(next(fresh), start, end, draw(names), (coding,), users[0].guid, "", draw(texts))
    whole = (Coding(next(fresh), codes[0].guid),)
    return Source(next(fresh), draw(names), text, (selection,), whole, values, draw(texts), (notes[0].guid,))


def depth_first(codes, parent=None):
    found = ()
    for code in codes:
        if code.parent == parent:
            found += (code, *depth_first(codes, code.guid))
    return found


@given(exchanges())
def test_what_is_written_is_read_again_and_fits_the_schema(tmp_path_factory, exchanged):
    path = tmp_path_factory.mktemp("t") / "x.qdpx"
    write(path, exchanged)
    assert faults(project_xml(exchanged)) == []
    assert read(path) == exchanged


@given(exchanges())
def test_a_codebook_is_read_again_without_what_is_of_a_project(tmp_path_factory, exchanged):
    path = tmp_path_factory.mktemp("t") / "x.qdc"
    write(path, exchanged)
    assert faults(path.read_bytes()) == []
    found = read(path)
    assert [(c.guid, c.name, c.parent, c.description) for c in found.codes] == [
        (c.guid, c.name, c.parent, c.description) for c in exchanged.codes
    ]
    assert [(each.name, each.codes) for each in found.sets] == [(e.name, e.codes) for e in exchanged.sets]


def test_no_container_is_empty():
    assert (
        b"<" + project_xml(Exchanged("p")).split(b"<")[2]
        == b'<Project xmlns="urn:QDA-XML:project:1.0" name="p">\n'
    )
    assert faults(project_xml(Exchanged())) == []
    with pytest.raises(CodingError, match="at least one code"):
        codebook_xml(Exchanged("p"))


def test_the_same_content_is_the_same_bytes(tmp_path):
    exchanged = Exchanged("p", sources=(Source(str(uuid.UUID(int=1)), "a", "Text\fof two pages"),))
    write(tmp_path / "a.qdpx", exchanged)
    write(tmp_path / "b.qdpx", exchanged)
    assert (tmp_path / "a.qdpx").read_bytes() == (tmp_path / "b.qdpx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive:
        assert archive.namelist() == ["project.qde", f"sources/{uuid.UUID(int=1)}.txt"]
        assert archive.read(archive.namelist()[1]) == b"Text\x0cof two pages"


def test_what_xml_cannot_hold_becomes_a_space_in_names_and_stays_in_texts(tmp_path):
    place = Selection(str(uuid.UUID(int=2)), 0, 5, "a\fb\0c")
    write(
        tmp_path / "x.qdpx",
        Exchanged("p", sources=(Source(str(uuid.UUID(int=1)), "s", "a\fb\0c", (place,)),)),
    )
    (found,) = read(tmp_path / "x.qdpx").sources
    assert (found.text, found.selections[0].name) == ("a\fb\0c", "a b c")


def test_a_text_that_cannot_be_utf_8_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(CodingError, match="no text"):
        write(tmp_path / "x.qdpx", Exchanged("p", sources=(Source(str(uuid.UUID(int=1)), "s", "a\ud800"),)))
    assert list(tmp_path.iterdir()) == []


def test_a_codebook_nested_deep_is_written(tmp_path):
    codes = [
        FileCode(str(uuid.UUID(int=i)), "n", parent=str(uuid.UUID(int=i - 1)) if i else None)
        for i in range(90)
    ]
    write(tmp_path / "x.qdc", Exchanged("p", codes=tuple(codes)))
    assert read(tmp_path / "x.qdc").codes == tuple(codes)


def test_a_name_is_at_most_100_characters():
    assert name_of("x" * 100) == "x" * 100
    assert name_of("x" * 101) == "x" * 99 + "…"


pieces = st.sampled_from(["a", ":", "\\", " ", "\n", "\n\n", "Include: ", "Id: a", "Example: ", "\nSource:"])
free = st.lists(pieces, max_size=9).map("".join)
ids = st.lists(st.sampled_from(["a", "b.c"]), max_size=2).map(tuple)
codes = st.builds(
    Code, st.just("a.b_c"), st.just("Name"), free, include=free, exclude=free,
    examples=st.lists(free, max_size=2).map(tuple), source=free, implies=ids, beats=ids, retired=st.booleans(),
)  # fmt: skip


@given(codes)
def test_a_code_is_read_again_from_its_description(code):
    assert code_of(described(code), id=code.id, name=code.name, parent=None) == code


@given(free)
def test_a_description_of_another_program_is_all_definition(text):
    text = f"{text} !"
    assert code_of(text, id="x", name="X", parent="y") == Code("x", "X", text, parent="y")


@given(st.lists(texts, max_size=3).map(tuple))
def test_a_list_in_one_value_is_read_again(values):
    assert unlisted(listed(values)) == values


def test_what_is_beyond_the_standard_is_heard_again_and_strange_lines_are_counted():
    beyond = Beyond((Coder("rules", "rules"),), (Extra("g", "m", "because", 0.5),))
    assert heard(said(beyond)) == (beyond, 0)
    assert said(Beyond()) == ""
    strange = [
        "no JSON",
        '{"kind": "spells"}',
        '{"kind": "coders", "id": 4}',
        "[]",
        '{"kind": []}',
        "[" * 9999,
    ]
    assert heard(said(beyond) + "\n".join(strange)) == (beyond, 6)
