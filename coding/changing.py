"""A change applied to a codebook of a project: the next version, and the map that codings follow."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coding.errors import Changed, CodingError, refuse
from coding.files import replacing
from coding.formats import yaml
from coding.formats.changes import (
    ChangeFile,
    Revised,
    read_changes,
    read_succession,
    revise,
)
from coding.formats.text import decode, write_text
from coding.revision import composed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coding.project import Project
    from coding.revision import Succession


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
        Changed
            If the codebook is not as it was when the change was made.
        CodingError
            If a file cannot be written, or there is a map of this version already.
        """
        with holding(self.codebook, self.revised.before):
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
    return applied(project, *read_changes(changes))


def applied(project: Project, change: ChangeFile, tree: yaml.Placed) -> Applied:
    """Return what a change, as `read_changes` or `change_of` gives it, makes of a codebook of the project."""
    project.codebook(change.codebook)
    name = f"codebooks/{change.codebook}.yaml"
    revised = revise(project.root / name, change, tree, name=name)
    refuse([f"{tree.name}: {problem}" for problem in taken(project, revised)])
    target = _maps(project) / f"{change.codebook}.{change.version}.map.yaml"
    return Applied(revised, project.root / name, target)


def succession(project: Project, codebook: str) -> tuple[Succession, ...]:
    """Return which of its codes of today come after those of all earlier versions of a codebook.

    A code that has been the same all along is not among them. `coding.revision.carry` applies it.

    Raises
    ------
    CodingError
        If there is no such codebook, or a map is wrong.
    """
    return read_succession(_maps(project), codebook, until=project.codebook(codebook).version)


def taken(project: Project, revised: Revised) -> Iterator[str]:
    """Yield which ids of new codes once were those of other codes.

    What was coded with them would be taken for codings of the new ones.
    """
    old, new = revised.old, revised.new
    for one in composed([read_succession(_maps(project), new.id), revised.through]):
        if one.old in new and one.old not in old and one.old not in one.new:
            now = " or ".join(one.new)
            yield f"'{one.old}' was another code, which is {now} now. An id is for ever; choose another."


@contextmanager
def holding(path: Path, text: str) -> Iterator[None]:
    """Let nobody else write a codebook file, which holds `text`, until the block ends.

    The lock is gone with the process that has it, however that ended.

    Raises
    ------
    Changed
        If the file holds another text, or somebody else is writing it.
    CodingError
        If the file cannot be written.
    """
    from filelock import FileLock, Timeout

    kept = path.parent.parent / ".coding"
    try:
        kept.mkdir(exist_ok=True)
        with FileLock(kept / f"{path.name}.lock", timeout=0):
            if decode(path) != text:
                raise changed(path)
            yield
    except Timeout as error:
        raise changed(path, "is changing it now") from error
    except OSError as error:
        raise CodingError(
            f"{path}: cannot be written: {error.strerror}. Work on a copy that is yours."
        ) from error


def changed(path: Path, what: str = "changed it meanwhile") -> Changed:
    """Return the error for somebody whose edit of a codebook file comes too late."""
    return Changed(
        f"{path.parent.name}/{path.name}: somebody {what}. Nothing was written. "
        "Load it again, then make your change."
    )


def _maps(project: Project) -> Path:
    return project.root / "codebooks" / "changes"
