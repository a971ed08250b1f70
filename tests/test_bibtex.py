"""BibTeX is read as its peer reads it; what is broken is named with its line and breaks nothing else."""

import re
import unicodedata

import bibtexparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text

from coding.bibtex import Entry, as_written, in_words, people, read, written

KEY = st.from_regex(r"[a-z]{2,8}[0-9]{4}[a-z]?", fullmatch=True)
NAME = st.from_regex(r"x[a-z]{3,8}", fullmatch=True)
WORDS = st.text(st.sampled_from("abc XYZ 09 äß日 ,.;:()-'=&%#\n"), max_size=30).map(str.strip).filter(bool)
VALUE = st.one_of(
    WORDS.map(lambda words: f"{{{words}}}"),
    WORDS.map(lambda words: f"{{a {{{words}}} b}}"),
    WORDS.map(lambda words: f'"{words}"'),
    st.integers(0, 3000).map(str),
)
ENTRIES = st.dictionaries(KEY, st.dictionaries(NAME, VALUE, min_size=1, max_size=4), min_size=1, max_size=5)


def printed(entries):
    return "\n\n".join(
        f"@misc{{{key},\n" + ",\n".join(f"  {name} = {value}" for name, value in fields.items()) + "\n}"
        for key, fields in entries.items()
    )


@given(ENTRIES)
def test_a_sound_file_is_read_as_the_peer_reads_it(entries):
    text = printed(entries)
    peer = {
        entry.key: {field.key: field.value for field in entry.fields}
        for entry in bibtexparser.parse_string(text).entries
    }
    found = read(text)
    assert {entry.key: dict(entry.fields) for entry in found.entries} == peer
    assert found.problems == ()


def test_the_shipped_bibliography_is_read_as_the_peer_reads_it(repository):
    text = (repository / "corpus/references.bib").read_text(encoding="utf-8")
    peer = bibtexparser.parse_string(text)
    found = read(text)
    assert found.problems == ()
    assert [(e.key, e.kind, e.line) for e in found.entries] == [
        (e.key, e.entry_type, e.start_line + 1) for e in peer.entries
    ]
    assert [dict(e.fields) for e in found.entries] == [
        {f.key.lower(): f.value for f in e.fields} for e in peer.entries
    ]


@given(ENTRIES, st.randoms(use_true_random=False))
def test_an_entry_that_is_broken_leaves_all_others(entries, random):
    blocks = printed(entries).split("\n\n@")
    lost = random.choice(list(entries))
    broken = [
        block.removesuffix("}").rstrip() + " = {" if f"{{{lost}," in block else block for block in blocks
    ]
    found = read("\n\n@".join(broken))
    assert [entry.key for entry in found.entries] == [key for key in entries if key != lost]
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ("@misc{a, title = {Open", "the value of the field 'title' of 'a' is not closed"),
        ("@misc{a, title = {Open}", "neither a comma nor the closing brace"),
        ('@misc{a, title = "Open}', "the value of the field 'title' of 'a' is not closed"),
        ("@misc{a, title = {x} year = {y}}", "behind the field 'title' of 'a' there is neither a comma"),
        ("@misc{a, title = , year = 2020}", "the field 'title' of 'a' has no value"),
        ("@misc{a, title}", "in 'a' 'title}' stands where a field or the closing brace should"),
        ("@misc{, title = {x}}", "this @misc has no key"),
        ("@misc{title = {x}}", "this @misc has no key"),
        ("@misc{a title = {x}}", "this @misc has no key, or no comma behind it"),
        ("@misc{a, title = {x}, title = {y}}", "the field 'title' of 'a' stands twice"),
        ("@misc{first, title = {x}}", "the key 'first' is that of line 1 already"),
    ],
)
def test_what_is_broken_is_named_with_its_line(broken, problem):
    found = read(f"@misc{{first, year = 2001}}\n\n{broken}\n@book{{whole, title = {{T}}}}")
    assert [entry.key for entry in found.entries] == ["first", "whole"]
    ((line, said),) = found.problems
    assert line == 3
    assert problem in said


