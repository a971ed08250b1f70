"""W3C Web Annotation as JSON-LD: a quote with its surroundings, a position, tags and comments.

Source: W3C, *Web Annotation Data Model*, Recommendation of 23 February 2017; its selectors count code points
(section 4.2.5). Such a file does not hold the texts: they must be documents of the project.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.files import replacing
from coding.formats.exchange import Brought
from coding.formats.exchange.foreign import json_of, mapping, sequence, text_in, text_of, whole
from coding.formats.exchange.plain import PlainMemo, PlainSegment, exchanged_of, of_document, plain
from coding.formats.exchange.quotes import Span, placed, refuse_missing
from coding.formats.refi.nouns import Tally, is_guid, plain_guid
from coding.formats.refi.offsets import Convention
from coding.formats.refi.ours import guid_of, kept_guid
from coding.formats.text import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from coding.formats.exchange.plain import PlainDocument
    from coding.formats.refi.nouns import Dropped, Exchanged
    from coding.model import CoderKind, Corpus, Document

FORMAT = "W3C Web Annotation"
CONTEXT = "http://www.w3.org/ns/anno.jsonld"
N_AROUND = 32  # characters before and after a quote that are written with it

_URN = "urn:uuid:"
_TAGS = ("tagging", "classifying", "identifying")
_COMMENTS = ("commenting", "describing", "replying", "questioning", "assessing", "editing", "")
_SEVERAL = ("AnnotationCollection", "AnnotationPage")
_MOST_DEEP = 20


def write(path: Path, exchanged: Exchanged) -> tuple[Dropped, ...]:
    """Write the coded segments as one collection of annotations; return what has no place in it."""
    told = plain(exchanged, format=FORMAT, keeps=("coder", "kind", "memo", "memo by", "id"))
    items = [_annotation(document, segment) for document in told.documents for segment in document.segments]
    collection = {
        "@context": CONTEXT,
        "id": f"{_URN}{guid_of('annotations', exchanged.name)}",
        "type": "AnnotationCollection",
        "label": exchanged.name,
        "total": len(items),
        "first": {
            "id": f"{_URN}{guid_of('annotations', exchanged.name, 0)}",
            "type": "AnnotationPage",
            "startIndex": 0,
            "items": items,
        },
    }
    with replacing([path]) as (written,):
        write_text(written, json.dumps(collection, ensure_ascii=False, indent=1) + "\n")
    return told.lost


def read(path: Path, corpus: Corpus) -> Brought:
    """Return the annotations of a file whose texts are documents of the project.

    The quote decides: it must stand where the position says, or, with its surroundings, in one place only.
    What cannot be placed so is told one by one.

    Raises
    ------
    CodingError
        If the file is no JSON, or holds no annotation.
    """
    said = json_of(text_of(path), path.name)
    found = list(_annotations(said))
    if not found and mapping(said).get("type") not in _SEVERAL:
        raise CodingError(
            f"{path.name}: holds no annotation. Its top is an Annotation, a page or collection of them "
            "(with the pages in it), or an array."
        )
    reading = _Reading(corpus)
    for each in found:
        reading.add(each)
    if not reading.is_any_placed:
        refuse_missing(path.name, reading.missing)
    exchanged = exchanged_of(reading.documents(), name=path.stem, tally=reading.tally)
    return Brought(exchanged, (Convention(),))


def _annotation(document: PlainDocument, segment: PlainSegment) -> dict[str, object]:
    start, end, text = segment.start, segment.end, document.text
    tag = {
        "id": f"{_URN}{guid_of('code', segment.code)}",
        "type": "TextualBody",
        "purpose": "tagging",
        "value": segment.code,
    }
    return {
        "id": f"{_URN}{kept_guid('segment', segment.id)}",
        **({"dcterms:identifier": segment.id} if kept_guid("segment", segment.id) != segment.id else {}),
        "type": "Annotation",
        "motivation": "tagging",
        "creator": _creator(segment.coder, segment.kind),
        "body": [tag, *map(_comment, segment.memos)],
        "target": {
            "type": "SpecificResource",
            "source": {
                "id": f"{_URN}{guid_of('document', document.id)}",
                "type": "Text",
                "format": "text/plain",
                "dcterms:identifier": document.id,
            },
            "selector": [
                {
                    "type": "TextQuoteSelector",
                    "exact": text[start:end],
                    "prefix": text[max(0, start - N_AROUND) : start],
                    "suffix": text[end : end + N_AROUND],
                },
                {"type": "TextPositionSelector", "start": start, "end": end},
            ],
        },
    }


def _creator(coder: str, kind: CoderKind = "person") -> dict[str, object]:
    made: dict[str, object] = {
        "id": f"{_URN}{guid_of('coder', coder)}",
        "type": "Person" if kind == "person" else "Software",
        "name": coder,
    }
    return made if kind == "person" else {**made, "dcterms:type": kind}


def _comment(memo: PlainMemo) -> dict[str, object]:
    return {
        "id": f"{_URN}{kept_guid('memo', memo.id)}",
        **({"dcterms:identifier": memo.id} if kept_guid("memo", memo.id) != memo.id else {}),
        "type": "TextualBody",
        "purpose": "commenting",
        "value": memo.text,
        "creator": _creator(memo.coder),
        "created": memo.at,
    }


def _annotations(value: object, depth: int = 0) -> Iterator[dict[str, object]]:
    """Yield all annotations in a value: itself, or those of its array, page, collection or graph."""
    if depth > _MOST_DEEP:
        return
    for each in sequence(value):
        said = mapping(each)
        if "target" in said:
            yield said
        for key in ("first", "items", "next", "@graph"):
            if isinstance(said.get(key), dict | list):
                yield from _annotations(said[key], depth + 1)


@dataclass(frozen=True, slots=True)
class _Bodies:
    """What an annotation says: codes it gives, memos, and how many bodies of other kinds it has."""

    codes: tuple[str, ...]
    memos: tuple[PlainMemo, ...]
    n_other: int


class _Reading:
    """Annotations put into their documents."""

    def __init__(self, corpus: Corpus) -> None:
        self.tally = Tally()
        self.missing: list[str] = []
        self._by_name: dict[str, list[Document]] = {}
        for document in corpus:
            names = (document.id, guid_of("document", document.id), document.variables.get("url"))
            for name in names:
                if isinstance(name, str):
                    self._by_name.setdefault(name, []).append(document)
        self._segments: dict[str, tuple[Document, list[PlainSegment]]] = {}

    def add(self, annotation: Mapping[str, object]) -> None:
        """Place an annotation, or tell why it is not."""
        bodies = _bodies(annotation)
        self.tally.drop("Body of an annotation", "is no tag and no comment.", bodies.n_other)
        id_ = _own_id(annotation)
        targets = sequence(annotation.get("target"))
        if not bodies.codes:
            self.tally.drop("Annotation", "gives no code: it has no tag.")
            return
        for target in targets:
            self._place(target, annotation, bodies, id_ if len(targets) == 1 else "")

    @property
    def is_any_placed(self) -> bool:
        """Whether an annotation stands in a document."""
        return bool(self._segments)

    def documents(self) -> list[PlainDocument]:
        """Return the documents that annotations stand in."""
        return [of_document(document, segments) for document, segments in self._segments.values()]

    def _place(self, target: object, annotation: Mapping[str, object], bodies: _Bodies, id_: str) -> None:
        said = mapping(target)
        names = [*_names(said.get("source")), *_names(target)]
        found = next((self._by_name[name] for name in names if name in self._by_name), [])
        if len(found) != 1:
            how_many = "no document" if not found else f"{len(found)} documents"
            shown = names[0][:80] if names else "(nothing)"
            self.tally.drop("Annotation that was not placed", f"its text, {shown}, is {how_many} here.")
            self.missing += [shown] if names and not found else []
            return
        document = found[0]
        span, quote = _span(document.text, said)
        if span is None:
            shown = f"“{' '.join(quote[:60].split())}”" if quote else "what has no quote"
            why = f"{document.id}: {shown} is not where it says, nor in one place only."
            self.tally.drop("Annotation that was not placed", why)
            return
        coder, kind = _coder(annotation.get("creator"))
        made = [
            PlainSegment(
                *span, code, coder, id_ if i == 0 else "", kind, memos=bodies.memos if i == 0 else ()
            )
            for i, code in enumerate(bodies.codes)
        ]
        self._segments.setdefault(document.id, (document, []))[1].extend(made)


def _span(text: str, target: Mapping[str, object]) -> tuple[Span | None, str]:
    """Return where a target stands, and its quote; a position without a quote proves nothing."""
    quote, before, after, at = "", "", "", None
    for each in map(mapping, sequence(target.get("selector"))):
        kind = each.get("type")
        if kind == "TextQuoteSelector":
            quote, before, after = (text_in(each.get(key)) for key in ("exact", "prefix", "suffix"))
        elif kind == "TextPositionSelector":
            start, end = whole(each.get("start")), whole(each.get("end"))
            at = None if start is None or end is None else (start, end)
    return placed(text, quote, at, before=before, after=after), quote


def _bodies(annotation: Mapping[str, object]) -> _Bodies:
    motivations = [each for each in sequence(annotation.get("motivation")) if isinstance(each, str)]
    usual = next((each for each in motivations if each in _TAGS), "")
    codes: list[str] = []
    memos: list[PlainMemo] = []
    n_other = 0
    plain_text = text_in(annotation.get("bodyValue"))
    for body in [*sequence(annotation.get("body")), *([{"value": plain_text}] if plain_text else [])]:
        said = mapping(body)
        purposes = [each for each in sequence(said.get("purpose")) if isinstance(each, str)] or [usual]
        value = text_in(said.get("value")) or (_names(said.get("source")) or [""])[0]
        if not value.strip():
            n_other += 1
        elif any(purpose in _TAGS for purpose in purposes):
            codes.append(value.strip())
        elif any(purpose in _COMMENTS for purpose in purposes):
            coder, _ = _coder(said.get("creator"))
            memos.append(PlainMemo(value, _own_id(said), coder, text_in(said.get("created"))))
        else:
            n_other += 1
    return _Bodies(tuple(dict.fromkeys(codes)), tuple(memos), n_other)


def _own_id(said: Mapping[str, object]) -> str:
    """Return the id of an annotation or a body; of one that is no GUID, a GUID that follows from it."""
    own, iri = text_in(said.get("dcterms:identifier")), text_in(said.get("id"))
    guid = plain_guid(iri.removeprefix(_URN))
    return own or (guid if is_guid(guid) or not iri else guid_of("annotation", iri))


def _names(value: object) -> list[str]:
    """Return what a resource is called: what it says of itself, its IRI, the GUID in that."""
    if isinstance(value, str):
        return [value, plain_guid(value.removeprefix(_URN))]
    said = mapping(value)
    names = [text_in(said.get(key)) for key in ("dcterms:identifier", "id")]
    return [name for each in names if each for name in (each, plain_guid(each.removeprefix(_URN)))]


def _coder(value: object) -> tuple[str, CoderKind]:
    creator = next(iter(sequence(value)), None)
    if isinstance(creator, str):
        return creator.rstrip("/").rpartition("/")[2].removeprefix("acct:"), "person"
    said = mapping(creator)
    name = text_in(said.get("name")) or text_in(said.get("nickname")) or text_in(said.get("id"))
    if said.get("type") != "Software":
        return name, "person"
    return name, "rules" if said.get("dcterms:type") == "rules" else "model"
