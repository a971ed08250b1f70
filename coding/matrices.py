"""What every matrix says to whoever compares, prints or draws it: one of units, and one made of counts.

`coding.matrix.Matrix` has its units and passages at hand; `coding.large.counted.CountedMatrix` knows how many
units of each document bear what, and nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from coding.matrix import Composition, Measurement, State
    from coding.model import Value


class AnyCell(Protocol):
    """One number with its base."""

    @property
    def code(self) -> str:
        """The id of the code."""
        ...

    @property
    def case(self) -> str:
        """The id of the case."""
        ...

    @property
    def value(self) -> float | None:
        """The measure; None where nothing was searched, or where the base is empty."""
        ...

    @property
    def n(self) -> int:
        """Units that bear the code."""
        ...

    @property
    def base(self) -> int:
        """Units searched (for `profile`: units coded in the family)."""
        ...

    @property
    def n_documents(self) -> int:
        """Documents with a unit that bears the code."""
        ...

    @property
    def state(self) -> State:
        """Which zero a zero is."""
        ...


class AnyMatrix(Protocol):
    """Codes x cases."""

    @property
    def measurement(self) -> Measurement:
        """The decisions behind every number."""
        ...

    @property
    def codes(self) -> tuple[str, ...]:
        """Ids in the order of the codebook."""
        ...

    @property
    def cases(self) -> tuple[str, ...]:
        """Ids in the order of the columns."""
        ...

    @property
    def names(self) -> Mapping[str, str]:
        """Shown names of codes and cases."""
        ...

    @property
    def cells(self) -> Mapping[tuple[str, str], AnyCell]:
        """For each (code, case)."""
        ...

    @property
    def families(self) -> Mapping[str, tuple[str, ...]]:
        """For each family all its codes."""
        ...

    @property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """For each family the codes into which it divides."""
        ...

    @property
    def n_unplaced(self) -> int:
        """How many units of shared documents name no case."""
        ...

    def case(self, case: str | tuple[Value, ...]) -> str:
        """Return the id of a case given by id, by shown name, or by the values that make it."""
        ...

    def cell(self, case: str | tuple[Value, ...], code: str) -> AnyCell:
        """Return the cell of a case and a code."""
        ...

    def family(self, code: str) -> str:
        """Return the family that a code belongs to."""
        ...

    def size(self, case: str) -> tuple[int, int]:
        """Return how many units a case has, and in how many documents."""
        ...

    def compose(self, family: str, *, within: str) -> dict[str, Composition]:
        """Return for each case how its units that bear `within` divide over a family's codes."""
        ...
