"""The shipped corpus: each digest has its variables, its length, its source and its standing."""

from collections import Counter

import bibtexparser
import pytest

import coding
from coding.formats.case import read_case
from coding.study import read_study


@pytest.fixture(scope="module")
def corpus(repository):
    return coding.Project.open(repository).corpus


@pytest.fixture(scope="module")
def library(repository):
    return bibtexparser.parse_file(str(repository / "corpus/references.bib"), encoding="utf-8")


def test_every_digest_has_40_to_250_words(corpus):
    lengths = {d.id: len(d.text.split()) for d in corpus if d.variables["fidelity"] == "digest"}
    assert {name: n for name, n in lengths.items() if not 40 <= n <= 250} == {}


def test_every_document_says_what_an_analyst_needs(corpus):
    for document in corpus:
        missing = {"title", "publisher", "year", "date", "type", "citation", "family", "about"} - set(
            document.variables
        )
        assert missing == set(), document.id


def test_no_digest_holds_an_address_or_speaks_of_how_it_was_made(corpus):
    for document in corpus:
        for word in ("http", "www.", "reference list", "digest"):
            assert word not in document.text.lower(), f"{document.id}: {word}"


def test_every_citation_key_is_in_the_bibliography(corpus, library):
    keys = set(library.entries_dict)
    assert {d.id: d.variables["citation"] for d in corpus if d.variables["citation"] not in keys} == {}


def test_the_bibliography_is_sound(library):
    assert library.failed_blocks == []
    assert [key for key, n in Counter(entry.key for entry in library.entries).items() if n > 1] == []


def test_every_citation_of_a_study_is_in_the_bibliography(repository, library):
    for name in coding.Project.open(repository).studies:
        study, _ = read_study(repository / f"studies/{name}.yaml")
        cited = {study.citation, *(claim.source.citation for claim in study.findings)}
        assert cited - set(library.entries_dict) == set()


def test_every_digest_says_what_its_sentences_rest_on(repository):
    for path in sorted((repository / "corpus").glob("*/case.yaml")):
        file, _ = read_case(path)
        assert [name for name, entry in file.documents.items() if entry.statements is None] == []


def test_who_only_writes_about_a_donor_is_a_secondary_source(corpus):
    kinds = {
        d.id: d.variables["source_kind"]
        for d in corpus
        if d.variables["type"] in ("scholarship", "interview", "assessment")
        or (d.variables["type"] == "news" and "Embassy" not in str(d.variables["publisher"]))
    }
    assert set(kinds.values()) == {"secondary"}, kinds


def test_both_donors_have_families_enough_to_compare(corpus):
    for case in ("japan", "south-korea"):
        primary = corpus.where(donor=case, source_kind="primary")
        assert len({d.cluster for d in primary}) >= 12
