"""Who coded a study, how far people agree, and how good the coding is, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.coders import RULES
from coding.methods_text.known import listed, number, plural
from coding.paper import gap
from coding.taggers.rules.forms import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coding.codebook import Codebook, Rule
    from coding.methods_text.known import Known
    from coding.resampling import Statistic
    from coding.sample_quality import SampleQuality


def coders(known: Known) -> Iterator[str]:
    """Yield who coded, and what was read by whom."""
    run = known.run
    if RULES in run.study.coders:
        yield by_rules(known)
    others = [coder for coder in run.study.coders if coder != RULES]
    yield from (_of_coder(known, coder) for coder in others)
    if not others:
        yield "No person's coding counts in the numbers of the study."
    yield from _beside(known, others)
    if run.n_unread:
        yield (
            f"{plural(run.n_unread, 'coded segment')} of people count nowhere, since no reading was filed "
            "there."
        )
    if run.n_stale:
        yield f"{plural(run.n_stale, 'coded segment')} of people count nowhere, since the text changed since."
    yield review(known)
    if others:
        yield gap("who the coders are, how they were trained, and how they coded")


def by_rules(known: Known) -> str:
    """Say how much the rules read and coded."""
    run = known.run
    n_read = len({r.segment.document for r in run.coded.readings if r.coder == RULES})
    n_coded = sum(segment.coder == RULES for segment in run.coded.segments)
    nested = "the longest stands" if run.study.overlap == "longest" else "all stand"
    return (
        f"The rules coded {n_read} of the {len(run.corpus)} documents "
        f"(coded segments that stand: {n_coded}). A rule finds words within a sentence or paragraph and "
        f"can be held back by other words near them; of nested hits of one code {nested}. "
        f"{_words_of_rules(run.codebook)}"
    ).strip()


def _words_of_rules(book: Codebook) -> str:
    """Say how many rules find inflected forms too, and how many words as they are written."""
    rules = [rule for code in book.codes if not code.retired for rule in code.rules]
    if not rules:
        return ""
    n_tokens = sum(rule.kind == "pattern" for rule in rules)
    n_inflected = sum(_is_inflected(rule) for rule in rules) if book.language in LANGUAGES else 0
    ways = {
        "a word in its base form with its inflected forms too": n_inflected,
        "words as written": len(rules) - n_inflected - n_tokens,
        "words by their grammar, as a pattern of tokens says": n_tokens,
    }
    each = [(n, way) for way, n in ways.items() if n]
    if len(each) == 1:
        return f"Of the {plural(len(rules), 'rule')} each finds {each[0][1]}."
    first, *others = (f"{n} {'finds' if n == 1 else 'find'} {way}" for n, way in each)
    return f"Of the {len(rules)} rules {listed([first, *others])}."


def _is_inflected(rule: Rule) -> bool:
    return rule.match == "lemma" and not rule.case and rule.kind not in ("pattern", "regex")


def _of_coder(known: Known, coder: str) -> str:
    run = known.run
    readings = [r for r in run.coded.readings if r.coder == coder]
    n_read = len({r.segment.document for r in readings})
    n_coded = sum(segment.coder == coder for segment in run.coded.segments)
    blind = sum(r.blind for r in readings)
    said = f"{coder} read {n_read} of {plural(len(run.corpus), 'document')}"
    if all(r.kind == "person" for r in readings):
        said += f" ({blind} of {plural(len(readings), 'reading')} blind to what others had coded)"
    else:
        said += " as a trained model"
    return f"{said}; coded segments that stand: {n_coded}."


def _beside(known: Known, counted: Sequence[str]) -> Iterator[str]:
    """Say who read in these documents without counting in the study."""
    readers = sorted({reading.coder for reading in known.people} - set(counted))
    if readers:
        n = len({r.segment.document for r in known.people if r.coder in readers})
        more = "more " if counted else ""
        yield (
            f"{plural(len(readers), f'{more}person', f'{more}people')} read in {plural(n, 'document')} of "
            "the study without counting in it."
        )


def review(known: Known) -> str:
    """Say what review made of the coding."""
    run = known.run
    if run.reviewed is None:
        return "No decision of a reviewer was applied."
    found = run.reviewed
    kept = "kept" if run.study.unreviewed == "keep" else "dropped"
    return (
        f"Review was applied: of the coded segments {found.n_accepted} were accepted, {found.n_rejected} "
        f"rejected and {found.n_recoded} recoded; on {found.n_unreviewed} nobody decided, and of these what "
        f"rules and models coded was {kept}."
    )


def agreement(known: Known) -> Iterator[str]:
    """Yield how far people agree, if two have read the same."""
    found = known.agreement
    if found is None:
        yield known.alone
        yield gap("how reliable the coding is, or that nobody coded the same texts twice")
        return
    read, coded = found.over_read, found.over_coded
    yield (
        f"{listed(found.between)} read {plural(read.n_units, found.unit)} of "
        f"{plural(found.n_clusters, 'cluster')} both or more of them; someone coded {coded.n_units}."
    )
    yield (
        f"Over all codes Krippendorff's alpha is {_statistic(read['alpha'])} over what was read and "
        f"{_statistic(coded['alpha'])} over what anyone coded; they said the same in "
        f"{_statistic(read['percent'])} of the units and codes read."
    )
    tops = [code.id for code in found.codebook.children(None) if code.id in found.by_code]
    each = [f"{found.codebook[code].name} {_statistic(found.by_code[code]['alpha'])}" for code in tops]
    yield f"By code: {'; '.join(each)}. Intervals: documents drawn anew, {found.n_replicates} times."
    if found.n_open:
        yield (
            f"{plural(found.n_open, found.unit)} were read by someone who could see what others had coded: "
            "there agreement is no test."
        )


def quality(known: Known) -> Iterator[str]:
    """Yield how well the rules find what readers find, with what it was measured on."""
    measured = known.run.measured
    if RULES not in known.run.study.coders and not known.samples:
        return
    if measured is not None:
        yield (
            f"How well the rules of this version find what readers find was measured on {measured.texts}: "
            f"{plural(measured.sentences, 'sentence')} of {plural(measured.documents, 'document')}. Macro-F1 "
            f"is {number(measured.macro_f1)}, that of the readers with one another "
            f"{number(measured.macro_f1_readers)}."
        )
        names = known.run.matrix.names
        each = [f"{names.get(code, code)} {number(one.f1)}" for code, one in measured.categories.items()]
        yield f"F1 by category: {', '.join(each)}. These need not be texts of the study."
    for found in known.samples:
        yield from _sample(found)
    if measured is None and not known.samples:
        yield "How well the rules find what readers find was not measured for this version of the codebook."
        yield gap("how good the coding is, or that it was not measured (coding sample, coding quality)")


def _sample(found: SampleQuality) -> Iterator[str]:
    sample = found.judged.sample
    who = ", ".join(f"{one.reader} {one.n_judged}" for one in found.judged.readers)
    yield (
        f"From a blind sample ({sample.name}: {len(sample.drawn)} of {plural(sample.n_units, sample.unit)}, "
        f"judged by {who}) the coder {sample.coder} has precision and recall of:"
    )
    rates = [one for one in found.rates.values() if not one.rule and not one.case and one.n_judged]
    yield (
        "; ".join(f"{one.code} {number(one.precision.value)} and {number(one.recall.value)}" for one in rates)
        + "."
    )


def _statistic(statistic: Statistic) -> str:
    if statistic.value is None:
        return f"not defined ({statistic.reason})"
    span = "" if statistic.low is None else f" ({statistic.low:.2f} to {statistic.high:.2f})"
    return f"{statistic.value:.2f}{span}"
