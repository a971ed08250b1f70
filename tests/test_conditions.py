"""Conditions say which documents are meant; what meets no document is an error, not an empty search."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.conditions import conditions
from coding.errors import CodingError
from coding.model import Corpus, Document

CORPUS = Corpus(
    (
        Document("a", "-", {"donor": "japan", "year": 2014, "date": "2014-05-06", "recipient": ("Laos", "Viet Nam")}),
        Document("b", "-", {"donor": "japan", "year": 2016, "date": "2016-02", "publisher": "Justice, Ministry of"}),
        Document("c", "-", {"donor": "south-korea", "year": 2020, "date": "2020-12-31", "recipient": ("Laos",)}),
        Document("d", "-", {"donor": "norland", "year": 2021, "date": "2021", "publisher": "JICA"}),
    )
)  # fmt: skip


def meeting(*texts):
    return "".join(document.id for document in CORPUS.where(**conditions(texts, CORPUS)))


@pytest.mark.parametrize(
    ("written", "met"),
    [
        ("", "abcd"),
        ("donor=japan", "ab"),
        ("donor=JAPAN", "ab"),
        ("donor=japan,norland", "abd"),
        ("year=2016", "b"),
        ("year=2016,2020..", "bcd"),
        ("year=2014..2016", "ab"),
        ("year=..2016", "ab"),
        ("date=2014..2016", "ab"),
        ("date=..2020", "abc"),
        ("date=2016-02..2020-12", "bc"),
        ("recipient=laos", "ac"),
        ('recipient="Viet Nam",x', None),
        ('recipient="Viet Nam"', "a"),
        ('"recipient=Viet Nam"', None),
        ('publisher="Justice, Ministry of",jica', "bd"),
        ("donor=japan year=2015..", "b"),
        ("donor=japan\trecipient=Laos\n", "a"),
    ],
)  # fmt: skip
def test_documents_that_meet_every_condition_are_meant(written, met):
    if met is None:
        with pytest.raises(CodingError):
            meeting(written)
    else:
        assert meeting(written) == met


def test_conditions_may_be_given_one_by_one():
    assert meeting("donor=japan", "year=2015..") == meeting("donor=japan year=2015..") == "b"


@given(st.integers(2010, 2025), st.integers(2010, 2025))
def test_both_ends_of_a_range_belong_to_it(low, high):
    inside = "".join(d.id for d in CORPUS if low <= d.variables["year"] <= high)
    if inside:
        assert meeting(f"year={low}..{high}") == inside
    else:
        with pytest.raises(CodingError, match="no document has a 'year' in the range"):
            meeting(f"year={low}..{high}")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("donr=japan", "'donr=japan': no document has a variable 'donr'. Did you mean 'donor'?"),
        ("donor=jpan", "no document has 'jpan' as 'donor'. Did you mean 'japan'?"),
        ("publisher=jcia", "no document has 'jcia' as 'publisher'. Did you mean 'JICA'?"),
        ("year=2015", "no document has '2015' as 'year'. Did you mean"),
        ("donor=", "'donor=': a value is missing."),
        ("donor=japan,", "'donor=japan,': a value is missing."),
        ("donor", "'donor': is no condition. Write variable=value"),
        ("=japan", "'=japan': is no condition."),
        ("publisher=Justice of", "'of': is no condition."),
        ('publisher="Justice', "a quotation mark is never closed."),
        ("year=..", "'year=..': a range needs an end."),
        ("year=2015..now", "'now' is no end of a range. Write numbers or dates, such as 2015..2020."),
        ("donor=1..9", "no document has a 'donor' in the range 1..9."),
        ("donor=japan donor=norland", "'donor' stands twice. Put its values into one: donor=a,b."),
    ],
)  # fmt: skip
def test_an_error_says_which_condition_and_what_was_meant(written, said):
    with pytest.raises(CodingError, match=re.escape(said)):
        meeting(written)


def test_everything_wrong_is_said_at_once():
    with pytest.raises(CodingError) as error:
        meeting("donr=japan year=1,2", "x")
    assert len(error.value.problems) == 4
