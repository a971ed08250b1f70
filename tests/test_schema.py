"""The schema of a file is what its reader checks: what is shipped is valid, and what is wrong is not."""

import jsonschema
import pytest

from coding.errors import CodingError
from coding.formats import yaml
from coding.formats.codebook import CodebookFile, CodeEntry, ExampleEntry, RuleEntry
from coding.schema import _KEYS, FILES, schema

SHIPPED = [("codebook", "codebooks/*.yaml"), ("study", "studies/*.yaml"), ("case", "corpus/*/case.yaml")]


@pytest.mark.parametrize("what", FILES)
def test_every_schema_is_one(what):
    jsonschema.Draft202012Validator.check_schema(schema(what))
    assert schema(what)["additionalProperties"] is False


@pytest.mark.parametrize(("what", "files"), SHIPPED)
def test_what_is_shipped_is_valid(repository, what, files):
    found = sorted(repository.glob(files))
    wrong = [
        f"{path.parent.name}/{path.name}: {list(error.absolute_path)}"
        for path in found
        for error in jsonschema.Draft202012Validator(schema(what)).iter_errors(yaml.load(path).values)
    ]
    assert (bool(found), wrong) == (True, [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1.0.0", "version: one"),
        ("name: Bridge", "nmae: Bridge"),
        ("id: role.bridge", "id: Role Bridge"),
        ('phrase: "bridge"', 'phrase: "bridge", actor: me'),
        ('matches: ["A bridge it is."], ', ""),
    ],
)
def test_what_is_wrong_is_not_valid(sandbox, old, new):
    sandbox.change("codebooks/book.yaml", old, new)
    given = yaml.load(sandbox.root / "codebooks/book.yaml").values
    assert not jsonschema.Draft202012Validator(schema("codebook")).is_valid(given)


def described(part):
    return {key: value.get("description", "") for key, value in part["properties"].items()}


def test_every_key_of_codebooks_codes_and_rules_is_explained_once_and_briefly():
    made = schema("codebook")
    for part, model in [
        (made, CodebookFile),
        *((made["$defs"][m.__name__], m) for m in (CodeEntry, ExampleEntry, RuleEntry)),
    ]:
        said = described(part)
        assert [key for key, text in said.items() if not 0 < len(text) < 200] == []
        assert {*said} == {*model.model_fields} == {*_KEYS[model.__name__]}
    assert schema("changes")["$defs"]["CodeEntry"] == made["$defs"]["CodeEntry"]


@pytest.mark.parametrize("what", FILES)
def test_no_key_has_a_title_that_repeats_it(what):
    made = schema(what)
    parts = [made, *made.get("$defs", {}).values()]
    assert [
        key for part in parts for key, value in part.get("properties", {}).items() if "title" in value
    ] == []


def test_a_date_may_be_a_year(sandbox):
    sandbox.change("corpus/norland/case.yaml", "year: 2015", "year: 2015\n    date: 2015")
    given = yaml.load(sandbox.root / "corpus/norland/case.yaml").values
    jsonschema.Draft202012Validator(schema("case")).validate(given)


def test_an_unknown_kind_of_file_offers_the_nearest():
    with pytest.raises(CodingError, match="Did you mean 'codebook'"):
        schema("codebok")
