r"""Label Studio JSON: tasks with a text, the regions that people marked in it, and predictions.

Label Studio counts Unicode code points, and `\r\n` as two (its documentation of the `Text` tag; its pull
request 1559); until 2021 it counted UTF-16 code units (its issue 1347). Where regions say their words, the
words decide which it was; else code points are assumed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from coding.errors import CodingError, refuse
from coding.files import replacing
from coding.formats.exchange import Brought
from coding.formats.exchange.foreign import json_of, mapping, number, sequence, text_in, text_of, told, whole
from coding.formats.exchange.plain import PlainDocument, PlainMemo, PlainSegment, exchanged_of, plain
from coding.formats.exchange.quotes import one_line_end
from coding.formats.refi.nouns import Tally, is_guid
from coding.formats.refi.offsets import Convention
from coding.formats.refi.ours import kept_guid
from coding.formats.text import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from coding.formats.refi.nouns import Dropped, Exchanged
    from coding.model import CoderKind, Corpus

FORMAT = "Label Studio"
COUNTED = Convention(unit="points", crlf=2, bom=True)
IN_OLD_VERSIONS = Convention(unit="utf16", crlf=2, bom=True)

_TEXT, _DOCUMENT, _OURS = "text", "document", "normatrix"
_HEAD = {"from_name": "code", "to_name": _TEXT, "type": "labels"}


def write(path: Path, exchanged: Exchanged) -> tuple[Dropped, ...]:
    """Write a task for each document, with an annotation for each coder; return what has no place in it.

    What rules and models coded stands among the predictions.
    """
    said = plain(
        exchanged, format=FORMAT, keeps=("coder", "kind", "because", "score", "memo", "id", "variables")
    )
    tasks = [_task(number_, document) for number_, document in enumerate(said.documents, start=1)]
    with replacing([path]) as (written,):
        write_text(written, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")
    return said.lost


def read(path: Path, corpus: Corpus) -> Brought:  # noqa: ARG001  the texts are in the file
    """Return the regions of all tasks.

    Raises
    ------
    CodingError
        If the file is no export of Label Studio as JSON, or a task has no text: naming each.
    """
    tasks = [mapping(task) for task in sequence(json_of(text_of(path), path.name))]
    if not any("data" in task for task in tasks):
        raise CodingError(
            f"{path.name}: holds no tasks of Label Studio. Export them as 'JSON', not 'JSON-MIN'."
        )
    tally, documents, problems = Tally(), [], []
    for i, task in enumerate(tasks, start=1):
        text = _text(mapping(task.get("data")))
        if text is None:
            problems.append(
                f"{path.name}, task {i}: has no 'text' among its data. Name it so, and export anew."
            )
        else:
            documents.append(_document(task, text, tally))
    refuse(problems)
    exchanged = exchanged_of(documents, name=path.name.removesuffix(".ls.json"), tally=tally)
    has_words = any(segment.quote for document in documents for segment in document.segments)
    return Brought(exchanged, (COUNTED, IN_OLD_VERSIONS) if has_words else (COUNTED,))


def _task(number_: int, document: PlainDocument) -> dict[str, object]:
    people: dict[str, list[PlainSegment]] = {}
    machines: dict[str, list[PlainSegment]] = {}
    for segment in document.segments:
        (people if segment.kind == "person" else machines).setdefault(segment.coder, []).append(segment)
    return {
        "id": number_,
        "data": {**document.variables, _TEXT: document.text, _DOCUMENT: document.id},
        "annotations": [{"result": list(map(_region, segments))} for segments in people.values()],
        "predictions": [
            {"model_version": coder, "result": list(map(_region, segments))}
            for coder, segments in machines.items()
        ],
    }


def _region(segment: PlainSegment) -> dict[str, object]:
    guid = kept_guid("segment", segment.id)
    ours = {
        "id": "" if guid == segment.id else segment.id,
        "coder": segment.coder, "kind": segment.kind, "because": segment.because,
        "memos": [memo.id for memo in segment.memos],
    }  # fmt: skip
    value = {"start": segment.start, "end": segment.end, "text": segment.quote, "labels": [segment.code]}
    meta: dict[str, object] = {_OURS: {key: said for key, said in ours.items() if said}}
    if segment.memos:
        meta["text"] = [memo.text for memo in segment.memos]
    score = {} if segment.score is None else {"score": segment.score}
    return {"id": guid, **_HEAD, "value": value, **score, "meta": meta}


def _text(said: Mapping[str, object]) -> str | None:
    """Return the text of a task: what is called so, else the only text among its data."""
    named = said.get(_TEXT)
    if isinstance(named, str):
        return named
    texts = [value for value in said.values() if isinstance(value, str)]
    return texts[0] if len(texts) == 1 else None


def _document(task: Mapping[str, object], text: str, tally: Tally) -> PlainDocument:
    data = mapping(task.get("data"))
    segments: list[PlainSegment] = []
    drafts = len(sequence(task.get("drafts")))
    tally.drop("Draft", "only what was submitted is read.", drafts)
    for each in map(mapping, sequence(task.get("annotations", task.get("completions")))):
        if each.get("was_cancelled"):
            tally.drop("Annotation that was cancelled", "it was skipped there.")
            continue
        segments += _segments(each, text, _user(each.get("completed_by")), "person", tally)
    for each in map(mapping, sequence(task.get("predictions"))):
        coder = text_in(each.get("model_version")) or "label-studio-model"
        segments += _segments(each, text, coder, "model", tally)
    variables = {
        name: value for name, value in data.items() if value != text and name not in (_TEXT, _DOCUMENT)
    }
    id_ = text_in(data.get(_DOCUMENT))
    name = id_.replace("/", " - ") or text_in(data.get("title")) or f"task {task.get('id', '')}".strip()
    kept = {name: value for name, given in variables.items() if (value := told(given)) is not None}
    return PlainDocument(id_, text, tuple(segments), kept, name)


def _segments(
    each: Mapping[str, object], text: str, coder: str, kind: CoderKind, tally: Tally
) -> Iterable[PlainSegment]:
    for region in map(mapping, sequence(each.get("result"))):
        value, meta = mapping(region.get("value")), mapping(region.get("meta"))
        codes = [code for code in sequence(value.get("labels")) if isinstance(code, str) and code.strip()]
        start, end = whole(value.get("start")), whole(value.get("end"))
        if start is None or end is None or not codes:
            shown = text_in(region.get("type"))[:40] or "no type"
            tally.drop(f"Region ({shown})", "only codes of a stretch of plain text are read.")
            continue
        ours = mapping(meta.get(_OURS))
        for i, code in enumerate(codes):
            yield PlainSegment(
                start, end, code.strip(), text_in(ours.get("coder")) or coder,
                _id(region, ours) if i == 0 else "", _kind(ours, kind), text_in(ours.get("because")),
                number(region.get("score")), _memos(meta, ours) if i == 0 else (),
                _quote(text_in(value.get("text")), text),
            )  # fmt: skip


def _quote(words: str, text: str) -> str:
    r"""Return the words of a region; Label Studio writes a line end in them as a backslash and an n."""
    if "\\" not in words or words in text:
        return one_line_end(words)
    return one_line_end(words.replace("\\r", "\r").replace("\\n", "\n"))


def _memos(meta: Mapping[str, object], ours: Mapping[str, object]) -> tuple[PlainMemo, ...]:
    texts = [text for text in sequence(meta.get("text")) if isinstance(text, str) and text.strip()]
    ids = [text_in(id_) for id_ in sequence(ours.get("memos"))]
    if len(ids) != len(texts):
        ids = [""] * len(texts)
    return tuple(PlainMemo(text, id_) for text, id_ in zip(texts, ids, strict=True))


def _kind(ours: Mapping[str, object], usual: CoderKind) -> CoderKind:
    said = ours.get("kind")
    return said if said in ("person", "rules", "model") else usual


def _id(region: Mapping[str, object], ours: Mapping[str, object]) -> str:
    """Return the id of a coded segment of ours; Label Studio's own are unique in one task only."""
    given = text_in(region.get("id"))
    return text_in(ours.get("id")) or (given if is_guid(given) else "")


def _user(value: object) -> str:
    """Return who completed an annotation: an e-mail address or name, else the number of the user."""
    said = mapping(value)
    name = next((text for key in ("email", "username") if (text := text_in(said.get(key)))), "")
    if name:
        return name
    number_ = whole(said.get("id")) if said else whole(value)
    return "" if number_ is None else f"user-{number_}"
