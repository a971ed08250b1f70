"""What is looked for: rules, codes, and the codebook that holds them together."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from coding.errors import CodingError, nearest, refuse
from coding.model import digest_of

RuleKind = Literal["phrase", "near", "all", "pattern", "regex"]
Scope = Literal["sentence", "paragraph"]
Match = Literal["surface", "lemma"]
UnlessIn = Literal["before", "sentence"]
Actor = Literal["self", "other", "any"]
Covers = Literal["hit", "sentence", "paragraph"]

RESERVED = ("mixed", "none")


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that a rule must hit or must not hit; `donor` is the case whose document holds it."""

    text: str
    donor: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which words carry a code (docs/reference/rules.md). `matches` and `rejects` run as tests.

    Attributes
    ----------
    patterns : phrases (`phrase`, `near`, `all`), regular expressions (`regex`), or spaCy token
        patterns as JSON (`pattern`). Any of them hits, but for `near` (both) and `all` (all).
    match : whether a word stands for its inflected forms too; not for `case`, globs, `pattern`, `regex`
    unless : phrases that cancel a hit when they stand in the `unless_within` words before it, or
        anywhere in its sentence
    actor : whether the sentence speaks of the document's own donor, of another, or either
    covers : what becomes the coded segment; for `all` the hit is the whole unit of its scope
    """

    id: str
    kind: RuleKind
    patterns: tuple[str, ...]
    within: int = 0
    ordered: bool = False
    scope: Scope = "sentence"
    match: Match = "lemma"
    case: bool = False
    unless: tuple[str, ...] = ()
    unless_within: int = 3
    unless_in: UnlessIn = "before"
    actor: Actor = "any"
    covers: Covers = "hit"
    matches: tuple[Example, ...] = ()
    rejects: tuple[Example, ...] = ()

    @property
    def says(self) -> tuple[object, ...]:
        """All that decides where the rule hits: two rules that say the same hit the same."""
        return (
            self.kind, self.patterns, self.within, self.ordered, self.scope, self.match, self.case,
            self.unless, self.unless_within, self.unless_in, self.actor, self.covers,
        )  # fmt: skip


def in_words(rule: Rule) -> list[tuple[str, str]]:
    """Return what a rule looks for and asks, as pairs of a heading and its text.

    Examples
    --------
    >>> in_words(Rule("r", "near", ("train", "police"), within=4, unless=("not",)))
    [('Near', 'train with police, at most 4 words between'), ('Unless', 'not, in the 3 words before')]
    """
    # A pattern folded over several lines of a file has blanks behind its bars.
    patterns = rule.patterns if rule.kind == "regex" else [p.replace("| ", "|") for p in rule.patterns]
    joined = {"near": " with ", "all": " and "}.get(rule.kind, " or ").join(patterns)
    details = {
        f"at most {rule.within} words between": rule.kind == "near",
        "in this order": rule.ordered,
        "letter case matters": rule.case,
        "words as written": rule.match == "surface" and not rule.case,
        f"within a {rule.scope}": rule.scope != "sentence",
        f"the coded segment is the {rule.covers}": rule.covers != "hit",
    }
    said = [(rule.kind.capitalize(), ", ".join([joined, *(what for what, so in details.items() if so)]))]
    if rule.unless:
        place = "in the sentence"
        if rule.kind == "all":
            place = f"in the {rule.scope}"
        elif rule.unless_in == "before":
            place = f"in the {rule.unless_within} words before" if rule.unless_within > 1 else "just before"
        unless = " or ".join(pattern.replace("| ", "|") for pattern in rule.unless)
        said.append(("Unless", f"{unless}, {place}"))
    if rule.actor != "any":
        who = {"self": "the document's own donor", "other": "another than the document's donor"}
        said.append(("Speaks of", who[rule.actor]))
    return said


@dataclass(frozen=True, slots=True)
class Code:
    """A category, its place in the codebook and what it means. `id` is for ever, `name` may change.

    `implies` names codes of another family for which this one is evidence; `beats` names codes whose
    hits are dropped where they overlap a hit of this one.

    Attributes
    ----------
    meaning : a digest of what the code means to a reader: its definition, notes and what it implies
    ruled : a digest of what it means to the rules: all that, and the rules
    """

    id: str
    name: str
    definition: str
    include: str = ""
    exclude: str = ""
    examples: tuple[str, ...] = ()
    source: str = ""
    parent: str | None = None
    implies: tuple[str, ...] = ()
    beats: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    retired: bool = False
    meaning: str = field(init=False, repr=False, compare=False)
    ruled: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rules = [rule.says for rule in self.rules]
        said: list[object] = [self.definition, self.include, self.exclude, sorted(self.implies)]
        object.__setattr__(self, "meaning", _short(said))
        object.__setattr__(self, "ruled", _short([*said, sorted(self.beats), rules]))

    def holds(self, meaning: str) -> bool:
        """Say whether what was coded with this meaning (`CodedSegment.meaning`) bears the code as it is.

        A change of rules alone leaves what people coded as it was.
        """
        return meaning in (self.meaning, self.ruled)


def _short(said: list[object]) -> str:
    return digest_of(json.dumps(said, ensure_ascii=False))[:16]


@dataclass(frozen=True, slots=True)
class Codebook:
    """Codes in families. A family is a group of top-level codes that answer one question."""

    id: str
    version: str
    codes: tuple[Code, ...]
    title: str = ""
    language: str = "en"
    families: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    _by_id: dict[str, Code] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids = [code.id for code in self.codes]
        object.__setattr__(self, "_by_id", {code.id: code for code in self.codes})
        problems = [f"{n} codes have the id '{i}'." for i, n in Counter(ids).items() if n > 1]
        problems += [
            f"a code cannot be called '{i}', a part of every composition." for i in RESERVED if i in ids
        ]
        for code in self.codes:
            if code.parent is not None and code.parent not in ids:
                problems.append(f"code '{code.id}': no parent '{code.parent}'.{nearest(code.parent, ids)}")
            problems += [
                f"code '{code.id}' {verb} '{other}', which is not a code.{nearest(other, ids)}"
                for verb, others in (("implies", code.implies), ("beats", code.beats))
                for other in others
                if other not in ids
            ]
            problems += [
                f"codes '{code.id}' and '{other}' beat each other. Say which of them stays."
                for other in code.beats
                if other in self._by_id and code.id in self._by_id[other].beats
            ]
        tops = [code.id for code in self.codes if code.parent is None]
        for family, members in self.families.items():
            problems += [
                f"family '{family}': no top-level code '{member}'.{nearest(member, tops)}"
                for member in members
                if member not in tops
            ]
        refuse([f"codebook {self.id}: {problem}" for problem in problems])
        self._refuse_cycles()

    def _refuse_cycles(self) -> None:
        parents = {code.id: code.parent for code in self.codes}
        for start, parent in parents.items():
            above, seen = parent, {start}
            while above is not None:
                if above in seen:
                    raise CodingError(f"codebook {self.id}: code '{start}' is its own ancestor.")
                seen.add(above)
                above = parents[above]

    def __repr__(self) -> str:
        return f"<Codebook {self.id} {self.version}: {len(self.codes)} codes>"

    def __getitem__(self, code: str) -> Code:
        if code not in self._by_id:
            one_by_one = " Name several codes one by one." if "," in code else nearest(code, self._by_id)
            raise CodingError(f"codebook {self.id}: no code '{code}'.{one_by_one}")
        return self._by_id[code]

    def __contains__(self, code: object) -> bool:
        return code in self._by_id

    @property
    def digest(self) -> str:
        """A digest of all that the codebook says."""
        codes = [(c.id, c.name, c.parent, c.retired, c.ruled) for c in self.codes]
        said = [self.id, self.version, self.language, sorted(self.families.items()), codes]
        return digest_of(json.dumps(said, ensure_ascii=False))

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the codes above `code`, the nearest first."""
        above = []
        parent = self[code].parent
        while parent is not None:
            above.append(parent)
            parent = self[parent].parent
        return tuple(above)

    def children(self, code: str | None) -> tuple[Code, ...]:
        """Return the codes in use directly below `code`; the top level for None."""
        return tuple(c for c in self.codes if c.parent == code and not c.retired)

    def parts(self, family: str) -> tuple[str, ...]:
        """Return the codes into which a family divides: those right below its top codes, else these."""
        tops = tuple(c for c in self.families.get(family, (family,)) if not self[c].retired)
        below = tuple(child.id for top in tops for child in self.children(top))
        return below if len(tops) == 1 and below else tops

    def family(self, code: str) -> str:
        """Return the family to which a code belongs: that of its top-level ancestor."""
        top = (code, *self.ancestors(code))[-1]
        for family, members in self.families.items():
            if top in members:
                return family
        return top
