"""The studies of a project as its files say them: read once, read again when a file has changed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.study import Study, read_study

if TYPE_CHECKING:
    from pathlib import Path

    from coding.web.desk import Desk


def plans(desk: Desk) -> dict[str, Study]:
    """Return the studies of a project whose files can be read, by their ids."""
    project = desk.project()
    found = {}
    for study in project.studies:
        path = project.study_path(study)
        stat = path.stat()
        plan = _plan(path, stat.st_mtime_ns, stat.st_size)
        if plan is not None:
            found[study] = plan
    return found


def own_study(desk: Desk) -> str | None:
    """Return the study that a project's settings name, or its only one; None if there is none such."""
    project = desk.project()
    if project.study in project.studies:
        return project.study
    return project.studies[0] if len(project.studies) == 1 else None


@lru_cache(maxsize=64)
def _plan(path: Path, changed: int, size: int) -> Study | None:  # noqa: ARG001  they say which file it was
    try:
        return read_study(path)[0]
    except CodingError:
        return None
