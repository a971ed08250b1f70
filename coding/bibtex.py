r"""BibTeX: entries read with what is broken in the file, written, and their values in words.

An entry that is broken is named with its line, and the next one is read. Text between entries is no entry.

>>> found = read(r"@misc{a2020, title = {It \& {\'E}tude}, year = 2020}")
>>> found.entries[0].key, found.entries[0].words
('a2020', {'title': 'It & Étude', 'year': '2020'})
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

_START = re.compile(r"@\s*(\w+)\s*([{(])")
_NEXT = re.compile(
    r"^[ \t]*@\s*(?:(?:string|comment|preamble)\s*[{(]|\w+\s*[{(]\s*[^\s,{}()=]+\s*,)",
    re.MULTILINE | re.IGNORECASE,
)
_KEY = re.compile(r"\s*([^\s,{}=\"]+)\s*(?=[,})])")
_NAME = re.compile(r"([^\W\d][\w:.+/-]*)\s*=\s*")
_BARE = re.compile(r"[^\s,{}()#\"=]+")
_BETWEEN, _SPACE = re.compile(r"[\s,]*"), re.compile(r"\s*")
_CLOSING = {"{": "}", "(": ")"}

_AS_WRITTEN = ("url", "doi", "file", "pages", "date", "year", "urldate", "number", "volume", "isbn", "issn")
_CITED = (
    "author", "editor", "title", "subtitle", "journal", "journaltitle", "booktitle", "series", "edition",
    "volume", "number", "pages", "chapter", "publisher", "institution", "school", "organization", "address",
    "location", "type", "year", "month", "date", "howpublished", "doi", "isbn", "issn", "url", "urldate",
    "language", "langid",
)  # fmt: skip

_ACCENTS = {
    "`": 768, "'": 769, "^": 770, "~": 771, '"': 776, "=": 772, ".": 775, "u": 774, "v": 780, "H": 779,
    "c": 807, "d": 803, "b": 817, "k": 808, "r": 778, "t": 865,
}  # fmt: skip
_SIGNS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å", "AA": "Å",
    "l": "ł", "L": "Ł", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "dj": "đ", "DJ": "Đ", "th": "þ", "TH": "Þ",
    "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’",
    "textquotedblleft": "“", "textquotedblright": "”", "textquotesingle": "'", "textasciigrave": "`",
    "ldots": "…", "dots": "…", "textellipsis": "…", "textbackslash": "\\", "textasciitilde": "~",
    "textasciicircum": "^", "textbraceleft": "{", "textbraceright": "}", "S": "§", "P": "¶",
    "copyright": "©", "pounds": "£", "euro": "€", "texteuro": "€", "textbullet": "•",
    "guillemotleft": "«", "guillemotright": "»", "LaTeX": "LaTeX", "TeX": "TeX",
}  # fmt: skip
_FORMS = (
    "emph", "textit", "textbf", "textsc", "textrm", "textsf", "texttt", "textup", "textsuperscript",
    "textsubscript", "mkbibquote", "enquote", "url", "mbox", "it", "em", "bf",
)  # fmt: skip
_WRITTEN = {
    "\\": "\\textbackslash{}", "{": "\\textbraceleft{}", "}": "\\textbraceright{}", "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
}  # fmt: skip
_TYPED = {"---": "—", "--": "–", "``": "“", "''": "”", "~": " ", "{": "", "}": ""}
_LATEX = re.compile(
    r"""\\(?P<accent>[`'^~"=.]|[uvHcdbkrt](?![A-Za-z]))\s*(?:\{\s*(?P<in>\\[ij]|[^\W\d_]?)\s*\}|(?P<on>\\[ij](?![A-Za-z])|[^\W\d_]))"""
    r"""|\\(?P<command>[A-Za-z]+)(?:\{\}|\s*)|\\(?P<sign>[&%$#_{}\ ])|(?P<typed>---?|``|''|[~{}])"""
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a bibliography says of one source.

    Attributes
    ----------
    kind : article, book, misc and the like
    key : by which it is cited
    fields : values by the names of BibTeX, as BibTeX writes them between braces
    line : where it begins in its file
    files : the files that it names, as they are written there
    """

    kind: str
    key: str
    fields: Mapping[str, str]
    line: int
    files: tuple[str, ...] = ()

    @property
    def words(self) -> dict[str, str]:
        """Its values as they read."""
        return {name: in_words(name, value) for name, value in self.fields.items()}


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a file, and what is broken in it, each with its line."""

    entries: tuple[Entry, ...]
    problems: tuple[tuple[int, str], ...]


def read(text: str) -> Entries:
    r"""Return the entries of a BibTeX file; of two entries of one key the first.

    Examples
    --------
    >>> found = read("@misc{a, title = {Open}\n\n@misc{b, title = {Whole}}")
    >>> [entry.key for entry in found.entries], found.problems
    (['b'], ((1, "behind the field 'title' of 'a' there is neither a comma nor the closing brace"),))
    """
    found: dict[str, Entry] = {}
    problems: list[tuple[int, str]] = []
    strings: dict[str, str] = {}
    limits = [start.start() for start in _NEXT.finditer(text)]
    at, line, counted = 0, 1, 0
    while start := _START.search(text, at):
        line, counted = line + text.count("\n", counted, start.start()), start.start()
        following = bisect_left(limits, start.end())
        limit = limits[following] if following < len(limits) else len(text)
        try:
            entry, at = _block(text, start, limit, strings, line)
        except _Broken as broken:
            problems.append((line, str(broken)))
            at = limit
            continue
        if entry and entry.key in found:
            problems.append((line, f"the key '{entry.key}' is that of line {found[entry.key].line} already"))
        elif entry:
            found[entry.key] = entry
    return Entries(tuple(found.values()), tuple(problems))


def in_words(name: str, value: str) -> str:
    r"""Return the value of a field as it reads: signs of LaTeX made letters, braces taken off.

    Addresses, numbers and dates keep their hyphens and tildes. A command that is not known stays.

    Examples
    --------
    >>> in_words("title", r"{\'E}tude 1--2 \emph{of} {NATO} \& {\ss}"), in_words("pages", "1--2")
    ('Étude 1–2 of NATO & ß', '1--2')
    """
    if name in _AS_WRITTEN:
        words = re.sub(r"\\([&%$#_~])", r"\1", value).translate({123: "", 125: ""})
    else:
        words = _LATEX.sub(_sign, value)
    return _in_a_line(words)


def as_written(name: str, text: str) -> str:
    r"""Return a text as the value of a field; `in_words` gives it again.

    Examples
    --------
    >>> as_written("title", "50 % {a}"), as_written("url", "https://example.org/a_b")
    ('50 \\% \\textbraceleft{}a\\textbraceright{}', 'https://example.org/a_b')
    """
    line = _in_a_line(text)
    if name in _AS_WRITTEN:
        return line.translate({123: "%7B", 125: "%7D", 92: "%5C"})
    written = re.sub(r"[\\{}~^&%$#_]", lambda m: _WRITTEN.get(m[0], f"\\{m[0]}"), line)
    return re.sub(r"-(?=-)|`(?=`)|'(?=')", r"\g<0>{}", written)


def written(entry: Entry) -> str:
    """Return an entry as BibTeX, with what a list of sources needs: no files, notes, abstracts.

    Examples
    --------
    >>> print(written(Entry("misc", "a2020", {"title": "A", "year": "2020", "file": "a.pdf"}, 1)), end="")
    @misc{a2020,
      title       = {A},
      year        = {2020}
    }
    """
    fields = [(name, " ".join(entry.fields[name].split())) for name in _CITED if name in entry.fields]
    lines = [f"  {name:<11} = {{{value}}}" for name, value in fields]
    return ",\n".join([f"@{entry.kind}{{{entry.key}", *lines]) + "\n}\n"


def people(value: str) -> tuple[str, ...]:
    """Return the authors of a field, in words; an `and` in braces is of a name.

    Examples
    --------
    >>> people("Doe, Jane and {Ministry of Trade and Industry}")
    ('Doe, Jane', 'Ministry of Trade and Industry')
    """
    depth, begin, parts = 0, 0, []
    for sign in re.finditer(r"[{}]|\s+and\s+", value):
        depth += {"{": 1, "}": -1}.get(sign[0], 0)
        if depth == 0 and sign[0] != "}":
            parts.append(value[begin : sign.start()])
            begin = sign.end()
    return tuple(name for part in [*parts, value[begin:]] if (name := in_words("author", part)))


class _Broken(ValueError):  # noqa: N818  it names what was met, not that it is an error
    """An entry that is not as BibTeX writes entries."""


def _block(
    text: str, start: re.Match[str], limit: int, strings: dict[str, str], line: int
) -> tuple[Entry | None, int]:
    """Return the entry that begins at a place, None if it is no source, and the place behind it."""
    kind, closing = start[1].lower(), _CLOSING[start[2]]
    if kind in ("comment", "preamble"):
        end = _closed(text, start.end(), limit) if start[2] == "{" else None
        return None, limit if end is None else end + 1
    if kind == "string":
        said, at = _fields(text, start.end(), limit, closing, strings, "@string")
        strings.update(said)
        return None, at
    key = _KEY.match(text, start.end(), limit)
    if not key:
        raise _Broken(f"this @{kind} has no key, or no comma behind it")
    fields, at = _fields(text, key.end(), limit, closing, strings, key[1])
    return Entry(kind, key[1], fields, line, _files(fields.get("file", ""))), at


def _fields(
    text: str, at: int, limit: int, closing: str, strings: Mapping[str, str], key: str
) -> tuple[dict[str, str], int]:
    """Return the fields up to the closing brace, and the place behind that."""
    fields: dict[str, str] = {}
    while True:
        at = _behind(_BETWEEN, text, at, limit)
        if text[at : min(at + 1, limit)] == closing:
            return fields, at + 1
        name = _NAME.match(text, at, limit)
        if not name:
            said = f"{text[at:limit][:20].split(maxsplit=1)[0]!r}" if text[at:limit].strip() else "its end"
            raise _Broken(f"in '{key}' {said} stands where a field or the closing brace should")
        value, at = _value(text, name.end(), limit, strings, f"'{name[1]}' of '{key}'")
        if fields.setdefault(name[1].lower(), value) != value:
            raise _Broken(f"the field '{name[1]}' of '{key}' stands twice")
        at = _behind(_SPACE, text, at, limit)
        if text[at : min(at + 1, limit)] not in (",", closing):
            raise _Broken(
                f"behind the field '{name[1]}' of '{key}' there is neither a comma nor the closing brace"
            )


def _value(text: str, at: int, limit: int, strings: Mapping[str, str], field: str) -> tuple[str, int]:
    """Return a value, its parts joined, and the place behind it."""
    parts: list[str] = []
    while True:
        sign = text[at : min(at + 1, limit)]
        if sign in ("{", '"') and sign:
            end = _closed(text, at + 1, limit, quoted=sign == '"')
            if end is None:
                raise _Broken(f"the value of the field {field} is not closed")
            parts.append(text[at + 1 : end])
            at = end + 1
        elif bare := _BARE.match(text, at, limit):
            parts.append(strings.get(bare[0].lower(), bare[0]))
            at = bare.end()
        else:
            raise _Broken(f"the field {field} has no value")
        at = _behind(_SPACE, text, at, limit)
        if text[at : min(at + 1, limit)] != "#":
            return "".join(parts), at
        at = _behind(_SPACE, text, at + 1, limit)


def _closed(text: str, at: int, limit: int, *, quoted: bool = False) -> int | None:
    """Return where a value ends whose first sign stands at a place; None if it does not end."""
    depth = 0
    for sign in re.compile(r'[{}"]').finditer(text, at, limit):
        if depth == 0 and sign[0] == ('"' if quoted else "}"):
            return sign.start()
        depth += {"{": 1, "}": -1}.get(sign[0], 0)
        if depth < 0:
            return None
    return None


def _behind(pattern: re.Pattern[str], text: str, at: int, limit: int) -> int:
    found = pattern.match(text, at, limit)
    return found.end() if found else at


def _files(value: str) -> tuple[str, ...]:
    r"""Return the paths of a field `file`: plain ones, or `description:path:type`, with semicolons between.

    Examples
    --------
    >>> _files(r"Full Text:files/1/a.pdf:application/pdf;:C\:\\x\\b.html:html"), _files("a.pdf;b.pdf")
    (('files/1/a.pdf', 'C:\\x\\b.html'), ('a.pdf', 'b.pdf'))
    """
    paths = []
    for one in re.split(r"(?<!\\);", value):
        parts = re.split(r"(?<!\\):(?![\\/]{1,2}[^:]*$)", one)
        path = ":".join(parts[1:-1]) if len(parts) > 2 else one
        paths.append(re.sub(r"\\([^\w\s]|_)", r"\1", path).strip())
    return tuple(path for path in paths if path)


def _sign(found: re.Match[str]) -> str:
    """Return what a command or sign of LaTeX stands for."""
    if accent := found["accent"]:
        letter = (found["in"] if found["in"] is not None else found["on"]).removeprefix("\\")
        return unicodedata.normalize("NFC", f"{letter}{chr(_ACCENTS[accent])}") if letter else ""
    if command := found["command"]:
        return _SIGNS.get(command, "" if command in _FORMS else found[0])
    return found["sign"] or _TYPED[found["typed"]]


def _in_a_line(text: str) -> str:
    """Return a text without line ends and signs that cannot be seen."""
    if not text.isprintable():
        text = "".join(_seen(sign) for sign in text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def _seen(sign: str) -> str:
    if sign.isspace():
        return " "
    return "" if unicodedata.category(sign) in ("Cc", "Cf", "Cs") else sign
