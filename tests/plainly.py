"""Documents with coded segments, made at random, written in a format and read again."""

import json
import tempfile
import uuid
from dataclasses import replace
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from coding.formats import exchange
from coding.formats.exchange.plain import PlainDocument, PlainMemo, PlainSegment, exchanged_of, plain
from coding.formats.refi.nouns import Tally
from coding.formats.refi.offsets import solve
from coding.model import Corpus, Document

ALL = ("coder", "kind", "because", "score", "memo", "memo by", "id", "variables")
AT = "2026-01-02T03:04:05.678901Z"
HOLDS_TEXTS = (".ls.json", ".doccano.jsonl", ".spacy")

usual = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
chars = st.sampled_from("ab =+-@'.!\n\f\t日本語😀👍🏽e\u0301\u200d<&>\",;[]\\") | st.characters(
    exclude_categories=["Cs"], exclude_characters="\r\0\ufeff"
)
words = st.text(chars, max_size=15)
texts = st.text(chars, min_size=1, max_size=80).filter(str.strip)
codes = st.sampled_from(["role", "role.bridge", "behaviour.training", "Théme 日本"])


@st.composite
def documents(draw):
    """Return documents with coded segments that say all there is to say."""
    ids = (str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))) for number in count())
    made = []
    for i, text in enumerate(draw(st.lists(texts, min_size=1, max_size=3))):
        segments = {}
        for _ in range(draw(st.integers(0, 4))):
            start = draw(st.integers(0, len(text) - 1))
            end = draw(st.integers(start + 1, len(text)))
            coder = draw(st.sampled_from(["anna", "ben_2", "김지수", "m-1", "rules"]))
            kind = {"m-1": "model", "rules": "rules"}.get(coder, "person")
            memos = tuple(
                PlainMemo(
                    draw(texts),
                    draw(st.sampled_from(["", "own; id "])) + next(ids),
                    "anna",
                    draw(st.sampled_from([AT, "some day"])),
                )
                for _ in range(draw(st.integers(0, 2)))
            )
            id_ = draw(st.sampled_from(["", "own id "])) + next(ids)
            score = None if kind == "person" else draw(st.none() | st.floats(0, 1))
            segment = PlainSegment(
                start, end, draw(codes), coder, id_, kind, draw(words), score, memos, text[start:end]
            )
            segments[start, end, segment.code, coder] = segment
        variables = {"title": f"Title {i}", "year": 2000 + i, "url": f"https://example.org/{i}"}
        made.append(PlainDocument(f"norland/t{i}", text, tuple(segments.values()), variables))
    return made


def corpus_of(made):
    return Corpus(tuple(Document(each.id, each.text, dict(each.variables)) for each in made))


def sent(made):
    return exchanged_of(made, name="x", tally=Tally())


def arrived(brought):
    """Return the documents of a file as they are after its offsets are solved, and what was dropped."""
    solved = solve(brought.exchanged.sources, among=brought.counted)
    found = []
    for source, document in zip(
        brought.exchanged.sources, plain(brought.exchanged, format="x", keeps=ALL).documents, strict=True
    ):
        text = solved.texts[source.guid].plain
        segments = tuple(
            replace(segment, start=span[0], end=span[1], quote=text[slice(*span)])
            for segment, span in zip(document.segments, solved.spans[source.guid], strict=True)
        )
        found.append(replace(document, text=text, segments=segments))
    return found


def back(made, suffix):
    """Return what a file of these documents brings, and what was said to be lost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{suffix}"
        lost = exchange.write(path, sent(made))
        return exchange.read(path, corpus_of(made)), [each.what for each in lost]


def told(brought):
    return [str(each) for each in brought.exchanged.dropped]


def segments_of(made, **without):
    """Return all coded segments, sorted, without what a format cannot say."""
    rows = [(each.id, replace(segment, **without)) for each in made for segment in each.segments]
    return sorted(rows, key=repr)


def without_authors(made):
    """Return documents whose memos do not say who wrote them, and when."""
    return [
        replace(each, segments=tuple(replace(s, memos=tuple(PlainMemo(m.text, m.id, s.coder) for m in s.memos)) for s in each.segments))
        for each in made
    ]  # fmt: skip


def to_12_digits(made):
    """Return documents with scores as a workbook holds them: not to the last digit."""
    return [
        replace(each, segments=tuple(replace(s, score=s.score and round(s.score, 12)) for s in each.segments))
        for each in made
    ]


TEXT = "Norland 😀 trains\r\nteachers. Norland é, 日本語."
PLAIN = TEXT.replace("\r\n", "\n")


CORPUS = Corpus(
    (
        Document("norland/a", PLAIN, {"url": "https://example.org/a"}),
        Document("norland/b", "Sea. Sea.", {"url": "https://example.org/b"}),
    )
)


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8", newline="")
    return path
