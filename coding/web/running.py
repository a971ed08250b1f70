"""Studies carried out on demand: once for the same texts, codebook, study file and coding, then kept."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from coding import plots
from coding.coders import RULES
from coding.errors import CodingError
from coding.model import Corpus, digest_of
from coding.report import render
from coding.selection import select
from coding.study import Run, Study, read_checked, run
from coding.web.kept import Kept
from coding.web.plans import plans

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

    from coding.project import Project
    from coding.sight import Sight
    from coding.web.desk import Desk


@dataclass(frozen=True, slots=True)
class Carried:
    """A study with the documents it selects, and what came of it.

    Attributes
    ----------
    left_out : how many documents are not selected, by reason
    run : None as long as it is held back
    """

    plan: Study
    corpus: Corpus = field(repr=False)
    left_out: Mapping[str, int]
    run: Run | None


_carried: Kept[Carried] = Kept(6)
_reports: Kept[str] = Kept(3)


def carried_out(desk: Desk, study: str, *, held: bool) -> Future[Carried]:
    """Return a study carried out, or what will be it; without its results if they are held back.

    Raises
    ------
    CodingError
        From the future: everything wrong in the study's file, or why it cannot be carried out.
    """
    project = desk.project()
    return _carried.get((_state(desk, project, study), held), lambda: _carry_out(project, study, held=held))


def report(desk: Desk, study: str) -> Future[str]:
    """Return the report of a study, with its figures, or what will be it."""
    project = desk.project()
    return _reports.get(
        _state(desk, project, study), lambda: _report(carried_out(desk, study, held=False).result().run)
    )


def n_withheld(desk: Desk, study: str, sight: Sight) -> int:
    """Return in how many of a study's documents others' coding is still kept from a coder."""
    plan = plans(desk).get(study)
    if plan is None or (plan.unreviewed is None and set(plan.coders) == {sight.coder}):
        return 0
    return sum(sight.is_withheld(document.id) for document in select(desk.files.corpus, plan.corpus)[0])


def doing(plan: Study, n_documents: int) -> str:
    """Say what is being done while a study is carried out."""
    coding = "the rules code" if set(plan.coders) == {RULES} else "coding is put together"
    return (
        f"The study is being carried out: {coding} in {n_documents} documents, then "
        f"{len(plan.findings)} claims are put to them."
    )


def _state(desk: Desk, project: Project, study: str) -> tuple[object, ...]:
    """Return what a run follows from. Coding in the store does not touch a study that names only rules."""
    plan = plans(desk).get(study)
    files = [project.study_path(study), *sorted((desk.root / "codebooks").rglob("*"))]
    content = [(path.name, path.read_bytes()) for path in files if path.is_file()]
    n_batches = desk.work.n_batches if plan and plan.asks_the_store else 0
    return desk.root, study, desk.files.digest, digest_of(repr(content)), n_batches


def _carry_out(project: Project, study: str, *, held: bool) -> Carried:
    plan, _ = read_checked(project, study)
    corpus, left_out = select(project.corpus, plan.corpus)
    return Carried(plan, corpus, left_out, None if held else run(project, study))


def _report(found: Run | None) -> str:
    if found is None:
        raise CodingError("The study is held back.")
    with tempfile.TemporaryDirectory() as folder:
        drawn = plots.draw_all(found, Path(folder))
    return render(found, drawn)
