"""spaCy's DocBin: texts cut into tokens, with the coded segments as the spans `coding` of each.

A span of spaCy begins and ends where tokens do. A coded segment that does not is left out and told. Tokens
are those of spaCy's pipeline without a language (`xx`), but that scripts written without spaces are cut
character by character, so that what people mark in them can be kept.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from coding.errors import CodingError
from coding.files import replacing
from coding.formats import confined
from coding.formats.exchange import Brought
from coding.formats.exchange.foreign import mapping, number, raw_of, text_in, told
from coding.formats.exchange.plain import PlainDocument, PlainSegment, exchanged_of, plain
from coding.formats.refi.nouns import Dropped, Tally, is_guid
from coding.formats.refi.offsets import Convention

if TYPE_CHECKING:
    from pathlib import Path

    from spacy.language import Language
    from spacy.tokens import Doc

    from coding.formats.refi.nouns import Exchanged
    from coding.model import CoderKind, Corpus

FORMAT = "spaCy's DocBin"
SPANS = "coding"  # the key of `doc.spans` under which coded segments stand
COUNTED = Convention(unit="points", crlf=2, bom=True)
MOST_UNPACKED = 500_000_000

_OTHER_SPANS = "sc"  # spaCy's own key for spans that bear categories
_DOCUMENT = "document"
_UNSPACED = re.compile(
    "([\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff])"
)


def write(path: Path, exchanged: Exchanged) -> tuple[Dropped, ...]:
    """Write a Doc for each document; return what has no place in it.

    The coder, its kind, the reason and score of a span stand in the attributes of its group, by its id;
    the id of the document and its variables in the user data.
    """
    import spacy
    from spacy.tokens import DocBin

    said = plain(exchanged, format=FORMAT, keeps=("coder", "kind", "because", "score", "id", "variables"))
    language, packed, tally = spacy.blank("xx"), DocBin(store_user_data=True), Tally()
    for document in said.documents:
        packed.add(_doc(document, language, tally))
    with replacing([path]) as (written,):
        written.write_bytes(packed.to_bytes())
    return said.lost + tally.told()


def read(path: Path, corpus: Corpus) -> Brought:  # noqa: ARG001  the texts are in the file
    """Return the spans of all texts, read in a process of its own: no pickle, no code, with limits.

    Spans are looked for under `coding`, then under `sc`, then under the only key there is, then among the
    entities.

    Raises
    ------
    CodingError
        If the file is no DocBin, or would unpack to more than texts are.
    """
    import sys

    raw = raw_of(path)
    try:
        rows = confined.rows(sys.modules[__name__], raw)
    except CodingError as error:
        raise CodingError(f"{path.name}: {error}") from error
    return brought(rows, path.stem)


def brought(rows: list[list[str]], name: str) -> Brought:
    """Return what the rows of `read_rows` say."""
    tally = Tally()
    documents = [_document(mapping(json.loads(row[0])), tally) for row in rows]
    return Brought(exchanged_of(documents, name=name, tally=tally), (COUNTED,))


def read_rows(raw: bytes) -> list[list[str]]:
    """Return a row for each text of a DocBin: one cell, that says it as JSON.

    Raises
    ------
    CodingError
        If it is no DocBin, or would unpack to more than texts are.
    """
    _refuse_other(raw)
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    try:
        return [[json.dumps(_said(doc))] for doc in DocBin().from_bytes(raw).get_docs(Vocab())]
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise CodingError(
            f"is no DocBin that spaCy can read ({type(error).__name__}). Write it once more."
        ) from error


def _refuse_other(raw: bytes) -> None:
    """Raise unless bytes are packed as a DocBin is, and unpack to no more than texts are."""
    unpacking = zlib.decompressobj()
    try:
        size = len(unpacking.decompress(raw, MOST_UNPACKED))
    except zlib.error as error:
        raise CodingError("is no DocBin. Write it with `DocBin.to_disk`.") from error
    if unpacking.unconsumed_tail or size >= MOST_UNPACKED:
        limit = f"{MOST_UNPACKED / 1e6:,.0f} MB"
        raise CodingError(f"would unpack to more than {limit}. Part it, or write fewer attributes.")
    if not unpacking.eof:
        raise CodingError("is cut off. Write it once more.")


def _doc(document: PlainDocument, language: Language, tally: Tally) -> Doc:
    from spacy.tokens import Doc, SpanGroup

    words, spaces = _tokens(language, document.text)
    doc = Doc(language.vocab, words=words, spaces=spaces)
    spans, said = [], {}
    for segment in document.segments:
        span = doc.char_span(segment.start, segment.end, label=segment.code, span_id=segment.id)
        if span is None:
            tally.drop("Coded segment", "begins or ends inside a token, as no span of spaCy can.")
            continue
        spans.append(span)
        said[segment.id] = {
            "coder": segment.coder, "kind": segment.kind, "because": segment.because, "score": segment.score,
        }  # fmt: skip
    doc.spans[SPANS] = SpanGroup(doc, name=SPANS, spans=spans, attrs={"said": said})
    doc.user_data[SPANS] = {**document.variables, _DOCUMENT: document.id}
    return doc


def _tokens(language: Language, text: str) -> tuple[list[str], list[bool]]:
    """Return the tokens of a text and whether a space follows each: together they are the text."""
    words: list[str] = []
    spaces: list[bool] = []
    for token in language.tokenizer(text):
        parts = [part for part in _UNSPACED.split(token.text) if part]
        words += parts
        spaces += [False] * (len(parts) - 1) + [bool(token.whitespace_)]
    return words, spaces


def _said(doc: Doc) -> dict[str, object]:
    """Return what a Doc says, in what JSON has."""
    keys = [key for key in (SPANS, _OTHER_SPANS) if key in doc.spans] or list(doc.spans)
    n_others = sum(len(doc.spans[key]) for key in doc.spans) - (len(doc.spans[keys[0]]) if keys else 0)
    chosen = keys[0] if len(keys) == 1 or (keys and keys[0] in (SPANS, _OTHER_SPANS)) else None
    if chosen is None and keys:
        known = ", ".join(sorted(keys))
        raise CodingError(
            f"has spans under several keys ({known}). Put those that are codes under '{SPANS}'."
        )
    spans = list(doc.ents) if chosen is None else list(doc.spans[chosen])
    attributes = {} if chosen is None else mapping(mapping(dict(doc.spans[chosen].attrs)).get("said"))
    given = doc.user_data.get(SPANS)
    ours = dict(given) if isinstance(given, Mapping) else {}
    return {
        "text": doc.text,
        "spans": [[s.start_char, s.end_char, s.label_, s.id_] for s in spans],
        "said": {key: dict(value) for key, value in attributes.items() if isinstance(value, Mapping)},
        "variables": {name: told(value) for name, value in ours.items() if isinstance(name, str)},
        "others": n_others,
    }


def _document(said: Mapping[str, object], tally: Tally) -> PlainDocument:
    variables = {name: told(value) for name, value in mapping(said.get("variables")).items()}
    id_ = text_in(variables.pop(_DOCUMENT, None))
    others = said.get("others")
    tally.drop("Span under another key", f"only one key is read: '{SPANS}' first.", cast("int", others))
    about = mapping(said.get("said"))
    segments = tuple(_segments(cast("list[list[object]]", said["spans"]), about, tally))
    name = id_.replace("/", " - ") or text_in(variables.get("title"))
    return PlainDocument(id_, text_in(said["text"]), segments, variables, name)


def _segments(spans: list[list[object]], about: Mapping[str, object], tally: Tally) -> Iterator[PlainSegment]:
    for start, end, code, id_ in spans:
        said = mapping(about.get(text_in(id_)))
        if not text_in(code).strip():
            tally.drop("Span", "bears no label.")
            continue
        kind = said.get("kind")
        known: CoderKind = kind if kind in ("rules", "model") else "person"
        own_id = text_in(id_) if said or is_guid(text_in(id_)) else ""
        yield PlainSegment(
            cast("int", start), cast("int", end), text_in(code).strip(), text_in(said.get("coder")),
            own_id, known, text_in(said.get("because")), number(said.get("score")),
        )  # fmt: skip
