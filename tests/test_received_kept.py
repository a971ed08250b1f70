"""What another program says that has no place here is kept, found again, and written again."""

import json
from dataclasses import replace

from exchanged import empty
from refi_files import guid
from refi_foreign import TEXT, foreign, ref
from refi_schema import faults

from coding.batch import Kept, TakenBack, act, new_id, quoted
from coding.checks import doubts
from coding.exporting import exported, exported_codebook
from coding.formats.batches import read_batches, write_batches
from coding.formats.refi import read
from coding.formats.refi.nouns import Set
from coding.formats.refi.offsets import Convention
from coding.formats.refi.ours import guid_of
from coding.formats.refi.writer import codebook_xml, project_xml, write
from coding.keeping import kept_in, said_of, selections_of, unplaced
from coding.model import CodedSegment
from coding.new_edition import look as look_at
from coding.new_edition import undo
from coding.project import Project
from coding.received import About, look, look_at_codebook, take_in


def opened(sandbox):
    return Project.open(sandbox.root)


def taken(sandbox, path, **settings):
    return take_in(opened(sandbox), look(opened(sandbox), path, **settings), by="zoe").batch


def said(project):
    return {(row.kind, row.name or row.id): json.loads(row.said) for row in kept_in(project)}


def test_all_that_has_no_place_is_kept_under_our_ids_and_what_is_not_here_is_counted(sandbox, tmp_path):
    arriving = look(opened(sandbox), foreign(tmp_path))
    take_in(opened(sandbox), arriving, by="zoe")
    assert [str(each) for each in arriving.dropped] == [
        "1 × SourceRef of a Case: what it names is not here.",
        "1 × color: is none as the standard writes them (#RRGGBB).",
        "1 × MemberSource of a Set: what it names is not here.",
        "1 × Link: what it begins or ends with is not here.",
    ]
    low = {
        each: guid(*each).lower()
        for each in [("Mood",), ("Age",), ("Share",), ("When",), ("Plan",), ("Stray",)]
    }
    mood, age, share, when, plan, stray = low.values()
    lone, first, second, third = (guid(*each).lower() for each in [("lone",), ("a", 0), ("a", 1), ("a", 2)])
    codings = [guid("a", i, "c").lower() for i in range(3)]
    digest = opened(sandbox).corpus["norland/a"].digest
    by = {"coder": "Zoe", "at": "2020-01-01T00:00:00Z"}
    assert said(opened(sandbox)) == {
        ("project", guid_of("description", "A project of theirs.")): {"text": "A project of theirs."},
        ("code", "role"): {"of": ["code", "role"], "colour": "#F00082", "is_codable": False},
        ("document", "norland/a"): {"of": ["document", "norland/a"], "values": {mood: "glad", age: 7}},
        ("case", "Norland"): {"of": ["case", "norland"], "values": {mood: "calm"}},
        ("case", "Anna"): {
            "text": "Met twice.", "values": {age: 41, share: 0.25, when: "2020-02-01"},
            "members": [["code", "role"], ["document", "norland/a"], ["kept", third]],
        },
        ("variable", "Mood"): {"text": "D."},
        ("variable", "Age"): {"text": "D.", "type": "Integer"},
        ("variable", "Share"): {"text": "D.", "type": "Float"},
        ("variable", "When"): {"text": "D.", "type": "Date"},
        ("set", "Mine"): {
            "text": "Of mine.", "members": [["code", "role"], ["document", "norland/b"], ["kept", plan]],
        },
        ("set", "<3"): {},
        ("link", "one"): {
            "ends": [["kept", first], ["kept", lone]], "members": [["kept", stray]], "direction": "OneWay",
            "colour": "#000000",
        },
        ("link", "two"): {
            "ends": [["kept", plan], ["kept", guid("Anna").lower()]], "direction": "OneWay", "colour": "#000000",
        },
        ("link", "three"): {
            "ends": [["segment", guid("b", 0, "c").lower()], ["code", "role"]], "direction": "OneWay",
            "colour": "#000000",
        },
        ("note", "Plan"): {"text": "To do.", **by, "about": "project"},
        ("note", "Stray"): {"text": "About nothing.", **by},
        ("selection", first): {"segments": [codings[0]]},
        ("selection", "what it does"): {"segments": [codings[1]]},
        ("selection", third): {"segments": [codings[2]]},
        ("selection", lone): {
            "place": {"document": "norland/a", "start": 23, "end": 28, "digest": digest}, "coder": "Zoe",
        },
    }  # fmt: skip
    assert second in {row.id for row in kept_in(opened(sandbox))}


