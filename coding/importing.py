"""A codebook taken from elsewhere into a project: from tables, or from a dictionary of words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coding.codebook import Code, Codebook, Rule
from coding.errors import CodingError, choose
from coding.formats import codebook_tables, word_lists, yaml
from coding.formats.codebook import codebook_of, values, write_codebook
from coding.formats.word_lists import Category, Word, codebook_from, kind_of, read_categories, unfit
from coding.model import Document
from coding.taggers.rules import RuleTagger

if TYPE_CHECKING:
    from pathlib import Path

    from coding.project import Project

FORMATS = ("table", *word_lists.KINDS)


@dataclass(frozen=True, slots=True)
class Imported:
    """A codebook that is now in the project, its file, and what was left out, one line each."""

    codebook: Codebook
    file: Path
    left_out: tuple[str, ...]


def import_codebook(
    project: Project,
    path: Path,
    *,
    codebook: str,
    format: str | None = None,  # noqa: A002  the word of the command line
    leave_out: bool = False,
) -> Imported:
    """Write `codebooks/<codebook>.yaml` from a table or dictionary.

    Parameters
    ----------
    format : one of `FORMATS`; by the suffix and content of the file if left out
    leave_out : whether words that no rule can say are left out instead of refused

    Raises
    ------
    CodingError
        If the codebook is there already, or listing every problem of the file; nothing is written then.
    """
    target = project.root / "codebooks" / f"{codebook}.yaml"
    if target.exists():
        raise CodingError(f"codebooks/{target.name} is there already. Choose another id.")
    if format is None:
        format = "table" if path.suffix in codebook_tables.SUFFIXES else kind_of(path)  # noqa: A001
    choose(format, FORMATS, "format")
    left_out: tuple[str, ...] = ()
    if format == "table":
        taken = codebook_tables.take_tables(path, codebook=codebook)
        made = taken.codebook
        if taken.left_out:
            left_out = (f"{path.name}: {', '.join(taken.left_out)}, of which no codebook speaks.",)
    else:
        categories = read_categories(path, format)
        wrong = _unsayable(categories)
        left_out = tuple(wrong.values())
        if left_out and not leave_out:
            said = f"{path.name}: no rule can say these words ({len(left_out)}). Mend them, or --leave-out."
            raise CodingError("\n".join([said, *left_out]))
        made = codebook_from([_without(wrong, c) for c in categories], codebook, path.name)
    made = codebook_of(yaml.parse(yaml.dump(values(made)), name=f"codebooks/{target.name}"))
    write_codebook(target, made)
    return Imported(made, target, left_out)


def _unsayable(categories: list[Category]) -> Mapping[Word, str]:
    """Return the words that no rule can say, or whose rule would not even find the word itself."""
    words = list(dict.fromkeys(word for category in categories for word in category.words))
    wrong = {word: said for word in words if (said := unfit(word))}
    tried = {f"w{i}": word for i, word in enumerate(words) if word not in wrong}
    probe = Codebook("probe", "0.0.0", tuple(_probe(code, word) for code, word in tried.items()))
    texts = [Document(code, word.word.replace("*", "")) for code, word in tried.items()]
    coded = RuleTagger(probe, overlap="all").tag(texts)
    found = {s.code for s in coded.segments if s.code == s.segment.document}
    wrong |= {
        word: f"{word.place}: '{word.word}' would never be found: these signs are no words."
        for code, word in tried.items()
        if code not in found
    }
    return {word: wrong[word] for word in words if word in wrong}


def _probe(code: str, word: Word) -> Code:
    return Code(code, code, "", rules=(Rule(code, "phrase", (word.word,), match="surface"),))


def _without(wrong: Mapping[Word, str], category: Category) -> Category:
    return replace(category, words=tuple(word for word in category.words if word not in wrong))
