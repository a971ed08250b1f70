"""A file of another program is taken in whole or not at all; what becomes of each part is said."""

from dataclasses import replace

import pytest
from conftest import CODEBOOK
from exchanged import empty
from refi_files import HEAD, guid, packed, project

from coding.batch import Memo, act, new_id, quoted
from coding.errors import CodingError
from coding.exporting import exported
from coding.formats.refi import read
from coding.formats.refi.ours import guid_of
from coding.formats.refi.writer import write
from coding.model import CodedSegment, Coder
from coding.project import Project
from coding.received import About, look, look_at_codebook, take_in
from coding.received.people import coder_of

TEXT = "Norland trains police. It is a bridge.\n"
ABOUT = About("norland", {"year": 2015, "fidelity": "digest"})


def opened(sandbox):
    return Project.open(sandbox.root)


def foreign(
    tmp_path,
    rows=((0, 7, "Norland"),),
    text=TEXT,
    name="An interview.docx",
    codes=("Bridge",),
    change=None,
    **more,
):
    """Write a project of another program: one text with selections that bear the first code."""
    xml = project({name: list(rows)}, codes=codes, **more)
    xml = change(xml) if change else xml
    return packed(tmp_path / "x.qdpx", xml, {name: text})


def told(arriving):
    return [str(each) for each in arriving.dropped]


def files(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith("project.db")
    }


def test_codes_that_are_nowhere_are_named_with_the_nearest_and_nothing_is_written(sandbox, tmp_path):
    before = files(sandbox.root)
    arriving = look(opened(sandbox), foreign(tmp_path, codes=("Brigde",)))
    with pytest.raises(CodingError, match=r"'Brigde'\. Did you mean 'Role > Bridge'\? .*--codebook ID"):
        take_in(opened(sandbox), arriving, by="zoe")
    assert files(sandbox.root) == before
    assert not opened(sandbox).store_path.exists()


def test_a_code_that_is_called_like_ours_elsewhere_in_the_tree_is_named_by_its_path(sandbox, tmp_path):
    (problem,) = look(opened(sandbox), foreign(tmp_path, codes=("Training",))).problems
    assert "'Training'. Did you mean 'Behaviour > Training'?" in problem
    sandbox.write("codebooks/other.yaml", CODEBOOK.replace("id: book", "id: other"))
    (problem,) = look(opened(sandbox), foreign(tmp_path, codes=("Role",))).problems
    assert "'Role'. Several codes here are called so: say in which codebook it is (--codebook ID)." in problem


def test_codes_are_known_by_their_names_from_the_top_on(sandbox, tmp_path):
    inner = f'<Code guid="{guid("x")}" name="Bridge" isCodable="true"/>'
    nested = f'<Code guid="{guid("Role")}" name="Role" isCodable="true">{inner}</Code>'
    path = foreign(
        tmp_path, codes=("Role",), change=lambda xml: xml.replace(
            f'<Code guid="{guid("Role")}" name="Role" isCodable="true"/>', nested
        ).replace(f'<CodeRef targetGUID="{guid("Role")}"/>', f'<CodeRef targetGUID="{guid("x")}"/>'),
    )  # fmt: skip
    take_in(opened(sandbox), look(opened(sandbox), path), by="zoe")
    (segment,) = opened(sandbox).coded.segments
    assert (segment.code, segment.segment.document, segment.quote) == ("role.bridge", "norland/a", "Norland")


def test_codes_that_nothing_bears_need_not_be_known(sandbox, tmp_path):
    arriving = look(opened(sandbox), foreign(tmp_path, codes=("Role", "Stray")))
    assert arriving.problems == ()
    assert "1 × Code: is in no codebook here, and nothing bears it." in told(arriving)


