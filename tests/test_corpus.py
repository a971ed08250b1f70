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


@pytest.fixture(scope="module")
def digests(corpus):
    return corpus.where(fidelity="digest")


def test_every_digest_has_40_to_250_words(digests):
    lengths = {d.id: len(d.text.split()) for d in digests}
    assert {name: n for name, n in lengths.items() if not 40 <= n <= 250} == {}


def test_every_digest_says_what_an_analyst_needs(digests):
    needed = ("title", "publisher", "year", "date", "type", "citation", "family", "about")
    missing = {d.id: [name for name in needed if name not in d.variables] for d in digests}
    assert {name: variables for name, variables in missing.items() if variables} == {}


def test_no_digest_holds_an_address_or_speaks_of_how_it_was_made(digests):
    for document in digests:
        for word in ("http", "www.", "reference list", "digest"):
            assert word not in document.text.lower(), f"{document.id}: {word}"


def test_every_citation_key_is_in_the_bibliography(corpus, library):
    cited = {d.id: d.variables["citation"] for d in corpus if "citation" in d.variables}
    assert {name: key for name, key in cited.items() if key not in library.entries_dict} == {}


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
        digests = {name: entry for name, entry in file.documents.items() if entry.fidelity == "digest"}
        assert [f"{file.id}/{name}" for name, entry in digests.items() if entry.statements is None] == []


def test_who_only_writes_about_a_donor_is_a_secondary_source(corpus):
    kinds = {
        d.id: d.variables["source_kind"]
        for d in corpus
        if d.variables.get("type") in ("scholarship", "interview", "assessment")
        or (d.variables.get("type") == "news" and "Embassy" not in str(d.variables.get("publisher")))
    }
    assert {name: kind for name, kind in kinds.items() if kind != "secondary"} == {}


def test_every_donor_has_families_enough_to_compare(corpus):
    least = {"japan": 12, "south-korea": 12}
    for case in corpus.known_cases:
        primary = corpus.where(donor=case, source_kind="primary")
        assert len({d.cluster for d in primary}) >= least.get(case, 8), case
