"""What is written into a case file reads as it was meant; what stood there stays as it was written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.errors import CodingError
from coding.formats.case import CaseFile
from coding.formats.case_edit import EditableCase, checked_variables
from coding.formats.yaml import parse
from coding.formats.yaml_edit import extended

SPEECH = {"title": "Speech", "year": 2019, "source_kind": "primary", "fidelity": "digest"}


def case_of(text):
    file = CaseFile.model_validate(parse(text, name="case.yaml").values)
    return EditableCase(Path("corpus/norland/case.yaml"), text, file, is_new=False)


CASE = """\
# Variables of the documents of Norland.
id: norland   # for ever
name: "Norland"
iso: NOR

# how texts name it
aliases: [Norland]
documents:
  # the first
  a.txt:
    title: 'A: one'   # as printed
    year: 2015
    fidelity: digest
    source_kind: primary
    about: [norland,   sudland]   # doubtful
  b.txt: {title: B, year: 2015, fidelity: digest, source_kind: primary}
  c.txt:
    title: >-
      A long title
      in two lines
    year: 2015
    fidelity: digest
    source_kind: primary   # they say

    # more to come
# names that mislead
homonyms: [East Norland]
# the end
"""


def test_comments_and_form_of_a_case_file_survive():
    lines = case_of(CASE).with_documents({"speech.txt": SPEECH})[0].splitlines()
    start = lines.index("  speech.txt:")
    assert lines[start - 1] == "    source_kind: primary   # they say"
    assert lines[start + 1 : start + 5] == [
        "    title: Speech", "    year: 2019", "    source_kind: primary", "    fidelity: digest",
    ]  # fmt: skip
    kept = [*lines[:start], *lines[start + 5 :]]
    assert kept == CASE.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "documents:\n  a.txt:\n    title: x\n# of homonyms\nhomonyms: [y]\n",
        "documents:\n  a.txt:\n    title: x   # of x\n\n# of homonyms\nhomonyms: [y]\n",
        "documents:\n  a.txt:\n    about:\n      - x   # of x\n      - y\n  # more\n\n\n# of homonyms\nhomonyms: [y]\n",
        "documents:\n  a.txt: {title: x}   # of x\n# of homonyms\nhomonyms: [y]\n",
        "documents:\n  a.txt:\n    title: x\n\nhomonyms: [y]\n",
        "documents:\n  a.txt:\n    title: x\n",
    ],
)
def test_a_comment_stays_with_what_it_speaks_of(text):
    edited = extended(text, ["documents"], {"b.txt": {"title": "z"}}, name="case.yaml")
    new = "  b.txt:\n    title: z\n"
    assert edited.count(new) == 1
    assert edited.replace(new, "") == text
    assert "# of homonyms\n" not in edited or "# of homonyms\nhomonyms" in edited


@pytest.mark.parametrize(
    "text",
    [
        "documents: {a.txt: {title: x}, }\n",
        "documents: {\n  a.txt: {title: x}   # of x\n}\nhomonyms: [y]\n",
        "documents: {\n}   # none\nhomonyms: [y]\n",
        "documents:\n    a.txt:\n        title: |\n          x\n          y\n\n    # more\nhomonyms: [y]",
        "documents:\n  a.txt:\n    title:\n# more\nhomonyms: [y]",
        "---\n😀: [y]\ndocuments:\n  a.txt:\n    title: 'x\n      y'\n...\n",
    ],
)
def test_whatever_way_a_file_is_written_what_is_added_reads_beside_what_was_there(text):
    before = parse(text, name="case.yaml").values
    after = parse(
        extended(text, ["documents"], {"b.txt": {"title": "z"}}, name="case.yaml"), name="case.yaml"
    ).values
    assert after == {**before, "documents": {**before["documents"], "b.txt": {"title": "z"}}}


def test_a_file_in_which_an_addition_would_change_a_value_is_left_to_a_person():
    # The blank lines belong to the title, and an entry after them would take them away.
    text = CASE.replace(
        "source_kind: primary   # they say\n\n    # more to come\n",
        "source_kind: primary\n    type: |+\n      x\n\n\n",
    )
    with pytest.raises(CodingError, match="corpus/norland/case.yaml cannot be changed by a program"):
        case_of(text).with_documents({"speech.txt": SPEECH})


def test_documents_that_are_none_yet_become_lines():
    head = "id: eastland\nname: E\niso: EAS\naliases: [E]\n"
    text, _ = case_of(f"{head}documents: {{}}   # none\n").with_documents({"speech.txt": SPEECH})
    assert text.startswith(f"{head}documents:   # none\n  speech.txt:\n    title: Speech\n")


written = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]), min_size=1, max_size=60)


@given(title=written, name=written.filter(lambda name: not {"/", "\\"} & set(name)))
def test_what_is_written_reads_as_it_was_meant_and_the_rest_as_before(title, name):
    try:
        variables = checked_variables({**SPEECH, "title": title})
        _, found = case_of(CASE).with_documents({f"{name}.txt": variables})
    except CodingError:
        is_odd = not title.strip() or not (title + name).isprintable()  # YAML cannot hold every sign
        assert is_odd
        return
    assert found.documents[f"{name}.txt"].title == " ".join(title.split())
    assert list(found.documents) == ["a.txt", "b.txt", "c.txt", f"{name}.txt"]
    assert found.documents["c.txt"].title == "A long title in two lines"