def test_it_goes_on_to_a_fresh_project_and_back_as_it_was_said(sandbox, tmp_path):
    taken(sandbox, foreign(tmp_path))
    first = opened(sandbox)
    sent = exported(first, [first.codebook("book")])
    assert faults(project_xml(sent.exchanged)) == []
    assert [str(each) for each in sent.told] == ["4 × Rule: REFI-QDA has no rules."]
    write(tmp_path / "ours.qdpx", sent.exchanged)
    root = empty(tmp_path / "q")
    arriving = look(Project.open(root), tmp_path / "ours.qdpx", codebook="book")
    assert arriving.dropped == ()
    assert arriving.solved.by == "writer"  # a title is no evidence against us
    take_in(Project.open(root), arriving, by="zoe")
    assert kept_in(Project.open(root)) == kept_in(first)
    assert look(first, tmp_path / "ours.qdpx").people.rows == ()


def test_each_thing_stands_in_the_file_as_in_theirs_under_our_guids(sandbox, tmp_path):
    path = foreign(tmp_path)
    taken(sandbox, path)
    sent, theirs = exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged, read(path)
    role, b = guid_of("code", "role"), guid_of("document", "norland/b")
    mine = next(each for each in sent.sets if each.name == "Mine")
    assert (mine.guid, mine.codes, mine.sources, mine.notes) == (
        theirs.sets[0].guid, (role,), (b,), (guid("Plan").lower(),),
    )  # fmt: skip
    assert {each.guid for each in sent.links} == {each.guid for each in theirs.links[:3]}
    donor, anna = sent.cases[0], sent.cases[-1]
    assert (donor.guid, donor.values[-1].value, len(donor.sources)) == (guid_of("case", "norland"), "calm", 3)
    assert anna == replace(
        theirs.cases[0], codes=(role,), sources=(guid_of("document", "norland/a"),), values=anna.values
    )
    assert {*anna.values} == {*theirs.cases[0].values}
    assert [(code.color, code.is_codable) for code in sent.codes if code.guid == role] == [("#F00082", False)]
    source = next(each for each in sent.sources if each.name == "norland - a")
    assert [(s.start, s.end, s.name, len(s.codings)) for s in source.selections] == [
        (0, 7, "Norland", 1), (8, 14, "what it does", 1), (15, 21, "police", 1), (23, 28, "It is", 0),
    ]  # fmt: skip
    assert sent.description == "A project of theirs."
    assert guid("Plan").lower() in sent.about


def test_the_same_file_adds_nothing_and_a_later_one_adds_to_what_is_kept(sandbox, tmp_path):
    path = foreign(tmp_path)
    taken(sandbox, path)
    assert look(opened(sandbox), path).people.rows == ()
    assert taken(sandbox, path) is None
    both = f"{ref('MemberCode', 'Role')}{ref('MemberCode', 'Behaviour')}"
    arriving = look(opened(sandbox), foreign(tmp_path, "later.qdpx", members=both))
    assert [(row.kind, row.name) for row in arriving.people.rows] == [("file", "later.qdpx"), ("set", "Mine")]
    take_in(opened(sandbox), arriving, by="zoe")
    members = said(opened(sandbox))["set", "Mine"]["members"]
    assert sorted(members) == [
        ["code", "behaviour"], ["code", "role"], ["document", "norland/b"], ["kept", guid("Plan").lower()],
    ]  # fmt: skip
    assert taken(sandbox, path) is None  # the earlier file takes nothing away


