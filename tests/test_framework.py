"""The framework matrix: every summary stands once, at its cell or elsewhere, and none is ever lost."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import ran

import coding
from coding.batch import Memo, act, new_id, now
from coding.cells import CellName
from coding.editing import revise_codebook
from coding.errors import CodingError
from coding.framework import cell_of, documents_of, earlier, framework, shown_codes, summarise
from coding.model import CodedSegment
from coding.project import Project
from coding.review import carried_memos
from coding.revision import Merge, Move, Split, successions

ROLE = CellName(("donor",), "norland", "role")


def about(name=ROLE, text="They build bridges.", coder="anna", at="2026-01-02T00:00:00.000000Z"):
    return Memo(new_id(), "cell", str(name), text, coder, at)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    from conftest import Sandbox

    return ran(Sandbox(tmp_path_factory.mktemp("framework") / "project"))


def texts(summaries):
    return [each.memo.text for each in summaries]


NAMES = st.builds(
    CellName,
    st.sampled_from([("donor",), ("year",), ("donor", "year")]),
    st.sampled_from(["norland", "sudland", "Norland", "2015", "norland · 2015", "westland"]),
    st.sampled_from(["role", "role.bridge", "behaviour", "gone"]),
)
MEMOS = st.lists(
    st.builds(
        Memo,
        st.uuids().map(str),
        st.just("cell"),
        NAMES.map(str),
        st.text(min_size=1),
        st.sampled_from(["anna", "ben"]),
        st.datetimes().map(lambda at: f"{at.isoformat(timespec='microseconds')}Z"),
    )
)


@given(MEMOS)
def test_every_memo_about_a_cell_stands_once_at_its_cell_or_elsewhere(done, memos):
    found = framework(done.matrix, memos)
    at_cells = [each.memo for summaries in found.summaries.values() for each in summaries]
    assert sorted([*at_cells, *found.elsewhere], key=id) == sorted(memos, key=id)
    for (code, case), summaries in found.summaries.items():
        assert {each.memo.subject for each in summaries} == {str(found.name(case, code))}
        times = [each.memo.at for each in summaries]
        assert times == sorted(times, reverse=True)
        assert found.of(done.matrix.names[case], code) == summaries


@given(MEMOS)
def test_of_each_coder_the_same_is_shown_alone_as_among_others(done, memos):
    whole, alone = framework(done.matrix, memos), framework(done.matrix, memos, coders=["anna"])
    for place, summaries in whole.summaries.items():
        mine = tuple(each for each in summaries if each.memo.coder == "anna")
        assert alone.summaries.get(place, ()) == mine


def test_memos_about_other_things_are_no_summaries(done):
    other = Memo(new_id(), "code", "role", "A code.", "anna", now())
    found = framework(done.matrix, [other])
    assert (found.summaries, found.elsewhere) == ({}, ())


def test_a_summary_says_how_much_of_its_evidence_is_newer(done):
    place = ("behaviour", "norland")
    ids = [segment.id for segment in done.matrix.cells[place].coded.segments]
    assert len(ids) == 3
    memo = about(CellName(("donor",), "norland", "behaviour"), at="2026-01-02T00:00:00.000000Z")
    added = {ids[0]: "2026-01-01T23:59:59.999999Z", ids[1]: "2026-01-02T00:00:00.000001Z"}
    (summary,) = framework(done.matrix, [memo], added=added).summaries[place]
    assert summary.n_newer == 1  # of the third it is not known: nothing is said
    (summary,) = framework(done.matrix, [memo]).summaries[place]
    assert summary.n_newer == 0


def test_rows_are_the_topmost_codes_and_those_of_which_somebody_wrote(done):
    bare = framework(done.matrix, [])
    assert shown_codes(bare, done.codebook) == ["role", "behaviour", "orientation"]
    written = framework(done.matrix, [about(CellName(("donor",), "sudland", "role.bridge"))])
    assert shown_codes(written, done.codebook) == ["role", "role.bridge", "behaviour", "orientation"]
    assert shown_codes(written, done.codebook, depth=1) == ["role", "behaviour", "orientation"]
    assert shown_codes(bare, done.codebook, depth=2) == list(done.matrix.codes)
    assert shown_codes(bare, done.codebook, codes=["role"]) == ["role", "role.bridge"]
    assert shown_codes(bare, done.codebook, codes=["orientation", "role"], depth=1) == ["role", "orientation"]
    with pytest.raises(CodingError, match="Did you mean 'role'"):
        shown_codes(bare, done.codebook, codes=["rolle"])


def test_a_cell_is_named_by_id_or_shown_name_and_what_is_not_there_is_refused(done):
    where = {"by": "donor", "corpus": done.corpus, "codebook": done.codebook}
    assert cell_of("Norland", "role", **where) == cell_of("norland", "role", **where) == ROLE
    with pytest.raises(CodingError, match="no case 'norlnd'. Did you mean 'norland'?"):
        cell_of("norlnd", "role", **where)
    with pytest.raises(CodingError, match="no code 'rolle'. Did you mean 'role'?"):
        cell_of("norland", "rolle", **where)
    with pytest.raises(CodingError, match="Did you mean 'donor'?"):
        cell_of("norland", "role", **{**where, "by": "dnoor"})
    retired = replace(
        done.codebook, codes=tuple(replace(c, retired=c.id == "role.bridge") for c in done.codebook.codes)
    )
    with pytest.raises(
        CodingError, match="'role.bridge' is retired: no matrix has a cell of it. Known: .*, role\\."
    ):
        cell_of("norland", "role.bridge", **{**where, "codebook": retired})
    by_year = cell_of("2015", "role", **{**where, "by": "year"})
    assert str(by_year) == "year=2015/role"
    both = cell_of("norland · 2015", "role", **{**where, "by": ("donor", "year")})
    assert both.values == ("norland", "2015")


def test_a_summary_rests_on_the_documents_of_its_case_and_those_about_its_donor(sandbox):
    sandbox.change("corpus/sudland/case.yaml", "year: 2015", "year: 2009\n    about: [norland, sudland]")
    corpus = Project.open(sandbox.root).corpus
    assert documents_of(ROLE, corpus) == ("norland/a", "norland/b", "norland/c", "sudland/a")
    assert documents_of(CellName(("year",), "2009", "role"), corpus) == ("sudland/a",)
    assert documents_of(CellName(("donor", "year"), "norland · 2009", "role"), corpus) == ("sudland/a",)
    assert documents_of(CellName(("year",), "1999", "role"), corpus) == ()


# ---- written, rewritten, taken back


def write(project, name, text, coder="anna"):
    with project.store() as store:
        return summarise(store, {name: text}, coder=coder, memos=project.memos)


def standing(project):
    return [(memo.coder, memo.text) for memo in project.memos]


def test_what_is_rewritten_takes_the_place_of_ones_own_and_stays_in_the_record(sandbox):
    project = Project.open(sandbox.root)
    write(project, ROLE, "One.")
    write(project, ROLE, "Two.", coder="ben")
    write(project, ROLE, "Three.")
    assert standing(project) == [("ben", "Two."), ("anna", "Three.")]
    with project.store() as store:
        written = store.written("cell")
        assert [memo.text for memo in written] == ["One.", "Two.", "Three."]
        found = earlier(written, project.memos)
        assert {key: [m.text for m in memos] for key, memos in found.items()} == {
            (str(ROLE), "anna"): ["One."]
        }
        assert [coder.id for coder in store.coders()] == ["anna", "ben"]


def test_what_says_the_same_is_no_act_and_an_empty_text_takes_back(sandbox):
    project = Project.open(sandbox.root)
    assert write(project, ROLE, " \n") is None
    assert write(project, ROLE, "One.") is not None
    assert write(project, ROLE, "One.") is None
    assert write(project, ROLE, "") is not None
    assert standing(project) == []
    assert write(project, ROLE, "") is None


def test_an_undone_rewriting_lets_the_earlier_words_stand_again(sandbox):
    project = Project.open(sandbox.root)
    write(project, ROLE, "One.")
    second = write(project, ROLE, "Two.")
    with project.store() as store:
        assert store.to_undo("anna") == second.id
        undo = store.undo(second.id, by="anna")
        assert standing(project) == [("anna", "One.")]
        assert earlier(store.written("cell"), project.memos) == {}
        store.undo(undo.id, by="anna")
    assert standing(project) == [("anna", "Two.")]


def test_several_cells_are_one_act(sandbox):
    project, other = Project.open(sandbox.root), CellName(("donor",), "sudland", "role")
    with project.store() as store:
        batch = summarise(store, {ROLE: "One.", other: "Two."}, coder="anna", memos=())
        store.undo(batch.id, by="anna")
    assert standing(project) == []


def test_nobody_writes_under_a_name_that_cannot_be_a_coders(sandbox):
    with pytest.raises(CodingError, match="cannot be a coder's name"):
        write(Project.open(sandbox.root), ROLE, "One.", coder="a b")
    assert standing(Project.open(sandbox.root)) == []


def test_a_summary_goes_with_a_code_that_is_moved_or_merged_and_stays_with_one_that_is_split():
    bridge = CellName(("donor",), "norland", "role.bridge")
    through = successions([Merge(("role.bridge",), "role"), Move("role", None, "function")])
    (carried,) = carried_memos([about(bridge)], through)
    assert carried.subject == "donor=norland/function"
    split = successions([Split("role.bridge", ({"id": "role.one"}, {"id": "role.two"}))])
    (kept,) = carried_memos([about(bridge)], split)
    assert kept.subject == "donor=norland/role.bridge"


def test_in_a_project_the_summary_of_a_merged_code_is_found_at_the_code_it_was_merged_into(sandbox):
    project = Project.open(sandbox.root)
    write(project, CellName(("donor",), "norland", "role.bridge"), "A bridge.")
    merging = Merge(("role.bridge",), "behaviour.training")
    revise_codebook(project, "book", [merging], seen=project.codebook("book").digest).write()
    after = Project.open(sandbox.root)
    found = framework(coding.run(after).matrix, after.memos)
    assert texts(found.of("norland", "behaviour.training")) == ["A bridge."]
    assert found.elsewhere == ()
    write(after, CellName(("donor",), "norland", "behaviour.training"), "It trains and bridges.")
    assert standing(after) == [("anna", "It trains and bridges.")]


def test_the_times_of_coded_segments_are_those_of_their_acts(sandbox):
    project = Project.open(sandbox.root)
    document = project.corpus["norland/a"]
    segment = CodedSegment(new_id(), document.segment(0, 7), "role", "m", "anna", quote="Norland")
    with project.store() as store:
        batch = act("anna", "code", segment)
        store.add(batch)
        assert store.added_at() == {segment.id: batch.at}
        store.undo(batch.id, by="anna")
        assert store.added_at() == {}
