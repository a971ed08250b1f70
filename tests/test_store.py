"""The store: acts are kept whole, nothing is changed, what is undone can stand again, copies merge."""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding import tables
from coding.batch import (
    KINDS,
    Assignment,
    Batch,
    Decision,
    Edition,
    Kept,
    Look,
    Memo,
    Placing,
    Query,
    TakenBack,
    act,
    new_id,
    now,
    quoted,
    refuse_coder,
)
from coding.editions import decisions_in, memos_in
from coding.errors import CodingError, StaleText
from coding.formats.batches import read_batches, write_batches
from coding.model import CodedSegment, Coder, Corpus, Document, Reading
from coding.revision import Merge, Split, successions
from coding.store import Store

DOCUMENT = Document("land/a", "Crème 😀 brûlée\nサイバー攻撃 e\u0301té 한국어 ends here.")
WRITER = Path(__file__).parent / "writer.py"


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "project.db") as opened:
        yield opened


def coded(start=0, end=5, code="role", coder="anna", name=None):
    segment = DOCUMENT.segment(start, end)
    return CodedSegment(name or new_id(), segment, code, "m", coder, quote=DOCUMENT.text[start:end])


def ids(store):
    return {segment.id for segment in store.coded().segments}


def one_of_each():
    segment = coded()
    return (
        Coder("anna", "person"),
        Assignment(new_id(), "anna", DOCUMENT.id, "main", blind=False),
        Look(new_id(), "anna", DOCUMENT.id),
        Reading("anna", DOCUMENT.whole, ("role", "behaviour"), now(), False, "person", new_id()),
        Reading("anna", DOCUMENT.whole, None, now(), True, "person", new_id()),
        segment,
        Memo(new_id(), "segment", segment.id, "Why? 😀\n<b>", "anna", now()),
        Memo(new_id(), "cell", "donor=land/role", "They build.\n\nTwice.", "anna", now()),
        Decision(new_id(), segment.id, "recode", "anna", now(), "because", "codebook gap", new_id()),
        Decision(new_id(), segment.id, "accept", "anna", now()),
        Query(new_id(), "mine", "role and behaviour"),
        Kept(new_id(), "set", "Mine", '{"members": [["code", "role"]]}'),
        Edition(new_id(), DOCUMENT.id, "a" * 64, "b" * 64),
        Placing(new_id(), segment.id, DOCUMENT.segment(3, 6)),
        Placing(new_id(), segment.id, DOCUMENT.segment(3, 6), new_id()),
        TakenBack(new_id(), new_id()),
    )


def test_a_batch_is_given_back_as_it_was_added(store):
    batch = act("anna", "code", *one_of_each())
    assert {type(row) for row in batch.rows} == set(KINDS)
    assert store.add(batch) == 1
    (found,) = store.batches()
    assert found == batch
    assert [row.quote for row in found.of(CodedSegment)] == ["Crème"]
    assert [row.id for row in found.of(Reading)] == [row.id for row in batch.of(Reading)]


def test_what_is_added_twice_is_kept_once(store):
    batch = act("anna", "code", coded())
    assert [store.add(batch), store.add(batch), store.add(batch, batch)] == [1, 0, 0]
    assert len(store.batches()) == 1


def test_an_id_is_never_given_twice(store):
    batch = act("anna", "code", coded())
    store.add(batch)
    other = Batch(batch.id, batch.at, "anna", "code", (coded(code="behaviour"),))
    with pytest.raises(CodingError, match="says something else"):
        store.add(other, act("anna", "code", coded()))
    assert store.batches() == [batch]


def test_of_several_batches_all_are_added_or_none(store):
    first = act("anna", "code", coded())
    clash = Batch(first.id, first.at, "ben", "code", ())
    with pytest.raises(CodingError):
        store.add(first, clash)
    assert store.batches() == []