def test_what_a_later_file_says_otherwise_is_counted_and_the_first_stands(sandbox, tmp_path):
    taken(sandbox, foreign(tmp_path))
    changes = {"Met twice.": "Met once.", 'name="Mine"': 'name="Yours"', "#F00082": "#000"}

    def change(xml):
        for old, new in changes.items():
            xml = xml.replace(old, new)
        return xml

    arriving = look(opened(sandbox), foreign(tmp_path, "later.qdpx", change=change))
    assert [str(each) for each in arriving.dropped if "first" in each.why] == [
        "1 × code that says something new: what was kept first stays.",
        "1 × case that says something new: what was kept first stays.",
        "1 × set that says something new: what was kept first stays.",
    ]
    assert arriving.people.rows == ()


def test_a_note_that_a_later_file_ties_to_a_code_is_written_once_as_its_memo(sandbox, tmp_path):
    taken(sandbox, foreign(tmp_path))
    tied = f'color="#F00082">{ref("NoteRef", "Stray")}</Code>'
    path = foreign(tmp_path, "later.qdpx", change=lambda xml: xml.replace('color="#F00082"/>', tied))
    taken(sandbox, path)
    assert [memo.subject for memo in opened(sandbox).memos] == ["role"]
    sent = exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged
    stray = guid("Stray").lower()
    assert [note.guid for note in sent.notes].count(stray) == 1
    assert stray in next(code.notes for code in sent.codes if code.guid == guid_of("code", "role"))
    assert next(link.notes for link in sent.links if link.name == "one") == (stray,)


def test_the_name_of_a_note_that_became_a_memo_goes_along(sandbox, tmp_path):
    tied = f'color="#F00082">{ref("NoteRef", "Plan")}</Code>'
    taken(sandbox, foreign(tmp_path, change=lambda xml: xml.replace('color="#F00082"/>', tied)))
    (memo,) = opened(sandbox).memos
    sent = exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged
    assert {note.guid: note.name for note in sent.notes}[memo.id] == "Plan"
    assert ("note", "Plan") in said(opened(sandbox))


def test_what_an_undone_import_kept_is_not_written_and_stands_again_with_it(sandbox, tmp_path):
    batch = taken(sandbox, foreign(tmp_path))
    with opened(sandbox).store() as store:
        undo = store.undo(batch.id, by="zoe")
    sent = exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged
    assert (sent.links, sent.description, sent.notes) == ((), "", ())
    assert all(each.name.startswith(("Codebook ", "Family ")) for each in sent.sets)
    with opened(sandbox).store() as store:
        store.undo(undo.id, by="zoe")
    assert len(exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged.links) == 3


def test_what_names_a_thing_that_is_no_longer_in_the_file_is_left_out_and_counted(sandbox, tmp_path):
    batch = taken(sandbox, foreign(tmp_path))
    gone = [row for row in batch.of(CodedSegment) if row.quote != "Norland"]
    with opened(sandbox).store() as store:
        store.add(act("unknown", "take back", *(TakenBack(row.id, batch.id) for row in gone)))
    sandbox.write("corpus/norland/a.txt", TEXT.replace("police", "the police"))
    sent = exported(opened(sandbox), [opened(sandbox).codebook("book")])
    assert faults(project_xml(sent.exchanged)) == []
    assert sorted(str(each) for each in sent.told) == [
        "1 × Coded segment: its text has changed since.",
        "1 × Link: what it begins or ends with is not in the file.",
        "1 × Member of a Case that was kept: it is not in the file.",
        "1 × Selection that was kept: norland/a 23:28 has no place in the text of today.",
        "3 × Selection that was kept: its text has changed, or its codes are gone.",
        "4 × Rule: REFI-QDA has no rules.",
    ]


