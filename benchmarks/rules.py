"""How fast the rules are, as ratios to spaCy's matchers and to a plain `re` script, in one run.

Prose of 10 MB is read, indexed and searched with 1,000 rules of 60 codes. Peer and ours take turns, each
in a process of its own with one thread, so that a slow moment of the machine falls on all. The seconds are
the processor's: equal to the clock's on an idle machine, and hardly touched by other work on a busy one.
Libraries are loaded before they count, patterns are read while they do. Printed are medians. Both sides
yield code points, and where their languages coincide they must find the same.

The prose is generated: Zipfian frequencies, inflected English, made-up names, as many distinct chunks as
real speeches have, and lines broken in every second document, as in theirs; or it is the folder given by
`--texts`, repeated. The rules come from its own words.
"Warm" means that the index is ready, not that the rules are known. Slow peers (spaCy's `Matcher`, `re`)
read every twentieth document, and their time is scaled.

`phrase_*_cold` (goals 2.5, 4), `gap_cold` (50), `phrase_warm` (100) and `gap_warm` (500) are how many times
faster we are; `re_script` is the same against `re`; `peak_mb_100mb` is the memory of tagging 100 MB at its
highest (goal: under 1000).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from spacy.language import Language
    from spacy.tokens import Doc

    from coding.codebook import Codebook, Match, Rule
    from coding.model import Document
    from coding.taggers.rules.index import TokenIndex

Arrays = tuple["np.ndarray", "np.ndarray", "np.ndarray"]  # document, start, end
Span = tuple[int, int, int, int]  # rule, document, start, end

MB = 1_000_000
SAMPLE = 20  # slow peers read one document in so many
N_CODES = 60
N_RULES = 1_000
GOALS = {
    "phrase_lower_cold": 2.5,
    "phrase_lemma_cold": 4,
    "gap_cold": 50,
    "phrase_warm": 100,
    "phrase_lemma_warm": 100,
    "gap_warm": 500,
    "re_script": None,
}
ALIKE = 0.98  # of what either side finds, this share must be found by both
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def main() -> None:
    """Take turns, then print the tables and, with --json, one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    parser.add_argument("--quick", action="store_true", help="1 MB, two rounds, nothing at 100 MB")
    parser.add_argument("--texts", help="a folder of *.txt instead of generated prose")
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        print(json.dumps(_WORK[asked.work[0]](Path(asked.work[1]), *asked.work[2:])))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = _compare(folder, asked.texts, quick=asked.quick)
    if asked.json:
        print(json.dumps(found))