def test_the_codes_of_a_file_make_a_codebook_with_hierarchy_and_ids_of_their_names(sandbox, tmp_path):
    names = {"Coke": [], "Feelings": ["good (very)", "日本", "good very"], "None": [], "Role": []}
    codes = "".join(
        f'<Code guid="{guid(top)}" name="{top}" isCodable="false" color="#04B"><Description>About {top}.</Description>'
        + "".join(f'<Code guid="{guid(low)}" name="{low}" isCodable="true"/>' for low in below)
        + "</Code>"
        for top, below in names.items()
    )
    old = f'<Code guid="{guid("Coke")}" name="Coke" isCodable="true"/>'
    path = foreign(tmp_path, codes=("Coke",), change=lambda xml: xml.replace(old, codes))
    arriving = look(opened(sandbox), path, codebook="theirs")
    taken = take_in(opened(sandbox), arriving, by="zoe")
    assert taken.files == ("codebooks/theirs.yaml",)
    book = opened(sandbox).codebook("theirs")
    assert [(code.id, code.name) for code in book.codes] == [
        ("coke", "Coke"),
        ("feelings", "Feelings"),
        ("feelings.good_very", "good (very)"),
        (f"feelings.c{guid('日本')[:8].lower()}", "日本"),
        ("feelings.good_very_2", "good very"),
        ("none_2", "None"),
        ("role_2", "Role"),  # the project's own codebook has another code `role`
    ]
    assert book["coke"].definition == "About Coke."
    assert [segment.code for segment in opened(sandbox).coded.segments] == ["coke"]
    assert told(arriving) == []
    again = look(opened(sandbox), path, codebook="theirs")
    assert (again.problems, again.people.rows, again.people.n_known) == ((), (), 1)


@pytest.mark.parametrize(("n", "is_taken"), [(100, True), (101, False), (240, False)])
def test_codes_nested_deeper_than_a_codebook_can_be_are_refused_with_the_number(
    sandbox, tmp_path, n, is_taken
):
    opening = "".join(f'<Code guid="{guid("deep", i)}" name="c" isCodable="true">' for i in range(n))
    path = tmp_path / "deep.qde"
    path.write_text(
        f"{HEAD.format(origin='Another')}<CodeBook><Codes>{opening}{'</Code>' * n}</Codes></CodeBook></Project>"
    )
    if is_taken:
        take_in(opened(sandbox), look(opened(sandbox), path, codebook="theirs"), by="zoe")
        assert len(opened(sandbox).codebook("theirs").codes) == n
    else:
        with pytest.raises(CodingError, match=f"{n} levels deep; a codebook has at most 100"):
            look(opened(sandbox), path, codebook="theirs")


def test_a_codebook_that_is_there_is_never_replaced(sandbox, tmp_path):
    path = foreign(tmp_path, codes=("Spells",))
    assert "which is there already: 'Spells'" in look(opened(sandbox), path, codebook="book").problems[0]
    write(tmp_path / "x.qdc", read(path))
    with pytest.raises(CodingError, match="what the codebook is called"):
        look_at_codebook(opened(sandbox), tmp_path / "x.qdc")
    with pytest.raises(CodingError, match="is there already"):
        take_in(
            opened(sandbox), look_at_codebook(opened(sandbox), tmp_path / "x.qdc", codebook="book"), by="zoe"
        )


def test_a_text_is_known_by_its_words_whatever_its_name_ends_or_guid(sandbox, tmp_path):
    for text in (TEXT, TEXT.rstrip(), "\ufeff" + TEXT.replace("\n", "\r\n")):
        arriving = look(opened(sandbox), foreign(tmp_path, text=text, codes=("Role",)))
        ((placed),) = arriving.texts.placed.values()
        assert (placed.document.id, placed.how, arriving.texts.contents) == ("norland/a", "its text", {})


def test_a_text_of_ours_that_was_changed_elsewhere_is_refused_with_the_place(sandbox, tmp_path):
    made = exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged
    write(tmp_path / "y.qdpx", made)
    sandbox.write("corpus/norland/a.txt", "Norland trains the police.\n")
    (problem,) = look(opened(sandbox), tmp_path / "y.qdpx").problems
    assert (
        "norland/a, whose text is another from character 15 on ('the police.\\n' here, 'police. It is a brid' there)"
        in problem
    )


