"""Pages are kept true: links lead somewhere, commands exist, examples run."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import coding

REPOSITORY = Path(__file__).parent.parent
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
COMMANDS = [
    "add",
    "agree",
    "assign",
    "assignments",
    "backup",
    "check",
    "codebook",
    "codes",
    "conflicts",
    "contrast",
    "cooccurrence",
    "donor",
    "drift",
    "evidence",
    "export",
    "fetch",
    "findings",
    "framework",
    "import",
    "init",
    "kept",
    "kwic",
    "log",
    "matrix",
    "methods",
    "password",
    "pathways",
    "portrait",
    "quality",
    "realign",
    "reproduce",
    "retrieve",
    "robustness",
    "sample",
    "schema",
    "search",
    "serve",
    "site",
    "suggest",
    "summarise",
    "tag",
    "timeline",
    "train",
    "undo",
    "why",
]


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


def tutorial(folder):
    """Do what the tutorial says, up to its study, in an empty folder; return the page and the project's folder."""
    page = (REPOSITORY / "docs/first-matrix.md").read_text(encoding="utf-8")
    for file, content, commands in re.findall(
        r"^`([^`\n]+)`:\n\n```\w+\n(.*?)```|^```console\n(.*?)```", page, flags=re.DOTALL | re.MULTILINE
    ):
        if file:
            (folder / file).write_text(content, encoding="utf-8", newline="\n")
        for line in re.findall(r"^\$ (cd .*|coding (?:init|add) .*)", commands, flags=re.MULTILINE):
            verb, *arguments = shlex.split(line)
            if verb == "cd":
                folder = folder / arguments[0]
            else:
                subprocess.run(
                    [sys.executable, "-m", "coding", *arguments], cwd=folder, check=True, capture_output=True
                )
    return page, folder


def test_the_first_matrix_of_the_tutorial_comes_about(tmp_path):
    page, folder = tutorial(tmp_path)
    project = coding.Project.open(folder)
    assert f"All is well: {coding.check(project)}." in page
    (finding,) = coding.run(project).findings
    assert f"*{finding.said}*" in page


def test_the_tutorial_shows_the_case_file_that_its_command_writes(tmp_path):
    page, folder = tutorial(tmp_path)
    (shown,) = re.findall(r"says now:\n\n```yaml\n(.*?)```", page, flags=re.DOTALL)
    assert (folder / "corpus/norland/case.yaml").read_text(encoding="utf-8") == shown


def test_the_published_grammar_is_the_one_the_parser_was_written_from():
    from coding import patterns

    published = (REPOSITORY / "docs/reference/rules.md").read_text(encoding="utf-8")
    grammar = re.search(r"```ebnf\n(.*?)```", published, flags=re.DOTALL)[1].split()
    assert grammar == re.search(r"(pattern  =.*?\] ;)\n\n", patterns.__doc__, flags=re.DOTALL)[1].split()


def test_every_kind_and_key_of_a_rule_is_in_the_reference():
    from coding.formats.codebook import RuleEntry

    published = (REPOSITORY / "docs/reference/rules.md").read_text(encoding="utf-8")
    assert [key for key in RuleEntry.model_fields if key != "id" and f"`{key}`" not in published] == []


def test_every_key_and_closed_choice_of_a_study_is_in_the_reference():
    from coding.study import Study

    page = (REPOSITORY / "docs/reference/study.md").read_text(encoding="utf-8")
    models = [Study.model_json_schema(), *Study.model_json_schema()["$defs"].values()]
    keys = {key for model in models for key in model["properties"]}
    choices = set(re.findall(r"'([a-z ]+)'", " ".join(map(str, enums(models)))))
    assert len(keys) > 30
    assert {name for name in keys | choices if not re.search(rf"[`{{ ]{name}[`:]", page)} == set()


