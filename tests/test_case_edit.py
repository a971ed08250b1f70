"""What is written into a case file reads as it was meant; what stood there stays as it was written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.errors import CodingError
from coding.formats.case import CaseFile
from coding.formats.case_edit import EditableCase, checked_variables
from coding.formats.yaml import parse

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


def test_blank_lines_that_belong_to_a_value_stay_its_own():
    text = CASE.replace(
        "source_kind: primary   # they say\n\n    # more to come\n",
        "source_kind: primary\n    type: |+\n      x\n\n\n",
    )
    edited, file = case_of(text).with_documents({"speech.txt": SPEECH})
    assert "      x\n\n\n  speech.txt:\n    title: Speech\n" in edited
    assert file.documents["c.txt"].type == "x\n\n\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "# names that mislead\nhomonyms: [East Norland]\n# the end\n",
            "    type: |\n      x",
        ),  # no line end
        ("  a.txt:\n    title: 'A: one'   # as printed\n", "  ? a.txt\n  : title: A\n"),
    ],
)
def test_a_file_in_which_an_addition_would_change_a_value_is_left_to_a_person(old, new):
    assert old in CASE
    with pytest.raises(
        CodingError, match="corpus/norland/case.yaml cannot be changed by a program.*by hand: .*speech.txt"
    ):
        case_of(CASE.replace(old, new)).with_documents({"speech.txt": SPEECH})


def test_documents_that_are_none_yet_become_lines():
    head = "id: eastland\nname: E\niso: EAS\naliases: [E]\n"
    text, _ = case_of(f"{head}documents: {{}}   # none\n").with_documents({"speech.txt": SPEECH})
    assert text.startswith(f"{head}documents:   # none\n  speech.txt:\n    title: Speech\n")


written = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]), min_size=1, max_size=60)


@given(title=written, name=written.filter(lambda name: name not in "abc" and not {"/", "\\"} & set(name)))
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
