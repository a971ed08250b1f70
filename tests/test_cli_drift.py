"""`coding drift`: results on stdout, the rest on stderr, exit 2 with one message."""

import csv
import json
import subprocess
import sys

import pytest

WITHOUT = 'phrase: "police", unless: [trains]'


def coding(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "coding", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def changed(sandbox):
    """A project whose codebook is at a later version than that of old.yaml."""
    sandbox.write("old.yaml", (sandbox.root / "codebooks/book.yaml").read_text("utf-8"))
    sandbox.change("codebooks/book.yaml", "version: 1.0.0", "version: 1.1.0")
    sandbox.change("codebooks/book.yaml", 'phrase: "police"', WITHOUT)
    return sandbox


def test_rules_cells_and_findings_are_printed_and_the_rest_is_said_beside(changed):
    ended = coding("drift", "old.yaml", "book", cwd=changed.root)
    lines = [line.split("\t") for line in ended.stdout.splitlines()]
    assert ["Security", "police", "unless 'trains' added", "3", "0", "3"] in lines
    assert ["Code", "Case", "Before", "After", "Change"] in lines
    assert any(line[0] == "More police" and line[-1] == "other numbers" for line in lines)
    assert "book 1.0.0 to book 1.1.0, study study, in digests:" in ended.stderr
    assert "11 are as before, 3 vanished, 0 came" in ended.stderr
    assert "No coded segment of people rests on a code whose meaning changed." in ended.stderr
    assert ended.returncode == 0


def test_codebooks_of_one_version_are_told_apart_by_their_files(changed):
    changed.change("codebooks/book.yaml", "version: 1.1.0", "version: 1.0.0")
    changed.change("codebooks/book.yaml", "- id: behaviour.training", "- id: behaviour.teaching")
    ended = coding("drift", "book", "old.yaml", cwd=changed.root)
    names = "book 1.0.0 (codebooks/book.yaml) to book 1.0.0 (old.yaml)"
    assert f"{names}, study study, in digests:" in ended.stderr
    assert "The version was not raised: both codebooks are book 1.0.0." in ended.stderr
    table = coding("drift", "book", "old.yaml", "--format", "markdown", cwd=changed.root).stdout
    assert table.count(names) == 3
    assert "The version was not raised" in table
    said = json.loads(coding("drift", "book", "old.yaml", "--json", cwd=changed.root).stdout)
    assert (said["old"]["file"], said["new"]["file"]) == ("codebooks/book.yaml", "old.yaml")
    assert said["old"]["version"] == said["new"]["version"]
    assert said["same_version"] is True


def test_json_has_every_segment_with_the_rule_that_accounts_for_it(changed):
    said = json.loads(coding("drift", "old.yaml", "book", "--json", cwd=changed.root).stdout)
    assert said["segments"]["kept"] == 11
    assert said["texts"] == "digests"
    assert said["same_version"] is False
    assert [one["accounts"] for one in said["segments"]["vanished"]] == [
        {"code": "orientation.security", "rule": "police"}
    ] * 3
    (rule,) = said["rules"]
    assert (rule["vanished"], rule["came"]) == (3, 0)
    (finding,) = said["findings"]
    assert finding["before"]["contrasts"][0]["difference"] != finding["after"]["contrasts"][0]["difference"]
    assert {cell["code"] for cell in said["cells"]} == {"orientation", "orientation.security"}


def test_passages_have_their_reason_and_a_table_goes_into_a_file(changed):
    shown = coding("drift", "old.yaml", "book", "--passages", cwd=changed.root).stdout
    assert "vanished\tnorland/a\t15\t21\tpolice" in shown
    assert "'trains' stands before it" in shown
    assert coding("drift", "old.yaml", "book", "--out", "out/drift.csv", cwd=changed.root).returncode == 0
    with (changed.root / "out/drift.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["quote"] for row in rows] == ["police"] * 3


def test_one_code_can_be_asked_for_and_an_unknown_one_is_met_with_the_nearest(changed):
    said = json.loads(
        coding("drift", "old.yaml", "book", "--code", "role", "--json", cwd=changed.root).stdout
    )
    assert (said["segments"]["vanished"], said["cells"], said["rules"]) == ([], [], [])
    ended = coding("drift", "old.yaml", "book", "--code", "rle", cwd=changed.root)
    assert ended.returncode == 2
    assert "no code 'rle'. Did you mean 'role'?" in ended.stderr


def test_a_finding_on_a_code_that_is_gone_is_said_and_nothing_breaks(changed):
    changed.change("codebooks/book.yaml", "id: orientation.security", "id: orientation.safety")
    changed.change("codebooks/book.yaml", "definition: Protection.", "definition: Safety.")
    ended = coding("drift", "old.yaml", "book", cwd=changed.root)
    assert ended.returncode == 0
    assert "More police: book 1.1.0 does not know 'orientation.security'." in ended.stderr