@pytest.mark.parametrize("table", tables.TABLES.values())
@pytest.mark.parametrize("change", ["UPDATE {} SET rowid = rowid + 1", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_a_row(store, table, change):
    store.add(act("anna", "code", *one_of_each()))
    with sqlite3.connect(store.path) as other, pytest.raises(sqlite3.IntegrityError, match="only added to"):
        other.execute(change.format(table))
    other.close()
    assert len(store.batches()[0].rows) == len(one_of_each())


def test_batches_too_are_never_changed(store):
    store.add(act("anna", "code", coded()))
    for change in ("UPDATE batches SET coder = 'ben'", "DELETE FROM batches"):
        with (
            sqlite3.connect(store.path) as other,
            pytest.raises(sqlite3.IntegrityError, match="only added to"),
        ):
            other.execute(change)
        other.close()
    assert [batch.coder for batch in store.batches()] == ["anna"]


def test_what_is_undone_does_not_stand_and_stands_again_when_that_is_undone(store):
    batch = act("anna", "code", coded())
    store.add(batch)
    undo = store.undo(batch.id, by="anna")
    assert ids(store) == set()
    assert store.undone() == {batch.id}
    redo = store.undo(undo.id, by="anna")
    assert redo.act == "redo"
    assert len(ids(store)) == 1
    store.undo(redo.id, by="anna")
    assert ids(store) == set()
    store.redo(batch.id, by="ben")
    assert len(ids(store)) == 1


def test_undone_is_undone_only_once_and_done_only_what_was_undone(store):
    batch = act("anna", "code", coded())
    store.add(batch)
    with pytest.raises(CodingError, match="stands"):
        store.redo(batch.id, by="anna")
    store.undo(batch.id, by="anna")
    with pytest.raises(CodingError, match="undone already"):
        store.undo(batch.id, by="ben")
    with pytest.raises(CodingError, match="no batch"):
        store.undo("nothing", by="anna")


def test_what_is_taken_back_stands_again_when_that_is_undone(store):
    segment, memo = coded(), Memo(new_id(), "document", DOCUMENT.id, "hm", "anna", now())
    store.add(act("anna", "code", segment, memo))
    back = act("anna", "take back", *store.to_take_back([segment.id, memo.id], of="anna"))
    store.add(back)
    assert (ids(store), store.rows(Memo)) == (set(), [])
    with pytest.raises(CodingError, match="taken back already"):
        store.to_take_back([segment.id], of="anna")
    store.undo(back.id, by="anna")
    assert (ids(store), store.rows(Memo)) == ({segment.id}, [memo])


def test_nobody_takes_back_what_another_added(store):
    segment = coded()
    store.add(act("anna", "code", segment))
    with pytest.raises(CodingError, match="another coder's"):
        store.to_take_back([segment.id], of="ben")


def test_twins_of_two_copies_show_once_and_go_together(store):
    one, other = coded(name="a"), coded(name="b")
    store.add(act("anna", "code", one), act("anna", "code", other))
    assert ids(store) == {"a"}
    store.add(act("anna", "take back", *store.to_take_back(["a"], of="anna")))
    assert ids(store) == set()


def test_twins_under_the_codes_of_today_go_together_too(store):
    through = successions([Merge(("old", "role"), "new"), Split("wide", ({"id": "a"}, {"id": "b"}))])
    names = {"a": "role", "b": "old", "c": "new", "d": "wide"}
    store.add(act("anna", "code", *(coded(name=name, code=code) for name, code in names.items())))
    store.add(act("ben", "code", coded(name="e", coder="ben")))
    gone = store.to_take_back(["b"], of="anna", through=through)
    assert {row.row for row in gone} == {"a", "b", "c"}
    assert {row.row for row in store.to_take_back(["b"], of="anna")} == {"b"}
    assert {row.row for row in store.to_take_back(["d"], of="anna", through=through)} == {"d"}


def test_the_last_act_is_undone_first_and_done_again_last(store):
    batches = [act("anna", "code", coded(end=end)) for end in (1, 2, 3)]
    store.add(
        *batches, act("ben", "code", coded(coder="ben")), act("anna", "look", Look(new_id(), "anna", "x"))
    )
    undone = []
    while (last := store.to_undo("anna")) is not None:
        store.undo(last, by="anna")
        undone.append(last)
    assert undone == [batch.id for batch in reversed(batches)]
    again = []
    while (last := store.to_redo("anna")) is not None:
        store.redo(last, by="anna")
        again.append(last)
    assert again == [batch.id for batch in batches]


def test_after_a_new_act_nothing_is_done_again(store):
    first = act("anna", "code", coded())
    store.add(first)
    store.undo(store.to_undo("anna"), by="anna")
    store.add(act("ben", "code", coded(coder="ben")))
    assert store.to_redo("anna") == first.id
    store.add(act("anna", "code", coded(end=3)))
    assert store.to_redo("anna") is None


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_undo_and_redo_walk_the_acts_like_a_stack(tmp_path_factory, data):
    done, undone, expected = [], [], {}
    with Store(tmp_path_factory.mktemp("stack") / "project.db") as store:
        for step in data.draw(st.lists(st.sampled_from(["code", "code", "undo", "redo"]), max_size=14)):
            if step == "code":
                batch = act("anna", "code", coded(code=f"c{len(expected)}"))
                expected[batch.id] = batch.rows[0].id
                store.add(batch)
                done.append(batch.id)
                undone.clear()
            elif step == "undo":
                last = store.to_undo("anna")
                assert last == (done[-1] if done else None)
                if last:
                    store.undo(last, by="anna")
                    undone.append(done.pop())
            else:
                last = store.to_redo("anna")
                assert last == (undone[-1] if undone else None)
                if last:
                    store.redo(last, by="anna")
                    done.append(undone.pop())
            assert ids(store) == {expected[batch] for batch in done}


def acts_of(chance, coder, known):
    """Return some acts of one coder in a copy: codings, memos, decisions, things taken back and undone."""
    made = []
    for _ in range(chance.randrange(1, 6)):
        start = chance.randrange(0, 20)
        segment = coded(start, start + chance.randrange(1, 9), chance.choice(["role", "behaviour"]), coder)
        kind = chance.choice(["code", "memo", "decide", "take back", "undo"])
        mine = [batch for batch in [*known, *made] if batch.coder == coder and batch.of(CodedSegment)]
        if kind == "memo":
            made.append(act(coder, "memo", Memo(new_id(), "document", DOCUMENT.id, "hm", coder, now())))
        elif kind == "decide" and known:
            about = chance.choice(known).id
            made.append(act(coder, "decide", Decision(new_id(), about, "accept", coder, now())))
        elif kind == "take back" and mine:
            batch = chance.choice(mine)
            made.append(act(coder, "take back", TakenBack(batch.of(CodedSegment)[0].id, batch.id)))
        elif kind == "undo" and mine:
            made.append(Batch(new_id(), now(), coder, "undo", (), chance.choice(mine).id))
        else:
            made.append(act(coder, "code", segment))
    return made


def all_that_stands(store):
    return store.batches(), store.coded(), [store.rows(kind) for kind in KINDS if kind is not TakenBack]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_copies_merge_without_loss_or_duplicates_in_whatever_order(tmp_path_factory, seed):
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("copies")
    shared = acts_of(chance, "anna", [])
    copies = []
    for name in ("anna", "ben", "carl"):
        with Store(folder / f"{name}.db") as copy:
            copy.add(*shared, *acts_of(chance, name, shared))
            write_batches(folder / f"{name}.jsonl", copy.batches())
            copies.append(copy.batches())
    found = []
    for i, order in enumerate(permutations(("anna", "ben", "carl"))):
        with Store(folder / f"merged{i}.db") as merged:
            n_new = [merged.add(*read_batches(folder / f"{name}.jsonl")) for name in (*order, *order)]
            assert n_new[3:] == [0, 0, 0]
            found.append(all_that_stands(merged))
            write_batches(folder / f"merged{i}.jsonl", merged.batches())
    assert all(one == found[0] for one in found)
    assert {batch.id for batch in found[0][0]} == {batch.id for batches in copies for batch in batches}
    assert len({(folder / f"merged{i}.jsonl").read_bytes() for i in range(6)}) == 1


def test_what_is_said_of_a_twin_is_said_of_the_one_that_stands_for_it(store):
    made, other = act("anna", "code", coded(name="a")), act("ben", "import", coded(name="b"))
    memo = Memo("m", "segment", "b", "Why?", "anna", now())
    ruling = Decision("d", "b", "accept", "carl", now())
    store.add(made, other, act("anna", "memo", memo), act("carl", "decide", ruling))
    assert ids(store) == {"a"}
    assert memos_in(store, Corpus) == (replace(memo, subject="a"),)
    assert decisions_in(store, Corpus) == (replace(ruling, about="a"),)
    store.undo(made.id, by="anna")
    assert ids(store) == {"b"}
    assert (memos_in(store, Corpus), decisions_in(store, Corpus)) == ((memo,), (ruling,))
    store.undo(other.id, by="ben")
    assert memos_in(store, Corpus) == (memo,)


def test_of_two_rows_of_one_id_the_first_is_given_and_the_other_once_that_is_undone(store):
    memo = Memo(new_id(), "document", DOCUMENT.id, "Well.", "anna", now())
    first = act("anna", "memo", memo)
    store.add(first, act("ben", "import", memo))
    assert store.rows(Memo) == store.written("document") == [memo]
    store.undo(first.id, by="anna")
    assert store.rows(Memo) == store.written("document") == [memo]
    store.add(act("anna", "memo", *store.to_take_back([memo.id], of="ben")))
    assert store.rows(Memo) == []


def test_an_export_differs_from_an_earlier_one_by_the_lines_of_what_was_done_since(store, tmp_path):
    store.add(*(act("anna", "code", coded(end=end)) for end in (1, 2, 3)))
    write_batches(tmp_path / "before.jsonl", store.batches())
    store.add(act("anna", "code", coded(end=9)))
    write_batches(tmp_path / "after.jsonl", store.batches())
    before, after = (
        (tmp_path / name).read_text("utf-8").splitlines() for name in ("before.jsonl", "after.jsonl")
    )
    assert after[:-1] == before
    assert '"quote": "Crème 😀 b"' in after[-1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1: no valid JSON"),
        ("[]", "line 1: no batch"),
        ('{"id": "1"}', "batch, at: Field required"),
        ('{"id": "1", "at": "2026", "coder": "anna", "act": "dance"}', "'dance' is not one of"),
        ('{"id": "1", "at": "2026", "coder": "a b", "act": "code"}', "cannot be a coder's name"),
        ('{"id": "1", "at": "2026", "coder": "a", "act": "code", "memos": [{"id": 3}]}', "memos 1, id: Input should"),
        ('{"id": "1", "at": "2026", "coder": "a", "act": "code", "notes": []}', "batch, notes: Extra inputs"),
        ('{"id": "1", "at": "2026", "coder": "a", "act": "code", "memos": {}}', "memos: not a list"),
        ('{"id": "1", "at": "2026", "coder": "a", "act": "undo"}', "names what it undoes"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_batch_is_refused_with_its_number(tmp_path, line, said):
    file = tmp_path / "x.jsonl"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(CodingError) as error:
        read_batches(file, name="x.jsonl")
    assert said in str(error.value)
    assert all(problem.startswith("x.jsonl, line 1: ") for problem in error.value.problems)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "x.jsonl"
    with path.open("wb") as file:
        file.truncate(500_000_000)  # takes no room
    with pytest.raises(CodingError, match=r"x\.jsonl: has 500 MB; up to 200 MB are read\. Part it between"):
        read_batches(path)
    with pytest.raises(CodingError, match=r"y\.jsonl: cannot be read"):
        read_batches(tmp_path / "y.jsonl")


def test_words_are_kept_with_their_segments_and_a_changed_text_is_refused():
    corpus = Corpus((DOCUMENT,))
    (kept,) = quoted([CodedSegment("1", DOCUMENT.segment(6, 7), "role", "m", "anna")], corpus)
    assert kept.quote == "😀"
    changed = Corpus((Document(DOCUMENT.id, "Another text."),))
    with pytest.raises(StaleText):
        quoted([kept], changed)


@pytest.mark.parametrize("name", ["anna", "Zoë", "김", "a.b-c_d@e", "7"])
def test_a_coder_has_a_name_of_letters_digits_and_few_signs(name):
    refuse_coder(name)
    assert act(name, "code").coder == name


@pytest.mark.parametrize("name", ["", " ", "a b", "../x", "<b>", "-a", "a" * 65, "a\n", "rule:s"])
def test_no_other_name_is_a_coders(name):
    with pytest.raises(CodingError, match="cannot be a coder's name"):
        refuse_coder(name)


def test_a_decision_says_what_stands_instead_only_when_it_recodes():
    with pytest.raises(CodingError, match="stands instead"):
        Decision("1", "2", "recode", "anna", now())
    with pytest.raises(CodingError, match="stands instead"):
        Decision("1", "2", "accept", "anna", now(), instead="3")
    with pytest.raises(CodingError, match="'refuse' is not one of"):
        Decision("1", "2", "refuse", "anna", now())


# -- the file


def test_a_backup_is_whole_and_never_replaces_a_file(store, tmp_path):
    store.add(act("anna", "code", coded()))
    store.backup(tmp_path / "copies" / "b.db")
    with Store(tmp_path / "copies" / "b.db") as copy:
        assert copy.batches() == store.batches()
        assert copy.faults() == []
    with pytest.raises(CodingError, match="there already"):
        store.backup(tmp_path / "copies" / "b.db")


def test_another_database_is_left_alone(tmp_path):
    path = tmp_path / "project.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mine (a)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(CodingError, match="a database of something else"):
        Store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    path = tmp_path / "project.db"
    path.write_text("These are notes." * 100)
    with pytest.raises(CodingError, match=r"project\.db: file is not a database"):
        Store(path)
    assert path.read_text().startswith("These")


def test_a_store_of_a_later_version_is_not_touched(store):
    other = sqlite3.connect(store.path)
    other.execute("INSERT INTO migrations VALUES (99, '0099_later.sql', '2030')")
    other.commit()
    other.close()
    with pytest.raises(CodingError, match="of a later version"):
        Store(store.path)


def test_every_migration_is_recorded(store):
    found = store._db.execute("SELECT number, name FROM migrations ORDER BY number").fetchall()
    assert found == [(i, name) for i, (name, _) in enumerate(tables.migrations(), start=1)]
    assert [name[:4] for _, name in found] == [f"{i:04}" for i, _ in found]


def test_a_migration_that_fails_leaves_nothing(tmp_path, monkeypatch):
    broken = (*tables.migrations(), ("0002_broken.sql", "CREATE TABLE extra (a);\nCREATE TABLE extra (a);\n"))
    monkeypatch.setattr(tables, "migrations", lambda: broken)
    with pytest.raises(CodingError, match="extra"):
        Store(tmp_path / "project.db")
    monkeypatch.undo()
    with Store(tmp_path / "project.db") as store:
        names = {name for (name,) in store._db.execute("SELECT name FROM sqlite_master")}
    assert "extra" not in names
    assert "batches" in names


def test_damage_is_found(store, tmp_path):
    store.add(*(act("anna", "code", coded()) for _ in range(200)))
    store.backup(tmp_path / "b.db")
    raw = bytearray((tmp_path / "b.db").read_bytes())
    place = len(raw) * 3 // 4  # where acts are kept, behind the tables themselves
    raw[place : place + 2000] = b"\xff" * 2000
    (tmp_path / "b.db").write_bytes(raw)
    with Store(tmp_path / "b.db") as damaged:
        faults = damaged.faults()
    assert faults
    assert "Put a backup in its place" in faults[0]


# -- many hands


def test_many_writers_at_once_lose_nothing(tmp_path):
    path = tmp_path / "project.db"
    added = [
        [act(f"coder{i}", "code", coded(coder=f"coder{i}", end=j + 1)) for j in range(20)] for i in range(8)
    ]

    def write(batches):
        for batch in batches:
            with Store(path) as store:
                store.add(batch)

    writers = [threading.Thread(target=write, args=(batches,)) for batches in added]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with Store(path) as store:
        assert {batch.id for batch in store.batches()} == {batch.id for batches in added for batch in batches}
        assert store.n_batches == 160


def test_two_processes_make_the_database_at_once(tmp_path):
    path = tmp_path / "project.db"
    starting = [
        subprocess.Popen([sys.executable, str(WRITER), str(path), "5"], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [line for one in starting for line in one.communicate(timeout=60)[0].split()]
    assert all(one.returncode == 0 for one in starting)
    with Store(path) as store:
        assert {batch.id for batch in store.batches()} == set(said)
    assert len(said) == 20


def test_a_writer_killed_at_any_moment_loses_at_most_the_unfinished_act(tmp_path):
    path = tmp_path / "project.db"
    chance = random.Random(7)
    kept = set()
    for _ in range(200):
        writer = subprocess.Popen(
            [sys.executable, "-S", str(WRITER), str(path)], stdout=subprocess.PIPE, text=True
        )
        first = writer.stdout.readline().split()
        said = set(first)
        for _ in range(chance.randrange(0, 12)):
            said.update(writer.stdout.readline().split())
        writer.send_signal(signal.SIGKILL)
        said.update(line for line in writer.stdout.read().split("\n") if len(line) == 36)
        writer.wait()
        writer.stdout.close()
        kept |= said
    with Store(path) as store:
        assert store.faults() == []
        found = {batch.id: batch for batch in store.batches()}
        assert kept <= set(found)
        assert len(found) - len(kept) <= 200
        assert all(len(batch.of(CodedSegment)) == 3 for batch in found.values())


def test_a_store_made_before_memos_could_be_about_cells_keeps_its_memos_and_takes_such(tmp_path, monkeypatch):
    before = tuple(each for each in tables.migrations() if each[0] < "0005")
    memos = [Memo(new_id(), "document", DOCUMENT.id, f"{i} 😀", "anna", now()) for i in range(3)]
    with monkeypatch.context() as earlier:
        earlier.setattr(tables, "migrations", lambda: before)
        with Store(tmp_path / "old.db") as old:
            old.add(act("anna", "memo", *memos))
            with pytest.raises(CodingError):
                old.add(act("anna", "memo", Memo(new_id(), "cell", "donor=land/role", "x", "anna", now())))
    with Store(tmp_path / "old.db") as store:
        assert store.rows(Memo) == memos
        cell = Memo(new_id(), "cell", "donor=land/role", "x", "anna", now())
        store.add(act("anna", "memo", cell))
        assert store.rows(Memo) == [*memos, cell]
        assert store.written("cell") == [cell]
        assert store.faults() == []
        for change in ("UPDATE memos SET text = ''", "DELETE FROM memos"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to: memos"):
                store._db.execute(change)


def test_a_memo_about_a_cell_names_one(tmp_path):
    with pytest.raises(CodingError, match="'japan' names no cell"):
        Memo(new_id(), "cell", "japan", "x", "anna", now())
    path = tmp_path / "project.jsonl"
    write_batches(path, [act("anna", "memo", Memo(new_id(), "cell", "donor=land/role", "x", "anna", now()))])
    path.write_text(path.read_text(encoding="utf-8").replace("donor=land/role", "land"), encoding="utf-8")
    with pytest.raises(CodingError, match=r"line 1: memos 1.*'land' names no cell"):
        read_batches(path)
