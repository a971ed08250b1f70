"""`coding codebook ...` and `coding schema`: results on stdout, the rest on stderr, exit 2 with one message."""

import json
import os
import re
import subprocess
import sys

import pytest

from coding.formats.changes import StepEntry, read_changes
from coding.formats.word_lists import read_categories


def coding(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "coding", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


def test_diff_compares_a_codebook_of_the_project_with_a_file(sandbox):
    sandbox.write("old.yaml", (sandbox.root / "codebooks/book.yaml").read_text("utf-8"))
    sandbox.change("codebooks/book.yaml", "name: Bridge", "name: Bridges")
    ended = coding("codebook", "diff", "old.yaml", "book", cwd=sandbox.root)
    assert ended.stdout.splitlines()[1:] == ["renamed\trole.bridge\tname\tBridge\tBridges"]
    said = json.loads(coding("codebook", "diff", "old.yaml", "book", "--json", cwd=sandbox.root).stdout)
    assert said == [
        {"kind": "renamed", "code": "role.bridge", "what": "name", "old": "Bridge", "new": "Bridges"}
    ]


def test_two_states_of_one_version_are_called_so_and_a_change_without_a_new_version_is_told(sandbox):
    sandbox.write("old.yaml", (sandbox.root / "codebooks/book.yaml").read_text("utf-8"))
    same = coding("codebook", "diff", "old.yaml", "book", cwd=sandbox.root).stderr
    assert same.splitlines() == ["Both are book 1.0.0: no differences."]
    sandbox.change("codebooks/book.yaml", "name: Bridge", "name: Bridges")
    changed = coding("codebook", "diff", "old.yaml", "book", cwd=sandbox.root).stderr
    assert "Both are book 1.0.0: 1 difference." in changed
    assert "The content has changed, the version has not" in changed
    assert "1.0.0 to" not in changed
    sandbox.change("codebooks/book.yaml", "version: 1.0.0", "version: 1.1.0")
    raised = coding("codebook", "diff", "old.yaml", "book", cwd=sandbox.root).stderr
    assert raised.splitlines() == ["book 1.0.0 to book 1.1.0: 1 difference."]


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminal can be opened there")
def test_in_a_terminal_what_was_taken_out_of_a_long_rule_is_shown_however_long_it_is(sandbox):
    before = (sandbox.root / "codebooks/book.yaml").read_text("utf-8")
    words = "|".join(f"bridge{n}" for n in range(80))
    longer = before.replace('phrase: "teacher*"', f'phrase: "(teacher*|{words})"')
    assert longer != before
    sandbox.write("old.yaml", longer)
    sandbox.write("new.yaml", longer.replace("|bridge77|", "|"))
    ours, theirs = os.openpty()
    subprocess.run(
        [sys.executable, "-m", "coding", "codebook", "diff", "old.yaml", "new.yaml"],
        cwd=sandbox.root, stdout=theirs, stderr=subprocess.DEVNULL, check=True, timeout=60,
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    shown = " ".join(os.read(ours, 65536).decode().split())
    os.close(ours)
    assert "'bridge77' taken out in '…|bridge75|bridge76|bridge77|bridge78" in shown


@pytest.mark.parametrize("file", ["book.xlsx", "book.csv"])
def test_what_is_exported_is_imported_without_a_difference(sandbox, file):
    assert coding("codebook", "export", "book", file, cwd=sandbox.root).returncode == 0
    made = coding("codebook", "import", file, "--id", "mine", cwd=sandbox.root)
    assert "7 codes, 4 rules. Run `coding check`" in made.stderr
    assert coding("codebook", "diff", "book", "mine", "--json", cwd=sandbox.root).stdout.strip() == "[]"
    assert "2 codebooks" in coding("check", cwd=sandbox.root).stdout


def test_words_that_are_left_out_are_named(sandbox):
    sandbox.write("words.txt", "police\n*foo\n")
    ended = coding("codebook", "import", "words.txt", "--id", "mine", "--leave-out", cwd=sandbox.root)
    assert "Left out: words.txt, line 2: '*foo'" in ended.stderr
    assert (sandbox.root / "codebooks/mine.yaml").is_file()


def test_page_goes_to_standard_output_or_to_a_file(sandbox):
    assert coding("codebook", "page", cwd=sandbox.root).stdout.startswith("<!DOCTYPE html>")
    ended = coding(
        "codebook", "page", "book", "--format", "markdown", "--out", "out/book.md", cwd=sandbox.root
    )
    assert (ended.stdout, ended.stderr.strip()) == ("", "Written: out/book.md.")
    assert (sandbox.root / "out/book.md").read_text("utf-8").startswith("# book\n")


def test_apply_writes_the_next_version_and_its_map_or_says_what_it_would(sandbox):
    before = (sandbox.root / "codebooks/book.yaml").read_text("utf-8")
    sandbox.write(
        "changes.yaml",
        """
        codebook: book
        version: 1.1.0
        steps:
          - split:
              code: role.bridge
              into:
                - {id: role.convener, name: Convener, definition: It convenes.}
                - {id: role.joiner, name: Joiner, definition: It joins.}
        """,
    )
    ended = coding("codebook", "apply", "changes.yaml", "--dry-run", cwd=sandbox.root)
    assert "added\trole.joiner\t\t\tJoiner" in ended.stdout
    assert (
        "Codings of 'role.bridge' need a person: role.convener or role.joiner.\nNothing was written."
        in ended.stderr
    )
    assert (sandbox.root / "codebooks/book.yaml").read_text("utf-8") == before
    ended = coding("codebook", "apply", "changes.yaml", "--json", cwd=sandbox.root)
    assert {d["kind"] for d in json.loads(ended.stdout)} == {"added", "retired"}
    assert (sandbox.root / "codebooks/changes/book.1.1.0.map.yaml").is_file()
    assert coding("check", cwd=sandbox.root).returncode == 0


def test_schema_prints_one_json_value(tmp_path):
    assert json.loads(coding("schema", "codebook", cwd=tmp_path).stdout)["title"] == "CodebookFile"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff", "book", "boook"], "Did you mean 'book'"),
        (["diff", "book", "none.yaml"], "none.yaml: cannot be read"),
        (["export", "book", "book.doc"], "a table ends in .csv or .xlsx"),
        (["import", "none.csv", "--id", "mine"], "none.csv: cannot be read"),
        (["import", "none.csv", "--id", "book"], "codebooks/book.yaml is there already"),
        (["page", "--format", "htlm"], "Did you mean 'html'"),
        (["apply", "none.yaml"], "none.yaml: cannot be read"),
    ],
)
def test_bad_input_ends_with_one_message_and_exit_code_2(sandbox, arguments, message):
    ended = coding("codebook", *arguments, cwd=sandbox.root)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Error: ")
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("arguments", [["import", "words.txt", "--id", "mine"], ["apply", "changes.yaml"]])
def test_nothing_is_written_into_the_shipped_material(tmp_path, arguments):
    (tmp_path / "words.txt").write_text("police\n", encoding="utf-8")
    ended = coding("codebook", *arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert "is no project" in ended.stderr


def test_every_command_for_codebooks_has_its_heading_in_the_reference(repository, tmp_path):
    reference = (repository / "docs/reference/commands.md").read_text("utf-8")
    shown = coding("codebook", "--help", cwd=tmp_path).stdout.partition("Commands:")[2]
    headings = re.findall(r"^### `coding codebook ([a-z]+)", reference, flags=re.MULTILINE)
    assert sorted(headings) == sorted(re.findall(r"^  ([a-z]+)  ", shown, flags=re.MULTILINE))


def recipe(repository, name):
    page = (repository / "docs/how-to" / name).read_text("utf-8")
    return re.search(r"```yaml\n(.*?)```", page, flags=re.DOTALL)[1]


def test_the_change_file_of_the_recipe_has_every_kind_of_step(repository, tmp_path):
    (tmp_path / "changes.yaml").write_text(recipe(repository, "change-a-codebook.md"), encoding="utf-8")
    change, _ = read_changes(tmp_path / "changes.yaml")
    assert {kind for entry in change.steps for kind in entry.model_fields_set} == set(StepEntry.model_fields)


def test_the_dictionary_of_the_recipe_is_a_dictionary(repository, tmp_path):
    (tmp_path / "d.yaml").write_text(recipe(repository, "import-a-dictionary.md"), encoding="utf-8")
    assert [c.id for c in read_categories(tmp_path / "d.yaml", "quanteda")] == [
        "economy",
        "economy.tax",
        "economy.trade",
        "security",
    ]
