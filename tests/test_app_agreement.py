"""The agreement of two people beside their disagreements: only of documents that the visitor may compare."""

import re

import pytest
from app import App, code, read

from coding.agreeing import agreement
from coding.project import Project


@pytest.fixture
def app(sandbox):
    with App(sandbox.root, "anna", "ben", "cleo") as running:
        yield running


@pytest.fixture
def both_read(app):
    """Anna and Ben have read two documents; they agree on one code and not on another."""
    anna, ben = app.client("anna"), app.client("ben")
    for client in (anna, ben):
        code(client, "norland/a", "trains police", "behaviour.training")
    code(anna, "norland/a", "bridge", "role.bridge")
    for client in (anna, ben):
        read(client, "norland/a")
        read(client, "sudland/a")
    return anna, ben


def panel(client, address="/review/disagreements"):
    """Return the panel's markup and its words; None where there is none."""
    found = re.search(r'<details class="agreed">(.*?)</details>', client.get(address).text, flags=re.DOTALL)
    return found and (found[1], " ".join(re.sub(r"<[^>]*>", " ", found[1]).split()))


def test_each_code_has_its_alpha_and_its_base_as_the_library_says_it(app, both_read):
    project = Project.open(app.root)
    found = agreement(
        project.coded, project.corpus, project.codebook("book"), between=("anna", "ben"), unit="sentence",
        counts="any", rollup=True, level="nominal", seed=1, n_replicates=0,
    )  # fmt: skip
    _, words = panel(both_read[0])
    assert [found.by_code[c]["alpha"].value for c in ("behaviour.training", "role.bridge")] == [1, 0]
    assert "Bridge alpha 0.00 n = 1 of 4 sentences; too few" in words
    assert "Training alpha 1.00 n = 1 of 4 sentences; too few" in words
    assert "Security" not in words, "what nobody gave is left out"


def test_a_code_leads_to_the_first_passage_on_which_they_differ(app, both_read):
    markup, _ = panel(both_read[0])
    links = {name: link for link, name in re.findall(r'<a href="([^"]*)">([^<]*)</a>', markup)}
    assert set(links) == {"Role", "Bridge"}
    address = links["Bridge"]
    page = both_read[0].get(address.replace("&amp;", "&"))
    assert page.status_code == 200
    assert '<p id="passage"' in page.text
    assert "bridge" in re.search(r'<p id="passage".*?</p>', page.text, flags=re.DOTALL)[0]


def test_documents_that_the_visitor_has_neither_read_nor_looked_into_are_left_out(app, both_read):
    cleo = app.client("cleo")
    _, words = panel(cleo)
    assert "alpha 0" not in words
    assert "2 of 2 documents that both have read are left out" in words
    read(cleo, "sudland/a")
    read(cleo, "norland/a")
    _, words = panel(cleo)
    assert "Bridge alpha 0.00 n = 1 of 4 sentences" in words
    assert "left out" not in words


def test_a_code_in_two_meanings_is_said_and_not_computed(sandbox, app, both_read):
    sandbox.change("codebooks/book.yaml", "definition: It trains.", "definition: It trains officers.")
    with App(sandbox.root, "anna", "ben", "cleo") as anew:
        _, words = panel(anew.client("anna"))
    assert "anna coded &#39;behaviour.training&#39; in another meaning" in words
    assert "alpha 1" not in words


def test_without_a_pair_there_is_no_panel(app):
    assert panel(app.client("anna")) is None


def test_where_nobody_gave_a_code_there_is_nothing_to_show(app):
    anna, ben = app.client("anna"), app.client("ben")
    read(anna, "norland/a")
    read(ben, "norland/a")
    assert "Both have read 1 document" in anna.get("/review/disagreements").text
    assert panel(anna) is None
