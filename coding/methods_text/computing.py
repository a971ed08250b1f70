"""What is computed in a study, how far it hangs on decisions, and with what, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.findings import ADDED_UNITS, LEVEL, N_PERMUTATIONS
from coding.grid import OF_A_RULE
from coding.methods_text.known import plural
from coding.paper import gap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coding.methods_text.known import Known
    from coding.robustness import Varied
    from coding.study import Finding

TESTED = ("contrast", "within")
COMPARED_DONORS = ("contrast", "chain")
MOST_NAMED = 6  # codes or rules left out that are named one by one
_LEFT_OUT = "leave out"
COMPARED = (*COMPARED_DONORS, "within")  # kinds of claims of which a difference is shown, with its interval


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
    else:
        yield "No claim is put to the texts: what they say is described, and nothing is tested."
    if tested:
        yield from _tests(known)


def _tests(known: Known) -> Iterator[str]:
    study = known.run.study
    compared = [finding for finding in known.run.findings if finding.claim.kind in COMPARED]
    yield (
        "Two shares are compared by their difference, with a variance that is linearised over clusters and a "
        f"t interval of {round(100 * LEVEL)} % (Cochran 1977; Welch 1947). A cluster is one project, event "
        "or series, else a document."
    )
    yield (
        f"To each side is added a cluster at one half, {_size_of_added(known, compared)}, so that a side "
        "whose units are all alike still has a spread (after Agresti and Caffo 2000)."
    )
    yield (
        "The interval says how far a difference hangs on the choice of documents; unless these were drawn by "
        "chance, it is no inference to a population. A claim is supported if the whole interval lies "
        "above zero, contradicted if below, else undetermined; undetermined also if a side has fewer than "
        f"{study.least_clusters} clusters."
    )
    yield from _placebos(compared, study.seed)


def _size_of_added(known: Known, compared: Sequence[Finding]) -> str:
    """Say how large the cluster is that is added to each side, by the bases that occur."""
    bases = {finding.claim.test.base for finding in compared}
    is_by_document = known.run.study.measurement.weight == "document"
    most = (
        f"the documents that {ADDED_UNITS} units fill on average"
        if is_by_document
        else f"{ADDED_UNITS} units"
    )
    if bases == {"coded"}:
        return "of twice the mean size of its clusters"
    if bases == {"searched"}:
        return f"of twice the mean size of its clusters but at most of {most}"
    return (
        "of twice the mean size of its clusters, where the share is of all that was searched at most of "
        f"{most}"
    )


def _placebos(compared: Sequence[Finding], seed: int) -> Iterator[str]:
    """Yield how placebos were drawn, by the kinds that occur, and where none was, and why."""
    drawn = [one for one in compared if any(not contrast.no_placebo for contrast in one.contrasts)]
    ways = {
        "between two donors the two sides are dealt anew over the clusters": COMPARED_DONORS,
        "between two codes of one donor these are swapped at random in each cluster": ("within",),
    }
    said = [way for way, kinds in ways.items() if any(one.claim.kind in kinds for one in drawn)]
    if said:
        yield (
            f"Beside a difference stands a placebo: {'; '.join(said)}, {N_PERMUTATIONS} times (seed {seed})."
        )
    for one in compared:
        for why in dict.fromkeys(contrast.no_placebo for contrast in one.contrasts if contrast.no_placebo):
            yield f"No placebo was drawn for “{one.claim.title}”: {why}."


def robustness(known: Known) -> Iterator[str]:
    """Yield how far the verdicts hang on decisions, if that was looked at."""
    found = known.multiverse
    if found is None:
        yield gap("how far results hang on the decisions, or that it was not looked at (coding robustness)")
        return
    varied = "; ".join(f"{one.name} ({', '.join(_values(one))})" for one in found.decisions)
    yield (
        f"The study was carried out in {len(found)} universes, in {found.texts}, every combination of "
        f"{varied}; these are neither independent nor equally sensible, and their shares are descriptions."
    )
    each = [
        f"{one.title}: {one.own.verdict} kept in {100 * float(one.keeps().mean()):.1f} %"
        for one in found.findings
    ]
    yield f"{'; '.join(each)}."


def _values(decision: Varied) -> list[str]:
    """Return the values of a decision; of codes and rules left out one by one only how many."""
    own, *others = decision.values
    if decision.name != _LEFT_OUT or len(others) <= MOST_NAMED:
        return list(decision.values)
    n_rules = sum(one.startswith(OF_A_RULE) for one in others)
    counts = {"code": len(others) - n_rules, "rule": n_rules}
    return [own, *(f"each of {plural(n, what)} in turn" for what, n in counts.items() if n)]


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
