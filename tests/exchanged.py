"""Projects as people leave them, made at random, to be sent away and taken back."""

import json
import uuid
from itertools import count

from hypothesis import strategies as st

from coding.batch import Decision, Memo, act, quoted
from coding.codebook import Code, Codebook
from coding.formats import yaml
from coding.formats.codebook import write_codebook
from coding.formats.refi.ours import guid_of
from coding.keeping import Said, kept_in, row_of
from coding.model import CodedSegment, Coder, Reading, machine_coded
from coding.project import Project

AT = "2026-01-02T03:04:05.678901Z"
fitting = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff")
line = st.text(fitting | st.sampled_from("<&>\"'; ,"), max_size=20).map(lambda text: " ".join(text.split()))
said = st.lists(line, max_size=3).map("\n\n".join)
texts = st.text(
    st.sampled_from("ab .!?\n\f日😀e\u0301<&>\"\t") | st.characters(exclude_categories=["Cs"], exclude_characters="\r\0\ufeff"),
    min_size=1,
    max_size=150,
).filter(str.strip)  # fmt: skip


def empty(root):
    """Return the folder of a project in which nothing lies yet."""
    for folder in ("corpus", "codebooks"):
        (root / folder).mkdir(parents=True)
    return root


@st.composite
def codebooks(draw):
    codes = []
    for i in range(draw(st.integers(1, 5))):
        parent = draw(st.sampled_from([None, *(code.id for code in codes)]))
        codes.append(
            Code(
                f"{parent}.c{i}" if parent else f"c{i}", f"Code {i} {draw(line)}".strip(), draw(said), draw(said),
                draw(said), tuple(draw(st.lists(line.filter(bool), max_size=2))), draw(line), parent,
                tuple(draw(st.sets(st.sampled_from([code.id for code in codes]), max_size=2))) if codes else (),
                retired=draw(st.booleans()),
            )
        )  # fmt: skip
    tops = [code.id for code in codes if code.parent is None]
    families = {"family of all": tuple(tops)} if draw(st.booleans()) else {}
    ordered = sorted(codes, key=lambda code: [int(part[1:]) for part in code.id.split(".")])
    return Codebook("book", "1.2.3", tuple(ordered), draw(line), "ja", families)


@st.composite
def corpora(draw):
    """Return for each donor its case file and texts."""
    made = {}
    for donor, iso in (("norland", "NOR"), ("south-land", "XAA")):
        files = [f"t{i}.txt" for i in range(draw(st.integers(0, 2)))]
        entries = {
            file: {
                "title": draw(line.filter(bool)), "year": draw(st.integers(1000, 9999)),
                "fidelity": draw(st.sampled_from(["original", "digest", "translation"])),
                "source_kind": draw(st.sampled_from(["primary", "secondary"])),
                "language": "ja", "recipient": draw(st.lists(line.filter(bool), max_size=2)),
                **({"family": draw(line.filter(bool))} if draw(st.booleans()) else {}),
            }
            for file in files
        }  # fmt: skip
        case = {
            "id": donor, "name": draw(line.filter(bool)), "iso": iso,
            "aliases": draw(st.lists(line.filter(bool), min_size=1, max_size=2)),
            "homonyms": draw(st.lists(line.filter(bool), max_size=2)), "documents": entries,
        }  # fmt: skip
        made[donor] = (case, {file: draw(texts) for file in files})
    return made


@st.composite
def acts(draw, corpus, codebook):
    """Return rows that people, rules and a model leave: some of everything."""
    rows, segments = [Coder("m-1", "model")], []
    fresh = (str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))) for number in count())
    for document in corpus:
        for _ in range(draw(st.integers(0, 4))):
            start = draw(st.integers(0, len(document.text) - 1))
            place = document.segment(start, draw(st.integers(start + 1, len(document.text))))
            code = draw(st.sampled_from(codebook.codes))
            coder = draw(st.sampled_from(["anna", "ben_2", "김지수", "m-1"]))
            if coder == "m-1":
                made = machine_coded(
                    place, code, Coder(coder, "model"), draw(line), score=draw(st.floats(0, 1))
                )
            else:
                made = CodedSegment(
                    next(fresh), place, code.id, draw(st.sampled_from([code.meaning, "m"])), coder
                )
            segments.append(made)
        if draw(st.booleans()):
            codes = draw(st.sampled_from([None, (codebook.codes[0].id,)]))
            rows.append(
                Reading(draw(st.sampled_from(["anna", "ben_2"])), document.whole, codes, AT, id=next(fresh))
            )
    unlike = {(s.segment, s.code, s.coder): s for s in segments}
    segments = list({segment.id: segment for segment in unlike.values()}.values())
    subjects = [("segment", s.id) for s in segments] + [("code", codebook.codes[0].id)]
    subjects += [("document", document.id) for document in corpus]
    subjects.append(("cell", f"donor=norland/{codebook.codes[0].id}"))
    for about, subject in draw(st.lists(st.sampled_from(subjects), max_size=4)):
        id_ = draw(st.sampled_from(["", "own id "])) + next(fresh)
        at = draw(st.sampled_from([AT, "some day"]))
        rows.append(Memo(id_, about, subject, draw(said.filter(str.strip)), "anna", at))
    ruling = draw(st.sampled_from(["accept", "reject"]))
    rows += [Decision(next(fresh), one.id, ruling, "ben_2", AT, draw(line)) for one in segments[:1]]
    memos = [row for row in rows if isinstance(row, Memo)]
    return [*rows, *quoted(segments, corpus), *draw(keepings(corpus, codebook, segments, memos, fresh))]