def realigned(sandbox, tmp_path, text, **said):
    path = tmp_path / "new.txt"
    path.write_text(text, encoding="utf-8")
    found = look_at(opened(sandbox), "norland/a", path, **said)
    return found, found.write(by="zoe")


def lone_in(sandbox):
    """Return the words that the selection without a code has in an export, and what that leaves out."""
    sent = exported(opened(sandbox), [opened(sandbox).codebook("book")])
    (source,) = (each for each in sent.exchanged.sources if each.name == "norland - a")
    lone = [each for each in source.selections if each.guid == guid("lone").lower()]
    return [(source.text[s.start : s.end], s.name) for s in lone], [str(each) for each in sent.told]


def test_a_selection_without_a_code_goes_with_its_words_into_a_new_text_and_back(sandbox, tmp_path):
    taken(sandbox, foreign(tmp_path))
    first = kept_in(opened(sandbox))
    found, batch = realigned(sandbox, tmp_path, f"Put in before. 😀 {TEXT}")
    assert [(each.quote, each.words) for each in found.realigned.selections] == [("It is", "It is")]
    assert lone_in(sandbox) == ([("It is", "It is")], ["4 × Rule: REFI-QDA has no rules."])
    (one,) = selections_of(kept_in(opened(sandbox)))
    assert opened(sandbox).corpus["norland/a"].quote(one.place) == "It is"
    assert look(opened(sandbox), exported_file(sandbox, tmp_path)).people.rows == ()
    undo(opened(sandbox), batch, by="zoe")
    assert kept_in(opened(sandbox)) == first
    assert lone_in(sandbox)[0] == [("It is", "It is")]


def exported_file(sandbox, tmp_path):
    path = tmp_path / "back.qdpx"
    write(path, exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged)
    return path


def test_a_selection_without_a_code_that_has_no_place_is_named_and_never_exported_elsewhere(
    sandbox, tmp_path
):
    taken(sandbox, foreign(tmp_path))
    realigned(sandbox, tmp_path, TEXT.replace(" It is a bridge.", " Here stands a sentence of other words."))
    words, told = lone_in(sandbox)
    assert words == []
    assert "1 × Selection that was kept: “It is” in norland/a has no place in the text of today." in told
    (lost,) = unplaced(opened(sandbox), kept_in(opened(sandbox)))
    assert (str(lost), lost.words) == ("“It is” in norland/a", "It is")
    assert any(
        each.startswith("“It is” in norland/a: marked in another program") for each in doubts(opened(sandbox))
    )


def test_selections_alone_are_placed_in_a_text_that_was_changed_by_hand(sandbox, tmp_path):
    batch = taken(sandbox, foreign(tmp_path))
    with opened(sandbox).store() as store:
        store.add(act("u", "take back", *(TakenBack(row.id, batch.id) for row in batch.of(CodedSegment))))
    changed = f"Put in before. {TEXT}"
    sandbox.write("corpus/norland/a.txt", changed)
    assert lone_in(sandbox)[0] == []
    old = tmp_path / "old.txt"
    old.write_text(TEXT, encoding="utf-8")
    _, made = realigned(sandbox, tmp_path, changed, old=old)
    assert made is not None
    assert lone_in(sandbox)[0] == [("It is", "It is")]
    assert realigned(sandbox, tmp_path, changed, old=old)[1] is None


def test_only_the_codebooks_that_are_exported_take_their_colours_and_members_along(sandbox, tmp_path):
    taken(sandbox, foreign(tmp_path), codebook="theirs")
    book = exported(opened(sandbox), [opened(sandbox).codebook("book")])
    assert "1 × What was kept of a code: the code is not in the file." in map(str, book.told)
    theirs = exported_codebook(opened(sandbox).codebook("theirs"), kept_in(opened(sandbox)))
    assert faults(codebook_xml(theirs.exchanged)) == []
    assert [code.color for code in theirs.exchanged.codes] == ["#F00082", ""]
    assert [(each.name, len(each.codes)) for each in theirs.exchanged.sets][-1] == ("Mine", 1)


