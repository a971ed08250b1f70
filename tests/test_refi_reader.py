"""REFI-QDA as real programs write it is read; what we have no place for is counted, never lost unsaid."""

import pytest
from refi_files import guid, packed, project

from coding.errors import CodingError
from coding.formats.refi import read
from coding.formats.refi.nouns import FileCase, FileCode, User, VariableValue, is_guid

NS = 'xmlns="urn:QDA-XML:project:1.0"'
CODES = f"""<CodeBook><Codes>
<Code guid="{{{guid("role")}}}" name="Role" isCodable="false" color="#F00082"><Description>What it does.</Description>
  <NoteRef targetGUID="{guid("n")}"/>
  <Code guid="{guid("bridge").lower()}" name="Bridge" isCodable="true"/></Code>
<Code guid="{guid("act")}" name="Act" isCodable="true"/></Codes></CodeBook>"""


def made(tmp_path, inside, **files):
    return read(packed(tmp_path / "x.qdpx", f"<Project {NS} name='p'>{inside}</Project>", files))


def lines(exchanged):
    return [str(dropped) for dropped in exchanged.dropped]


def test_users_and_codes_are_read_with_hierarchy_definition_colour_and_notes(tmp_path):
    users = f'<Users><User guid="{guid("u")}" name="Anna B" id="ab"/><User guid="{guid("v")}"/></Users>'
    found = made(tmp_path, users + CODES)
    role, bridge, act = (guid(name).lower() for name in ("role", "bridge", "act"))
    assert found.users == (User(guid("u").lower(), "Anna B", "ab"), User(guid("v").lower(), ""))
    assert found.codes == (
        FileCode(
            role, "Role", "What it does.", None, "#F00082", is_codable=False, notes=(guid("n").lower(),)
        ),
        FileCode(bridge, "Bridge", parent=role),
        FileCode(act, "Act"),
    )
    assert lines(found) == []


def test_a_source_is_read_with_selections_codings_values_and_notes(tmp_path):
    source = f"""<Users><User guid="{guid("u")}" name="u"/></Users><Sources>
    <TextSource guid="{guid("a")}" name="A" plainTextPath="internal://{guid("a")}.txt" creatingUser="{guid("u")}">
      <Description>An interview.</Description>
      <PlainTextSelection guid="{guid("s")}" name="It trains" startPosition="0" endPosition="9">
        <Description>Why?</Description>
        <Coding guid="{guid("c")}" creatingUser="{guid("u")}" creationDateTime="2026-01-02T03:04:05Z">
          <CodeRef targetGUID="{guid("role")}"/><NoteRef targetGUID="{guid("n")}"/></Coding>
      </PlainTextSelection>
      <Coding guid="{guid("whole")}"><CodeRef targetGUID="{guid("act")}"/></Coding>
      <NoteRef targetGUID="{guid("n")}"/>
      <VariableValue><VariableRef targetGUID="{guid("y")}"/><IntegerValue>2015</IntegerValue></VariableValue>
      <VariableValue><VariableRef targetGUID="{guid("z")}"/></VariableValue>
    </TextSource></Sources>"""
    (found,) = made(tmp_path, CODES + source, a="It trains.\r\n").sources
    assert (found.text, found.description, found.user) == (
        "It trains.\r\n",
        "An interview.",
        guid("u").lower(),
    )
    (selection,) = found.selections
    (coding,) = selection.codings
    assert (selection.start, selection.end, selection.name, selection.description) == (
        0,
        9,
        "It trains",
        "Why?",
    )
    assert (coding.code, coding.at, coding.notes) == (
        guid("role").lower(), "2026-01-02T03:04:05Z", (guid("n").lower(),),
    )  # fmt: skip
    assert [each.code for each in found.codings] == [guid("act").lower()]
    assert found.values == (
        VariableValue(guid("y").lower(), 2015), VariableValue(guid("z").lower(), None),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("<TextValue>x y</TextValue>", "x y"),
        ("<BooleanValue>true</BooleanValue>", True),
        ("<BooleanValue>0</BooleanValue>", False),
        ("<FloatValue>1.5</FloatValue>", 1.5),
        ("<DateValue>2015-03-01</DateValue>", "2015-03-01"),
        ("<IntegerValue>many</IntegerValue>", "many"),
        ("<TextValue/>", None),
    ],
)
def test_values_have_their_type(tmp_path, element, value):
    case = f'<Cases><Case guid="{guid("k")}" name="K"><VariableValue><VariableRef targetGUID="{guid("v")}"/>{element}</VariableValue>'
    (found,) = made(tmp_path, f"{case}</Case></Cases>").cases
    assert found.values == (VariableValue(guid("v").lower(), value),)


