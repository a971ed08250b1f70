"""What is kept of machines and people through `project.add`, and how old codings follow a changed codebook."""

from dataclasses import replace

import pytest

import coding
from coding.batch import Memo, act, new_id, now
from coding.changing import apply_changes
from coding.errors import CodingError, StaleText
from coding.model import Coded, CodedSegment, Coder, Reading
from coding.project import Project
from coding.suggesting import keep, suggest


@pytest.fixture
def project(sandbox):
    return Project.open(sandbox.root)


def rules(project):
    return coding.tag(project.corpus, [coding.RuleTagger(project.codebook("book"), overlap="longest")])


def of_anna(project, *, code="role.bridge", start=0, end=7):
    document = project.corpus["norland/a"]
    segment = CodedSegment(new_id(), document.segment(start, end), code, "m", "anna")
    return Coded((segment,), (Reading("anna", document.whole),))


def test_what_is_added_stands_with_its_words_and_readings(project):
    added = rules(project) + of_anna(project)
    batches = project.add(added, by="boss")
    assert {batch.coder for batch in batches} == {"boss"}
    assert {s.id for s in project.coded.segments} == {s.id for s in added.segments}
    assert set(project.coded.readings) >= set(rules(project).readings)
    assert all(project.corpus[s.segment.document].quote(s.segment) == s.quote for s in project.coded.segments)


def test_adding_it_again_adds_nothing(project):
    project.add(rules(project) + of_anna(project), by="boss")
    assert project.add(rules(project) + of_anna(project), by="boss") == ()


def test_a_second_run_takes_back_what_it_finds_no_more_only_in_the_documents_it_read(project):
    project.add(rules(project), by="boss")
    corpus = project.corpus.where(donor="norland")
    with project.store() as store:
        keep(store, Coded((), tuple(rules(project).readings[:3])), corpus, Coder("rules", "rules"), by="boss")
    assert {s.segment.document.split("/")[0] for s in project.coded.segments} == {"sudland"}


def test_people_are_never_replaced(project):
    project.add(of_anna(project), by="anna")
    project.add(of_anna(project, start=8, end=14), by="anna")
    assert [s.quote for s in project.coded.segments] == ["Norland", "trains"]
    with project.store() as store, pytest.raises(CodingError, match="is a person"):
        keep(store, Coded(), project.corpus, Coder("anna", "person"), by="boss")


def test_machines_take_nothing_back_under_the_name_of_a_person(project):
    own = of_anna(project).segments[0]
    own = replace(own, coder="rules")
    with project.store() as store:
        store.add(act("rules", "code", Coder("rules", "person"), own))
    with pytest.raises(CodingError, match="'rules' is the name of a person here.*coding log"):
        project.add(rules(project), by="boss")
    assert [segment.id for segment in project.coded.segments] == [own.id]


def test_a_run_that_finds_the_same_keeps_nothing(project):
    book = project.codebook("book")
    with project.store() as store:
        first = suggest(store, book, project.corpus, overlap="longest", by="boss")
        assert {s.id for s in first.of(CodedSegment)} == {s.id for s in rules(project).segments}
        assert suggest(store, book, project.corpus, overlap="longest", by="boss") is None


def test_after_an_undone_run_the_same_can_be_found_again(project):
    book = project.codebook("book")
    with project.store() as store:
        first = suggest(store, book, project.corpus, overlap="longest", by="boss")
        store.undo(first.id, by="boss")
        again = suggest(store, book, project.corpus, overlap="longest", by="boss")
        store.redo(first.id, by="boss")
        found = store.coded()
    assert len({s.id for s in found.segments}) == len(found.segments) == len(again.of(CodedSegment))
    assert len(found.readings) == len(project.corpus)


def test_what_was_coded_in_another_text_is_not_kept(sandbox, project):
    coded = of_anna(project)
    sandbox.write("corpus/norland/a.txt", "Another text.\n")
    with pytest.raises(StaleText):
        Project.open(sandbox.root).add(coded, by="anna")
    assert Project.open(sandbox.root).coded.segments == ()


CHANGES = """
codebook: book
version: 2.0.0
steps:
  - move: {code: role.bridge, under: behaviour, as: behaviour.bridge}
  - merge: {codes: [orientation.development], into: orientation.security}
  - split:
      code: behaviour.training
      into:
        - {id: behaviour.courses, name: Courses, definition: It teaches.}
        - {id: behaviour.drills, name: Drills, definition: It drills.}
"""


def test_codings_and_memos_follow_their_codes_through_moves_and_mergers(sandbox, project):
    for code in ("role.bridge", "orientation.development", "behaviour.training"):
        project.add(of_anna(project, code=code), by="anna")
    memo = Memo(new_id(), "code", "role.bridge", "what is a bridge?", "anna", now())
    with project.store() as store:
        store.add(act("anna", "memo", memo))
        before = store.batches()
    apply_changes(project, sandbox.write("changes.yaml", CHANGES)).write()
    after = Project.open(sandbox.root)
    assert {s.code for s in after.coded.segments} == {
        "behaviour.bridge",
        "orientation.security",
        "behaviour.training",
    }
    assert [memo.subject for memo in after.memos] == ["behaviour.bridge"]
    assert after.codebook("book")["behaviour.training"].retired
    with after.store() as store:
        assert store.batches() == before