def enums(value):
    """Yield the lists of values between which a file may choose, wherever they stand in a schema."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inside:
        if key == "enum":
            yield part
        elif key == "const":
            yield [part]
        elif isinstance(part, dict | list):
            yield from enums(part)


def test_the_code_of_the_recipe_can_be_added_to_the_shipped_codebook(repository, tmp_path):
    from textwrap import dedent, indent

    from coding.formats.codebook import read_codebook
    from coding.taggers.rules.check import problems

    page = (REPOSITORY / "docs/how-to/add-a-code.md").read_text(encoding="utf-8")
    block = re.search(r"```yaml\n(.*?)```", page, flags=re.DOTALL)[1]
    shipped = (repository / "codebooks/constructivist.yaml").read_text(encoding="utf-8")
    added = "codes:\n" + indent(dedent(block), "  ")
    path = tmp_path / "constructivist.yaml"
    path.write_text(re.sub(r"^codes:\n", added, shipped, count=1, flags=re.MULTILINE), encoding="utf-8")
    book = read_codebook(path)
    assert "role.host_of_talks" in book
    assert [problem for problem in problems(book, {}) if "role.host_of_talks" in problem] == []


def test_the_phrase_that_the_readme_looks_for_is_found():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    (phrase,) = re.findall(r'coding kwic "([^"]+)"', readme)
    assert coding.kwic(coding.Project.open(REPOSITORY).corpus, phrase, width=30, language="en", lemma=True)


def test_the_readme_says_how_many_digests_the_study_reads():
    project = coding.Project.open(REPOSITORY)
    run = coding.run(project)
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert f"on {len(run.corpus)} of the {len(project.corpus)} digests" in readme
    assert f"({run.left_out['source kind']} are left out because others" in readme
    assert f"{run.left_out['year']} because they are of a later year" in readme


def test_the_tutorial_says_the_shares_that_are_compared(tmp_path):
    page, folder = tutorial(tmp_path)
    (finding,) = coding.run(coding.Project.open(folder)).findings
    (found,) = finding.contrasts
    assert f"For Norland these are {found.first.n} of {found.first.base} ({found.first.share:.2f})" in page
    assert f"for Sudland {found.second.n} of {found.second.base} ({found.second.share:.2f})" in page
    assert f"{found.difference:+.2f}" in page


def test_the_codebook_page_is_that_of_the_shipped_codebook(repository):
    from coding.codebook_page import page as render

    page = render(coding.Project.open(repository).codebook("constructivist"), format="markdown")
    assert (repository / "docs/codebook.md").read_text(encoding="utf-8") == page, "run `make docs`"


def test_the_figures_of_the_validity_page_are_those_that_were_kept(repository):
    project = coding.Project.open(repository)
    measured = project.measured(project.codebook("constructivist"))
    assert measured is not None, "the codebook has changed since `coding quality --save`"
    page = (repository / "docs/methods/validity.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`\w+` \|.*) \|$", page, re.MULTILINE)
    kept = []
    for name, m in measured.categories.items():
        span = "too few documents" if m.low is None else f"{m.low:.2f} to {m.high:.2f}"
        figures = (f"{value:.2f}" for value in (m.precision, m.recall, m.f1))
        kept.append(" | ".join([f"`{name}`", *figures, span, f"{m.readers:.2f}"]))
    assert rows == kept


def test_the_rule_of_the_recipe_is_a_sound_one(tmp_path):
    from coding.formats.codebook import read_codebook
    from coding.taggers.rules.check import problems

    recipe = (REPOSITORY / "docs/how-to/write-rules.md").read_text(encoding="utf-8")
    (rule,) = re.findall(r"```yaml\n(.*?)```", recipe, flags=re.DOTALL)
    path = tmp_path / "book.yaml"
    head = "id: book\nversion: 1.0.0\ncodes:\n  - id: a\n    name: A\n    definition: d\n    codes:\n"
    leaf = "      - id: a.b\n        name: B\n        definition: d\n        rules:\n"
    path.write_text(head + leaf + rule, encoding="utf-8")
    assert problems(read_codebook(path)) == []
