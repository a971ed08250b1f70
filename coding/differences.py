"""What differs between two codebooks, usually two versions of one: code by code, rule by rule.

Codes are the same if their ids are: an id is for ever. A code that vanished while another appeared with
its definition and rules is told as probably moved; whether it was is for a person to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from coding.codebook import Code, Codebook, Rule, in_words

Kind = Literal[
    "added", "removed", "probably moved", "renamed", "moved", "retired", "restored", "reworded",
    "meaning", "examples", "family", "language",
]  # fmt: skip

_PART = re.compile(r"\w+\*?|\s+|[^\w\s]")
_SHORT = 60  # characters that are shown as they are
_ALIKE = 0.5  # share of the parts of two texts below which both are shown whole
_AROUND = 24  # characters that are shown on each side of a change

WORDS = ("definition", "include", "exclude", "examples", "source")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in two codebooks.

    Attributes
    ----------
    kind : `reworded` is a change of definition, notes, examples or source; `meaning` of rules,
        `implies` or `beats`, which is where other words are found; `examples` of the sentences that
        test a rule
    code : the id of the code; of the family for `family`, of the codebook for `language`
    what : the part that differs, such as `definition` or `rule police`; empty if it is the code
    old, new : the part in words; None where it is not there
    """

    kind: Kind
    code: str
    what: str = ""
    old: str | None = None
    new: str | None = None


def compare(old: Codebook, new: Codebook) -> tuple[Difference, ...]:
    """Return all differences of two codebooks: lost codes, then those of `new` in order, then families.

    Examples
    --------
    >>> first = Codebook("book", "1.0.0", (Code("role", "Role", "What it does."),))
    >>> second = Codebook("book", "1.1.0", (Code("role", "Roles", "What it does."),))
    >>> compare(first, second)
    (Difference(kind='renamed', code='role', what='name', old='Role', new='Roles'),)
    """
    found = [Difference("removed", code.id, old=code.name) for code in old.codes if code.id not in new]
    for code in new.codes:
        if code.id in old:
            found += _of_code(old[code.id], code)
        else:
            found.append(Difference("added", code.id, new=code.name))
    found += _probably_moved(old, new)
    found += [
        Difference("family", family, "", *map(_listed, (old.families.get(family), new.families.get(family))))
        for family in dict.fromkeys([*old.families, *new.families])
        if old.families.get(family) != new.families.get(family)
    ]
    if old.language != new.language:
        found.append(Difference("language", new.id, "", old.language, new.language))
    return tuple(found)


def in_short(difference: Difference) -> str:
    """Return what was taken out and what came in, each with the words around it; all of what is short.

    Examples
    --------
    >>> words = "a patrol of (robbery|piracy|fraud|theft) at sea, in the ports and on the roads of the region"
    >>> in_short(Difference("meaning", "role", "rule sea", words, words.replace("piracy|", "")))
    "'piracy' taken out in 'a patrol of (robbery|piracy|fraud|theft) at sea,…'"
    """
    old, new = difference.old, difference.new
    if old is None or new is None:
        return old or new or ""
    if old == new:  # what differs has no effect in a rule of its kind, so its words do not say it
        return "the same in words"
    if max(len(old), len(new)) <= _SHORT:
        return f"'{old}' → '{new}'"
    was, now = _PART.findall(old), _PART.findall(new)
    found = SequenceMatcher(None, was, now, autojunk=False)
    if found.ratio() < _ALIKE:
        return f"'{old}' → '{new}'"
    changes = [
        _change(was, now, *places) for kind, *places in found.get_opcodes() if kind != "equal"
    ]  # fmt: skip
    return "; ".join(changes)


def _change(was: list[str], now: list[str], first: int, last: int, start: int, end: int) -> str:
    """Say what became of the parts `first:last` of a text, which are `start:end` of another by now."""
    gone, come = "".join(was[first:last]), "".join(now[start:end])
    out, new = (text.strip(" |\n") or text for text in (gone, come))
    one = f"'{out}' taken out" if gone else f"'{new}' added"
    said = f"'{out}' → '{new}'" if gone and come else one
    parts, begin, stop = (was, first, last) if gone else (now, start, end)
    before, after = "".join(parts[:begin]), "".join(parts[stop:])
    return f"{said} in '{_end_of(before)}{''.join(parts[begin:stop])}{_begin_of(after)}'"


def _end_of(text: str) -> str:
    """Return the end of a text, from where a word begins."""
    if len(text) <= _AROUND:
        return text
    end = text[-_AROUND:]
    return "…" + (re.sub(r"^\w+ *", "", end) or end)


def _begin_of(text: str) -> str:
    if len(text) <= _AROUND:
        return text
    begin = text[:_AROUND]
    return (re.sub(r" *\w+$", "", begin) or begin) + "…"


def _of_code(old: Code, new: Code) -> Iterator[Difference]:
    if old.name != new.name:
        yield Difference("renamed", new.id, "name", old.name, new.name)
    if old.parent != new.parent:
        yield Difference("moved", new.id, "parent", old.parent, new.parent)
    if old.retired != new.retired:
        yield Difference("retired" if new.retired else "restored", new.id)
    for what in WORDS:
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield Difference("reworded", new.id, what, _said(before), _said(after))
    for what in ("implies", "beats"):
        before, after = getattr(old, what), getattr(new, what)
        if set(before) != set(after):
            yield Difference("meaning", new.id, what, _said(before), _said(after))
    yield from _of_rules(old, new)


def _of_rules(old: Code, new: Code) -> Iterator[Difference]:
    before, after = ({rule.id: rule for rule in code.rules} for code in (old, new))
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name), after.get(name)
        if one is None or other is None or one.says != other.says:
            yield Difference("meaning", new.id, f"rule {name}", _rule(one), _rule(other))
        elif (one.matches, one.rejects) != (other.matches, other.rejects):
            yield Difference("examples", new.id, f"rule {name}", _tests(one), _tests(other))


def _probably_moved(old: Codebook, new: Codebook) -> Iterator[Difference]:
    """Yield pairs of a lost and an added code that say the same, where there is only one such pair."""
    lost = [code for code in old.codes if code.id not in new]
    added = [code for code in new.codes if code.id not in old]
    for code in lost:
        alike = [other for other in added if _says(other) == _says(code)]
        if len(alike) == 1 and sum(_says(other) == _says(code) for other in lost) == 1:
            yield Difference("probably moved", alike[0].id, "id", code.id, alike[0].id)


def _says(code: Code) -> tuple[object, ...]:
    return (code.definition, *(rule.says for rule in code.rules))


def _said(value: str | tuple[str, ...]) -> str | None:
    return (value if isinstance(value, str) else "; ".join(value)) or None


def _listed(members: tuple[str, ...] | None) -> str | None:
    return None if members is None else ", ".join(members)


def _rule(rule: Rule | None) -> str | None:
    return None if rule is None else "; ".join(f"{heading}: {said}" for heading, said in in_words(rule))


def _tests(rule: Rule) -> str | None:
    said = [f"matches {example.text}" for example in rule.matches]
    return "; ".join([*said, *(f"rejects {example.text}" for example in rule.rejects)]) or None
