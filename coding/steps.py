"""The steps of a pathway, as a study file states them, and the pathways of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field

from coding.errors import CodingError, nearest
from coding.pathways import trace
from coding.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coding.codebook import Codebook
    from coding.formats.yaml import Tree
    from coding.matrix import Matrix
    from coding.pathways import Pathways
    from coding.study import Run

_Step = Annotated[list[str], Field(min_length=1)]
ORIENTATION = "orientation"


class Steps(BaseModel):
    """The steps in their order, each with its categories, and in what codes stand together."""

    model_config = ConfigDict(extra="forbid", strict=True)
    along: Annotated[list[_Step], Field(min_length=2)]
    together: Unit

    def __str__(self) -> str:
        """Say the steps in one line."""
        return f"{' → '.join(' or '.join(step) for step in self.along)}, together in one {self.together}"


def problems(steps: Steps, tree: Tree, codebook: Codebook, *, unit: Unit) -> Iterator[str]:
    """Yield what is wrong with the steps, each with its place in the study file.

    Parameters
    ----------
    unit : that of the study; codes cannot stand together in less
    """
    if _coarser(steps.together, unit) != steps.together:
        where = tree.where("pathway", "together")
        yield f"{where}: the study counts {unit}s, so what stands in one {steps.together} is not known."
    known = [code.id for code in codebook.codes if not code.retired]
    seen: set[str] = set()
    for i, step in enumerate(steps.along):
        for j, code in enumerate(step):
            where = tree.where("pathway", "along", i, j)
            if code not in known:
                yield f"{where}: no code '{code}'.{nearest(code, known)}"
            elif code in seen:
                yield f"{where}: '{code}' stands twice."
            seen.add(code)


def pathways_of(run: Run, *, together: Unit | None = None, depth: int = 0) -> Pathways:
    """Return the pathways of a run, along the steps that its study states.

    Parameters
    ----------
    together : what a place is, if not what the study says: under `pathway`, else its unit. Where a run
        counts by a larger unit than that, it is this unit.
    depth : 0 shows a step by its categories, 1 by the codes right below them, and so on

    Raises
    ------
    CodingError
        If the study states no steps and no family of the codebook divides into several codes.
    """
    stated, unit = run.study.pathway, run.matrix.measurement.unit
    followed = _followed(run)
    along = stated.along if stated else [[code] for code in _dividing(run.matrix, followed)]
    if not along:
        raise CodingError(
            f"study {run.study.id} states no steps, and no family of its codebook divides into several "
            "codes. State them in its file, under `pathway` (docs/reference/study.md)."
        )
    return trace(
        run.matrix,
        run.corpus,
        run.codebook,
        along=along,
        depth=depth,
        together=together or (_coarser(stated.together, unit) if stated else unit),
        orientation=followed,
    )


def categories_of(run: Run) -> tuple[str, ...]:
    """Return the categories of a run: those of its steps, else the parts of the first family that divides.

    Without such a family, the codes above which no other stands.
    """
    if run.study.pathway:
        return tuple(code for step in run.study.pathway.along for code in step)
    parts = _dividing(run.matrix, _followed(run))
    return parts or tuple(code.id for code in run.codebook.children(None) if code.id in run.matrix.codes)


def _followed(run: Run) -> str | None:
    """Return the family whose codes are followed from step to step; None if the codebook is without it."""
    named = next((claim.test.family for claim in run.study.findings if claim.test.family), ORIENTATION)
    return named if named in run.matrix.parts else None


def _coarser(one: Unit, other: Unit) -> Unit:
    return max(one, other, key=get_args(Unit).index)


def _dividing(matrix: Matrix, followed: str | None) -> tuple[str, ...]:
    """Return the parts of the first family that divides, but for the one that is followed."""
    families = matrix.parts.items()
    return next((parts for family, parts in families if family != followed and len(parts) > 1), ())
