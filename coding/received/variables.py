"""What the variables of a file say of its sources and cases, by their names; which of them are ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.formats.case import DocumentEntry
from coding.formats.refi.ours import CASE, DOCUMENT
from coding.ids import slug

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from coding.formats.refi.nouns import Exchanged, FileCase, Source, Told, VariableValue

OF_DOCUMENTS = frozenset({*DocumentEntry.model_fields, "donor", DOCUMENT})
OF_CASES = frozenset(CASE)


def of_source(exchanged: Exchanged, source: Source) -> dict[str, Told]:
    """Return the values of a source."""
    return _named(exchanged, source.values)


def of_case(exchanged: Exchanged, case: FileCase) -> dict[str, Told]:
    """Return the values of a case."""
    return _named(exchanged, case.values)


def donor_of(exchanged: Exchanged, case: FileCase, known: Collection[str]) -> str | None:
    """Return the donor that a case is: the one that it says, or whose name it has; None if it is none."""
    said = of_case(exchanged, case).get("case")
    names = (said if isinstance(said, str) else "", case.name)
    ids = [names[0], *(slug(name).replace("_", "-") for name in names)]
    return next((id_ for id_ in ids if id_ in known), names[0] or None)


def _named(exchanged: Exchanged, values: Iterable[VariableValue]) -> dict[str, Told]:
    names = {variable.guid: variable.name for variable in exchanged.variables}
    return {names[each.variable]: each.value for each in values if each.variable in names}
