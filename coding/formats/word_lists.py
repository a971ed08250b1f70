"""Dictionaries of other programs as a codebook to begin with: categories, and the words that stand for them.

Read are dictionaries of quanteda (YAML: categories in categories, lists of words), of LIWC (`.dic`: numbered
categories between two `%`, then words with numbers) and plain lists (`.txt`: a word or phrase in a line).
Each category becomes a code with one rule that says its words as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from coding.codebook import Code, Codebook, Example, Rule
from coding.errors import CodingError, choose, refuse
from coding.formats import yaml
from coding.formats.text import decode
from coding.ids import slug
from coding.patterns import PatternError, parse

if TYPE_CHECKING:
    from pathlib import Path

    from coding.formats.yaml import Key, Tree

SUFFIXES = (".dic", ".txt", ".yaml", ".yml")

Kind = Literal["quanteda", "liwc", "words"]
KINDS = ("quanteda", "liwc", "words")

_RULE_LANGUAGE = re.compile(r"[()|?]|\.\.")
_INNER_GLOB = re.compile(r"\*(?=[^\s-])|(?<![^\s-])\*")
_LIWC_CATEGORY = re.compile(r"(\d+)\s+(\S.*)")
_LIWC_WORD = re.compile(r"(\S.*?)((?:\s+\d+)+)")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase and where it stands; `*` at the end of a word is any ending."""

    word: str
    place: str


@dataclass(frozen=True, slots=True)
class Category:
    """A category of a dictionary: where it stands, those above it, and its words."""

    place: str
    path: tuple[str, ...]
    words: tuple[Word, ...]

    @property
    def id(self) -> str:
        """The id of the code that is made of it; empty where a name has no letter from a to z."""
        parts = [slug(name) for name in self.path]
        return ".".join(parts) if all(parts) else ""


def kind_of(path: Path) -> Kind:
    """Return which dictionary a file is, by its suffix and, for `.txt`, its first line."""
    if path.suffix in (".yaml", ".yml"):
        return "quanteda"
    if path.suffix == ".dic" or (path.suffix == ".txt" and decode(path).lstrip().startswith("%")):
        return "liwc"
    if path.suffix == ".txt":
        return "words"
    raise CodingError(f"{path.name}: no dictionary ends in '{path.suffix}'. Known: {', '.join(SUFFIXES)}.")


def read_categories(path: Path, kind: str) -> list[Category]:
    """Return the categories of a dictionary, a parent before those below it.

    Raises
    ------
    CodingError
        Listing every problem with its line: a number without a category, two categories of one name.
    """
    choose(kind, KINDS, "kind of dictionary")
    read = {"quanteda": _quanteda, "liwc": _liwc, "words": _words}[kind]
    categories = read(path)
    refuse(list(_nameless(categories)))
    return categories


def unfit(word: Word) -> str | None:
    """Return why a rule cannot say a word, with its place; None if it can."""
    if _RULE_LANGUAGE.search(word.word):
        return f"{word.place}: '{word.word}' has a sign of the rule language: ( ) | ? or '..'."
    if _INNER_GLOB.search(word.word):
        return f"{word.place}: '{word.word}': a `*` stands only at the end of a word."
    try:
        parse(word.word)
    except PatternError as error:
        return f"{word.place}: {error}"
    return None


def codebook_from(categories: Sequence[Category], codebook: str, source: str) -> Codebook:
    """Return a codebook with a code for each category, its words as the one rule of the code.

    Parameters
    ----------
    codebook : its id
    source : the name of the dictionary, which the definitions say
    """
    ids = [category.id for category in categories]
    codes = []
    for category in categories:
        patterns = tuple(dict.fromkeys(word.word for word in category.words))
        rule = Rule(_rule_id(category.id, ids), "phrase", patterns, match="surface")
        rule = replace(rule, matches=tuple(Example(word.replace("*", "")) for word in patterns[:1]))
        codes.append(
            Code(
                id=category.id,
                name=category.path[-1],
                definition=f"Imported from {source}; say what it means.",
                parent=".".join(slug(name) for name in category.path[:-1]) or None,
                rules=(rule,) if patterns else (),
            )
        )
    return Codebook(codebook, "0.1.0", tuple(codes), f"Imported from {source}")


