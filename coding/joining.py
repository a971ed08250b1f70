"""New texts and the project's study: whether it reads them, and which of their donors join its cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.formats import splice
from coding.formats.text import decode
from coding.model import Corpus, Document
from coding.selection import select
from coding.study import read_study

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from coding.formats.case import CaseFile
    from coding.formats.case_edit import EditableCase
    from coding.project import Project
    from coding.study import Study

    Grown = tuple[EditableCase, CaseFile, Sequence[str]]


def in_study(project: Project, grown: Iterable[Grown]) -> tuple[dict[Path, bytes], tuple[str, ...]]:
    """Return the study's file if donors join its cases, and what the study makes of new texts, in sentences.

    A donor joins whose texts are the first that the study would read, unless it tests claims: then its
    cases were chosen with them.

    Parameters
    ----------
    grown : case files as they were and as they will be, with the names of the files of the new texts
    """
    try:
        path = project.study_path()
        plan, _ = read_study(path, name=f"studies/{path.name}")
    except CodingError:  # `coding check` says it; texts can be added nonetheless
        return {}, ()
    place, joined, said = f"studies/{path.name}", [], []
    for case, file, new in grown:
        joins, told = _joins(plan, case, file, new, place)
        if joins:
            joined.append(file.id)
            plan = _with_case(plan, file.id)
        said += [told] if told else []
    if not joined:
        return {}, tuple(said)
    said.append(f"Study {plan.id} compares {', '.join(plan.corpus.cases)} now.")
    text = splice.append(decode(path), ["corpus", "cases"], joined)
    text = splice.held(text, plan, joined, name=place)
    return {path: text.encode()}, tuple(said)


def _joins(
    plan: Study, case: EditableCase, file: CaseFile, new: Sequence[str], place: str
) -> tuple[bool, str]:
    """Say whether a donor joins the cases of a study, and what that makes of its texts."""
    donor, widened = file.id, _with_case(plan, file.id)
    kept, reasons = select(_of(file, new), widened.corpus)
    left = ", ".join(f"{n} by its {reason}" for reason, n in reasons.items())
    left_out = f" Of the new texts it leaves out {left}." if reasons else ""
    if donor in plan.corpus.cases:
        return False, left_out and f"Study {plan.id} reads {donor}.{left_out}"
    if not kept:
        return False, (
            f"Study {plan.id} reads no text of {donor}: left out {left}. If it should, widen that and add "
            f"{donor} to `cases`, both under `corpus` in {place}."
        )
    if plan.findings or select(_of(case.file, case.file.documents), widened.corpus)[0]:
        return False, f"Study {plan.id} does not read {donor}. If it should, add it to `cases` in {place}."
    return True, left_out and f"Study {plan.id} reads {donor}.{left_out}"


def _with_case(plan: Study, donor: str) -> Study:
    cases = [*plan.corpus.cases, donor]
    return plan.model_copy(update={"corpus": plan.corpus.model_copy(update={"cases": cases})})


def _of(file: CaseFile, names: Iterable[str]) -> Corpus:
    """Return documents of a case with their variables and without their texts."""
    return Corpus(tuple(Document(f"{file.id}/{name}", "", file.variables(name)) for name in names))
