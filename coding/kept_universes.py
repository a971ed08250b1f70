"""The universes of a study on disk: `robustness.json` beside its results, with one figure for each finding.

Computing them again gives the same, so they are kept with what identifies them, and computed anew only when
that has changed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from coding.files import replacing
from coding.findings import Verdict
from coding.robustness import Multiverse, Spread, Varied, identified, summary
from coding.study import read_checked
from coding.universes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coding.project import Project

NAME = "robustness.json"

_FIGURE = "robustness-"

_LENIENT = ConfigDict(extra="ignore", strict=True)  # the summaries are there for others, and follow


class _Decision(BaseModel):
    model_config = _LENIENT
    name: str
    values: list[str]


class _Outcome(BaseModel):
    model_config = _LENIENT
    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    reason: str


class _Finding(BaseModel):
    model_config = _LENIENT
    id: str
    title: str
    outcomes: list[_Outcome]
    of: list[int]


class _File(BaseModel):
    model_config = _LENIENT
    study: str
    title: str
    texts: str
    provenance: dict[str, str]
    decisions: list[_Decision]
    findings: list[_Finding]


def kept_universes(project: Project, study: str | None, folder: Path) -> Multiverse | None:
    """Return the universes that a folder keeps of a study; None if there are none that fit it as it is.

    Raises
    ------
    CodingError
        If something in the study is wrong.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    plan, codebook = read_checked(project, study)
    found = _read(path)
    if (
        found is None
        or plan.robustness is None
        or dict(found.provenance) != identified(project, plan, codebook)
    ):
        return None
    return found


def keep_universes(found: Multiverse, folder: Path, *, figures: bool) -> list[Path]:
    """Write universes into a folder, then their figures, and return the files.

    Who stops it while it draws has the universes, which take longest, and draws later.

    Parameters
    ----------
    figures : whether to draw a specification curve for each finding, into `figures/`; earlier ones go

    Raises
    ------
    CodingError
        If the folder cannot be written; then nothing in it has changed. If the figures cannot, the universes
        are there without them.
    """
    universes = folder / NAME
    _replace({universes: json.dumps(as_json(found), ensure_ascii=False).encode() + b"\n"})
    for path in _curves(folder):  # of earlier universes
        path.unlink()
    drawn = _drawn(found, folder / "figures") if figures else {}
    if drawn:
        _replace(drawn)
    return [universes, *drawn]


def left_over(folder: Path) -> list[Path]:
    """Return the files of universes that a folder holds, whether they fit its study or not."""
    return [path for path in (folder / NAME, *_curves(folder)) if path.is_file()]


def figure_name(finding: Spread) -> str:
    """Return the name of the figure of a finding, without its ending."""
    return f"{_FIGURE}{finding.id}"


def kept_figures(found: Multiverse, folder: Path) -> dict[str, bytes]:
    """Return the SVG documents of the figures that a folder keeps, by the id of the finding."""
    paths = {each.id: folder / "figures" / f"{figure_name(each)}.svg" for each in found.findings}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def as_json(found: Multiverse) -> dict[str, object]:
    """Return universes as plain values (docs/reference/results.md)."""
    return {
        "study": found.study,
        "title": found.title,
        "texts": found.texts,
        "universes": len(found),
        "decisions": [{"name": each.name, "values": list(each.values)} for each in found.decisions],
        "findings": [
            {
                **summary_json(found, each),
                "outcomes": [_outcome(one) for one in each.outcomes],
                "of": each.of.tolist(),
            }
            for each in found.findings
        ],
        "provenance": dict(found.provenance),
    }


def summary_json(found: Multiverse, finding: Spread) -> dict[str, object]:
    """Return what the universes say of a finding as plain values, without the universes themselves."""
    said = summary(found, finding)
    return {
        "id": finding.id,
        "title": finding.title,
        "verdict": finding.own.verdict,
        "keeps": said.keeps,
        "shares": dict(said.shares),
        "differences": None if said.least is None else [said.least, said.most],
        "same_sign": said.same_sign,
        "without_difference": said.n_without,
        "distinct": said.n_distinct,
        "flips": [_flip(found, finding, universe) for universe in said.flips],
        "moves": None if said.moves is None else _flip(found, finding, said.moves),
    }


def _drawn(found: Multiverse, folder: Path) -> dict[Path, bytes]:
    from coding import plots

    drawn = {}
    for finding in found.findings:
        curve = plots.specification_curve(found, finding)
        for kind, content in (("png", plots.png(curve)), ("svg", plots.svg(curve))):
            drawn[folder / f"{figure_name(finding)}.{kind}"] = content
    return drawn


def _replace(contents: Mapping[Path, bytes]) -> None:
    """Write files, all or none."""
    with replacing(list(contents)) as places:
        for place, content in zip(places, contents.values(), strict=True):
            place.write_bytes(content)


def _curves(folder: Path) -> list[Path]:
    """Return the figures of universes in a folder, by their names: nobody else's begin so."""
    return sorted((folder / "figures").glob(f"{_FIGURE}*"))


def _flip(found: Multiverse, finding: Spread, universe: int) -> dict[str, object]:
    came = finding.outcomes[finding.of[universe]]
    return {"changes": found.changes(universe), "difference": came.difference, "verdict": came.verdict}


def _outcome(one: Outcome) -> dict[str, object]:
    return {
        "difference": one.difference, "low": one.low, "high": one.high, "verdict": one.verdict,
        "reason": one.reason,
    }  # fmt: skip


def _read(path: Path) -> Multiverse | None:
    """Return the universes of a file; None if it is damaged or older, since they can be computed again."""
    try:
        file = _File.model_validate_json(path.read_bytes())
    except ValidationError:
        return None
    found = Multiverse(
        file.study,
        file.title,
        file.texts,
        tuple(Varied(each.name, tuple(each.values)) for each in file.decisions),
        tuple(_spread(each) for each in file.findings),
        file.provenance,
    )
    fits = all(
        len(each.of) == len(found)
        and each.outcomes
        and 0 <= each.of.min() <= each.of.max() < len(each.outcomes)
        for each in found.findings
    )
    return found if fits else None


def _spread(file: _Finding) -> Spread:
    outcomes = tuple(
        Outcome(one.difference, one.low, one.high, one.verdict, one.reason) for one in file.outcomes
    )
    return Spread(file.id, file.title, outcomes, np.array(file.of, dtype=np.int32))
