"""A new edition of a text keeps its coding: nothing dropped, nothing moved in silence, all of it undone exactly."""

import hashlib
import json
from dataclasses import replace

import pytest
from conftest import Sandbox
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.batch import Decision, Edition, Memo, Placing, act, new_id, now
from coding.coders import count
from coding.errors import CodingError, StaleText
from coding.formats.batches import read_batches, write_batches
from coding.model import Coded, CodedSegment, Coder, Reading
from coding.new_edition import look, undo
from coding.placing import Place
from coding.project import Project
from coding.store import Store
from coding.suggesting import suggest
from coding.taggers import tag
from coding.taggers.rules import RuleTagger

TEXT = "Norland trains police. It is a bridge. 海は青い。\n\nNorland gives tbe poor e\u0301te\u0301 😀 and bread."
NEW = f"A preface was put in.\n\n{TEXT.replace('tbe', 'the')} It says more."


@pytest.fixture
def project(sandbox):
    sandbox.write("corpus/norland/a.txt", TEXT)
    return Project.open(sandbox.root)


def opened(project):
    return Project.open(project.root)


def written(project, text, name="new.txt"):
    path = project.root / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def segment(project, words, *, code="role.bridge", coder="anna", nth=0):
    document = project.corpus["norland/a"]
    start = -1
    for _ in range(nth + 1):
        start = document.text.index(words, start + 1)
    place = document.segment(start, start + len(words))
    return CodedSegment(new_id(), place, code, "m", coder, quote=words)


def coded(project, *words, **said):
    """Code words in a document, and file that it was read; return the coded segments."""
    rows = [segment(project, each, **said) for each in words]
    coder = said.get("coder", "anna")
    reading = Reading(coder, project.corpus["norland/a"].whole, at=now(), id=new_id())
    with project.store() as store:
        store.add(act(coder, "code", *rows), act(coder, "read", reading))
    return rows


def realign(project, text, by="anna", **said):
    """Put a new text in the place of the document's; return what became of it, and the project afterwards."""
    found = look(opened(project), "norland/a", written(project, text), **said)
    batch = found.write(by=by)
    return found, batch, opened(project)


def words_of(project):
    """Return the words of every coded segment by its id, as they stand in the texts of today."""
    return {s.id: project.corpus[s.segment.document].quote(s.segment) for s in project.coded.segments}


def text_of(project):
    return (project.root / "corpus/norland/a.txt").read_bytes()


def test_a_new_text_keeps_coded_segments_readings_and_memos_of_everyone(project):
    first, second, mended = coded(project, "a bridge", "海は青い。", "tbe poor")
    (other,) = coded(project, "police", coder="ben")
    memo = Memo(new_id(), "segment", first.id, "Is it?", "ben", now())
    with project.store() as store:
        store.add(act("ben", "memo", memo))
    found, batch, after = realign(project, NEW)
    assert batch.act == "realign"
    assert after.corpus["norland/a"].text == NEW
    assert words_of(after) == {
        first.id: "a bridge", second.id: "海は青い。", mended.id: "the poor", other.id: "police",
    }  # fmt: skip
    assert after.memos == (memo,)
    hows = {each.coded.quote: each.found.how for each in found.realigned.segments}
    assert hows == {"a bridge": "exact", "海は青い。": "exact", "tbe poor": "changed", "police": "exact"}
    assert {s.quote for s in after.coded.segments} == set(words_of(after).values())
    after.coded.refuse_stale(after.corpus)


def test_what_was_put_in_was_not_read_and_what_was_mended_was(project):
    coded(project, "a bridge")
    _, _, after = realign(project, NEW)
    (reading,) = after.coded.readings
    document = after.corpus["norland/a"]
    assert document.quote(reading.segment) == NEW[NEW.index("Norland") : NEW.index(" It says more.")]
    assert reading.at is not None
    assert reading.codes is None


def test_where_nothing_was_put_in_the_whole_text_was_read(project):
    coded(project, "a bridge")
    _, _, after = realign(project, TEXT.replace("It is a bridge. ", "").replace("\n\n", "\r\n\r\n"))
    (reading,) = after.coded.readings
    assert reading.segment == after.corpus["norland/a"].whole


