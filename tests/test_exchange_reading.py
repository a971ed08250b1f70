"""Files of other programs are read as they are meant: whoever counts how, and whatever shape they have."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plainly import (
    CORPUS,
    PLAIN,
    TEXT,
    arrived,
    corpus_of,
    segments_of,
    sent,
    texts,
    told,
    write,
)

from coding.errors import CodingError
from coding.formats import csv, exchange
from coding.formats.exchange import docbin, segment_table, web_annotation
from coding.formats.exchange.plain import PlainDocument, PlainSegment
from coding.formats.exchange.quotes import placed
from coding.model import Corpus


def spans(brought):
    return [(PLAIN[s.start : s.end], s.code) for each in arrived(brought) for s in each.segments]


def in_utf16(text, at):
    return len(text[:at].encode("utf-16-le")) // 2


def task(start, end, words=None, **more):
    value = {"start": start, "end": end, "labels": ["role"], **({} if words is None else {"text": words})}
    return {
        "id": 7,
        "data": {"text": TEXT},
        "annotations": [
            {"completed_by": 3, "result": [{"id": "aB1", "type": "labels", "value": value, **more}]}
        ],
    }


def test_label_studio_counts_code_points_and_both_characters_of_a_line_end(tmp_path):
    at = TEXT.index("teachers")
    path = write(tmp_path / "x.ls.json", [task(at, at + 8)])
    assert spans(exchange.read(path, Corpus(()))) == [("teachers", "role")]


def test_the_words_of_label_studio_decide_where_an_old_version_counted_utf16_units(tmp_path):
    at = in_utf16(TEXT, TEXT.index("teachers"))
    path = write(tmp_path / "x.ls.json", [task(at, at + 8, "teachers")])
    brought = exchange.read(path, Corpus(()))
    assert spans(brought) == [("teachers", "role")]
    at = TEXT.index("trains")
    path = write(tmp_path / "x.ls.json", [task(at, at + 16, "trains\\r\\nteachers")])
    assert spans(exchange.read(path, Corpus(()))) == [("trains\nteachers", "role")]


def test_who_completed_an_annotation_of_label_studio_is_its_coder_and_predictions_are_a_models(tmp_path):
    given_ = task(0, 7, "Norland", meta={"text": ["Hm."]})
    given_["annotations"].append(
        {"completed_by": {"id": 4, "email": "ben@example.org"}, "result": given_["annotations"][0]["result"]}
    )
    given_["annotations"].append({"was_cancelled": True, "result": []})
    region = {"value": {"start": 0, "end": 7, "text": "Norland", "labels": ["role"]}, "score": 0.5}
    choice = {"type": "choices", "value": {"choices": ["x"]}}
    given_["predictions"] = [{"model_version": "m-1", "result": [region, choice]}]
    brought = exchange.read(write(tmp_path / "x.ls.json", [given_]), Corpus(()))
    found = arrived(brought)[0].segments
    assert [(s.coder, s.kind, s.score, [m.text for m in s.memos]) for s in found] == [
        ("user-3", "person", None, ["Hm."]),
        ("ben@example.org", "person", None, ["Hm."]),
        ("m-1", "model", 0.5, []),
    ]
    assert told(brought) == [
        "1 × Annotation that was cancelled: it was skipped there.",
        "1 × Region (choices): only codes of a stretch of plain text are read.",
    ]


def test_doccano_of_others_is_solved_by_its_words_or_refused(tmp_path):
    text = "😀 " + " ".join(f"word{i}" for i in range(30))
    found = [(text.index(f"word{i} "), len(f"word{i}")) for i in range(25)]
    labels = [[in_utf16(text, at), in_utf16(text, at) + n, "role"] for at, n in found]
    path = write(tmp_path / "x.doccano.jsonl", {"id": 1, "text": text, "label": labels})
    quotes = [s.quote for s in arrived(exchange.read(path, Corpus(())))[0].segments]
    assert quotes == [f"word{i}" for i in range(25)]
    path = write(tmp_path / "x.doccano.jsonl", {"id": 1, "text": text, "label": labels[:3]})
    with pytest.raises(CodingError, match=r"only 3 selections tell what its offsets count(.|\n)*--offsets"):
        arrived(exchange.read(path, Corpus(())))


def test_doccano_has_other_shapes_and_tells_of_clusters(tmp_path):
    line = {
        "data": "Ne\u0301e",
        "entities": [{"id": 1, "label": "role", "start_offset": 0, "end_offset": 4}],
        "relations": [{}],
        "odd": [],
    }
    brought = exchange.read(write(tmp_path / "x.doccano.jsonl", line), Corpus(()))
    assert [(s.quote, s.code) for s in arrived(brought)[0].segments] == [("Ne\u0301e", "role")]
    assert [each.what for each in brought.exchanged.dropped] == [
        "Relation",
        "Text with characters of several code points",
    ]


def test_a_document_that_comes_twice_is_one_and_with_other_words_refused(tmp_path):
    lines = [{"text": "One.", "label": [[0, 3, "role"]]}, {"text": "One.", "label": [[0, 4, "role"]]}]
    path = write(tmp_path / "x.doccano.jsonl", "\n".join(map(json.dumps, lines)))
    (document,) = arrived(exchange.read(path, Corpus(())))
    assert [s.quote for s in document.segments] == ["One", "One."]
    lines = [{"text": text, "document": "norland/a"} for text in ("One.", "Two.")]
    path = write(tmp_path / "x.doccano.jsonl", "\n".join(map(json.dumps, lines)))
    with pytest.raises(CodingError, match="x: norland/a comes twice, with other words. Keep one of them."):
        exchange.read(path, Corpus(()))


def annotation(**more):
    return {
        "@context": web_annotation.CONTEXT,
        "type": "Annotation",
        "id": "https://example.org/1",
        "motivation": "tagging",
        "body": {"type": "TextualBody", "value": "role"},
        **more,
    }


def target(exact, start=None, end=None, source="https://example.org/a", **around):
    selectors = [{"type": "TextQuoteSelector", "exact": exact, **around}]
    if start is not None:
        selectors.append({"type": "TextPositionSelector", "start": start, "end": end})
    return {"source": source, "selector": selectors}


@pytest.mark.parametrize(
    ("aim", "found"),
    [
        (target("trains\r\nteachers"), ["trains\nteachers"]),
        (target("Norland", 27, 34), ["Norland"]),
        (target("Norland", 1, 8), []),
        (target("Norland", prefix="teachers. "), ["Norland"]),
        (target("Norland"), []),
        (target("Norway", 0, 6), []),
        (target("", 0, 6), []),
        (target("Sea", 5, 8, source={"id": "https://example.org/b"}), ["Sea"]),
        (target("Norland", 0, 7, source="norland/a"), ["Norland"]),
        ("https://example.org/a", []),
        (7, []),
    ],
)
def test_an_annotation_stands_where_its_quote_does_or_is_told(tmp_path, aim, found):
    path = write(tmp_path / "x.jsonld", annotation(target=aim))
    brought = exchange.read(path, CORPUS)
    assert [s.quote for each in arrived(brought) for s in each.segments] == found
    assert len(brought.exchanged.dropped) == 1 - len(found)


def test_annotations_come_alone_in_pages_and_in_arrays_with_bodies_of_many_kinds(tmp_path):
    aim = target("Norland", 0, 7)
    body = [
        {"type": "TextualBody", "purpose": "tagging", "value": "role"},
        {"type": "SpecificResource", "purpose": "classifying", "source": "https://example.org/code"},
        {"type": "TextualBody", "purpose": "commenting", "value": "Hm.", "creator": {"name": "ben"}},
        {"type": "TextualBody", "purpose": "linking", "value": "x"},
        {"type": "Image"},
    ]
    one = annotation(target=aim, body=body, creator="acct:anna@example.org")
    untagged = {"type": "Annotation", "target": aim, "bodyValue": "Hm."}
    for whole in (
        one,
        [one],
        {"type": "AnnotationPage", "items": [one]},
        {"first": {"items": [one]}},
        {"@graph": [one]},
    ):
        brought = exchange.read(write(tmp_path / "x.jsonld", whole), CORPUS)
        (document,) = arrived(brought)
        assert [(s.code, s.coder) for s in document.segments] == [
            ("role", "anna@example.org"),
            ("https://example.org/code", "anna@example.org"),
        ]
        assert [(m.text, m.coder) for m in document.segments[0].memos] == [("Hm.", "ben")]
        assert told(brought) == ["2 × Body of an annotation: is no tag and no comment."]
    brought = exchange.read(write(tmp_path / "x.jsonld", [untagged]), CORPUS)
    assert told(brought) == ["1 × Annotation: gives no code: it has no tag."]


def test_a_quote_has_32_characters_on_each_side_and_positions_count_code_points(tmp_path):
    text = "😀" * 40 + "here" + "日" * 40
    made = [PlainDocument("norland/a", text, (PlainSegment(40, 44, "role", "anna", "1"),))]
    exchange.write(tmp_path / "x.jsonld", sent(made))
    (item,) = json.loads((tmp_path / "x.jsonld").read_text("utf-8"))["first"]["items"]
    quote, position = item["target"]["selector"]
    assert quote == {"type": "TextQuoteSelector", "exact": "here", "prefix": "😀" * 32, "suffix": "日" * 32}
    assert position == {"type": "TextPositionSelector", "start": 40, "end": 44}


@given(texts, st.data())
def test_what_is_placed_is_the_quote_and_what_is_not_is_nowhere_or_twice(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    quote = text[start : data.draw(st.integers(start + 1, len(text)))]
    at = data.draw(st.none() | st.tuples(st.integers(-5, 90), st.integers(-5, 90)))
    found = placed(text, quote, at)
    n = sum(text.startswith(quote, i) for i in range(len(text)))
    assert text[slice(*found)] == quote if found else n > 1
    assert placed(text, quote, (start, start + len(quote))) == (start, start + len(quote))


def table(*rows):
    return [["document", "start", "end", "quote", "code", "coder", "kind", "score", "year"], *rows]


def test_rows_are_placed_by_their_quotes_and_what_is_not_is_told_row_by_row():
    rows = table(
        ["norland/a", "0", "7", "Norland", "role", "anna", "", "", "2015"],
        ["norland/a", "1", "8", "Norland", "role", "anna", "", "", ""],
        ["norland/a", "1", "9", "teachers", "role", "anna", "person", "0,5", ""],
        ["norland/c", "0", "7", "Norland", "role", "anna", "", "", ""],
        ["norland/b", "5", "8", "Sea", "role", "", "", "", ""],
        ["norland/b", "", "", "Sea. Sea.", "role"],
        ["norland/b", "0", "3", "", "role"],
        ["", "", ""],
    )
    brought = segment_table.brought(rows, CORPUS, name="x.csv")
    assert [(each.id, s.quote, s.score) for each in arrived(brought) for s in each.segments] == [
        ("norland/a", "Norland", None),
        ("norland/a", "teachers", 0.5),
        ("norland/b", "Sea", None),
        ("norland/b", "Sea. Sea.", None),
    ]
    at = PLAIN.index("teachers")
    assert told(brought) == [
        "1 × Coded segment that was not placed: row 3: “Norland” is not where it says in norland/a, nor in one place only.",
        f"1 × Coded segment that was placed elsewhere: row 4: its words stand in norland/a from {at} to {at + 8}, and only there.",
        "1 × Coded segment that was not placed: row 5: 'norland/c' is no document here. Did you mean 'norland/b'?",
        "1 × Coded segment that was not placed: row 8: “” is not where it says in norland/b, nor in one place only.",
    ]


def test_a_table_that_is_wrong_says_each_row_and_column():
    with pytest.raises(CodingError, match=r"x.csv: the column 'quote' is not there. Did you mean 'quotes'\?"):
        segment_table.brought([["document", "start", "end", "quotes", "code"]], CORPUS, name="x.csv")
    wrong = table(["norland/a", "x", "-1", "Norland", " ", "anna", "persn", "much", ""])
    with pytest.raises(CodingError) as caught:
        segment_table.brought(wrong, CORPUS, name="x.csv")
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "x.csv, row 2, start",
        "x.csv, row 2, end",
        "x.csv, row 2, code",
        "x.csv, row 2, kind",
        "x.csv, row 2, score",
    ]


@pytest.mark.parametrize("sign", [",", ";"])
def test_a_row_that_goes_on_beyond_the_head_is_refused_and_not_cut(tmp_path, sign):
    path = tmp_path / "x.csv"
    rows = [
        "document start end quote code",
        "norland/a 0 7 Norland role",
        "norland/a 0 7 Norland to day role",
    ]
    path.write_text("\n".join(rows).replace(" ", sign), encoding="utf-8")
    with pytest.raises(
        CodingError, match=r"x.csv: row 3 has 7 cells, the head 5: is a (comma|semicolon) in a"
    ):
        exchange.read(path, CORPUS)


def test_no_cell_is_a_formula_and_a_semicolon_may_stand_between_cells(tmp_path):
    text = "=1+1 @x"
    made = [
        PlainDocument(
            "norland/a", text, (PlainSegment(0, 4, "role", "anna", "1", quote="=1+1", because="@x"),)
        )
    ]
    exchange.write(tmp_path / "x.csv", sent(made))
    content = (tmp_path / "x.csv").read_text("utf-8")
    assert ",'=1+1," in content
    assert ",'@x," in content
    rows = csv.read_table(tmp_path / "x.csv")
    write(tmp_path / "y.csv", "\r\n".join(";".join(row) for row in rows))
    found = exchange.read(tmp_path / "y.csv", corpus_of(made))
    assert segments_of(arrived(found), because="") == segments_of(made, because="")


def test_a_quote_too_long_for_a_cell_of_excel_is_known_by_its_beginning(tmp_path):
    text = "word " * 8000
    made = [PlainDocument("norland/a", text, (PlainSegment(0, 39_999, "role", "anna", "1"),))]
    exchange.write(tmp_path / "x.xlsx", sent(made))
    brought = exchange.read(tmp_path / "x.xlsx", corpus_of(made))
    assert told(brought) == []
    assert [(s.start, s.end) for s in arrived(brought)[0].segments] == [(0, 39_999)]


def test_a_docbin_is_what_spacy_reads(tmp_path):
    import spacy
    from spacy.tokens import DocBin

    text = "Norland trains teachers. 日本は"
    segments = (
        PlainSegment(0, 7, "role", "anna", "1"),
        PlainSegment(25, 27, "role.bridge", "ben", "2"),
        PlainSegment(1, 7, "role", "anna", "3"),
    )
    lost = exchange.write(tmp_path / "x.spacy", sent([PlainDocument("norland/a", text, segments)]))
    assert "1 × Coded segment: begins or ends inside a token, as no span of spaCy can." in map(str, lost)
    (doc,) = DocBin().from_disk(tmp_path / "x.spacy").get_docs(spacy.blank("en").vocab)
    assert [(span.text, span.label_) for span in doc.spans["coding"]] == [
        ("Norland", "role"),
        ("日本", "role.bridge"),
    ]
    found = arrived(docbin.brought(docbin.read_rows((tmp_path / "x.spacy").read_bytes()), "x"))
    assert [(s.quote, s.code, s.coder) for s in found[0].segments] == [
        ("Norland", "role", "anna"),
        ("日本", "role.bridge", "ben"),
    ]


def test_spans_of_other_pipelines_are_found_under_their_key_or_among_the_entities():
    import spacy
    from spacy.tokens import DocBin

    def rows_of(*keys, entity=False):
        doc = spacy.blank("en")("Norland trains 😀 teachers.")
        for key in keys:
            doc.spans[key] = [doc.char_span(0, 7, label=key)]
        if entity:
            doc.set_ents([doc.char_span(17, 25, label="role")])
        return docbin.read_rows(DocBin(docs=[doc]).to_bytes())

    def found(rows):
        return [(s.quote, s.code) for each in arrived(docbin.brought(rows, "x")) for s in each.segments]

    assert found(rows_of("sc", "other")) == [("Norland", "sc")]
    assert found(rows_of("other")) == [("Norland", "other")]
    assert found(rows_of(entity=True)) == [("teachers", "role")]
    with pytest.raises(
        CodingError, match="under several keys \\(one, two\\). Put those that are codes under 'coding'"
    ):
        rows_of("two", "one")
