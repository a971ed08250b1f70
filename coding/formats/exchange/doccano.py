r"""doccano JSON Lines: a text a line, with the start, end and code of what was marked in it.

doccano counts UTF-16 code units, and grapheme clusters where a project asks for that (its issue 2290); other
programs write such files in code points. A file of ours says that it counts UTF-16 units, as doccano does;
of another one the words decide, or `--offsets` says it.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from coding.errors import CodingError, refuse
from coding.files import replacing
from coding.formats.exchange import Brought
from coding.formats.exchange.foreign import json_of, mapping, sequence, text_in, text_of, told, whole
from coding.formats.exchange.plain import PlainDocument, PlainSegment, exchanged_of, plain
from coding.formats.refi.nouns import Dropped, Tally
from coding.formats.refi.offsets import Convention
from coding.formats.text import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from coding.formats.refi.nouns import Exchanged
    from coding.model import Corpus

FORMAT = "doccano"
COUNTED = Convention(unit="utf16", crlf=2, bom=True)
IN_CODE_POINTS = Convention(unit="points", crlf=2, bom=True)

_OFFSETS, _UTF16 = "offsets", "utf16"
_TEXTS, _LISTS = ("text", "data"), ("label", "labels", "entities")
_NO_VARIABLE = (*_TEXTS, *_LISTS, _OFFSETS, "id", "document", "coder", "relations", "Comments", "cats")
_BEYOND_BMP = 0xFFFF


def write(path: Path, exchanged: Exchanged) -> tuple[Dropped, ...]:
    """Write a line for each document; return what has no place in it.

    Who coded is said where one coder coded a document; what several coded in it stands together.
    """
    said = plain(exchanged, format=FORMAT, keeps=("coder", "variables"))
    lines = [json.dumps(_line(document), ensure_ascii=False) for document in said.documents]
    with replacing([path]) as (written,):
        write_text(written, "".join(f"{line}\n" for line in lines))
    tally = Tally()
    for document in said.documents:
        if len(_coders(document)) > 1:
            why = (
                "several coded the document: doccano does not say who. What they agree on stands there once."
            )
            tally.drop("Coder of a coded segment", why, len(document.segments))
    return said.lost + tally.told()


def read(path: Path, corpus: Corpus) -> Brought:  # noqa: ARG001  the texts are in the file
    """Return what was marked in the text of each line.

    Raises
    ------
    CodingError
        Listing the lines that are no JSON or have no text.
    """
    tally = Tally()
    documents: list[PlainDocument] = []
    problems: list[str] = []
    units: set[bool] = set()
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            said = mapping(json_of(line, f"{path.name}, line {number}"))
            documents.append(_document(said, f"{path.name}, line {number}", tally))
            units.add(said.get(_OFFSETS) == _UTF16)
        except CodingError as error:
            problems += error.problems
    refuse(problems)
    if not documents:
        raise CodingError(f"{path.name}: holds no line. Export it once more, as JSONL.")
    ours = units == {True}
    if not ours:
        _tell_clusters(documents, tally)
    exchanged = exchanged_of(documents, name=path.name.removesuffix(".doccano.jsonl"), tally=tally)
    return Brought(exchanged, (COUNTED,) if ours else (IN_CODE_POINTS, COUNTED))


def _line(document: PlainDocument) -> dict[str, object]:
    wide = [i for i, char in enumerate(document.text) if ord(char) > _BEYOND_BMP]

    def utf16(at: int) -> int:
        return at + bisect_left(wide, at)

    spans = {(utf16(each.start), utf16(each.end), each.code) for each in document.segments}
    coders = _coders(document)
    who = {"coder": coders[0]} if len(coders) == 1 and coders[0] else {}
    return {
        **document.variables,
        "text": document.text,
        "label": [list(span) for span in sorted(spans)],
        "document": document.id,
        **who,
        _OFFSETS: _UTF16,
    }


def _coders(document: PlainDocument) -> list[str]:
    return sorted({segment.coder for segment in document.segments})


def _document(said: Mapping[str, object], where: str, tally: Tally) -> PlainDocument:
    text = next((said[key] for key in _TEXTS if isinstance(said.get(key), str)), None)
    if not isinstance(text, str):
        raise CodingError(f"{where}: has no 'text'. Export it once more, as JSONL.")
    segments = tuple(_segments(said, text_in(said.get("coder")), tally))
    tally.drop("Relation", "links are not kept.", len(sequence(said.get("relations"))))
    tally.drop("Comment", "it does not say what it is about.", len(sequence(said.get("Comments"))))
    variables = {
        name: value
        for name, given in said.items()
        if name not in _NO_VARIABLE and (value := told(given)) is not None
    }
    id_ = text_in(said.get("document"))
    name = id_.replace("/", " - ") or text_in(said.get("title")) or where.rpartition(", ")[2]
    return PlainDocument(id_, text, segments, variables, name)


def _segments(said: Mapping[str, object], coder: str, tally: Tally) -> Iterator[PlainSegment]:
    given = next((said[key] for key in _LISTS if said.get(key)), [])
    for each in sequence(given):
        named = mapping(each)
        parts = [named.get(key) for key in ("start_offset", "end_offset", "label")] if named else each
        found = parts if isinstance(parts, list) and len(parts) == 3 else [None, None, None]
        start, end, code = whole(found[0]), whole(found[1]), text_in(found[2]).strip()
        if start is None or end is None or not code:
            tally.drop("Label", "is not the start, end and name of what was marked in a text.")
        else:
            yield PlainSegment(start, end, code, coder)


def _tell_clusters(documents: list[PlainDocument], tally: Tally) -> None:
    """Tell of texts with characters that a project of doccano may have counted as one."""
    import regex

    several = regex.compile(r"(?!\r\n)\X")
    n = sum(any(len(found) > 1 for found in several.findall(document.text)) for document in documents)
    why = "if the project counts grapheme clusters as one, its offsets mean other words: look with --dry-run."
    tally.drop("Text with characters of several code points", why, n)