def test_what_has_no_place_is_listed_and_stays_on_the_earlier_text(project):
    gone, kept = coded(project, "a bridge", "police")
    found, _, after = realign(project, TEXT.replace("It is a bridge. ", ""))
    assert {each.coded.id: each.found for each in found.realigned.segments}[gone.id] == "gone"
    with after.store() as store:
        assert {row.id: row.segment for row in store.rows(CodedSegment)}[gone.id] == gone.segment
    stale = [s for s in after.coded.segments if s.segment.digest != after.corpus["norland/a"].digest]
    assert [s.id for s in stale] == [gone.id]
    with pytest.raises(StaleText, match="coding realign norland/a"):
        after.coded.refuse_stale(after.corpus)
    counted = count(["anna"], after.corpus, stored=after.coded, rules=Coded(), decisions=(), unreviewed=None)
    assert ([s.id for s in counted.coded.segments], counted.n_stale) == ([kept.id], 1)


def test_the_same_text_changes_nothing(project):
    coded(project, "a bridge")
    with project.store() as store:
        before = store.batches()
    found, batch, after = realign(project, TEXT)
    assert batch is None
    assert all(each.found.how == "exact" for each in found.realigned.segments)
    with after.store() as store:
        assert store.batches() == before
    assert not (project.root / "editions").exists()


def test_looking_writes_nothing(project):
    coded(project, "a bridge")
    before = text_of(project)
    with project.store() as store:
        n = store.n_batches
    look(project, "norland/a", written(project, NEW))
    with project.store() as store:
        assert store.n_batches == n
    assert text_of(project) == before
    assert not (project.root / "editions").exists()


def test_undone_everything_is_as_it_was_and_done_again_as_it_was_then(project):
    project.root.joinpath("corpus/norland/a.txt").write_bytes(TEXT.replace("\n", "\r\n").encode())
    coded(opened(project), "a bridge", "tbe poor", "police")
    before, state = text_of(project), opened(project).coded
    _, batch, after = realign(project, NEW)
    then, state_then = text_of(after), after.coded
    undone = undo(after, batch, by="ben")
    assert text_of(project) == before
    assert opened(project).coded == state
    redone = undo(opened(project), undone, by="ben")
    assert text_of(project) == then
    assert opened(project).coded == state_then
    undo(opened(project), redone, by="ben")
    assert (text_of(project), opened(project).coded) == (before, state)


def test_an_undo_without_the_earlier_text_says_where_to_put_it_and_changes_nothing(project):
    coded(project, "a bridge")
    _, batch, after = realign(project, NEW)
    (kept,) = (project.root / "editions").rglob("*.txt")
    kept.rename(project.root / "elsewhere.txt")
    with pytest.raises(CodingError, match=r"there is no editions/norland/a\.[0-9a-f]{12}\.txt"):
        undo(after, batch, by="anna")
    with after.store() as store:
        assert store.undone() == frozenset()
    assert text_of(project) == NEW.encode()


def test_an_undo_that_would_not_fit_the_case_file_changes_nothing(project, sandbox):
    coded(project, "a bridge")
    _, batch, after = realign(project, NEW)
    entry = "    source_kind: primary\n"
    sandbox.change("corpus/norland/case.yaml", entry, f"{entry}    statements: {{known: [It says more.]}}\n")
    with pytest.raises(CodingError, match="a sentence that is not in the text: 'It says more.'"):
        undo(opened(after), batch, by="anna")
    with after.store() as store:
        assert store.undone() == frozenset()
    assert text_of(project) == NEW.encode()


def test_where_another_text_came_since_it_stays_and_its_coding_too(project):
    (kept,) = coded(project, "a bridge")
    _, first, _ = realign(project, NEW)
    third = NEW.replace("A preface", "Another preface")
    realign(project, third)
    undo(opened(project), first, by="anna")
    assert text_of(project) == third.encode()
    assert words_of(opened(project)) == {kept.id: "a bridge"}


def test_through_a_chain_of_editions_ids_and_words_stay(project):
    (kept,) = coded(project, "a bridge")
    for text in (NEW, NEW.replace("preface", "foreword"), f"{NEW}\n\nAn annex."):
        _, _, after = realign(project, text)
        assert words_of(after) == {kept.id: "a bridge"}


def test_what_came_into_the_later_text_and_goes_again_is_listed(project):
    (first,) = coded(project, "a bridge")
    _, _, after = realign(project, NEW)
    (second,) = coded(after, "A preface")
    found, _, back = realign(after, TEXT)
    assert {each.coded.id: each.found for each in found.realigned.segments}[second.id] == "gone"
    assert {s.id: s.segment for s in back.coded.segments}[first.id] == first.segment