def _compare(folder: str, texts: str | None, *, quick: bool) -> dict[str, float]:
    size, most, n_rounds = (MB, MB, 2) if quick else (10 * MB, 100 * MB, 3)
    print(f"load {' '.join(f'{load:.1f}' for load in os.getloadavg())}, {os.cpu_count()} cores")
    made = _run("prepare", folder, size, most, texts or "")
    print(
        f"{made['bytes'] / MB:.1f} MB in {made['documents']} documents, {made['distinct']:,} distinct chunks "
        f"of {made['chunks']:,}; {made['rules']:,} phrases, {made['gaps']:,} gap and near rules"
    )
    rounds = [_turn(folder, size) for _ in range(n_rounds)]
    ratios = {name: statistics.median(_ratio(name, one) for one in rounds) for name in GOALS}
    _print_ratios(rounds, ratios)
    if quick:
        print("(The goals are for 10 MB; with less text, what a rule costs by itself weighs more.)")
    _print_alike(folder, size)
    found = {name: round(ratio, 2) for name, ratio in ratios.items()}
    found |= _print_scaling(folder, size, most, quick=quick)
    print(f"load {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    return found


# What is compared: the name of a ratio, the peer's run and its time, ours and its time.
_COMPARED = {
    "phrase_lower_cold": ("PhraseMatcher(LOWER)", "cold", "phrases, surface", "cold"),
    "phrase_lemma_cold": ("PhraseMatcher(LEMMA)", "cold", "phrases, lemma", "cold"),
    "gap_cold": ("Matcher", "cold", "gaps", "cold"),
    "phrase_warm": ("PhraseMatcher(LOWER)", "cold", "ready index", "phrases, surface"),
    "phrase_lemma_warm": ("PhraseMatcher(LEMMA)", "cold", "ready index", "phrases, lemma"),
    "gap_warm": ("Matcher", "warm", "ready index", "gaps"),
    "re_script": ("re script", "cold", "mixed", "cold"),
}
_RUNS = {
    "PhraseMatcher(LOWER)": ("spacy_phrases", "LOWER"),
    "phrases, surface": ("ours", "phrases", "surface"),
    "PhraseMatcher(LEMMA)": ("spacy_phrases", "LEMMA"),
    "phrases, lemma": ("ours", "phrases", "lemma"),
    "Matcher": ("spacy_matcher",),
    "gaps": ("ours", "gaps", "surface"),
    "re script": ("re_script",),
    "mixed": ("ours", "mixed", "surface"),
    "ready index": ("warm",),
}


def _turn(folder: str, size: int) -> dict[str, dict[str, float]]:
    return {name: _run(work, folder, size, *how) for name, (work, *how) in _RUNS.items()}


def _run(work: str, *how: object) -> dict[str, Any]:
    """Do a piece of work in a fresh process with one thread; return what it measured."""
    command = [sys.executable, __file__, "--work", work, *map(str, how)]
    process = subprocess.run(
        command, stdout=subprocess.PIPE, env=os.environ | ONE_THREAD, text=True, check=False
    )
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed with status {process.returncode}")
    measured: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return measured


def _ratio(name: str, one: Mapping[str, Mapping[str, float]]) -> float:
    peer, its_time, ours, our_time = _COMPARED[name]
    return one[peer][its_time] / one[ours][our_time]


def _print_ratios(rounds: Sequence[Mapping[str, Mapping[str, float]]], ratios: Mapping[str, float]) -> None:
    print(f"\n{'ratio':20}{'peer':>26}{'seconds':>10}{'ours':>9}{'times':>9}{'min':>8}{'max':>8}{'goal':>6}")
    for name, (peer, its_time, ours, our_time) in _COMPARED.items():
        theirs = statistics.median(one[peer][its_time] for one in rounds)
        own = statistics.median(one[ours][our_time] for one in rounds)
        each = [_ratio(name, one) for one in rounds]
        scaled = f"{peer}, 1/{SAMPLE} scaled" if rounds[0][peer].get("scaled") else peer
        print(
            f"{name:20}{scaled:>26}{theirs:10.2f}{own:9.3f}"
            f"{ratios[name]:9.2f}{min(each):8.1f}{max(each):8.1f}{GOALS[name] or '':>6}"
        )


def _print_alike(folder: str, size: int) -> None:
    print(f"\n{'matches':24}{'spaCy':>10}{'ours':>10}{'both, where the languages coincide':>38}")
    for attribute, match in (("LOWER", "surface"), ("LEMMA", "lemma")):
        one = _run("alike", folder, size, f"spacy-{attribute}", f"phrases-{match}")
        print(f"phrases, {attribute:15}{one['theirs']:>10,}{one['ours']:>10,}{one['share']:>38.2%}")
        if one["share"] < ALIKE:
            sys.exit(f"spaCy and ours differ by more than {1 - ALIKE:.0%}: the comparison is not fair.")
    one = _run("alike", folder, size, "spacy-gaps", "gaps-surface")
    print(f"gap and near, 1/{SAMPLE:<8}{one['theirs']:>10,}{one['ours']:>10,}{one['share']:>38.2%}")
    print("(In a gap, punctuation is a token to spaCy and no word to us, so these need not agree.)")


def _print_scaling(folder: str, size: int, most: int, *, quick: bool) -> dict[str, float]:
    """Tag by RuleTagger, segments included; return the memory of the largest run."""
    asked = [(MB, N_RULES), (size, 100), (size, N_RULES), (size, 5 * N_RULES), (most, N_RULES)]
    print(
        f"\n{'RuleTagger.tag, lemma':24}{'seconds':>9}{'MB/s':>7}{'segments':>10}{'peak MB':>9}{'texts':>7}"
    )
    last: dict[str, Any] = {}
    for n_bytes, n_rules in asked[:1] if quick else asked:
        last = _run("tag", folder, n_bytes, n_rules)
        seconds = last["seconds"]
        print(
            f"{n_bytes // MB:4} MB, {last['rules']:5,} rules   {seconds:9.2f}{n_bytes / MB / seconds:7.1f}"
            f"{last['segments']:10,}{last['peak']:9.0f}{last['texts']:7.0f}"
        )
    return {} if quick else {"peak_mb_100mb": round(last["peak"])}


# Texts


def prepare(folder: Path, size: str, most: str, given: str) -> dict[str, int]:
    """Write texts of the largest size, and rules made from those of the size that is compared."""
    (folder / "texts").mkdir()
    texts = _repeated(Path(given), int(most)) if given else _generated(int(most))
    for number, text in enumerate(texts):
        (folder / "texts" / f"{number:06}.txt").write_text(text, encoding="utf-8", newline="")
    compared = _texts(folder, int(size))
    phrases, gaps = _phrases(compared, 5 * N_RULES), _gaps(compared, N_RULES)
    (folder / "rules.json").write_text(json.dumps({"phrases": phrases, "gaps": gaps}), encoding="utf-8")
    chunks = Counter(chunk for text in compared for chunk in text.split())
    return {
        "bytes": sum(len(text.encode()) for text in compared),
        "documents": len(compared),
        "chunks": chunks.total(),
        "distinct": len(chunks),
        "rules": len(phrases),
        "gaps": len(gaps),
    }


def _texts(folder: Path, size: int) -> list[str]:
    """Return the first texts, until they hold so many bytes."""
    texts, held = [], 0
    for path in sorted((folder / "texts").glob("*.txt")):
        if held >= size:
            break
        texts.append(path.read_text(encoding="utf-8"))
        held += path.stat().st_size
    return texts


def _repeated(folder: Path, size: int) -> Iterator[str]:
    """Yield the texts of a folder again and again; each copy differs, so that nothing is remembered."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.rglob("*.txt"))]
    if not any(texts):
        sys.exit(f"{folder}: no *.txt with a text in it.")
    held = copy = 0
    while held < size:
        copy += 1
        for text in texts:
            if held >= size:
                return
            yield f"Copy {copy}.\n\n{text}"
            held += len(text.encode())


_COMMON = (
    "the of to and in a that is we for on as will with our be are has it its by have this i at an which all "
    "from not also must more was their can such should who they been these but or other would were through "
    "between than into there those his them no one so my some if when only he about over under after most "
    "where both many what her she had may could each any against within among during towards upon however"
)
_SYLLABLES = [c + v + e for c in "bcdfghjklmnprstvz" for v in "aeiou" for e in ("", "n", "r", "l")]
_DOCUMENT = 20_000  # bytes


def _generated(size: int) -> Iterator[str]:
    import numpy as np

    rng = np.random.default_rng(1989)
    words, weights = _vocabulary(rng)
    shares = np.cumsum(weights / weights.sum())
    held = number = 0
    while held < size:
        text = _document(rng, words, shares, wrapped=number % 2 == 1)
        yield text
        held += len(text.encode())
        number += 1


def _vocabulary(rng: np.random.Generator) -> tuple[list[str], np.ndarray]:
    """Return what a text is made of, with weights: words in all their forms, collocations, names, numbers."""
    import numpy as np

    known = _inflected()
    lemmas = [known[i] for i in rng.permutation(len(known))[:11_000]]
    middle = [forms[0] for forms in lemmas[:3000]]
    joined = [
        [f"{' '.join(first)} {form}" for form in lemmas[last][:2]]
        for n in (1, 2)
        for first, last in zip(
            rng.choice(middle, (3000, n)).tolist(), rng.integers(0, 3000, 3000).tolist(), strict=True
        )
    ]
    hyphened = [["-".join(pair)] for pair in rng.choice(middle, (2500, 2)).tolist()]
    made_up = [["".join(rng.choice(_SYLLABLES, n))] for n in rng.integers(2, 5, 40_000)]
    made_up[::25] = [[word.replace("e", "é")] for (word,) in made_up[::25]]
    names = [[word.capitalize()] for (word,) in made_up[::2]]
    numbers = [
        [form] for n in rng.integers(1, 3000, 2500).tolist() for form in (f"{n}", f"{n / 10}%")[n % 2 :][:1]
    ]
    rest = [*lemmas[700:], *joined, *hyphened, *names, *made_up[1::2], *numbers]
    entries = (
        [[word] for word in _COMMON.split()] + lemmas[:700] + [rest[i] for i in rng.permutation(len(rest))]
    )
    ranks = np.arange(len(entries)) + 1.5
    heights = 1 / (ranks * (1 + ranks / 1000))  # as in speeches at the United Nations: steeper in the tail
    words = [form for forms in entries for form in forms]
    weights = [
        height * share
        for forms, height in zip(entries, heights.tolist(), strict=True)
        for share in ((1.0,), (0.65, 0.35), (), (0.5, 0.2, 0.17, 0.13))[len(forms) - 1]
    ]
    return words, np.array(weights)


def _inflected() -> list[list[str]]:
    """Return the nouns (with -s) and verbs (with -s, -ed, -ing) of LemmInflect's dictionary."""
    table = files("lemminflect").joinpath("resources", "infl_lu.csv.gz").read_bytes()
    found = {}
    for line in gzip.decompress(table).decode().splitlines():
        base, kind, *rest = line.split(",")
        if kind == "noun" and rest[0] == f"{base}s":
            found[base] = [base, rest[0]]
        elif kind == "verb" and rest[0].endswith("ed") and "/" not in line:
            found[base] = [base, rest[-1], rest[0], rest[-2]]
    return [forms for base, forms in found.items() if base.isalpha() and base.isascii() and len(base) > 3]


def _document(rng: np.random.Generator, words: Sequence[str], shares: np.ndarray, *, wrapped: bool) -> str:
    """Return paragraphs of sentences of drawn words, with the punctuation of real prose."""
    import numpy as np

    n_words = _DOCUMENT // 6
    drawn = [words[i] for i in np.searchsorted(shares, rng.random(n_words)).tolist()]
    marks = rng.choice(8, n_words, p=[0.925, 0.05, 0.007, 0.005, 0.004, 0.004, 0.003, 0.002]).tolist()
    shown = [_MARKED[mark].format(word) for word, mark in zip(drawn, marks, strict=True)]
    paragraphs: list[list[str]] = [[]]
    left = iter(shown)
    while sentence := list(islice(left, int(rng.integers(8, 36)))):
        sentence[0] = sentence[0][:1].upper() + sentence[0][1:]
        sentence[-1] = sentence[-1].rstrip(",;– ") + ".?!"[rng.choice(3, p=[0.96, 0.03, 0.01])]
        if len(paragraphs[-1]) >= 4 and rng.random() < 0.4:
            paragraphs.append([])
        paragraphs[-1].append(" ".join(sentence))
    whole = [" ".join(sentences) for sentences in paragraphs]
    return "\n\n".join(map(_wrapped, whole) if wrapped else whole) + "\n"


def _wrapped(paragraph: str) -> str:
    words = paragraph.split()
    return "\n".join(" ".join(words[i : i + 11]) for i in range(0, len(words), 11))


_MARKED = ("{}", "{},", "{}’s", "“{}”", "({})", "{};", "{} –", "U.N. {}")


# Rules

_PLAIN = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")  # words with nothing but a space between


def _runs(texts: Sequence[str]) -> Iterator[list[str]]:
    for text in texts:
        for run in _PLAIN.findall(text.lower()):
            yield run.split()


def _middle(texts: Sequence[str]) -> set[str]:
    """Return the words of the middle frequencies, as those of codebooks are."""
    counts = Counter(word for run in _runs(texts) for word in run if len(word) > 3)
    return {word for word, count in counts.most_common(6000)[200:] if count > 1}


def _phrases(texts: Sequence[str], n: int) -> list[str]:
    """Draw phrases of one to three words whose inflected forms do not meet: spaCy gives a token one lemma."""
    import numpy as np

    from coding.taggers.rules.forms import forms

    middle = _middle(texts)
    counts = Counter(
        tuple(run[i : i + size])
        for run in _runs(texts)
        for size in (1, 2, 3)
        for i in range(len(run) - size + 1)
        if run[i] in middle and run[i + size - 1] in middle
    )
    by_size = [[g for g, count in counts.items() if len(g) == size and count > 1] for size in (1, 2, 3)]
    rng = np.random.default_rng(2001)
    orders = [iter(rng.permutation(len(grams)).tolist()) for grams in by_size]
    taken: dict[str, str] = {}
    chosen: list[str] = []
    for turn in range(3 * sum(map(len, by_size))):
        number = next(orders[turn % 3], None)
        if number is None or len(chosen) == n:
            continue
        gram = by_size[turn % 3][number]
        if all(taken.get(form, word) == word for word in gram for form in forms(word, "en")):
            taken |= {form: word for word in gram for form in forms(word, "en")}
            chosen.append(" ".join(gram))
    return chosen


def _gaps(texts: Sequence[str], n: int) -> list[list[str]]:
    """Draw pairs of words that stand near each other: a quarter `a .. b`, a quarter `a ..5 b`, half near."""
    import numpy as np

    middle = _middle(texts)
    pairs = sorted(
        {
            (one, other)
            for run in _runs(texts)
            for i, one in enumerate(run)
            if one in middle
            for other in run[i + 2 : i + 5]
            if other in middle and other != one
        }
    )
    drawn = [pairs[i] for i in np.random.default_rng(2002).permutation(len(pairs))[:n].tolist()]
    kinds = ("..", "near", "..5", "near")
    return [[kinds[i % 4], *pair] for i, pair in enumerate(drawn)]


def _chosen(folder: Path, which: str) -> list[list[str]]:
    """Return what rules say: a kind and its words."""
    rules = json.loads((folder / "rules.json").read_text(encoding="utf-8"))
    phrases: list[list[str]] = [["phrase", phrase] for phrase in rules["phrases"]]
    gaps: list[list[str]] = rules["gaps"]
    mixed = phrases[: 4 * N_RULES // 5] + [rule for rule in gaps if rule[0] == ".."][: N_RULES // 5]
    return {"phrases": phrases[:N_RULES], "all phrases": phrases, "gaps": gaps, "mixed": mixed}[which]


def _rule(number: int, said: Sequence[str], match: Match) -> Rule:
    from coding.codebook import Rule

    kind, *words = said
    if kind == "near":
        return Rule(f"r{number}", "near", tuple(words), within=5, match=match)
    return Rule(f"r{number}", "phrase", (f" {kind} ".join(words),), match=match)


# Ours


def ours(folder: Path, size: str, which: str, match: Match) -> dict[str, float]:
    """Read, index, apply: cold but for the libraries."""
    from coding.taggers.rules.index import TokenIndex

    _load_ours()
    said = _chosen(folder, which)
    begun = time.process_time()
    index = TokenIndex.build(_documents(folder, int(size)), "en")
    found = _applied([_rule(i, one, match) for i, one in enumerate(said)], index)
    cold = time.process_time() - begun
    spans = [(rule, *span) for rule, arrays in enumerate(found) for span in zip(*arrays, strict=True)]
    _keep(folder, f"{which}-{match}", spans)
    return {"cold": cold}


def warm(folder: Path, size: str) -> dict[str, float]:
    """Apply rules to a ready index that has not seen them: nothing of a rule is remembered."""
    from coding.codebook import Rule
    from coding.patterns import parse
    from coding.taggers.rules.forms import forms
    from coding.taggers.rules.index import TokenIndex

    _load_ours()
    index = TokenIndex.build(_documents(folder, int(size)), "en")
    _applied([Rule("r", "near", ("the", "of"), within=5)], index)
    took = {}
    turns: list[tuple[str, Match]] = [("phrases", "surface"), ("gaps", "surface"), ("phrases", "lemma")]
    for which, match in turns:
        rules = [_rule(i, said, match) for i, said in enumerate(_chosen(folder, which))]
        index._found.clear()  # noqa: SLF001
        index._plain.clear()  # noqa: SLF001
        parse.cache_clear()
        forms.cache_clear()
        begun = time.process_time()
        _applied(rules, index)
        took[which if which == "gaps" else f"{which}, {match}"] = time.process_time() - begun
    return took


def tag(folder: Path, size: str, n_rules: str) -> dict[str, float]:
    """Tag as users do, coded segments and all; with the memory before and at its highest."""
    from coding.taggers.rules import RuleTagger

    _load_ours()
    said = _chosen(folder, "all phrases")[: int(n_rules)]
    before = _resident_mb()
    begun = time.process_time()
    documents = _documents(folder, int(size))
    held = _resident_mb() - before
    coded = RuleTagger(_codebook([_rule(i, one, "lemma") for i, one in enumerate(said)]), "all").tag(
        documents
    )
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": seconds, "segments": len(coded.segments), "rules": len(said), "peak": peak, "texts": held,
    }  # fmt: skip


def _documents(folder: Path, size: int) -> list[Document]:
    from coding.model import Document

    return [Document(str(number), text) for number, text in enumerate(_texts(folder, size))]


def _applied(rules: Sequence[Rule], index: TokenIndex) -> list[Arrays]:
    """Return for each rule the documents, starts and ends of its hits."""
    from coding.taggers.rules.match import Searched, hits

    searched = Searched(index)
    found = [hits(rule, searched) for rule in rules]
    return [(index.document[one.first], one.start, one.end) for one in found]


def _codebook(rules: Sequence[Rule]) -> Codebook:
    from coding.codebook import Code, Codebook

    codes = [Code(f"c{i}", f"c{i}", "", rules=tuple(rules[i::N_CODES])) for i in range(N_CODES)]
    return Codebook("benchmark", "1.0.0", tuple(codes))


def _load_ours() -> None:
    """Load the libraries and their models, which no text needs twice."""
    from coding.codebook import Rule
    from coding.model import Document
    from coding.taggers.rules import RuleTagger

    RuleTagger(_codebook([Rule("r", "phrase", ("work ..5 day",))]), "all").tag(
        [Document("d", "Work. A day.")]
    )


def _resident_mb() -> float:
    return (
        int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 2**20
    )


# Peers


def spacy_phrases(folder: Path, size: str, attribute: str) -> dict[str, float]:
    """Find phrases by spaCy's tokenizer and PhraseMatcher; for LEMMA with a component of our forms."""
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")
    nlp.max_length = 10**9
    said = [words for _, words in _chosen(folder, "phrases")]
    if attribute == "LEMMA":
        _add_lemmas(nlp, said)
    begun = time.process_time()
    matcher = PhraseMatcher(nlp.vocab, attr=attribute)
    for number, phrase in enumerate(nlp.pipe(said)):
        matcher.add(str(number), [phrase])
    found = _found_by(matcher, nlp.pipe(_texts(folder, int(size))))
    cold = time.process_time() - begun
    _keep(folder, f"spacy-{attribute}", _by_number(found, nlp))
    return {"cold": cold}


def spacy_matcher(folder: Path, size: str) -> dict[str, float]:
    """Find gaps and neighbours by spaCy's Matcher, a pattern for each order, in a sample; scale the time."""
    import spacy
    from spacy.matcher import Matcher

    nlp = spacy.blank("en")
    nlp.max_length = 10**9
    said = _chosen(folder, "gaps")
    begun = time.process_time()
    matcher = Matcher(nlp.vocab)
    for number, (kind, one, other) in enumerate(said):
        orders = [(one, other), (other, one)] if kind == "near" else [(one, other)]
        gap = [{"OP": "?"}] * (3 if kind == ".." else 5)
        matcher.add(str(number), [[{"LOWER": first}, *gap, {"LOWER": last}] for first, last in orders])
    texts = _texts(folder, int(size))
    sample = list(nlp.pipe(texts[::SAMPLE]))
    ready = time.process_time()
    found = _found_by(matcher, sample)
    done = time.process_time()
    scale = sum(map(len, texts)) / sum(map(len, texts[::SAMPLE]))
    spans = [(rule, SAMPLE * number, start, end) for rule, number, start, end in _by_number(found, nlp)]
    _keep(folder, "spacy-gaps", spans)
    return {"cold": scale * (done - begun), "warm": scale * (done - ready), "scaled": True}


def re_script(folder: Path, size: str) -> dict[str, float]:
    """Find what people find: an alternation for each code, gaps as runs of words; in a sample, scaled."""
    said = _chosen(folder, "mixed")
    begun = time.process_time()
    written = [re.escape(words[0]) if len(words) == 1 else _spelt(words) for _, *words in said]
    codes = [re.compile(rf"\b(?:{'|'.join(written[i::N_CODES])})\b", re.IGNORECASE) for i in range(N_CODES)]
    texts = _texts(folder, int(size))
    found = [
        (code, number, match.start(), match.end())
        for number, text in enumerate(texts[::SAMPLE])
        for code, pattern in enumerate(codes)
        for match in pattern.finditer(text)
    ]
    seconds = time.process_time() - begun
    scale = sum(map(len, texts)) / sum(map(len, texts[::SAMPLE]))
    return {"cold": scale * seconds, "matches": len(found), "scaled": True}


def _spelt(words: Sequence[str]) -> str:
    return r"(?:\W+\w+){0,3}\W+".join(map(re.escape, words))


def _add_lemmas(nlp: Language, phrases: Sequence[str]) -> None:
    from spacy.language import Language

    from coding.taggers.rules.forms import forms

    words = {word for phrase in phrases for word in phrase.split()}
    lemmas = {form: word for word in words for form in forms(word, "en")}

    @Language.component("lemmas")
    def lemmatised(doc: Doc) -> Doc:
        for token in doc:
            token.lemma_ = lemmas.get(token.lower_, token.lower_)
        return doc

    nlp.add_pipe("lemmas")


def _found_by(matcher: Callable[[Doc], list[tuple[int, int, int]]], docs: Iterable[Doc]) -> list[Span]:
    found = []
    for number, doc in enumerate(docs):
        for key, first, last in matcher(doc):
            span = doc[first:last]
            found.append((key, number, span.start_char, span.end_char))
    return found


def _by_number(found: Sequence[Span], nlp: Language) -> list[Span]:
    return [(int(nlp.vocab.strings[key]), number, start, end) for key, number, start, end in found]


# Whether both find the same


def _keep(folder: Path, name: str, spans: Sequence[Span]) -> None:
    import numpy as np

    np.save(folder / f"{name}.npy", np.array(spans, dtype=np.int64).reshape(-1, 4))


def alike(folder: Path, size: str, peer: str, own: str) -> dict[str, float]:
    """Compare what was found, where the languages coincide: single spaces between words, no hyphen near."""
    import numpy as np

    texts = _texts(folder, int(size))
    theirs, mine = (
        {tuple(span) for span in np.load(folder / f"{name}.npy").tolist()} for name in (peer, own)
    )
    if own.startswith("gaps"):
        mine = {span for span in mine if span[1] % SAMPLE == 0}
    both = theirs & mine
    apart = [span for span in theirs ^ mine if own.startswith("gaps") or _coincide(texts[span[1]], *span[2:])]
    share = len(both) / max(len(both) + len(apart), 1)
    return {"theirs": len(theirs), "ours": len(mine), "share": share}


def _coincide(text: str, start: int, end: int) -> bool:
    around = text[max(start - 1, 0) : end + 1]
    return not re.search(r"[-\u2010-\u2015\u2212\n]|\s\s|[^\S ]", around.strip())


_WORK: dict[str, Callable[..., dict[str, Any]]] = {
    each.__name__: each for each in (prepare, ours, warm, tag, spacy_phrases, spacy_matcher, re_script, alike)
}


if __name__ == "__main__":
    main()
