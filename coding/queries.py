"""The language of queries: coded segments asked for by their codes, and by how they stand together.

    query  = chain , { "or" , chain } ;
    chain  = pair , { ( "and" , [ "not" ] | "not" ) , pair } ;
    pair   = part , { ( "near/" , digit , { digit } | "overlaps" | "within" ) , part } ;
    part   = code | "(" , query , ")" ;
    code   = [ "=" ] , id | id , ".*" ;

A code stands for itself and the codes below it, `=code` for itself alone, `code.*` for those below it.
An id that is also an operator is put in quotation marks. `coding.relations` says what a query selects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from coding.errors import CodingError, closest, nearest, refuse

if TYPE_CHECKING:
    from coding.codebook import Codebook

Relation = Literal["near", "overlaps", "within"]

DEEPEST = 20
MOST_CODES = 200
LONGEST = 10_000

_TOKEN = re.compile(r'\s+|[()]|"[^"]*"?|[^\s()"]+')
_NEAR = re.compile(r"near/([0-9]{1,6})", re.IGNORECASE)
_OPERATORS = ("and", "or", "not", "overlaps", "within")
_CONDITION = "'{}' is a condition on documents, not a code. Conditions are given apart"
_SIGNS = {"&": "and", "&&": "and", "+": "and", "|": "or", "||": "or", ",": "or", "!": "not", "-": "not"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The coded segments that bear one of these codes."""

    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Either:
    """What any of the parts selects."""

    parts: tuple[Parsed, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """What the parts select in units that hold all of them, but for units that hold one of `without`."""

    parts: tuple[Parsed, ...]
    without: tuple[Parsed, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """Coded segments that stand in a relation to another one.

    Attributes
    ----------
    apart : for `near` the most units that lie between the two, counted so that neighbours are 1 apart
    """

    relation: Relation
    first: Parsed
    second: Parsed
    apart: int = 0


Parsed = Asked | Either | Together | Related


def parse(query: str, codebook: Codebook, *, besides: Iterable[str] = ()) -> Parsed:
    """Return what a query says, its codes looked up.

    Parameters
    ----------
    besides : ids of codes that are not in the codebook (any more) and may be asked for none the less

    Raises
    ------
    CodingError
        Naming the column and what to write instead; unknown codes with the nearest known, all at once.
    """
    parser = _Parser(query, codebook, besides)
    parsed = parser.query()
    refuse(parser.unknown)
    return parsed


def codes_of(written: str, codebook: Codebook, *, besides: Iterable[str] = ()) -> frozenset[str]:
    """Return the codes for which one code stands as it is written in a query.

    Raises
    ------
    CodingError
        If there is no such code, or none below it where those are asked for.

    Examples
    --------
    >>> from coding.codebook import Code, Codebook
    >>> codes = Code("role", "Role", "d"), Code("role.bridge", "Bridge", "d", parent="role")
    >>> book = Codebook("book", "1.0.0", codes)
    >>> [sorted(codes_of(written, book)) for written in ("role", "=role", "role.*")]
    [['role', 'role.bridge'], ['role'], ['role.bridge']]
    """
    code = written.removeprefix("=").removesuffix(".*")
    if code not in codebook and code not in set(besides):
        raise CodingError(f"no code '{written}'.{_meant(code, codebook, besides)}")
    below = {c.id for c in codebook.codes if code in codebook and code in codebook.ancestors(c.id)}
    if written.startswith("=") and written.endswith(".*"):
        raise CodingError(f"'{written}' says both the code alone and those below it. Write one of them.")
    if written.startswith("="):
        return frozenset({code})
    if written.endswith(".*"):
        if not below:
            raise CodingError(f"'{code}' has no codes below it. Leave '.*' away.")
        return frozenset(below)
    return frozenset({code, *below})


def _meant(code: str, codebook: Codebook, besides: Iterable[str]) -> str:
    """Return the end of the message for an unknown code: the one of that name, else the nearest id."""
    named = {c.name.casefold(): c.id for c in codebook.codes} | {
        c.id.casefold(): c.id for c in codebook.codes
    }
    same = named.get(code.casefold())
    return f" Did you mean '{same}'?" if same else nearest(code, [*(c.id for c in codebook.codes), *besides])


class _Token(NamedTuple):
    at: int
    text: str

    @property
    def word(self) -> str:
        """An operator in lower case; else the text as it stands."""
        return self.text.lower() if self.text.lower() in _OPERATORS else self.text

    @property
    def is_operator(self) -> bool:
        return self.word in _OPERATORS or self.text.lower() == "near" or self.text.lower().startswith("near/")

    @property
    def is_condition(self) -> bool:
        return "=" in self.text[1:] and not self.text.startswith('"')


class _Parser:
    def __init__(self, query: str, codebook: Codebook, besides: Iterable[str]) -> None:
        self._query, self._codebook, self._besides = query, codebook, frozenset(besides)
        found = (_Token(m.start(), m.group()) for m in _TOKEN.finditer(query))
        self._tokens = [token for token in found if not token.text.isspace()]
        self._at = 0
        self._n_codes = 0
        self.unknown: list[str] = []

    def query(self) -> Parsed:
        if not self._tokens:
            raise CodingError("the query is empty. Name a code, or several joined by: and, or, not, near/2.")
        if len(self._query) > LONGEST:
            raise CodingError(f"the query has more than {LONGEST:,} characters. Ask in several.")
        parsed = self._either(depth=0)
        if (token := self._next()) is not None:
            raise self._error("a ')' without its '('", token)
        return parsed

    def _either(self, depth: int) -> Parsed:
        parts = [self._chain(depth)]
        while self._take("or"):
            parts.append(self._chain(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _chain(self, depth: int) -> Parsed:
        parts, without = [self._pair(depth)], list[Parsed]()
        while (operator := self._take("and", "not")) is not None:
            wanted = operator.word == "and" and self._take("not") is None
            (parts if wanted else without).append(self._pair(depth))
        return parts[0] if len(parts) == 1 and not without else Together(tuple(parts), tuple(without))

    def _pair(self, depth: int) -> Parsed:
        parsed = self._part(depth)
        while (
            (token := self._next()) is not None
            and token.text != ")"
            and token.word not in ("and", "or", "not")
        ):
            relation, apart = self._relation(token)
            self._at += 1
            parsed = Related(relation, parsed, self._part(depth), apart)
        return parsed

    def _relation(self, token: _Token) -> tuple[Relation, int]:
        """Return the relation that a token names; it must, for another code cannot stand here."""
        if token.word == "overlaps":
            return "overlaps", 0
        if token.word == "within":
            return "within", 0
        if (near := _NEAR.fullmatch(token.text)) is not None:
            return "near", int(near[1])
        if token.is_operator:
            raise self._error("'near' needs a distance in units, such as near/2", token)
        raise self._error(self._no_operator(token), token)

    def _no_operator(self, token: _Token) -> str:
        if token.is_condition:
            return _CONDITION.format(token.text)
        meant = _SIGNS.get(token.text)
        if meant is None and not self._is_code(token.text) and len(token.text) > 1:
            meant = closest(token.text.lower(), _OPERATORS)
        if meant is not None:
            return f"'{token.text}' is no operator. Did you mean '{meant}'?"
        return f"before '{token.text}' an operator is missing: and, or, not, near/2, overlaps, within"

    def _part(self, depth: int) -> Parsed:
        token = self._next()
        if token is None:
            raise self._error("a code is missing at the end")
        if token.word == "not":
            raise self._error("'not' takes away from what stands before it: write 'one not other'", token)
        if token.text == ")" or token.is_operator:
            raise self._error(f"before '{token.text}' a code is missing", token)
        self._at += 1
        if token.text != "(":
            return self._asked(token)
        if depth == DEEPEST:
            raise self._error(f"more than {DEEPEST} brackets inside one another", token)
        parsed = self._either(depth + 1)
        if self._take(")") is None:
            raise self._error("this '(' is never closed", token)
        return parsed

    def _asked(self, token: _Token) -> Asked:
        self._n_codes += 1
        if self._n_codes > MOST_CODES:
            raise self._error(f"a query names at most {MOST_CODES} codes", token)
        if token.is_condition:
            raise self._error(_CONDITION.format(token.text), token)
        if token.text.startswith('"') and (len(token.text) < 3 or not token.text.endswith('"')):
            raise self._error("these quotation marks hold no code, or are never closed", token)
        try:
            codes = codes_of(token.text.strip('"'), self._codebook, besides=self._besides)
        except CodingError as error:
            self.unknown.append(f"{self._place(token.at)}: {error}")
            return Asked(frozenset())
        return Asked(codes)

    def _is_code(self, text: str) -> bool:
        return text in self._codebook or text in self._besides

    def _next(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *words: str) -> _Token | None:
        """Step over the next token and return it if it is one of these; None, and no step, if not."""
        token = self._next()
        if token is None or token.word not in words:
            return None
        self._at += 1
        return token

    def _place(self, at: int) -> str:
        return f"'{self._query}', column {at + 1}"

    def _error(self, what: str, token: _Token | None = None) -> CodingError:
        place = self._place(len(self._query) if token is None else token.at)
        return CodingError(f"{place}: {what}{'' if what.endswith('?') else '.'}")