def test_abbreviations_parts_comments_and_parentheses_are_as_in_bibtex():
    found = read(
        '@string{who = "World Health"}@preamble{"x"}\n@comment{@misc{no, title = {x}}}\n'
        '@MISC(a1, Title = who # " {Organ}isation" # {!}, month = mar, )\n% mail@example.org {\n@misc{b1}'
    )
    assert [(e.kind, e.key, e.words) for e in found.entries] == [
        ("misc", "a1", {"title": "World Health Organisation!", "month": "mar"}),
        ("misc", "b1", {}),
    ]
    assert found.problems == ()


@pytest.mark.parametrize(
    "text", ["@a{" * 60_000, "@a{b," * 60_000, "@misc{a,t={\n" * 30_000, "@comment{" * 60_000, "@" * 300_000, "@misc{a,t={" + "{" * 300_000]
)  # fmt: skip
def test_no_text_is_too_bad_to_be_read(text):
    found = read(text + "\n@book{whole, title = {T}}")
    assert [entry.key for entry in found.entries][-1:] == ["whole"]


@pytest.mark.parametrize("accent", list("`'^~\"=.uvHcdbkr"))
def test_accents_are_those_of_the_peer(accent):
    for letter in "aeiouncszAEIOUNCSZ":
        for form in (f"\\{accent}{{{letter}}}", f"{{\\{accent} {letter}}}", f"\\{accent}\\i"):
            assert in_words("title", form) == unicodedata.normalize(
                "NFC", LatexNodes2Text().latex_to_text(form)
            )


def test_signs_of_latex_become_letters_and_addresses_stay():
    assert in_words("title", r"{\O}re~\& \emph{stra{\ss}e}, ``a'' --- 50\,\% \unknown{x}").startswith("Øre & straße, “a” — 50")  # fmt: skip
    assert in_words("title", r"\unknown{x}") == r"\unknownx"
    assert in_words("url", r"https://x.org/~a--b\_c\%20") == "https://x.org/~a--b_c%20"
    assert in_words("title", "Soft\u00adhyphen \u202eand\nline") == "Softhyphen and line"


@given(st.text(max_size=40))
def test_a_text_that_is_written_as_a_value_reads_the_same(text):
    seen = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c.isspace())
    line = " ".join(unicodedata.normalize("NFC", re.sub(r"\s", " ", seen)).split())
    assert in_words("title", as_written("title", text)) == line


@given(st.dictionaries(st.sampled_from(["title", "author", "publisher"]), st.text(min_size=1, max_size=30)))
def test_an_entry_that_is_written_is_read_again_by_us_and_by_the_peer(values):
    fields = {name: as_written(name, value) for name, value in values.items()}
    text = written(Entry("misc", "a2020", fields, 1))
    assert [dict(e.fields) for e in read(text).entries] == [fields]
    assert [{f.key: f.value for f in e.fields} for e in bibtexparser.parse_string(text).entries] == [fields]


def test_what_is_nobody_elses_business_is_not_written():
    private = {"file": "/home/me/a.pdf", "abstract": "x", "note": "mine", "annote": "mine", "keywords": "x"}
    assert set(read(written(Entry("misc", "a", {"title": "T", **private}, 1))).entries[0].fields) == {"title"}


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ("Full Text PDF:files/12/a.pdf:application/pdf", ("files/12/a.pdf",)),
        ("PDF:files/1/a.pdf:application/pdf;Snapshot:files/2/b.html:text/html", ("files/1/a.pdf", "files/2/b.html")),
        (r"Smith\; Roe:C\:\\Users\\me\\a b.pdf:application/pdf", (r"C:\Users\me\a b.pdf",)),
        (":papers/a.pdf:PDF", ("papers/a.pdf",)),
        ("/home/me/Zotero/storage/AB/a.pdf", ("/home/me/Zotero/storage/AB/a.pdf",)),
        (r"C:\Users\me\a.pdf;C:\Users\me\b.pdf", (r"C:\Users\me\a.pdf", r"C:\Users\me\b.pdf")),
        (r"a\_b.pdf", ("a_b.pdf",)),
        ("", ()),
    ],
)  # fmt: skip
def test_the_files_that_programs_name_are_found(value, paths):
    assert read(f"@misc{{a, file = {{{value}}}}}").entries[0].files == paths


def test_people_are_told_apart_and_bodies_stay_whole():
    assert people("Doe, Jane and {Ministry of Trade and Industry} and\nM{\\\"u}ller, A.") == ("Doe, Jane", "Ministry of Trade and Industry", "Müller, A.")  # fmt: skip
    assert people("") == ()
