"""JSON schemas of the files that people write, so that an editor can complete, explain and check them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from coding.errors import choose

_MODELS = {
    "case": ("coding.formats.case", "CaseFile"),
    "changes": ("coding.formats.changes", "ChangeFile"),
    "codebook": ("coding.formats.codebook", "CodebookFile"),
    "study": ("coding.study", "Study"),
}
FILES = tuple(_MODELS)

# What an editor says of a key; docs/reference/rules.md says more.
_KEYS = {
    "CodebookFile": {
        "id": "Name of the file without .yaml: small letters, digits, hyphens.",
        "version": "Three numbers. Raise it whenever the codebook changes.",
        "title": "What reports and pages call the codebook.",
        "language": "Code of the language of rules and texts, such as en. Texts in another are not read.",
        "match": "Whether base forms stand for their inflections (lemma) or not (surface), in all rules.",
        "families": "Groups of top-level codes that answer one question.",
        "codes": "The codes, those below others in their `codes`.",
    },
    "CodeEntry": {
        "id": "Id for ever: small letters, digits, underscores; a dot before each lower level.",
        "name": "What readers see. It may change.",
        "definition": "What a passage must say to bear the code.",
        "include": "What belongs to it though one might doubt it.",
        "exclude": "What does not belong to it, and where it goes.",
        "examples": "Passages that bear the code.",
        "source": "Where the code comes from: the literature.",
        "parent": "Id of the code above, if this one does not stand in its `codes`.",
        "implies": "Codes of another family for which this one is evidence.",
        "beats": "Codes whose coded segments are dropped where they overlap one of this code.",
        "retired": "Whether the code is used no more. It stays in the file.",
        "rules": "Which words carry the code.",
        "codes": "The codes below.",
    },
    "RuleEntry": {
        "id": "Id, unique in the codebook: small letters, digits, hyphens.",
        "phrase": "Words in their order: one pattern, or a list of which any hits. "
        "Signs: train* any ending, word? may be missing, (a|b) one of these, .. up to three words between.",
        "near": "Two patterns in any order with at most `within` words between.",
        "all": "Two or more patterns anywhere in one sentence (or paragraph); the hit is the whole of it.",
        "pattern": "One token pattern of spaCy's Matcher, for what phrases cannot say.",
        "regex": "Regular expressions over the text; any of them hits.",
        "within": "Of `near`: the most words between.",
        "ordered": "Of `near`: whether the order of the two counts.",
        "scope": "Where the whole hit must lie: sentence or paragraph.",
        "match": "lemma: base forms stand for their inflections; surface: words as written. "
        "Else as the codebook says.",
        "case": "true compares letter by letter, without inflections.",
        "unless": "Patterns that cancel a hit when they stand close before it.",
        "unless_within": "How many words before the hit `unless` looks at, in its sentence; else 3.",
        "unless_in": "Where `unless` looks: before the hit, or anywhere in its sentence.",
        "actor": "Of whom the sentence speaks: the document's own donor (self), another (other), or any.",
        "covers": "What becomes the coded segment: the hit, its sentence or its paragraph.",
        "matches": "Sentences that the rule must match. They run as tests.",
        "rejects": "Sentences that the rule must not match. They run as tests.",
    },
    "ExampleEntry": {
        "text": "The sentence.",
        "donor": "Id of the case in whose document it stands, for rules that ask for an actor.",
    },
}


def schema(what: str) -> dict[str, object]:
    """Return the JSON schema (draft 2020-12) of a kind of file: one of `FILES`.

    It is what the reader of the file itself checks, without what only code can say: the grammar of
    patterns, that ids are unique, that a named code exists. `coding check` says these.
    """
    choose(what, FILES, "kind of file")
    module, model = _MODELS[what]
    made: dict[str, Any] = getattr(import_module(module), model).model_json_schema()
    for name, part in {model: made, **made.get("$defs", {})}.items():
        _explain(part.get("properties", {}), _KEYS.get(name, {}))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _explain(keys: dict[str, dict[str, object]], said: dict[str, str]) -> None:
    """Give keys their descriptions, and take off the titles, which only repeat the keys."""
    for key, part in keys.items():
        part.pop("title", None)
        if key in said:
            part["description"] = said[key]
