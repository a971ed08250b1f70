"""The texts and the codebook of a study, in sentences."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

from coding.methods_text.known import counted, listed, plural
from coding.paper import gap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coding.codebook import Rule
    from coding.methods_text.known import Known
    from coding.study import Run

_REASONS = {
    "other case": "about other cases",
    "fidelity": "of another fidelity",
    "source kind": "of another kind of source",
    "year": "of other years",
}


def size(known: Known) -> str:
    """Say how many documents there are, of whom, and how long they are."""
    run = known.run
    n_words = sum(len(document.text.split()) for document in run.corpus)
    n_clusters = len({document.cluster for document in run.corpus})
    return (
        f"The corpus of the study holds {plural(len(run.corpus), 'document')} ({_by_case(run)}), "
        f"{plural(n_clusters, 'cluster')} if the documents of one project, event or series count as one. "
        f"They have {n_words} words between white space and were cut into "
        f"{plural(len(run.matrix.projection.units), run.matrix.measurement.unit)}."
    )


def _by_case(run: Run) -> str:
    """Say how many documents count for each case, as in the matrix, and how many for several or for none."""
    matrix = run.matrix
    counts = Counter(
        document
        for case in matrix.cases
        for document in {matrix.projection.units[row].document for row in matrix.rows[case]}
    )
    each = ", ".join(f"{matrix.names[case]} {matrix.size(case)[1]}" for case in matrix.cases)
    n_shared, n_none = sum(n > 1 for n in counts.values()), len(run.corpus) - len(counts)
    shared = f"; {n_shared} of them {'counts' if n_shared == 1 else 'count'} for several" if n_shared else ""
    none = f"; {n_none} {'counts' if n_none == 1 else 'count'} for none" if n_none else ""
    return each + shared + none


def kinds(known: Known) -> Iterator[str]:
    """Say of what kind the documents are: type, year, fidelity, source, language."""
    corpus = known.run.corpus
    yield f"Types: {counted(d.variables.get('type') for d in corpus)}."
    years = sorted(int(str(d.variables["year"])) for d in corpus)
    yield f"Years: {years[0]} to {years[-1]}, median {median(years):g}."
    yield (
        f"Fidelity: {counted(d.variables['fidelity'] for d in corpus)}; kind of source: "
        f"{counted(d.variables['source_kind'] for d in corpus)}."
    )
    yield (
        f"Language of the texts: {counted(d.variables.get('language') for d in corpus)}; of the sources: "
        f"{counted(d.variables.get('source_language') for d in corpus)}."
    )
    if "digest" in {d.variables["fidelity"] for d in corpus}:
        yield (
            "A digest is a short text written from a source, not the words of the source: what is found in "
            "it is found in digests."
        )


def selection(known: Known) -> Iterator[str]:
    """Say which documents of the project were taken, and how many were not, and why."""
    run, chosen = known.run, known.run.study.corpus
    years = chosen.years
    span = " ".join(
        f"{word} {year}" for word, year in (("from", years.first), ("to", years.last)) if year is not None
    )
    yield (
        f"Of the project's documents those were taken that are about "
        f"{listed(map(run.corpus.name, chosen.cases))}, are {listed(f'{kind}s' for kind in chosen.fidelity)} "
        f"of {listed(chosen.source_kind)} sources{f' and of the years {span}' if span else ''}."
    )
    if run.left_out:
        left = ", ".join(f"{n} {_REASONS.get(reason, f'for {reason}')}" for reason, n in run.left_out.items())
        yield f"Left out were {sum(run.left_out.values())}: {left}."
    else:
        yield "None was left out."


def shared(known: Known) -> Iterator[str]:
    """Say what becomes of documents that are about several cases."""
    run, unit = known.run, known.run.matrix.measurement.unit
    abouts = [d.variables.get("about") for d in run.corpus]
    n_shared = sum(isinstance(about, tuple) and len(about) > 1 for about in abouts)
    if n_shared:
        yield (
            f"In {plural(n_shared, 'document')} about several cases a {unit} counts for each case that it "
            f"names; {plural(len(run.matrix.unplaced), unit)} named none and count for none."
        )


def corpus(known: Known) -> Iterator[str]:
    """Yield what is known of the corpus."""
    yield size(known)
    yield from kinds(known)
    yield from selection(known)
    yield from shared(known)
    yield gap(
        "how, where, in which languages and when documents were searched for, by whom, and when it ended"
    )
    if "digest" in {d.variables["fidelity"] for d in known.run.corpus}:
        yield gap("who wrote the digests, from what, and how they were checked against the sources")


def tree(known: Known) -> str:
    """Say which codes the codebook has."""
    book = known.run.codebook
    used = [code for code in book.codes if not code.retired]
    families = {
        family: [code.name for code in book.children(None) if book.family(code.id) == family]
        for family in dict.fromkeys(book.family(code.id) for code in used)
    }
    said = "; ".join(f"{family} ({', '.join(names)})" for family, names in families.items())
    retired = len(book.codes) - len(used)
    title = f" (“{book.title}”)" if book.title else ""
    return (
        f"Texts were coded with the codebook {book.id}{title}, version {book.version}: "
        f"{plural(len(used), 'code')} in {plural(len(families), 'family', 'families')}: {said}"
        f"{f'; {retired} more are retired' if retired else ''}."
    )


def codebook(known: Known) -> Iterator[str]:
    """Yield what is known of the codebook, its rules and their tests."""
    book = known.run.codebook
    used = [code for code in book.codes if not code.retired]
    rules = [rule for code in used for rule in code.rules]
    yield tree(known)
    noted = sum(bool(code.include or code.exclude) for code in used)
    yield (
        f"Each code has a definition; {noted} say besides what to take in or to leave out, "
        f"{sum(bool(code.examples) for code in used)} have examples."
    )
    if rules:
        yield _rules(rules, sum(bool(code.rules) for code in used))
    yield gap(
        "where the codes come from (theory, earlier work, these texts), and who wrote definitions and rules"
    )
    yield gap(
        "on which texts the codebook was developed, and whether those who did knew the texts of this study"
    )


def _rules(rules: Sequence[Rule], n_codes: int) -> str:
    matches, rejects = (sum(len(getattr(rule, what)) for rule in rules) for what in ("matches", "rejects"))
    return (
        f"{plural(n_codes, 'code')} {'has' if n_codes == 1 else 'have'} rules: {len(rules)} in all "
        f"({counted(rule.kind for rule in rules)}). {plural(matches, 'sentence')} that a rule must hit and "
        f"{rejects} that it must not hit stand beside the rules and run as tests (coding check)."
    )
