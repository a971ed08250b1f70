"""Pages are kept true: links lead somewhere, commands exist, examples run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import coding

REPOSITORY = Path(__file__).parent.parent
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
COMMANDS = ["check", "codes", "kwic", "matrix", "reproduce", "tag", "why"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_link_of_a_page_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_command_has_its_heading_in_the_reference():
    reference = (REPOSITORY / "docs/reference/commands.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## `coding ([a-z]+)", reference, flags=re.MULTILINE)
    shown = subprocess.run(
        [sys.executable, "-m", "coding", "--help"], capture_output=True, text=True, check=True
    )
    commands = re.findall(r"^  ([a-z]+)  ", shown.stdout.partition("Commands:")[2], flags=re.MULTILINE)
    assert sorted(headings) == sorted(commands) == COMMANDS


def test_every_command_that_a_page_names_exists():
    for page in PAGES:
        for command in re.findall(r"(?:`|\$ )coding ([a-z]+)", page.read_text(encoding="utf-8")):
            assert command in COMMANDS, f"{page.name}: coding {command}"


PYTHON_BLOCKS = [
    (page, block)
    for page in PAGES
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
]


@pytest.mark.parametrize(("page", "block"), PYTHON_BLOCKS, ids=lambda value: getattr(value, "name", "block"))
def test_every_python_example_of_a_page_runs(page, block, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(block, str(page), "exec"), names)
    assert "coding" in names


YAML_BLOCKS = re.findall(
    r"```yaml\n(.*?)```",
    (REPOSITORY / "docs/how-to/add-a-donor.md").read_text(encoding="utf-8"),
    flags=re.DOTALL,
)


def test_the_case_file_of_the_recipe_is_a_case_file(tmp_path):
    from coding.formats.case import read_case

    path = tmp_path / "case.yaml"
    path.write_text(YAML_BLOCKS[0], encoding="utf-8")
    assert read_case(path)[0].name == "Norland"


def test_the_first_matrix_of_the_tutorial_comes_about(tmp_path):
    page = (REPOSITORY / "docs/first-matrix.md").read_text(encoding="utf-8")
    for name, content in re.findall(
        r"^`([^`\n]+)`:\n\n```\w+\n(.*?)```", page, flags=re.DOTALL | re.MULTILINE
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8", newline="\n")
    project = coding.Project.open(tmp_path)
    assert f"All is well: {coding.check(project)}." in page
    (finding,) = coding.run(project).findings
    assert f"*{finding.said}*" in page


def test_the_published_grammar_is_the_one_the_parser_was_written_from():
    from coding import patterns

    published = (REPOSITORY / "docs/reference/rules.md").read_text(encoding="utf-8")
    grammar = re.search(r"```ebnf\n(.*?)```", published, flags=re.DOTALL)[1].split()
    assert grammar == re.search(r"(pattern  =.*?\] ;)\n\n", patterns.__doc__, flags=re.DOTALL)[1].split()


def test_every_kind_and_key_of_a_rule_is_in_the_reference():
    from coding.formats.codebook import RuleEntry

    published = (REPOSITORY / "docs/reference/rules.md").read_text(encoding="utf-8")
    assert [key for key in RuleEntry.model_fields if key != "id" and f"`{key}`" not in published] == []
