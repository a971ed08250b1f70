"""JSON schemas of the files that people write, so that an editor can complete and check them."""

from __future__ import annotations

from importlib import import_module

from coding.errors import choose

_MODELS = {
    "case": ("coding.formats.case", "CaseFile"),
    "changes": ("coding.formats.changes", "ChangeFile"),
    "codebook": ("coding.formats.codebook", "CodebookFile"),
    "study": ("coding.study", "Study"),
}
FILES = tuple(_MODELS)


def schema(what: str) -> dict[str, object]:
    """Return the JSON schema (draft 2020-12) of a kind of file: one of `FILES`.

    It is what the reader of the file itself checks, without what only code can say: the grammar of
    patterns, that ids are unique, that a named code exists. `coding check` says these.
    """
    choose(what, FILES, "kind of file")
    module, model = _MODELS[what]
    said: dict[str, object] = getattr(import_module(module), model).model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **said}
