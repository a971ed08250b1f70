"""The study: what it asks, what it reads, what it decides and why, and what came of each claim."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import wait
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from coding.errors import CodingError
from coding.report import decisions, policy
from coding.selection import select
from coding.study import fidelity, in_words, read_study
from coding.web.kept import answer
from coding.web.plans import own_study, plans
from coding.web.running import Carried, carried_out, doing, n_withheld, report
from coding.web.shown import page
from coding.web.told import told, workers
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from coding.sight import Sight
    from coding.study import Study
    from coding.web.desk import Desk

router = APIRouter()

StudyId = Annotated[str, Query(alias="study", max_length=200)]
_MOMENT = 0.3  # seconds after which a page says what it waits for


@router.get("/study")
def study(request: Request, desk: TheDesk, who: Visitor, name: StudyId = "") -> Response:
    """Show a study of the project: the one that is named, else the project's own, else which there are."""
    known = desk.project().studies
    chosen = name or own_study(desk) or ""
    shown: dict[str, object] = {"studies": known, "chosen": chosen}
    plan = plans(desk).get(chosen)
    if plan is None:
        wrong = _wrong(desk, chosen) if chosen else []
        return page(request, "study_none.html.j2", status=400 if wrong else 200, **shown, problems=wrong)
    held = n_withheld(desk, chosen, desk.sight(who.coder))
    n_documents = len(select(desk.files.corpus, plan.corpus)[0])
    shown |= {"plan": plan, "held": held, "doing": doing(plan, n_documents)}

    def show(found: Carried) -> dict[str, object]:
        covered = _told(found, desk, desk.sight(who.coder))
        desk.saw(who.coder, covered)
        return {**_more(found), "n_told": len(covered)}

    return answer(request, "study.html.j2", carried_out(desk, chosen, held=bool(held)), show, **shown)


@router.get("/study/report")
def full_report(
    request: Request, desk: TheDesk, who: Visitor, name: StudyId = "", *, seen: bool = False
) -> Response:
    """Show the whole report of a study; where that uncovers others' coding, only after saying so."""
    chosen = name or own_study(desk) or ""
    sight = desk.sight(who.coder)
    if held := n_withheld(desk, chosen, sight):
        raise CodingError(
            f"The report shows what others coded in {held} documents that you are to read or judge blind. "
            "It opens when you have."
        )
    desk.project().study_path(chosen or None)
    found = carried_out(desk, chosen, held=False)
    made = report(desk, chosen)
    wait([made], timeout=_MOMENT)
    if not made.done():
        waiting = page(request, "study_report.html.j2", chosen=chosen, n_covered=0)
        waiting.headers["refresh"] = "1"
        return waiting
    html, covered = made.result(), _uncovers(found.result(), desk, sight)
    if covered and not seen:
        return page(request, "study_report.html.j2", chosen=chosen, n_covered=len(covered))
    desk.saw(who.coder, covered)
    headers = {"content-security-policy": f"{policy()}; frame-ancestors 'none'"}
    return HTMLResponse(html, headers=headers)


def _wrong(desk: Desk, study: str) -> list[str]:
    """Return what is wrong with a study's file."""
    try:
        path = desk.project().study_path(study)
        read_study(path, name=f"studies/{path.name}")
    except CodingError as error:
        return list(error.problems)
    return []


def _more(found: Carried) -> dict[str, object]:
    """Return what the page shows besides the study itself."""
    corpus, plan = found.corpus, found.plan
    years = [year for d in corpus if isinstance(year := d.variables.get("year"), int)]
    verdicts = Counter(f.verdict or "described" for f in found.run.findings) if found.run else Counter[str]()
    return {
        "findings": {f.claim.id: f for f in found.run.findings} if found.run else {},
        "verdicts": verdicts,
        "decisions": decisions(plan, [corpus.name(case) for case in plan.corpus.cases]),
        "cases": _cases(plan, found),
        "texts": in_words(fidelity(corpus)),
        "kinds": Counter(str(d.variables.get("source_kind")) for d in corpus),
        "years": _span(years),
    }


def _span(years: list[int]) -> str:
    """Write the years from the first to the last; nothing if there is none."""
    if not years:
        return ""
    first, last = min(years), max(years)
    return f"year {first}" if first == last else f"years {first} to {last}"


def _cases(plan: Study, found: Carried) -> list[tuple[str, int, int | None]]:
    """Return for each case its name, its documents, and its units where they are counted."""
    corpus, matrix = found.corpus, found.run.matrix if found.run else None
    of_case = corpus.cases(plan.measurement.by)
    return [
        (corpus.name(case), len(of_case.get(case, ())), len(matrix.rows[case]) if matrix else None)
        for case in (matrix.cases if matrix else of_case)
    ]


def _told(found: Carried, desk: Desk, sight: Sight) -> set[str]:
    """Return the documents, not read by a coder, of which the numbers of a study tell what others coded."""
    if found.run is None:
        return set()
    decisions = desk.work.decisions if found.plan.unreviewed else ()
    return told(found.run.matrix, workers(found.run.coded, decisions, desk.work.by_id), sight)


def _uncovers(found: Carried, desk: Desk, sight: Sight) -> set[str]:
    """Return the documents, not read by a coder, in which a report shows what others coded."""
    segments = found.run.coded.segments if found.run else ()
    documents = {s.segment.document for s in segments if s.coder != sight.coder}
    return {document for document in documents if sight.is_covered(document)} | _told(found, desk, sight)
