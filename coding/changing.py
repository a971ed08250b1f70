"""A change file applied to a codebook of a project: the next version, and the map that codings follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.files import replacing
from coding.formats.changes import Revised, read_changes, revise
from coding.formats.text import write_text

if TYPE_CHECKING:
    from coding.project import Project


@dataclass(frozen=True, slots=True)
class Applied:
    """What a change makes of a codebook, and the files in which it stands once it is written."""

    revised: Revised
    codebook: Path
    map: Path

    def write(self) -> None:
        """Write the codebook and its map; after an error both are as before.

        Raises
        ------
        CodingError
            If a file cannot be written, or there is a map of this version already.
        """
        if self.map.exists():
            raise CodingError(f"{self.map} is there already. A version is made once; choose the next.")
        with replacing([self.map, self.codebook]) as (map_, codebook):
            write_text(map_, self.revised.map())
            write_text(codebook, self.revised.text)


def apply_changes(project: Project, changes: Path) -> Applied:
    """Return what a change file makes of a codebook of the project. Nothing is written yet.

    The map is `codebooks/changes/<codebook>.<version>.map.yaml`: a folder deeper than the codebooks,
    so it is never taken for one.

    Raises
    ------
    CodingError
        Listing every step that does not fit, or everything that would be left dangling.
    """
    change, tree = read_changes(changes)
    project.codebook(change.codebook)
    name = f"codebooks/{change.codebook}.yaml"
    revised = revise(project.root / name, change, tree, name=name)
    target = project.root / "codebooks" / "changes" / f"{change.codebook}.{change.version}.map.yaml"
    return Applied(revised, project.root / name, target)
