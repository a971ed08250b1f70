"""A file made to do harm is refused with its reason; nothing is unpacked, followed or believed."""

import os
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refi_files import guid, packed, project

from coding.errors import CodingError
from coding.formats.refi import archive, read

BOMB = """<?xml version="1.0"?><!-- x --> <!DOCTYPE Project [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<Project xmlns="urn:QDA-XML:project:1.0" name="&b;"/>"""
FOREIGN = """<!DOCTYPE Project [<!ENTITY x SYSTEM "file:///etc/hostname">]><Project name="p"><Description>&x;</Description></Project>"""


@pytest.mark.parametrize("xml", [BOMB, FOREIGN, FOREIGN.replace("<!DOCTYPE", "<?x y?>\n<!DOCTYPE")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_document_type_is_refused_in_whatever_encoding(tmp_path, xml, encoding):
    path = tmp_path / "x.qde"
    path.write_bytes(xml.encode(encoding))
    with pytest.raises(CodingError, match="document type"):
        read(path)


def test_a_document_type_behind_a_long_beginning_is_refused(tmp_path):
    path = tmp_path / "x.qde"
    path.write_text("<!-- " + "x" * 100_000 + " -->" + BOMB.removeprefix('<?xml version="1.0"?>'))
    with pytest.raises(CodingError, match="is no XML"):
        read(path)


@pytest.mark.parametrize("deep", [5_000, 300])
def test_elements_nested_too_deeply_are_refused(tmp_path, deep):
    code = f'<Code guid="{guid("a")}" name="a" isCodable="true">'
    xml = f"<Project name='p'><CodeBook><Codes>{code * deep}{'</Code>' * deep}</Codes></CodeBook></Project>"
    with pytest.raises(CodingError, match="nested too deeply"):
        read(packed(tmp_path / "x.qdpx", xml))


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a/../../evil", "C:/evil", "..\\evil"])
def test_a_member_that_leaves_the_archive_is_refused(tmp_path, name):
    path = packed(tmp_path / "x.qdpx", project({}))
    with zipfile.ZipFile(path, "a") as opened:
        opened.writestr(name, "x")
    with pytest.raises(CodingError, match="out of the archive"):
        read(path)
    assert [found.name for found in tmp_path.iterdir()] == ["x.qdpx"]


@pytest.mark.parametrize("path", ["internal://../x.txt", "relative:///..%2f..%2fx.txt", "..\\x.txt"])
def test_a_path_that_leaves_the_archive_is_refused(tmp_path, path):
    xml = project({"a": []}).replace(f"internal://{guid('a')}.txt", path)
    with pytest.raises(CodingError, match="leaves the archive"):
        read(packed(tmp_path / "x.qdpx", xml))


def test_what_is_packed_as_no_text_is_is_not_unpacked(tmp_path):
    path = packed(tmp_path / "x.qdpx", project({"a": []}), {"a": " " * 6_000_000})
    with pytest.raises(CodingError, match="as no text is"):
        read(path)


def test_a_file_of_500_megabytes_is_refused_by_its_size(tmp_path):
    path = tmp_path / "x.qde"
    with path.open("wb") as opened:
        opened.truncate(500_000_000)
    with pytest.raises(CodingError, match="larger than 200 MB"):
        read(path)


def test_a_text_and_all_texts_together_have_their_limits(tmp_path, monkeypatch):
    texts = {name: os.urandom(40).hex() for name in "abcd"}
    path = packed(tmp_path / "x.qdpx", project({name: [] for name in texts}), texts)
    monkeypatch.setattr(archive, "MOST_TEXT", 79)
    with pytest.raises(CodingError, match=r"\.txt: is larger than"):
        read(path)
    monkeypatch.setattr(archive, "MOST_TEXT", 80)
    assert len(read(path).sources) == 4
    monkeypatch.setattr(archive, "MOST_IN_ALL", 1_500)
    with pytest.raises(CodingError, match="in all"):
        read(path)


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    with pytest.raises(CodingError, match="holds 5 files"):
        read(packed(tmp_path / "x.qdpx", project({}), dict.fromkeys("abcd", "")))


def test_pictures_and_films_may_be_as_large_as_they_like(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_TEXT", 10)
    path = packed(tmp_path / "x.qdpx", project({"a": []}), {"a": "short", "film": b"x" * 1_000})
    assert read(path).sources[0].text == "short"


def test_a_sealed_member_a_damaged_archive_and_twins_are_refused(tmp_path):
    path = packed(tmp_path / "x.qdpx", project({"a": []}), {"a": "Text" * 40})
    content = bytearray(path.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    (tmp_path / "sealed.qdpx").write_bytes(content)
    with pytest.raises(CodingError, match="encrypted"):
        read(tmp_path / "sealed.qdpx")
    (tmp_path / "cut.qdpx").write_bytes(path.read_bytes()[:200])
    with pytest.raises(CodingError, match="damaged"):
        read(tmp_path / "cut.qdpx")
    (tmp_path / "no.qdpx").write_text("hello")
    with pytest.raises(CodingError, match=r"no archive.*if it is the XML of a project alone, call it \.qde"):
        read(tmp_path / "no.qdpx")
    packed(tmp_path / "two.qdpx", project({}), {"a": "x"})
    with zipfile.ZipFile(tmp_path / "two.qdpx", "a") as opened:
        opened.writestr(f"SOURCES/{guid('a')}.TXT", "y")
    with pytest.raises(CodingError, match="twice"):
        read(tmp_path / "two.qdpx")


def test_bytes_that_were_changed_are_noticed(tmp_path):
    path = tmp_path / "x.qdpx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as opened:
        opened.writestr("project.qde", project({"a": []}))
        opened.writestr(f"sources/{guid('a')}.txt", "It trains police.")
    path.write_bytes(path.read_bytes().replace(b"trains", b"drains"))
    with pytest.raises(CodingError, match="damaged"):
        read(path)


def test_an_archive_has_one_project(tmp_path):
    with pytest.raises(CodingError, match=r"no project\.qde"):
        read(packed(tmp_path / "x.qdpx", "", xml_name="readme.txt"))
    path = packed(tmp_path / "y.qdpx", project({}))
    with zipfile.ZipFile(path, "a") as opened:
        opened.writestr("other.qde", project({}))
    with pytest.raises(CodingError, match=r"2 files \.qde"):
        read(path)


def test_a_text_in_another_encoding_is_refused_and_utf_16_is_read(tmp_path):
    xml = project({"a": []})
    with pytest.raises(CodingError, match="is not utf-8"):
        read(packed(tmp_path / "x.qdpx", xml, {"a": "café".encode("latin-1")}))
    found = read(packed(tmp_path / "y.qdpx", xml, {"a": "café".encode("utf-16")}))
    assert found.sources[0].text == "\ufeffcafé"


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CodingError, match="cannot be read"):
        read(tmp_path / "gone.qdpx")


@given(st.binary(max_size=300), st.sampled_from(["x.qde", "x.qdpx", "x.qdc"]))
def test_no_bytes_are_more_than_a_file_that_is_refused(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("t") / name
    path.write_bytes(content)
    with pytest.raises(CodingError):
        read(path)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_file_with_a_changed_byte_is_read_or_refused(tmp_path_factory, at, byte):
    path = packed(
        tmp_path_factory.mktemp("t") / "x.qdpx", project({"a": [(0, 2, "It")]}), {"a": "It trains."}
    )
    content = bytearray(path.read_bytes())
    content[at % len(content)] = byte
    path.write_bytes(content)
    try:
        found = read(path).name
    except CodingError:
        found = "refused"
    assert isinstance(found, str)