def test_what_lost_its_place_has_it_again_when_the_words_come_back(project):
    (kept,) = coded(project, "a bridge")
    realign(project, TEXT.replace("It is a bridge. ", ""))
    _, _, after = realign(project, f"Once more. {TEXT}")
    assert words_of(after) == {kept.id: "a bridge"}


def test_stopped_between_the_act_and_the_text_all_stands_and_a_rerun_finishes(project, monkeypatch):
    (kept,) = coded(project, "a bridge")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.replace", killed_after(2, killed))
        with pytest.raises(KeyboardInterrupt):
            realign(project, NEW)
    between = opened(project)
    assert text_of(project) == TEXT.encode()
    assert {s.id: s.segment for s in between.coded.segments} == {kept.id: kept.segment}
    between.coded.refuse_stale(between.corpus)
    with between.store() as store:
        n = store.n_batches
    _, batch, after = realign(project, NEW)
    assert batch is None
    assert words_of(after) == {kept.id: "a bridge"}
    with after.store() as store:
        assert store.n_batches == n
        (made,) = [batch for batch in store.batches() if batch.act == "realign"]
    undo(after, made, by="anna")
    assert text_of(project) == TEXT.encode()


def killed_after(n, stop):
    """Return what moves files as ever, and stops at the n-th."""
    from pathlib import Path

    move, moved = Path.replace, []

    def replacing(self, target):
        moved.append(target)
        return stop() if len(moved) == n else move(self, target)

    return replacing


def test_a_text_that_cannot_be_written_changes_nothing(project, monkeypatch):
    coded(project, "a bridge")
    found = look(project, "norland/a", written(project, NEW))
    with project.store() as store:
        n = store.n_batches

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(CodingError, match="No space left"):
        found.write(by="anna")
    monkeypatch.undo()
    with project.store() as store:
        assert store.n_batches == n
    assert text_of(project) == TEXT.encode()


def test_a_text_changed_in_place_is_realigned_from_what_it_was(project):
    (kept,) = coded(project, "a bridge")
    path = project.root / "corpus/norland/a.txt"
    path.write_text(NEW, encoding="utf-8")
    found = look(opened(project), "norland/a", path)
    assert [each.found for each in found.realigned.segments] == ["text not kept"]
    assert found.write(by="anna") is None
    found = look(opened(project), "norland/a", path, old=written(project, TEXT, "old.txt"))
    batch = found.write(by="anna")
    assert words_of(opened(project)) == {kept.id: "a bridge"}
    undo(opened(project), batch, by="anna")
    assert text_of(project) == NEW.encode()
    with pytest.raises(StaleText):
        opened(project).coded.refuse_stale(opened(project).corpus)


def test_an_old_text_in_which_nothing_was_coded_is_refused(project):
    coded(project, "a bridge")
    with pytest.raises(CodingError, match="nothing was coded in this text of norland/a"):
        look(project, "norland/a", written(project, NEW), old=written(project, "Something else.", "old.txt"))


def test_a_sentence_that_the_case_file_lists_must_stand_in_the_new_text(project, sandbox):
    entry = "    source_kind: primary\n"
    said = "    statements: {known: [It is a bridge.], inferred: [Norland trains police.]}\n"
    sandbox.change("corpus/norland/case.yaml", entry, f"{entry}{said}")
    with pytest.raises(CodingError) as error:
        look(opened(project), "norland/a", written(project, TEXT.replace("a bridge", "the bridge")))
    assert str(error.value) == (
        "corpus/norland/case.yaml: `statements` of a.txt lists a sentence that is not in the new text: 'It is a "
        "bridge.'. It reads now: 'It is the bridge.'. Take it out there; list it again once the new text is in."
    )


def test_where_the_new_text_is_from_is_said_in_the_lines_that_the_case_file_wants(project, sandbox):
    page = written(project, f"<p>{NEW.splitlines()[0]}</p>", "a page: new.html")
    found = look(project, "norland/a", page)
    (note,) = (each for each in found.notes if "read_from" in each)
    head, *lines = note.splitlines()
    assert head.endswith("Put these lines there under a.txt, in the place of such as it has:")
    entry = "    source_kind: primary\n"
    found.write(by="anna")
    sandbox.change("corpus/norland/case.yaml", entry, entry + "".join(f"{line}\n" for line in lines))
    variables = opened(project).corpus["norland/a"].variables
    assert variables["read_from"] == "a page: new.html"
    assert variables["read_sha256"] == hashlib.sha256(page.read_bytes()).hexdigest()
    assert str(variables["read_as"]).startswith("html, utf-8")
    (plain,) = look(opened(project), "norland/a", written(project, NEW)).notes
    assert plain.endswith("Take `read_from`, `read_sha256` and `read_as` of a.txt out there.")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("new.txt", b"  \n", "the text is empty"),
        ("new.xyz", b"Some text.", "no format reads .xyz as one text"),
        ("new.csv", b"a,b\n", "no format reads .csv as one text"),
        ("new.txt", b"a\0b", "is not text"),
    ],
)
def test_what_is_no_text_is_refused(project, name, content, said):
    with pytest.raises(CodingError, match=said):
        look(project, "norland/a", written(project, content, name))