def test_a_codebook_alone_brings_its_colours_and_sets(sandbox, tmp_path):
    theirs = read(foreign(tmp_path))
    write(tmp_path / "x.qdc", theirs)
    arriving = look_at_codebook(opened(sandbox), tmp_path / "x.qdc", codebook="theirs")
    batch = take_in(opened(sandbox), arriving, by="zoe").batch
    assert [(row.kind, row.name) for row in batch.of(Kept)] == [
        ("file", "x.qdc"),
        ("code", "role"),
        ("set", "Mine"),
    ]
    again = exported_codebook(opened(sandbox).codebook("theirs"), kept_in(opened(sandbox))).exchanged
    assert again.sets[-1].codes == (guid_of("code", "role"),)
    assert again.codes[0].color == "#F00082"


def test_a_title_goes_with_its_coded_segment_and_others_have_their_own_selection(sandbox, tmp_path):
    taken(sandbox, foreign(tmp_path))
    corpus = opened(sandbox).corpus
    mine = CodedSegment(new_id(), corpus["norland/a"].segment(8, 14), "behaviour", "m", "anna")
    with opened(sandbox).store() as store:
        store.add(act("anna", "code", *quoted([mine], corpus)))
    sent = exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged
    source = next(each for each in sent.sources if each.name == "norland - a")
    named = {s.name: [coding.guid for coding in s.codings] for s in source.selections if s.start == 8}
    assert named == {"what it does": [guid("a", 1, "c").lower()], "trains": [mine.id]}
    write(tmp_path / "y.qdpx", sent)
    assert look(opened(sandbox), tmp_path / "y.qdpx").people.rows == ()


def test_a_value_that_its_variable_cannot_have_makes_it_a_text(sandbox, tmp_path):
    path = foreign(tmp_path, change=lambda xml: xml.replace("<IntegerValue>41<", "<IntegerValue>about 40<"))
    taken(sandbox, path)
    sent = exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged
    assert faults(project_xml(sent)) == []
    age = next(each for each in sent.variables if each.name == "Age")
    found = [each.value for case in sent.cases for each in case.values if each.variable == age.guid]
    assert (age.type, found) == ("Text", ["about 40"])


def test_a_set_that_is_only_called_like_a_codebook_is_kept(sandbox, tmp_path):
    theirs = read(foreign(tmp_path))
    sets = (
        Set(guid("s").lower(), "Codebook of mine"),
        Set(guid("t").lower(), "Family values", "They matter."),
    )
    write(tmp_path / "y.qdpx", replace(theirs, sets=sets, cases=(), links=()))
    taken(sandbox, tmp_path / "y.qdpx")
    assert {name for kind, name in said(opened(sandbox)) if kind == "set"} == {
        "Codebook of mine",
        "Family values",
    }


def test_acts_as_json_lines_take_it_along(sandbox, tmp_path):
    batch = taken(sandbox, foreign(tmp_path))
    write_batches(tmp_path / "x.jsonl", [batch])
    assert read_batches(tmp_path / "x.jsonl") == [batch]
    assert len(batch.of(Kept)) == 21


def test_a_new_text_keeps_what_else_is_said_of_it_and_of_its_donor(sandbox, tmp_path):
    found = read(foreign(tmp_path))
    first, *others = found.sources
    text = "A quite new text. It is long enough.\n"
    write(tmp_path / "y.qdpx", replace(found, sources=(replace(first, text=text, selections=()), *others)))
    taken(sandbox, tmp_path / "y.qdpx", about=About("norland", {"year": 2015}), offsets=Convention())
    kept = {row.id: said_of(row) for row in kept_in(opened(sandbox))}
    assert kept[guid_of("case", "norland")].of == ("case", "norland")
    assert len(kept[guid_of("document", "norland/a-2")].values) == 2
