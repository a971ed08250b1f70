"""What is said of a text that is added: its row of a table wins over options, they over a bibliography.

But the year: an option says it for many texts, an entry for its own. So the entry wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from coding.bibliography import Bibliography, Index, Match, indexed, match, variables

Given = Mapping[str, str | int | list[str] | None]


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of the texts of one call.

    Attributes
    ----------
    given : variables by their names, in the order in which they are written; None where nothing is said
    index : where the entries of the bibliography are found; None if there is none
    """

    given: Given
    bibliography: Bibliography | None
    index: Index | None

    def match(self, path: Path | None, *, stem: str, title: str) -> Match:
        """Return the entry of a text, or those that may be its own; a title that is given is its title."""
        if self.index is None:
            return Match()
        return match(self.index, path=path, stem=stem, title=str(self.given["title"] or title))

    def of(self, match: Match, row: Mapping[str, str | int | list[str]]) -> Given:
        """Return the variables of a text.

        The year that an option says is for what has none of its own. A date of the entry is left out where
        the row says another year.
        """
        entry = match.entry
        told = variables(entry, fidelity=str(self.given["fidelity"])) if entry else {}
        options = {key: value for key, value in self.given.items() if value is not None}
        if "year" in told:
            options.pop("year", None)
        known = {**options, **row}
        if str(known.get("year", told.get("year"))) != str(told.get("date"))[:4]:
            told.pop("date", None)
        return {**dict.fromkeys(self.given), **told, **known}

    def no_year(self, match: Match) -> str:
        """Say why a text has no year, and what to do."""
        if self.bibliography is None:
            return "no year. Give --year, or put it into a column `year`."
        keys = " or ".join(entry.key for entry in match.entries)
        if match.entry:
            return (
                f"no year: its entry '{keys}' has none. Write it there, or give --year: it is for such texts."
            )
        if keys:
            return f"no year: by its {match.by} its entry may be {keys}. Call the file after the right one."
        return (
            f"no year: {self.bibliography.path} has no entry of it. Call it after the key of one, or give "
            "--year: it is for what has none."
        )

    def without_text(self, matches: Iterable[Match]) -> tuple[str, ...]:
        """Return the keys of the entries that are no text's, and may be none's."""
        used = {entry.key for match in matches for entry in match.entries}
        entries = self.bibliography.entries if self.bibliography else ()
        return tuple(entry.key for entry in entries if entry.key not in used)


def said_of(given: Given, bibliography: Bibliography | None) -> Said:
    """Return what options and a bibliography say."""
    return Said(given, bibliography, indexed(bibliography) if bibliography else None)
