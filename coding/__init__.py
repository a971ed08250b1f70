"""Normatrix: qualitative coding of donor documents, and the comparison of donors.

    import coding

    project = coding.Project.open()
    run = coding.run(project, "bimantara-2022")
    run.matrix.cell("Japan", "behaviour").quotes(run.corpus)

Nouns are types, verbs are functions. Everything here loads on first use, so `import coding` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coding.agreeing import agreement as agreement
    from coding.batch import Decision as Decision
    from coding.checks import check as check
    from coding.codebook import Code as Code
    from coding.codebook import Codebook as Codebook
    from coding.codebook import Rule as Rule
    from coding.concordance import kwic as kwic
    from coding.contrasting import contrasts as contrasts
    from coding.errors import CodingError as CodingError
    from coding.errors import StaleText as StaleText
    from coding.findings import Contrast as Contrast
    from coding.findings import contrast as contrast
    from coding.matrix import Cell as Cell
    from coding.matrix import Matrix as Matrix
    from coding.matrix import tabulate as tabulate
    from coding.model import Case as Case
    from coding.model import Coded as Coded
    from coding.model import CodedSegment as CodedSegment
    from coding.model import Coder as Coder
    from coding.model import Corpus as Corpus
    from coding.model import Document as Document
    from coding.model import Reading as Reading
    from coding.model import Segment as Segment
    from coding.plots import composition as composition
    from coding.plots import estimates as estimates
    from coding.plots import heatmap as heatmap
    from coding.project import Project as Project
    from coding.ranking import ranks as ranks
    from coding.results import write_results as write_results
    from coding.retrieval import retrieve as retrieve
    from coding.review import resolve as resolve
    from coding.robustness import multiverse as multiverse
    from coding.steps import pathways_of as pathways_of
    from coding.study import run as run
    from coding.taggers import tag as tag
    from coding.taggers.learned import LearnedTagger as LearnedTagger
    from coding.taggers.rules import RuleTagger as RuleTagger
    from coding.units import on_units as on_units
    from coding.units import unitise as unitise

_WHERE = {
    "agreeing": ("agreement",),
    "batch": ("Decision",),
    "checks": ("check",),
    "codebook": ("Code", "Codebook", "Rule"),
    "errors": ("CodingError", "StaleText"),
    "contrasting": ("contrasts",),
    "findings": ("Contrast", "contrast"),
    "concordance": ("kwic",),
    "matrix": ("Cell", "Matrix", "tabulate"),
    "model": ("Case", "Coded", "CodedSegment", "Coder", "Corpus", "Document", "Reading", "Segment"),
    "plots": ("composition", "estimates", "heatmap"),
    "project": ("Project",),
    "ranking": ("ranks",),
    "results": ("write_results",),
    "retrieval": ("retrieve",),
    "review": ("resolve",),
    "robustness": ("multiverse",),
    "steps": ("pathways_of",),
    "study": ("run",),
    "taggers": ("tag",),
    "taggers.learned": ("LearnedTagger",),
    "taggers.rules": ("RuleTagger",),
    "units": ("on_units", "unitise"),
}
_MODULE = {name: module for module, names in _WHERE.items() for name in names}

__all__ = sorted(_MODULE)  # noqa: PLE0605  the names are those of _WHERE, said once


def __getattr__(name: str) -> object:
    if name not in _MODULE:
        raise AttributeError(f"module 'coding' has no attribute '{name}'")
    return getattr(import_module(f"coding.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE})
