"""A donor brought into a project before its texts: its folder and case file, with the names it goes by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coding.errors import CodingError, refuse
from coding.files import in_place
from coding.formats.case_edit import editable_case, with_names
from coding.ids import slug

if TYPE_CHECKING:
    from coding.model import Case
    from coding.project import Project

_ID = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class NewDonor:
    """A donor that is in the project now, and its case file from the project's folder on."""

    case: Case
    place: str


def add_donor(
    project: Project,
    donor: str,
    *,
    iso: str,
    name: str | None = None,
    aliases: Sequence[str] = (),
    agencies: Sequence[str] = (),
    homonyms: Sequence[str] = (),
) -> NewDonor:
    """Make `corpus/<id>/case.yaml` for a donor that has no documents yet. `project` knows nothing of it.

    Parameters
    ----------
    donor : its id, or its name, of which the id is made
    iso : ISO 3166 code of three letters; XAA to XZZ for what is no state
    name : how it is shown; if left out made of the id
    aliases, agencies, homonyms : see docs/reference/variables.md

    Raises
    ------
    CodingError
        If it is there already, or a name or code is none. Nothing has changed then.
    """
    is_id = _ID.fullmatch(donor) is not None
    made = donor if is_id else slug(donor).replace("_", "-")
    if not _ID.fullmatch(made):
        raise CodingError(
            f"'{donor}' gives no id, which is small letters, digits and hyphens. Give one, and the name with "
            f"--name: `coding donor add ID --name '{donor}'`."
        )
    path = project.root / "corpus" / made / "case.yaml"
    if path.exists():
        raise CodingError(
            f"corpus/{made}/case.yaml is there already. `coding add FILE --donor {made}` brings texts in; "
            "its names are written in that file."
        )
    case = editable_case(project.root / "corpus", made, name=name or (None if is_id else donor), iso=iso)
    named = with_names(case, aliases=aliases, agencies=agencies, homonyms=homonyms)
    text, file = named.with_documents({})
    before = _problems(project)
    with in_place({named.path: text.encode()}):
        after = [problem for problem in _problems(replace(project)) if problem not in before]
        refuse(after)
    return NewDonor(file.case(), named.place)


def _problems(project: Project) -> Sequence[str]:
    try:
        _ = project.corpus
    except CodingError as error:
        return error.problems
    return ()