def test_a_new_text_needs_a_donor_and_a_year_and_then_stands_in_the_corpus(sandbox, tmp_path):
    text = "A new text 😀 on bridges.\r\nSecond line.\r\n"
    path = foreign(tmp_path, [(0, 10, "A new text"), (25, 38, "Second line.\n")], text=text, codes=("Role",))
    (problem,) = look(opened(sandbox), path).problems
    assert "--donor ID" in problem
    (problem,) = look(opened(sandbox), path, about=About("norland")).problems
    assert "--year" in problem
    (problem,) = look(opened(sandbox), path, about=About("westland", {"year": 2015})).problems
    assert "--iso" in problem
    taken = take_in(opened(sandbox), look(opened(sandbox), path, about=ABOUT), by="zoe")
    assert taken.files == ("corpus/norland/an-interview.txt", "corpus/norland/case.yaml")
    document = opened(sandbox).corpus["norland/an-interview"]
    assert document.text == text.replace("\r\n", "\n")
    assert (document.variables["year"], document.variables["fidelity"], document.variables["title"]) == (
        2015, "digest", "An interview",
    )  # fmt: skip
    assert opened(sandbox).coded.quotes(opened(sandbox).corpus) == ["A new text", "Second line.\n"]


def test_several_texts_of_one_name_are_several_documents(tmp_path):
    xml = project({"Interview": [], "b": []}, codes=("Role",)).replace('name="b"', 'name="Interview"')
    path = packed(tmp_path / "x.qdpx", xml, {"Interview": "One.", "b": "Two."})
    root = empty(tmp_path / "p")
    about = About("westland", {"year": 2000}, "Westland", "XAB")
    take_in(Project.open(root), look(Project.open(root), path, about=about), by="zoe")
    corpus = Project.open(root).corpus
    assert sorted((d.id, d.text) for d in corpus) == [
        ("westland/interview", "One."),
        ("westland/interview-2", "Two."),
    ]
    assert corpus.name("westland") == "Westland"


def test_an_error_at_the_end_leaves_everything_as_it_was(sandbox, tmp_path):
    path = foreign(tmp_path, text="Quite another text.", rows=[(0, 5, "Quite")], codes=("Role",))
    arriving = look(opened(sandbox), path, about=ABOUT, codebook="theirs")
    opened(sandbox).store_path.write_bytes(b"this is no database" * 100)
    before = files(sandbox.root)
    with pytest.raises(CodingError):
        take_in(opened(sandbox), arriving, by="zoe")
    assert files(sandbox.root) == before


def test_what_stands_already_does_not_come_twice_and_undo_takes_all_back(sandbox, tmp_path):
    corpus = opened(sandbox).corpus
    mine = CodedSegment(new_id(), corpus["norland/a"].segment(0, 7), "role", "m", "unknown")
    with opened(sandbox).store() as store:
        store.add(act("unknown", "code", *quoted([mine], corpus)))
    path = foreign(tmp_path, [(0, 7, "Norland"), (8, 14, "trains")], codes=("Role",))
    arriving = look(opened(sandbox), path)
    assert (arriving.people.n_segments, arriving.people.n_known) == (1, 1)
    batch = take_in(opened(sandbox), arriving, by="zoe").batch
    assert look(opened(sandbox), path).people.rows == ()
    with opened(sandbox).store() as store:
        store.undo(batch.id, by="zoe")
    assert [segment.quote for segment in opened(sandbox).coded.segments] == ["Norland"]
    assert look(opened(sandbox), path).people.n_segments == 1


def test_a_coding_that_was_moved_elsewhere_stands_beside_ours(sandbox, tmp_path):
    corpus = opened(sandbox).corpus
    mine = CodedSegment(
        guid("An interview.docx", 0, "c").lower(), corpus["norland/a"].segment(0, 7), "role", "m", "unknown"
    )
    with opened(sandbox).store() as store:
        store.add(act("unknown", "code", *quoted([mine], corpus)))
    path = foreign(tmp_path, [(0, 14, "Norland trains")], codes=("Role",))
    arriving = look(opened(sandbox), path)
    assert "1 × Coding that says something new: the one here stays beside it." in told(arriving)
    take_in(opened(sandbox), arriving, by="zoe")
    segments = opened(sandbox).coded.segments
    assert [segment.quote for segment in segments] == ["Norland", "Norland trains"]
    assert len({segment.id for segment in segments}) == 2
    assert look(opened(sandbox), path).people.rows == ()


