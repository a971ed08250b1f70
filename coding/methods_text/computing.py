"""What is computed in a study, how far it hangs on decisions, and with what, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.findings import LEVEL, N_PERMUTATIONS
from coding.paper import gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coding.methods_text.known import Known

TESTED = ("contrast", "within")


def statistics(known: Known) -> Iterator[str]:
    """Yield what each number is, how claims are tested, and what an interval means here."""
    run = known.run
    yield f"What a number of the matrix is: {run.matrix.measurement}."
    tested = sum(claim.kind in TESTED for claim in run.study.findings)
    if run.study.findings:
        yield (
            f"Claims put to the texts: {len(run.study.findings)}, of which {tested} with a verdict; the "
            "others are described or derived."
        )
        places = dict.fromkeys(
            f"{known.references.get(c.source.citation, c.source.citation)} ({c.source.place})"
            for c in run.study.findings
        )
        yield (
            f"As the place of the claims the study names: {'; '.join(places)}. They stand here as it words "
            "them."
        )
        yield gap("that the claims are worded as in the publications named, and who checked it")
    if tested:
        yield from _tests(known)


def _tests(known: Known) -> Iterator[str]:
    study = known.run.study
    yield (
        "Two shares are compared by their difference, with a variance that is linearised over clusters and a "
        f"t interval of {round(100 * LEVEL)} % (Cochran 1977; Welch 1947), two clusters at one half being "
        "added to each side (after Agresti and Caffo 2000). A cluster is one project, event or series, else "
        "a document."
    )
    yield (
        "The interval says how far a difference hangs on the choice of documents; unless these were drawn by "
        "chance, it is no inference to a population. A claim is supported if the whole interval lies "
        "above zero, contradicted if below, else undetermined; undetermined also if a side has fewer than "
        f"{study.least_clusters} clusters."
    )
    yield (
        "Beside each difference stands a placebo: the two sides are dealt anew over the clusters, "
        f"{N_PERMUTATIONS} times (seed {study.seed})."
    )


def robustness(known: Known) -> Iterator[str]:
    """Yield how far the verdicts hang on decisions, if that was looked at."""
    found = known.multiverse
    if found is None:
        yield gap("how far results hang on the decisions, or that it was not looked at (coding robustness)")
        return
    varied = "; ".join(f"{one.name} ({', '.join(one.values)})" for one in found.decisions)
    yield (
        f"The study was carried out in {len(found)} universes, every combination of {varied}; these are "
        "neither independent nor equally sensible, and their shares are descriptions."
    )
    each = [
        f"{one.title}: {one.own.verdict} kept in {100 * float(one.keeps().mean()):.1f} %"
        for one in found.findings
    ]
    yield f"{'; '.join(each)}."


def software(known: Known) -> Iterator[str]:
    """Yield with what it was computed, and the digests that identify what went in."""
    given = known.run.provenance
    digests = [name for name in given if name == "study" or name.endswith(" digest")]
    others = {"codebook", "coders", "texts", *digests}
    versions = ", ".join(f"{name} {version}" for name, version in given.items() if name not in others)
    yield f"All numbers were computed with Normatrix; versions: {versions}."
    said = ", ".join(f"{name.removesuffix(' digest')} {given[name]}" for name in digests)
    yield f"What went in is identified by its SHA-256: {said}. The same files give the same numbers."
    yield gap("where texts, codebook, study file and coding can be obtained, and under which licence")