def test_cases_sets_links_and_notes_are_read(tmp_path):
    inside = f"""<Variables><Variable guid="{guid("v")}" name="year" typeOfVariable="Integer"/></Variables>
    <Cases><Case guid="{guid("k")}" name="K"><Description>d</Description><CodeRef targetGUID="{guid("role")}"/>
      <SourceRef targetGUID="{guid("a")}"/><SelectionRef targetGUID="{guid("s")}"/></Case></Cases>
    <Notes><Note guid="{guid("n")}" name="memo"><PlainTextContent>one&#13;
two</PlainTextContent></Note><Note guid="{guid("m")}" plainTextPath="internal://{guid("m")}.txt"/></Notes>
    <Links><Link guid="{guid("l")}" name="because" direction="OneWay" originGUID="{guid("a")}" targetGUID="{guid("b")}"/></Links>
    <Sets><Set guid="{guid("set")}" name="S"><MemberCode targetGUID="{guid("role")}"/><MemberNote targetGUID="{guid("n")}"/></Set></Sets>
    <Description>About it.</Description><NoteRef targetGUID="{guid("n")}"/>"""
    found = made(tmp_path, inside, m="in a file\r\nof its own")
    role, a, s, n = (guid(name).lower() for name in ("role", "a", "s", "n"))
    assert found.cases == (FileCase(guid("k").lower(), "K", "d", (role,), (), (a,), (s,)),)
    assert [(note.name, note.text) for note in found.notes] == [
        ("memo", "one\ntwo"), ("", "in a file\nof its own"),
    ]  # fmt: skip
    assert [(link.origin, link.direction) for link in found.links] == [(a, "OneWay")]
    assert [(each.codes, each.notes) for each in found.sets] == [((role,), (n,))]
    assert (found.description, found.about, found.variables[0].type) == ("About it.", (n,), "Integer")


def test_a_codebook_file_is_read_with_empty_sets_and_members_by_guid(tmp_path):
    path = tmp_path / "x.qdc"
    sets = f'<Sets><Set guid="{guid("s")}" name="S"><MemberCode guid="{guid("a")}"/></Set></Sets>'
    for inside in ("<Sets/>", sets):
        book = f'<CodeBook xmlns="urn:QDA-XML:codebook:0:4" origin="T 1"><Codes><Code guid="{guid("a")}" name="A"/></Codes>{inside}</CodeBook>'
        path.write_bytes(b"\xef\xbb\xbf" + book.encode())
        found = read(path)
        assert [code.name for code in found.codes] == ["A"]
    assert found.sets[0].codes == (guid("a").lower(),)


def test_what_we_have_no_place_for_is_counted_with_its_codings(tmp_path):
    coding = f'<Coding guid="{guid("c")}"><CodeRef targetGUID="{guid("role")}"/></Coding>'
    inside = f"""<Sources><PictureSource guid="{guid("p")}">{coding}</PictureSource><AudioSource guid="{guid("q")}"/>
    <PDFSource guid="{guid("r")}" name="R"><PDFSelection guid="{guid("t")}" page="0"/></PDFSource>
    <TextSource guid="{guid("a")}" plainTextPath="internal://gone.txt" richTextPath="internal://gone.docx">
    <PlainTextSelection guid="{guid("s")}" startPosition="0" endPosition="3">{coding}</PlainTextSelection></TextSource>
    </Sources><Graphs><Graph guid="{guid("g")}"/></Graphs><Surprise/>"""
    found = made(tmp_path, inside)
    assert found.sources[0].text is None
    assert lines(found) == [
        "1 × PictureSource: pictures are not read.",
        "1 × Coding: stands in a PictureSource: pictures are not read.",
        "1 × AudioSource: sound is not read.",
        "1 × PDFSelection: a region of a page; selections of its text are read.",
        "1 × PDFSource: has no text beside its pages.",
        "1 × TextSource: its text is not in the file: nothing of it can be placed.",
        "1 × Coding: its text is not in the file.",
        "1 × rich text: the plain text is taken, not its look.",
        "1 × Graph: drawings are not read.",
        "1 × Surprise: the standard knows no such thing there.",
    ]