def peopled(tmp_path):
    """Write a file in which two users of one name code, and notes stand at everything."""
    users = (
        f'<Users><User guid="{guid("u")}" name="Anna B."/><User guid="{guid("v")}" name="Anna B."/></Users>'
    )
    notes = "".join(
        f'<Note guid="{guid(n)}" creatingUser="{guid("v")}" creationDateTime="2020-01-01T00:00:00Z">'
        f"<PlainTextContent>On the {n}.</PlainTextContent></Note>"
        for n in ("code", "coding", "document", "nothing")
    )
    head = f'<PlainTextSelection guid="{guid("An interview.docx", 0)}"'
    lone = f"""<PlainTextSelection guid="{guid("lone")}" startPosition="8" endPosition="14" creatingUser="{guid("u")}">
      <Description>Odd.</Description></PlainTextSelection>"""

    def change(xml):
        xml = xml.replace("<CodeBook>", f"{users}<CodeBook>").replace(
            head, f'{lone}{head} creatingUser="{guid("u")}"'
        )
        xml = xml.replace(
            'name="Role" isCodable="true"/>',
            f'name="Role" isCodable="true"><NoteRef targetGUID="{guid("code")}"/></Code>',
        )
        xml = xml.replace("/></Coding>", f'/><NoteRef targetGUID="{guid("coding")}"/></Coding>')
        whole = f'<Coding guid="{guid("w")}" creatingUser="{guid("v")}"><CodeRef targetGUID="{guid("Role")}"/></Coding>'
        return xml.replace("</TextSource>", f'{whole}<NoteRef targetGUID="{guid("document")}"/></TextSource>')

    more = f"""<Notes>{notes}</Notes><Links><Link guid="{guid("l")}"/></Links>
    <Sets><Set guid="{guid("s")}" name="Mine"/></Sets><Description>d</Description>"""
    return foreign(tmp_path, codes=("Role",), change=change, more=more)


def test_users_become_coders_and_notes_memos_about_what_names_them(sandbox, tmp_path):
    arriving = look(opened(sandbox), peopled(tmp_path))
    take_in(opened(sandbox), arriving, by="zoe")
    done = opened(sandbox)
    assert [(s.quote, s.coder) for s in done.coded.segments] == [("Norland", "Anna-B."), (TEXT, "Anna-B.-2")]
    coding = guid("An interview.docx", 0, "c").lower()
    assert sorted((memo.about, memo.subject, memo.text, memo.coder) for memo in done.memos) == [
        ("code", "role", "On the code.", "Anna-B.-2"),
        ("document", "norland/a", "On the document.", "Anna-B.-2"),
        ("document", "norland/a", "“trains”: Odd.", "Anna-B."),
        ("segment", coding, "On the coding.", "Anna-B.-2"),
    ]
    assert told(arriving) == [
        "1 × Coding of a whole document: stands now over all its words.",
        "1 × Link: what it begins or ends with is not here.",
    ]
    assert look(opened(sandbox), peopled(tmp_path)).people.rows == ()


def test_who_coded_what_names_nobody_can_be_said_and_nobody_takes_the_name_of_the_rules(sandbox, tmp_path):
    path = foreign(tmp_path, codes=("Role",))
    (segment,) = [
        row for row in look(opened(sandbox), path, coder="ben").people.rows if isinstance(row, CodedSegment)
    ]
    assert segment.coder == "ben"
    with opened(sandbox).store() as store:
        store.add(act("rules", "coder", Coder("rules", "rules")))
    user = f'<Users><User guid="{guid("u")}" name="rules"/></Users>'
    path = foreign(
        tmp_path, codes=("Role",), change=lambda xml: xml.replace("<CodeBook>", f"{user}<CodeBook>").replace(
            "<Coding ", f'<Coding creatingUser="{guid("u")}" '
        ),
    )  # fmt: skip
    rows = look(opened(sandbox), path).people.rows
    assert [row.id for row in rows if isinstance(row, Coder)] == ["rules-2"]


def test_selections_that_are_empty_or_beyond_their_text_are_counted(sandbox, tmp_path):
    path = foreign(tmp_path, [(0, 7, "Norland"), (9, 9, ""), (30, 400, "")], codes=("Role",))
    from coding.formats.refi.offsets import CONVENTIONS

    arriving = look(opened(sandbox), path, offsets=CONVENTIONS[0])
    assert "2 × PlainTextSelection: is empty, or reaches beyond its text." in told(arriving)
    assert arriving.people.n_segments == 1


