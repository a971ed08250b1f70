"""Names of cells: which document variables make the case, the case, the code.

A cell is found again by its name in whatever matrix, study or later version of the codebook: the name says
nothing of how the cell was measured.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coding.cases import BESIDE
from coding.errors import CodingError

if TYPE_CHECKING:
    from collections.abc import Mapping

_WRITTEN = re.compile(r"(?P<by>[^=]+)=(?P<case>.+)/(?P<code>[^/]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CellName:
    """What a cell is called for ever; written donor=japan/role.

    Attributes
    ----------
    by : the document variables whose values make the case
    case, code : their ids
    """

    by: tuple[str, ...]
    case: str
    code: str

    def __str__(self) -> str:
        """Write the name: no variable holds '=', no code '/', so it is read back as it was."""
        return f"{BESIDE.join(self.by)}={self.case}/{self.code}"

    @property
    def values(self) -> tuple[str, ...]:
        """The values that make the case, one of each variable."""
        return (self.case,) if len(self.by) == 1 else tuple(self.case.split(BESIDE))


def cell_name(written: str) -> CellName:
    """Return the name that is written so.

    Raises
    ------
    CodingError
        If it does not say variable, case and code.

    Examples
    --------
    >>> cell_name("donor=japan/role.norm_promoter")
    CellName(by=('donor',), case='japan', code='role.norm_promoter')
    """
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise CodingError(f"'{written}' names no cell. Write variable, case and code: donor=japan/role.")
    return CellName(tuple(found["by"].split(BESIDE)), found["case"], found["code"])


def with_codes(written: str, after: Mapping[str, str]) -> str:
    """Return the name of a cell with the code that came after its own.

    Examples
    --------
    >>> with_codes("donor=japan/bridge", {"bridge": "role.bridge"})
    'donor=japan/role.bridge'
    """
    name = cell_name(written)
    return str(replace(name, code=after.get(name.code, name.code)))
