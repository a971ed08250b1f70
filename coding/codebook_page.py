"""A codebook as a page to read and to print: HTML that loads nothing, or Markdown.

Names, definitions and patterns come from outside; whatever they hold is shown as it was written and never
acts: in HTML it is escaped, under a policy that allows no script; in Markdown every mark is.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from coding.codebook import Code, Codebook, Example, Rule, in_words
from coding.errors import choose
from coding.templating import environment, source

FORMATS = ("html", "markdown")

_SIGNS = (
    ("*", "any ending of the word"),
    ("?", "the word or bracket before it may be missing"),
    ("( | )", "one of these"),
    ("..", "up to three words between"),
    ("..2", "up to two words between"),
)
_AS_WRITTEN = "Rules find words as they are written, without their other inflections."
_INFLECTED = "A base form stands for its inflections, unless a rule says “words as written”."

# What GitHub reads as a mark anywhere in a line; `:` and `.` only where an emoji or a link would come of it.
_MARK = re.compile(r"[\\`*_{}\[\]<>#~&@]|:(?=\S)|(?<=[wW]{3})\.")
_FIRST = re.compile(r"^(?:[-+=]|\d+(?=[.)]))")


def page(codebook: Codebook, *, format: str) -> str:  # noqa: A002  the word of the command line
    """Return a codebook as a page: definitions, notes, examples, sources and rules in words.

    Raises
    ------
    CodingError
        If the format is none of `FORMATS`.
    """
    choose(format, FORMATS, "format")
    return _html(codebook) if format == "html" else "\n".join(_markdown(codebook)) + "\n"


def escape_markdown(text: str) -> str:
    r"""Return a text on one line that Markdown shows as it is.

    Examples
    --------
    >>> print(escape_markdown("*not* <b>bold</b>"), escape_markdown("1. no list"))
    \*not\* \<b\>bold\</b\> 1\. no list
    """
    line = _MARK.sub(lambda mark: f"\\{mark[0]}", " ".join(text.split()))
    line = _FIRST.sub(lambda first: f"{first[0]}\\" if first[0].isdigit() else f"\\{first[0]}", line)
    return line.replace("$", "<span>$</span>")  # a backslash would not keep it from being maths


def _html(codebook: Codebook) -> str:
    from markupsafe import Markup

    pages = environment()
    pages.filters["in_words"] = lambda rule: _said(codebook, rule)
    style = source(pages, "report.css") + source(pages, "codebook_page.css")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return pages.get_template("codebook_page.html.j2").render(
        codebook=codebook,
        title=codebook.title or codebook.id,
        depth={code.id: len(codebook.ancestors(code.id)) for code in codebook.codes},
        families=dict(_families(codebook)),
        legend=_legend(codebook),
        signs=_SIGNS,
        style=style,
        wbr=Markup("<wbr>"),  # a long pattern breaks between its alternatives
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def _legend(codebook: Codebook) -> str:
    """Return what holds for the words of all rules; empty where no rule has the signs of a pattern."""
    if not any(_of_words(rule) or rule.unless for rule in _rules(codebook)):
        return ""
    return _AS_WRITTEN if _as_written(codebook) else _INFLECTED


def _rules(codebook: Codebook) -> list[Rule]:
    return [rule for code in codebook.codes for rule in code.rules]


def _as_written(codebook: Codebook) -> bool:
    return all(rule.match == "surface" for rule in _rules(codebook) if _of_words(rule))


def _of_words(rule: Rule) -> bool:
    return rule.kind in ("phrase", "near", "all")


def _said(codebook: Codebook, rule: Rule) -> list[tuple[str, str]]:
    """Return a rule in words, without what the page says at its top or goes without saying."""
    said_once = _as_written(codebook) or not _of_words(rule)
    return in_words(replace(rule, match="lemma") if said_once else rule)


def _families(codebook: Codebook) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each family with its codes, tops first with those below them; then codes of no family.

    Retired codes are among them: an appendix says what was coded once.
    """
    shown: list[str] = []
    for family, tops in codebook.families.items():
        members = [code for top in tops for code in _branch(codebook, top) if code not in shown]
        shown += members
        yield family, tuple(members)
    every = [code for top in codebook.codes if top.parent is None for code in _branch(codebook, top.id)]
    rest = tuple(code for code in every if code not in shown)
    if rest:
        yield "", rest


def _branch(codebook: Codebook, code: str) -> Iterator[str]:
    yield code
    for child in codebook.codes:
        if child.parent == code:
            yield from _branch(codebook, child.id)


def _markdown(codebook: Codebook) -> Iterator[str]:
    yield f"# {escape_markdown(codebook.title or codebook.id)}"
    yield ""
    yield f"Codebook `{codebook.id}`, version {codebook.version}: {len(codebook.codes)} codes."
    legend = _legend(codebook)
    if legend:
        yield ""
        yield f"{legend} Signs in the rules:"
        yield ""
        yield from (f"- `{sign}` {meaning}" for sign, meaning in _SIGNS)
    for family, codes in _families(codebook):
        if family:
            yield ""
            yield f"**Family: {escape_markdown(family)}**"
        for code in codes:
            yield from _code(codebook, codebook[code], min(2 + len(codebook.ancestors(code)), 6))


def _code(codebook: Codebook, code: Code, level: int) -> Iterator[str]:
    yield ""
    yield f"{'#' * level} {escape_markdown(code.name)}{' (retired)' if code.retired else ''}"
    yield ""
    yield f"`{code.id}`"
    if code.definition.strip():
        yield ""
        yield escape_markdown(code.definition)
    notes = {
        "Include": code.include,
        "Exclude": code.exclude,
        "Implies": ", ".join(code.implies),
        "Beats": ", ".join(code.beats),
        "Source": code.source,
    }
    lines = [f"- **{what}.** {escape_markdown(said)}" for what, said in notes.items() if said.strip()]
    lines += [f"- **Example.** {escape_markdown(f'“{example}”')}" for example in code.examples]
    lines += [line for rule in code.rules for line in _rule(codebook, rule)]
    if lines:
        yield ""
        yield from lines


def _rule(codebook: Codebook, rule: Rule) -> Iterator[str]:
    yield f"- **Rule** `{rule.id}`"
    said = _said(codebook, rule)
    said += [("Matches", _example(example)) for example in rule.matches]
    said += [("Rejects", _example(example)) for example in rule.rejects]
    for heading, words in said:
        yield f"  - {heading}: {escape_markdown(words)}"


def _example(example: Example) -> str:
    return f"“{example.text}”" + (f" (in a document of {example.donor})" if example.donor else "")
