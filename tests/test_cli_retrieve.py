"""The command `retrieve` answers from the store or from the rules, prints, writes and counts."""

import json

import pytest
from typer.testing import CliRunner

import coding.cli.retrieve
from coding.batch import act
from coding.cli.app import app
from coding.errors import CodingError
from coding.formats import csv, xlsx
from coding.model import CodedSegment, Coder


@pytest.fixture
def ask(sandbox):
    def asked(*arguments):
        ended = CliRunner().invoke(app, ["retrieve", *arguments, "--project", str(sandbox.root)])
        if isinstance(ended.exception, CodingError):
            raise ended.exception
        assert ended.exit_code == 0, ended.output
        return ended

    return asked


def test_rules_are_asked_on_the_fly(ask):
    ended = ask("behaviour not orientation", "--unit", "paragraph", "--rules")
    assert ended.stdout.splitlines() == ["document\tstart\tend\tlocator\tcode\tcoder\tquote\tpassage"]
    ended = ask("role near/1 behaviour", "--rules")
    assert [line.split("\t") for line in ended.stdout.splitlines()[1:]] == [
        [
            "norland/a",
            "8",
            "14",
            "para. 1",
            "behaviour.training",
            "rules",
            "trains",
            "Norland trains police.",
        ],
        ["norland/a", "31", "37", "para. 1", "role.bridge", "rules", "bridge", "It is a bridge."],
    ]
    assert "2 coded segments in 2 sentences of 1 document; searched: 6 of 6 documents." in ended.stderr
    assert "role.bridge 1, behaviour.training 1.\nNorland 2, Sudland 0." in ended.stderr


def test_documents_are_chosen_by_their_variables(ask):
    found = json.loads(ask("behaviour", "--rules", "--json", "--where", "donor=sudland year=2010..").stdout)
    assert found["documents_searched"] == 3
    assert {one["document"] for one in found["segments"]} == {"sudland/a", "sudland/b", "sudland/c"}
    with pytest.raises(CodingError, match="Did you mean 'sudland'"):
        ask("behaviour", "--rules", "--where", "donor=sudlnd")


def test_json_holds_quotes_their_surroundings_and_their_source(ask):
    (one,) = json.loads(ask("role", "--rules", "--json").stdout)["segments"]
    assert one["quote"] == "bridge"
    assert (one["passage"], one["before"], one["after"]) == ("It is a bridge.", "Norland trains police.", "")
    assert one["source"] == "2015, a.txt of norland (digest), norland/a, para. 1, characters 31–37"


def test_what_is_stored_is_asked_by_coder(ask, sandbox):
    ended = ask("role")
    assert "0 coded segments" in ended.stderr
    assert "--rules asks what the rules would code" in ended.stderr
    project = coding.Project.open(sandbox.root)
    document, code = project.corpus["norland/a"], project.codebook("book")["role.bridge"]
    with project.store() as store:
        for coder in ("anna", "ben"):
            quoted = CodedSegment(coder, document.segment(23, 37), code.id, code.meaning, coder)
            store.add(act(coder, "code", Coder(coder, "person"), quoted))
    assert ask("role").stdout.count("It is a bridge") == 4
    assert json.loads(ask("role", "--coder", "ben", "--json").stdout)["by_code"] == {
        "role.bridge": {"segments": 1, "documents": 1}
    }
    with pytest.raises(CodingError, match="no coder 'bne'. Did you mean 'ben'"):
        ask("role", "--coder", "bne")


def test_what_lies_in_a_changed_text_is_left_out_and_counted(ask, sandbox, tmp_path):
    project = coding.Project.open(sandbox.root)
    code = project.codebook("book")["role.bridge"]
    with project.store() as store:
        for n, (place, span) in enumerate({"norland/a": (23, 37), "norland/b": (0, 7)}.items()):
            segment = project.corpus[place].segment(*span)
            store.add(act("anna", "code", CodedSegment(str(n), segment, code.id, code.meaning, "anna")))
    sandbox.write("corpus/norland/a.txt", "Another text.\n")
    ended = ask("role", "--out", str(tmp_path / "found.csv"))
    assert [line.split("\t")[0] for line in ended.stdout.splitlines()[1:]] == ["norland/b"]
    assert "1 coded segment lies in texts that have changed since and is left out" in ended.stderr
    assert len(csv.read_table(tmp_path / "found.csv")) == 2
    found = json.loads(ask("role", "--json", "--coder", "anna").stdout)
    assert (len(found["segments"]), found["in_earlier_texts"]) == (1, 1)
    assert "changed" not in ask("role", "--where", "donor=sudland").stderr


def test_a_table_is_written_whole_or_not_at_all(ask, tmp_path):
    for name in ("found.csv", "found.xlsx"):
        ended = ask("behaviour", "--rules", "--out", str(tmp_path / name))
        assert f"Written to {tmp_path / name}." in ended.stderr
    rows = csv.read_table(tmp_path / "found.csv")
    assert [row[rows[0].index("quote")] for row in rows[1:3]] == ["trains", "trains"]
    assert len(xlsx.read_sheets(tmp_path / "found.xlsx")["segments"]) == len(rows) == 7
    with pytest.raises(CodingError, match="end the name in"):
        ask("behaviour", "--rules", "--out", str(tmp_path / "found.txt"))
    assert sorted(path.name for path in tmp_path.glob("found.*")) == ["found.csv", "found.xlsx"]


def test_an_error_in_the_query_names_the_column(ask):
    with pytest.raises(CodingError, match="column 10: no code 'behavior'. Did you mean 'behaviour'"):
        ask("role and behavior", "--rules")
    with pytest.raises(CodingError, match="Did you mean 'sentence'"):
        ask("role", "--unit", "sentense", "--rules")