def test_a_document_or_a_file_that_is_not_there_is_an_error(project):
    with pytest.raises(CodingError, match="Did you mean 'norland/a'"):
        look(project, "norland/aa", written(project, NEW))
    with pytest.raises(CodingError, match="no such file"):
        look(project, "norland/a", project.root / "nothing.txt")


def test_the_variables_stay(project):
    before = project.corpus["norland/a"].variables
    _, _, after = realign(project, NEW)
    assert after.corpus["norland/a"].variables == before


def tagged(project):
    """Let the rules code the project; return what they code now, by the words."""
    with project.store() as store:
        suggest(store, project.codebook("book"), project.corpus, overlap="all", by="anna")
    found = opened(project)
    return {
        found.corpus[s.segment.document].quote(s.segment): s.id
        for s in found.coded.segments
        if s.segment.document == "norland/a" and s.segment.digest == found.corpus["norland/a"].digest
    }


def decided(project, about, ruling, reason=""):
    decision = Decision(new_id(), about, ruling, "ben", now(), reason)
    with project.store() as store:
        store.add(act("ben", "decide", decision))
    return decision


def ruled_on(project, about):
    return [decision.id for decision in project.decisions if decision.about == about]


def test_suggestions_that_were_decided_on_are_placed_and_the_others_are_not(project):
    before = tagged(project)
    decision = decided(project, before["bridge"], "accept")
    found, _, after = realign(project, NEW)
    assert [each.coded.id for each in found.realigned.segments] == [before["bridge"]]
    assert found.n_suggestions == len(before) - 1
    (kept,) = (s for s in after.coded.segments if s.segment.digest == after.corpus["norland/a"].digest)
    assert after.corpus["norland/a"].quote(kept.segment) == "bridge"
    assert ruled_on(after, kept.id) == [decision.id]


def test_what_the_rules_find_again_keeps_its_decision_there_and_back(project):
    first = tagged(project)
    accepted = decided(project, first["bridge"], "accept")
    rejected = decided(project, first["police"], "reject", "no")
    _, _, after = realign(project, NEW)
    then = tagged(after)
    assert set(then) == set(first)
    assert then["bridge"] != first["bridge"]
    after = opened(project)
    assert ruled_on(after, then["bridge"]) == [accepted.id]
    assert ruled_on(after, then["police"]) == [rejected.id]
    afresh = tag(
        after.corpus, [RuleTagger(after.codebook("book"), overlap="all", cases=after.corpus.known_cases)]
    )
    assert {then["bridge"], then["police"]} <= {s.id for s in afresh.segments}
    later = decided(after, then["bridge"], "reject", "on second thought")
    _, back, _ = realign(after, TEXT)
    assert tagged(opened(project)) == first
    assert ruled_on(opened(project), first["bridge"]) == [accepted.id, later.id]
    assert ruled_on(opened(project), first["police"]) == [rejected.id]
    undo(opened(project), back, by="anna")
    assert tagged(opened(project)) == then
    assert ruled_on(opened(project), then["bridge"]) == [accepted.id, later.id]


def test_a_memo_on_a_suggestion_goes_with_it(project):
    first = tagged(project)
    memo = Memo(new_id(), "segment", first["bridge"], "Really?", "ben", now())
    with project.store() as store:
        store.add(act("ben", "memo", memo))
    _, _, after = realign(project, NEW)
    then = tagged(after)
    assert [each.subject for each in opened(project).memos] == [then["bridge"]]