def _quanteda(path: Path) -> list[Category]:
    tree = yaml.load(path, name=path.name)
    if not isinstance(tree.values, dict):
        raise CodingError(f"{path.name}: a dictionary of quanteda maps categories to lists of words.")
    if {"id", "version", "codes"} <= set(tree.values):
        raise CodingError(f"{path.name}: is a codebook already. Copy it into codebooks/.")
    problems: list[str] = []
    categories = list(_nested(tree, tree.values, (), (), problems))
    refuse(problems)
    return categories


def _nested(
    tree: Tree, given: object, at: tuple[Key, ...], path: tuple[str, ...], problems: list[str]
) -> Iterator[Category]:
    """Yield the category at `path` and those below it. Lists hold words, and mappings of categories."""
    items = list(given) if isinstance(given, list) else [given]
    places = [(*at, i) for i in range(len(items))] if isinstance(given, list) else [at]
    words = []
    for item, place in zip(items, places, strict=True):
        if isinstance(item, str):
            words.append(Word(_folded(item), tree.where(*place)))
        elif not isinstance(item, dict) and item is not None:
            problems.append(f"{tree.where(*place)}: {item} is no word. Put it in quotes.")
    if path:
        yield Category(tree.where(*at), path, tuple(words))
    for item, place in zip(items, places, strict=True):
        if isinstance(item, dict):
            for name, below in item.items():
                yield from _nested(tree, below, (*place, name), (*path, name), problems)


def _liwc(path: Path) -> list[Category]:
    lines = list(enumerate(decode(path).split("\n"), start=1))
    marks = [i for i, (_, line) in enumerate(lines) if line.strip() == "%"]
    if len(marks) < 2:
        raise CodingError(f"{path.name}: a dictionary of LIWC names its categories between two lines '%'.")
    problems: list[str] = []
    names: dict[str, tuple[str, str]] = {}
    for number, line in lines[marks[0] + 1 : marks[1]]:
        match = _LIWC_CATEGORY.fullmatch(line.strip())
        if match and match[1] not in names:
            names[match[1]] = (match[2], f"{path.name}, line {number}")
        elif line.strip():
            said = f"'{match[1]}' stands already" if match else f"'{line.strip()}' is no number with a name"
            problems.append(f"{path.name}, line {number}: {said}.")
    words: dict[str, list[Word]] = {name: [] for name in names}
    for number, line in lines[marks[1] + 1 :]:
        match = _LIWC_WORD.fullmatch(line.strip())
        wrong = [category for category in match[2].split() if category not in names] if match else []
        if line.strip() and (match is None or wrong):
            said = f"no category {', '.join(wrong)}" if wrong else "the numbers of its categories are missing"
            problems.append(f"{path.name}, line {number}: '{line.strip()}': {said}.")
        elif match:
            for category in match[2].split():
                words[category].append(Word(_folded(match[1]), f"{path.name}, line {number}"))
    refuse(problems)
    return [Category(place, (name,), tuple(words[n])) for n, (name, place) in names.items()]


def _words(path: Path) -> list[Category]:
    lines = enumerate(decode(path).split("\n"), start=1)
    words = [Word(_folded(line), f"{path.name}, line {number}") for number, line in lines if line.strip()]
    if not words:
        raise CodingError(f"{path.name}: has no word. Write one in a line.")
    return [Category(path.name, (path.stem,), tuple(words))]


def _nameless(categories: Iterable[Category]) -> Iterator[str]:
    """Yield the categories of which no id, or the id of another, would be made."""
    seen: dict[str, Category] = {}
    for category in categories:
        if not category.id:
            yield f"{category.place}: no id can be made of '{category.path[-1]}'. Name it in letters a to z."
        elif category.id in seen:
            other = seen[category.id].place
            yield f"{category.place}: '{category.path[-1]}' gets the id of that at {other}. Rename one."
        seen.setdefault(category.id, category)


def _folded(text: str) -> str:
    return " ".join(text.split())


def _rule_id(code: str, codes: Sequence[str]) -> str:
    """Return an id for the rule of a code: words with hyphens, numbered where two codes give the same."""
    alike = [other for other in codes if _hyphened(other) == _hyphened(code)]
    return _hyphened(code) + (f"-{alike.index(code) + 1}" if len(alike) > 1 else "")


def _hyphened(code: str) -> str:
    return re.sub(r"[._]+", "-", code).strip("-")
