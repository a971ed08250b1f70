"""What the address of a page about a matrix asks for: the matrix, and what is opened in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.web.plans import own_study, plans
from coding.web.wanted import ALL, Options, Wanted, asked, options, usual

if TYPE_CHECKING:
    from fastapi import Request

    from coding.study import Study
    from coding.web.desk import Desk


@dataclass(frozen=True, slots=True)
class Asking:
    """What an address asks for.

    Attributes
    ----------
    plan : the study whose documents are selected; None for all
    problems : what is wrong in the address
    open : codes whose rows are opened; "*" opens all
    code, case : the cell that is opened; both empty if none is
    first : the number of the first passage that is shown of it
    """

    wanted: Wanted
    options: dict[str, Options]
    plan: Study | None
    problems: list[str]
    open: tuple[str, ...]
    code: str
    case: str
    first: int

    @property
    def open_pairs(self) -> list[tuple[str, str]]:
        """The parameters that say which rows are opened."""
        return [("open", code) for code in self.open]


def read_address(request: Request, desk: Desk) -> Asking:
    """Return what an address asks for, and what is wrong in it; what it leaves out is as the study has it."""
    pairs = request.query_params.multi_items()
    known = plans(desk)
    last = dict(pairs)
    study = last.get("study") or own_study(desk)
    usually = usual(known.get(study or ALL))
    corpus = desk.files.corpus
    choices = options(usually, corpus, desk.work, known)
    wanted, problems = asked(pairs, usually, choices, corpus)
    first = last.get("from", "1")
    if not (first.isascii() and first.isdigit() and int(first[:9])):
        problems.append(f"from: '{first}' is no number of a passage. They are counted from 1.")
        first = "1"
    return Asking(
        wanted=wanted,
        options=options(wanted, corpus, desk.work, known),
        plan=known.get(wanted.study),
        problems=problems,
        open=tuple(value for name, value in pairs if name == "open"),
        code=last.get("code", ""),
        case=last.get("case", ""),
        first=int(first[:9]),
    )