def test_acts_are_exported_and_merged_into_a_copy_whose_text_is_still_the_earlier_one(project, tmp_path):
    (kept,) = coded(project, "a bridge")
    _, _, after = realign(project, NEW)
    with after.store() as store:
        batches = store.batches()
    write_batches(tmp_path / "all.jsonl", batches)
    assert read_batches(tmp_path / "all.jsonl") == batches
    line = json.loads((tmp_path / "all.jsonl").read_text("utf-8").splitlines()[-1])
    assert (len(line["editions"]), len(line["placings"])) == (1, 2)
    copy = tmp_path / "copy.db"
    with Store(copy) as merged:
        assert merged.add(*read_batches(tmp_path / "all.jsonl")) == len(batches)
    copy.replace(project.root / "project.db")
    (project.root / "corpus/norland/a.txt").write_text(TEXT, encoding="utf-8")
    assert {s.id: s.segment for s in opened(project).coded.segments} == {kept.id: kept.segment}
    (project.root / "corpus/norland/a.txt").write_text(NEW, encoding="utf-8")
    assert words_of(opened(project)) == {kept.id: "a bridge"}


def test_what_is_coded_in_a_copy_meanwhile_is_placed_by_a_rerun(project):
    coded(project, "a bridge")
    late = segment(project, "police", coder="ben")
    realign(project, NEW)
    with project.store() as store:
        store.add(act("ben", "code", late))
    found, batch, after = realign(project, NEW)
    assert [row.row for row in batch.of(Placing)] == [late.id]
    assert batch.of(Edition)[0].before == batch.of(Edition)[0].after
    assert words_of(after)[late.id] == "police"
    assert sum(each.is_new for each in found.realigned.segments) == 1


def test_what_is_added_again_by_a_program_is_known(project):
    (kept,) = coded(project, "a bridge")
    _, _, after = realign(project, NEW)
    again = replace(kept, id=new_id(), segment=after.coded.segments[0].segment)
    assert after.add(Coded((again,)), by="anna") == ()


EDITS = st.lists(
    st.sampled_from(["One more sentence. ", "また。", "😀 ", "\r\n\r\n", "e\u0301 "]), max_size=4
)


@settings(max_examples=12)
@given(EDITS, st.lists(st.integers(0, len(TEXT)), min_size=4, max_size=4), st.data())
def test_whatever_is_put_in_all_is_placed_or_listed_and_back_again_it_is_as_it_was(
    tmp_path_factory, edits, places, data
):
    sandbox = Sandbox(tmp_path_factory.mktemp("laws") / "project")
    sandbox.write("corpus/norland/a.txt", TEXT)
    project = Project.open(sandbox.root)
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, len(TEXT) - 12), st.integers(1, 12)), min_size=1, max_size=6)
    )
    document = project.corpus["norland/a"]
    rows = [
        CodedSegment(
            new_id(), document.segment(a, a + n), "role.bridge", "m", f"coder{i}", quote=TEXT[a : a + n]
        )
        for i, (a, n) in enumerate(spans)
    ]
    with project.store() as store:
        store.add(act("anna", "code", *rows))
    state = project.coded
    new = TEXT
    for at, put_in in sorted(zip(places, edits, strict=False), reverse=True):
        new = new[:at] + put_in + new[at:]
    found, batch, after = realign(project, new)
    placed = [each for each in found.realigned.segments if isinstance(each.found, Place)]
    listed = [each for each in found.realigned.segments if not isinstance(each.found, Place)]
    assert len(placed) + len(listed) == len(rows)
    text = after.corpus["norland/a"].text
    for each in placed:
        if each.found.how != "changed":
            assert text[each.found.start : each.found.end] == each.coded.quote
    document = after.corpus["norland/a"]
    there = [s for s in after.coded.segments if s.segment.digest == document.digest]
    assert all(document.quote(s.segment) == s.quote for s in there)
    assert {s.id for s in there} == {each.coded.id for each in placed}
    _, _, back = realign(after, TEXT)
    assert back.coded == state
    if batch is not None:
        realign(back, new)
        undo(opened(back), batch, by="anna")
        assert {s.id for s in opened(back).coded.segments} == {row.id for row in rows}


def test_nobody_realigns_in_a_corpus_that_is_wrong(project, sandbox):
    sandbox.write("corpus/norland/lost.txt", "A text without variables.")
    with pytest.raises(CodingError, match="no variables"):
        look(opened(project), "norland/a", written(project, NEW))


def test_machines_are_told_from_people_by_what_the_store_says_of_them(project):
    with project.store() as store:
        store.add(act("anna", "tag", Coder("learned", "model"), segment(project, "police", coder="learned")))
    found, _, _ = realign(project, NEW)
    assert (found.realigned.segments, found.n_suggestions) == ((), 1)
