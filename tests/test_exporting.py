"""A project that is exported as REFI-QDA comes back as it was, whatever is in it."""

import re
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

from exchanged import AT, empty, projects, work
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refi_schema import faults

from coding.batch import Memo, act, new_id, now, quoted
from coding.exporting import exported, exported_codebook
from coding.formats.refi import read
from coding.formats.refi.ours import guid_of
from coding.formats.refi.writer import codebook_xml, project_xml, write
from coding.keeping import Said, row_of
from coding.model import CodedSegment, Coder, Reading, machine_coded
from coding.project import Project
from coding.received import look, look_at_codebook, take_in


@given(st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_round_trip_is_identity_and_the_second_file_is_the_first(data):
    with tempfile.TemporaryDirectory() as folder:
        first = data.draw(projects(Path(folder) / "p"))
        sent = exported(first, [first.codebook("book")], suggestions=True).exchanged
        assert faults(project_xml(sent)) == []
        path = Path(folder) / "x.qdpx"
        write(path, sent)
        second = Project.open(empty(Path(folder) / "q"))
        arriving = look(second, path, codebook="book")
        assert [str(each) for each in arriving.dropped if each.n] == []
        take_in(second, arriving, by="zoe")
        opened = Project.open(second.root)
        assert work(opened) == work(first)
        again = exported(opened, [opened.codebook("book")], suggestions=True).exchanged
        write(Path(folder) / "y.qdpx", replace(again, name=sent.name))
        assert replace(again, name=sent.name) == sent
        assert (Path(folder) / "y.qdpx").read_bytes() == path.read_bytes()
        assert look(opened, path).people.rows == ()


def test_a_codebook_comes_back_without_its_rules_and_says_how_many(sandbox, tmp_path):
    project = Project.open(sandbox.root)
    book = project.codebook("book")
    made = exported_codebook(book)
    assert faults(codebook_xml(made.exchanged)) == []
    assert [str(each) for each in made.told] == ["4 × Rule: REFI-QDA has no rules."]
    write(tmp_path / "x.qdc", made.exchanged)
    other = Project.open(empty(tmp_path / "other"))
    take_in(other, look_at_codebook(other, tmp_path / "x.qdc"), by="zoe")
    found = Project.open(other.root).codebook("book")
    assert found.codes == tuple(replace(code, rules=()) for code in book.codes)
    assert (found.version, found.families) == (book.version, book.families)


def sent(sandbox, *rows, **settings):
    project = Project.open(sandbox.root)
    with project.store() as store:
        store.add(act("anna", "code", *rows))
    opened = Project.open(sandbox.root)
    return exported(opened, [opened.codebook("book")], **settings)


def segment(sandbox, document="norland/a", code="role", coder="anna", start=0, end=7):
    corpus = Project.open(sandbox.root).corpus
    made = CodedSegment(new_id(), corpus[document].segment(start, end), code, "m", coder)
    return quoted([made], corpus)[0]


def test_what_rules_and_models_coded_goes_along_only_when_asked(sandbox):
    project = Project.open(sandbox.root)
    place = project.corpus["norland/a"].segment(0, 7)
    made = machine_coded(place, project.codebook("book")["role"], Coder("rules", "rules"), "bridge")
    read_ = Reading("rules", project.corpus["norland/a"].whole, kind="rules", at=AT, id=new_id())
    rows = (Coder("rules", "rules"), read_, *quoted([made], project.corpus))
    left = sent(sandbox, *rows)
    assert [user.name for user in left.exchanged.users] == []
    assert "1 × Coded segment of rules or a model: left out; --suggestions takes them along." in map(
        str, left.told
    )
    with_them = exported(Project.open(sandbox.root), [project.codebook("book")], suggestions=True)
    assert [user.name for user in with_them.exchanged.users] == ["rules"]


def test_what_cannot_be_placed_is_counted(sandbox):
    gone = segment(sandbox)
    gone = replace(gone, id=new_id(), segment=replace(gone.segment, document="norland/gone"))
    stale = segment(sandbox)
    stale = replace(stale, id=new_id(), segment=replace(stale.segment, digest="0"))
    unknown = replace(segment(sandbox), code="no.such")
    memo = Memo(new_id(), "segment", stale.id, "Hm.", "anna", AT)
    told = sorted(str(each) for each in sent(sandbox, gone, stale, unknown, memo, segment(sandbox)).told)
    assert told == [
        "1 × Coded segment: its code is in none of the codebooks that were exported.",
        "1 × Coded segment: its document is not in corpus/.",
        "1 × Coded segment: its text has changed since.",
        "1 × Memo: the segment that it is about is not in the file.",
        "4 × Rule: REFI-QDA has no rules.",
    ]


def test_several_codes_of_the_same_words_are_one_selection(sandbox):
    rows = [
        segment(sandbox),
        segment(sandbox, code="behaviour"),
        segment(sandbox, coder="ben"),
        segment(sandbox, start=1),
    ]
    source = next(s for s in sent(sandbox, *rows).exchanged.sources if s.name == "norland - a")
    assert [(s.start, s.end, s.name, len(s.codings)) for s in source.selections] == [
        (0, 7, "Norland", 3), (1, 7, "orland", 1),
    ]  # fmt: skip


def test_references_that_do_not_go_along_are_counted(sandbox):
    sandbox.write("corpus/references.bib", "@misc{one, title={One}}\n@misc{two, title={Two}}\n")
    opened = Project.open(sandbox.root)
    told = map(str, exported(opened, [opened.codebook("book")]).told)
    assert "2 × Reference: corpus/references.bib does not go along: send it besides." in told


def test_no_guid_stands_twice_in_a_file_whatever_stands_in_the_store(sandbox, tmp_path):
    opened = Project.open(sandbox.root)
    document = opened.corpus["norland/a"]
    first, twin = (
        CodedSegment(name, document.segment(0, 7), code, "m", "anna")
        for name, code in (("s1", "role"), ("s2", "behaviour"))
    )
    moved = CodedSegment("s1", document.segment(8, 14), "role", "m", "anna")
    memo = Memo("m1", "segment", "s1", "Why?", "anna", now())
    selection = guid_of("selection", document.id, document.digest, 0, 7)
    titled = row_of(selection, "selection", "A title", Said(segments=("s1",)))
    with opened.store() as store:
        for made in (first, twin, moved):
            store.add(act("anna", "code", *quoted([made], opened.corpus)))
        store.add(act("anna", "memo", memo), act("ben", "import", memo, titled))
    made = exported(Project.open(sandbox.root), [opened.codebook("book")])
    write(tmp_path / "x.qdpx", made.exchanged)
    with zipfile.ZipFile(tmp_path / "x.qdpx") as archive:
        guids = re.findall(' guid="([^"]+)"', archive.read("project.qde").decode())
    assert selection in guids
    assert len(guids) == len(set(guids))
    assert "1 × Coded segment: another has the same id, elsewhere or with another code." in map(
        str, made.told
    )


def test_guids_are_the_same_at_every_export_and_in_every_copy(sandbox, tmp_path):
    row = segment(sandbox)
    first = sent(sandbox, row).exchanged
    sandbox.change("codebooks/book.yaml", "name: Role", "name: Part")
    second = exported(Project.open(sandbox.root), [Project.open(sandbox.root).codebook("book")]).exchanged
    assert [code.guid for code in first.codes] == [code.guid for code in second.codes]
    assert first.sources == second.sources
    assert row.id in {c.guid for s in first.sources for each in s.selections for c in each.codings}


def test_a_file_names_its_cases_with_their_documents_and_types_its_variables(sandbox, tmp_path):
    made = sent(sandbox).exchanged
    assert [(case.name, len(case.sources)) for case in made.cases] == [("Norland", 3), ("Sudland", 3)]
    types = {variable.name: variable.type for variable in made.variables}
    assert (types["year"], types["title"], types["document"]) == ("Integer", "Text", "Text")
    write(tmp_path / "x.qdpx", made)
    assert read(tmp_path / "x.qdpx") == made