VALUES = {
    "Text": line.filter(bool), "Integer": st.integers(), "Boolean": st.booleans(), "Float": st.floats(-1e9, 1e9),
    "Date": st.just("2026-01-02"), "DateTime": st.just(AT),
}  # fmt: skip
colours = st.sampled_from(["#0A1", "#F00082"])


@st.composite
def keepings(draw, corpus, codebook, segments, memos, fresh):
    """Return what a file of another program may say besides: one of each kind, or a few."""
    types = {next(fresh): kind for kind in draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=3))}
    rows = [
        row_of(id_, "variable", f"v {draw(line)}".strip(), Said(text=draw(said), type=types[id_]))
        for id_ in types
    ]

    def values():
        return {id_: draw(VALUES[kind]) for id_, kind in types.items() if draw(st.booleans())}

    codes = [("code", code.id) for code in codebook.codes[:2]]
    documents = [("document", document.id) for document in corpus]
    note, group = next(fresh), next(fresh)
    about = draw(st.sampled_from(["", "project"]))
    rows.append(
        row_of(
            note,
            "note",
            draw(line),
            Said(text=draw(said.filter(str.strip)), coder="anna", at=AT, about=about),
        )
    )
    stretches = [draw(stretch(document, segments, next(fresh))) for document in corpus]
    members = (*codes, *documents, *(("kept", row.id) for row in stretches))
    rows.append(
        row_of(
            group,
            "case",
            f"Group {draw(line)}".strip(),
            Said(text=draw(said), members=members, values=values()),
        )
    )
    for kind, ids in (("document", [d.id for d in corpus]), ("case", list(corpus.known_cases))):
        for id_ in ids:
            name = id_ if kind == "document" else corpus.known_cases[id_].name
            if found := values():
                rows.append(row_of(guid_of(kind, id_), kind, name, Said(of=(kind, id_), values=found)))
    code = codebook.codes[-1].id
    painted = Said(of=("code", code), colour=draw(colours), is_codable=draw(st.booleans()))
    rows.append(row_of(guid_of("code", code), "code", code, painted))
    notes = (*(("memo", memo.id) for memo in memos[:1]), ("kept", note))
    rows += [row_of(guid_of("title", m.id), "note", "Title: Odd", Said(of=("memo", m.id))) for m in memos[:1]]
    chosen = (*codes, *documents[:1], *notes)
    rows.append(
        row_of(next(fresh), "set", f"Set {draw(line)}".strip(), Said(text=draw(said), members=chosen))
    )
    things = [*codes, *documents, *notes, ("kept", group), *(("case", id_) for id_ in corpus.known_cases)]
    things += [("segment", segment.id) for segment in segments[:1]]
    ends = (draw(st.sampled_from(things)), draw(st.sampled_from(things)))
    link = Said(ends=ends, members=notes, direction="OneWay", colour=draw(colours))
    rows.append(row_of(next(fresh), "link", draw(line), link))
    about_all = draw(said)
    if about_all.strip():
        rows.append(row_of(guid_of("description", about_all), "project", "", Said(text=about_all)))
    return [*rows, *stretches]


@st.composite
def stretch(draw, document, segments, id_):
    """Return a selection that has a title, or no code."""
    own = [segment for segment in segments if segment.segment.document == document.id]
    title = f"Title: {draw(line)}".strip()
    if own and draw(st.booleans()):
        alike = [segment for segment in own if segment.segment == own[0].segment]
        alike.sort(key=lambda segment: (segment.code, segment.coder, segment.id))
        return row_of(id_, "selection", title, Said(segments=tuple(segment.id for segment in alike)))
    place = document.segment(0, draw(st.integers(1, len(document.text))))
    return row_of(
        id_, "selection", draw(st.sampled_from(["", title])), Said(place=place, coder="ben_2", at=AT)
    )


@st.composite
def projects(draw, folder):
    """Write a project into a folder, which nothing must be in, and return it."""
    root = empty(folder)
    codebook = draw(codebooks())
    write_codebook(root / "codebooks/book.yaml", codebook)
    for donor, (case, files) in draw(corpora()).items():
        (root / "corpus" / donor).mkdir()
        (root / "corpus" / donor / "case.yaml").write_text(yaml.dump(json.loads(json.dumps(case))), "utf-8")
        for file, text in files.items():
            (root / "corpus" / donor / file).write_bytes(text.encode())
    project = Project.open(root)
    rows = draw(acts(project.corpus, project.codebook("book")))
    with project.store() as store:
        store.add(act("anna", "code", *rows))
    return project


def work(project):
    """Return all that stands in a project, in an order of its own."""
    coded = project.coded
    return {
        "segments": sorted(coded.segments, key=lambda s: s.id),
        "quotes": sorted((s.id, s.quote) for s in coded.segments),
        "readings": sorted(map(repr, coded.readings)),
        "memos": sorted(map(repr, project.memos)),
        "decisions": sorted(map(repr, project.decisions)),
        "kept": kept_in(project),
        "codebook": project.codebook("book"),
        "documents": {d.id: (d.text, dict(d.variables)) for d in project.corpus},
        "cases": dict(project.corpus.known_cases),
    }