def test_the_text_beside_a_pdf_is_a_source_with_the_guid_of_the_pdf(tmp_path):
    inside = f"""<Sources><PDFSource guid="{guid("r")}" name="R"><Representation guid="{guid("t")}" plainTextPath="internal://{guid("t")}.txt">
    <PlainTextSelection guid="{guid("s")}" startPosition="0" endPosition="4"/></Representation></PDFSource></Sources>"""
    (found,) = made(tmp_path, inside, t="Text").sources
    assert (found.guid, found.name, found.text, len(found.selections)) == (guid("r").lower(), "R", "Text", 1)


@pytest.mark.parametrize("xml_name", ["project.qde", "Project.qde", "PROJECT.QDE", "Study of ours.qde"])
@pytest.mark.parametrize("folder", ["sources", "Sources", "SOURCES"])
def test_archives_are_read_however_programs_spell_them(tmp_path, xml_name, folder):
    xml = project({"a": [(0, 1, "T")]})
    found = read(packed(tmp_path / "x.qdpx", xml, {"a": "Text"}, xml_name=xml_name, folder=folder))
    assert found.sources[0].text == "Text"


@pytest.mark.parametrize("path", ["internal://{}", "relative:///{}", "{}", "relative:///sources/{}"])
def test_paths_are_read_however_programs_write_them(tmp_path, path):
    name = f"{guid('a')}.txt"
    xml = project({"a": []}).replace(f"internal://{name}", path.format(name))
    assert read(packed(tmp_path / "x.qdpx", xml, {"a": "Text"})).sources[0].text == "Text"


def test_an_absolute_path_is_not_followed_out_of_the_archive(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("Secret", encoding="utf-8")
    xml = project({"a": []}).replace(f"internal://{guid('a')}.txt", f"absolute://{secret}")
    assert read(packed(tmp_path / "x.qdpx", xml)).sources[0].text is None


def test_a_guid_that_is_given_twice_or_not_at_all_is_made_one_and_always_the_same(tmp_path):
    xml = project({"a": [(0, 1, ""), (1, 2, ""), (2, 3, "")]})
    xml = xml.replace(guid("a", 1, "c"), guid("a", 0, "c")).replace(f'guid="{guid("a", 2, "c")}"', "")
    path = packed(tmp_path / "x.qdpx", xml, {"a": "Text"})
    ids = [each.codings[0].guid for each in read(path).sources[0].selections]
    assert len(set(ids)) == 3
    assert all(is_guid(each) for each in ids)
    assert ids == [each.codings[0].guid for each in read(path).sources[0].selections]


def test_selections_without_places_and_codings_without_codes_are_counted(tmp_path):
    xml = project({"a": [(0, 1, "T"), (2, 3, "")]}).replace('startPosition="0"', 'startPosition="-4"')
    xml = xml.replace(f'<CodeRef targetGUID="{guid("role")}"/>', "")
    found = read(packed(tmp_path / "x.qdpx", xml, {"a": "Text"}))
    assert lines(found) == [
        "1 × PlainTextSelection: its positions are no numbers from 0 on.",
        "1 × Coding: names no code.",
    ]


def test_another_kind_of_file_is_refused(tmp_path):
    path = tmp_path / "x.qde"
    path.write_text("<html><body/></html>", encoding="utf-8")
    with pytest.raises(CodingError, match=r"no <Project> or <CodeBook>"):
        read(path)
    path.write_text(f"<Other><Project {NS}/></Other>", encoding="utf-8")
    with pytest.raises(CodingError, match="outermost element is <Other>"):
        read(path)
    path.write_text(f"<Project {NS} name='p'><Users></Project>", encoding="utf-8")
    with pytest.raises(CodingError, match="no well-formed XML"):
        read(path)