def test_a_case_that_is_called_like_a_donor_gives_the_donor(sandbox, tmp_path):
    case = f'<Cases><Case guid="{guid("k")}" name="Sudland"><SourceRef targetGUID="{guid("An interview.docx")}"/></Case></Cases>'
    path = foreign(
        tmp_path, text="Another text.", rows=[], codes=("Role",),
        change=lambda xml: xml.replace("<Sources>", f"{case}<Sources>"),
    )  # fmt: skip
    arriving = look(opened(sandbox), path, about=About(variables={"year": 2001}))
    assert [placed.document.id for placed in arriving.texts.placed.values()] == ["sudland/an-interview"]


@pytest.mark.parametrize(
    "evil", ["../evil", "norland/../../evil", "norland/..", "norland/.hidden", "/etc/evil", "a\\\\b"]
)
def test_no_id_of_a_document_or_donor_leads_out_of_the_corpus(sandbox, tmp_path, evil):
    def change(xml):
        told = "".join(
            f'<Variable guid="{guid(v)}" name="{v}" typeOfVariable="Text"/>' for v in ("donor", "document")
        )
        given = "".join(
            f'<VariableValue><VariableRef targetGUID="{guid(v)}"/><TextValue>{text}</TextValue></VariableValue>'
            for v, text in {"document": evil, **({} if "norland" in evil else {"donor": evil})}.items()
        )
        xml = xml.replace("<Sources>", f"<Variables>{told}</Variables><Sources>")
        return xml.replace("</TextSource>", f"{given}</TextSource>")

    path = foreign(tmp_path, text="Quite another text.", rows=[], codes=("Role",), change=change)
    arriving = look(opened(sandbox), path, about=ABOUT)
    written = [
        made.resolve().relative_to(sandbox.root / "corpus/norland") for made in arriving.texts.contents
    ]
    assert bool(written) == ("norland" in evil)
    assert bool(arriving.problems) != bool(written)


def test_what_was_changed_elsewhere_is_said_and_a_memo_that_was_rewritten_stands_beside_ours(
    sandbox, tmp_path
):
    memo = Memo(new_id(), "code", "role", "Is it one?", "anna", "2026-01-02T03:04:05.000001Z")
    with opened(sandbox).store() as store:
        store.add(act("anna", "memo", memo))
    made = exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged
    notes = tuple(replace(note, text="It is one.") for note in made.notes)
    first, *others = made.codes
    changed = replace(first, description=f"Other words. {first.description}")
    write(tmp_path / "y.qdpx", replace(made, notes=notes, codes=(changed, *others)))
    arriving = look(opened(sandbox), tmp_path / "y.qdpx")
    assert told(arriving) == [
        "1 × name or definition of a code: what the codebook here says stays.",
        "1 × Note that says something new: the memo here stays beside it.",
    ]
    take_in(opened(sandbox), arriving, by="zoe")
    assert sorted(each.text for each in opened(sandbox).memos) == ["Is it one?", "It is one."]
    assert look(opened(sandbox), tmp_path / "y.qdpx").people.rows == ()


def test_memos_keep_their_ids_so_that_a_second_import_adds_nothing(sandbox, tmp_path):
    memo = Memo(new_id(), "document", "norland/a", "Read it again.", "anna", "2026-01-02T03:04:05.000001Z")
    with opened(sandbox).store() as store:
        store.add(act("anna", "memo", memo))
    made = exported(opened(sandbox), [opened(sandbox).codebook("book")]).exchanged
    write(tmp_path / "y.qdpx", made)
    assert look(opened(sandbox), tmp_path / "y.qdpx").people.rows == ()
    root = empty(tmp_path / "p")
    (memo_row,) = [
        r for r in look(Project.open(root), tmp_path / "y.qdpx").people.rows if isinstance(r, Memo)
    ]
    assert memo_row == memo


def test_guids_are_for_ever():
    assert guid_of("document", "norland/a") == "56719fd6-62af-5c22-9f6a-dff502e2ac8f"
    assert coder_of("x" * 80) == "x" * 64
