"""Coded segments that are written in another format come back as they were; what is lost is said."""

import tempfile
from pathlib import Path

from hypothesis import given
from plainly import (
    arrived,
    back,
    corpus_of,
    documents,
    segments_of,
    sent,
    to_12_digits,
    told,
    usual,
    without_authors,
)

from coding.formats import exchange, xlsx
from coding.formats.exchange import docbin, segment_table


@given(documents())
@usual
def test_web_annotations_come_back_with_quote_coder_kind_and_memos(made):
    brought, lost = back(made, ".jsonld")
    assert told(brought) == []
    reduced = {"because": "", "score": None}
    assert segments_of(arrived(brought), **reduced) == segments_of(made, **reduced)
    n_segments = sum(len(each.segments) for each in made)
    assert ("Definition of a code" in lost) == bool(n_segments)
    assert ("Score of a coded segment" in lost) == any(s.score is not None for d in made for s in d.segments)


@given(documents())
@usual
def test_label_studio_brings_back_all_but_who_wrote_memos(made):
    brought, lost = back(made, ".ls.json")
    assert told(brought) == []
    assert segments_of(arrived(brought)) == segments_of(without_authors(made))
    assert [(each.text, each.id, dict(each.variables)) for each in arrived(brought)] == [
        (each.text, each.id, dict(each.variables)) for each in made
    ]
    assert ("Who wrote a memo, and when" in lost) == any(s.memos for d in made for s in d.segments)


@given(documents())
@usual
def test_doccano_brings_back_places_and_codes_and_one_coder(made):
    brought, lost = back(made, ".doccano.jsonl")
    assert told(brought) == []
    found = arrived(brought)
    assert [(each.text, each.id, dict(each.variables)) for each in found] == [
        (each.text, each.id, dict(each.variables)) for each in made
    ]
    for one, other in zip(found, made, strict=True):
        places = {(s.start, s.end, s.code) for s in other.segments}
        assert sorted((s.start, s.end, s.code) for s in one.segments) == sorted(places)
        coders = {s.coder for s in other.segments}
        assert {s.coder for s in one.segments} == (coders if len(coders) == 1 else {""} if coders else set())
        assert len(coders) < 2 or "Coder of a coded segment" in lost


@given(documents())
@usual
def test_a_docbin_brings_back_what_ends_with_tokens_and_tells_of_the_rest(made):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.spacy"
        lost = {each.what: each.n for each in exchange.write(path, sent(made))}
        rows = docbin.read_rows(path.read_bytes())
    found = arrived(docbin.brought(rows, "x"))
    assert [(each.text, each.id, dict(each.variables)) for each in found] == [
        (each.text, each.id, dict(each.variables)) for each in made
    ]
    kept, all_ = segments_of(found), segments_of(made, memos=())
    assert [row for row in all_ if row in kept] == kept
    assert len(all_) - len(kept) == lost.get("Coded segment", 0)


@given(documents())
@usual
def test_a_csv_table_brings_back_all(made):
    brought, lost = back(made, ".csv")
    assert told(brought) == []
    assert segments_of(arrived(brought)) == segments_of(made)
    assert lost == (["Definition of a code"] if any(each.segments for each in made) else [])


@given(documents())
@usual
def test_an_excel_table_brings_back_all_that_a_workbook_holds(made):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        exchange.write(path, sent(made))
        brought = segment_table.brought(xlsx.read_rows(path.read_bytes()), corpus_of(made), name="x.xlsx")
    assert told(brought) == []
    reduced = {"because": "", "memos": ()}  # there control characters are lost
    assert segments_of(to_12_digits(arrived(brought)), **reduced) == segments_of(
        to_12_digits(made), **reduced
    )
