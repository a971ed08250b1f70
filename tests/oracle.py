"""The rule language once more, as plainly as it can be written: every token tried, no index.

Written from docs/reference/rules.md over spaCy's tokens. `RuleTagger` must agree with it, span by span.
"""

import json
import re
import unicodedata

import regex
import spacy
from spacy.matcher import Matcher

from coding.patterns import Gap, parse, sequences
from coding.taggers.rules.forms import forms
from coding.units import paragraph_spans, sentence_spans

NLP = spacy.blank("en")


def tokens(text):
    pieces = re.finditer(r"[^\s\-\u2010-\u2015\u2212]+", text)
    return [(m.start() + t.idx, t.text) for m in pieces for t in NLP(m.group())]


def folded(word):
    seen = re.sub("[\u00ad\u200b\u200c\u200d\u2060\ufeff]", "", unicodedata.normalize("NFKC", word))
    return seen.lower().replace("\u2019", "'").replace("\u02bc", "'")


def fits(item, word, rule):
    if rule.case:
        return word.startswith(item.word) if item.prefix else word == item.word
    if item.prefix:
        return folded(word).startswith(folded(item.word))
    wanted = forms(folded(item.word), "en") if rule.match == "lemma" else {folded(item.word)}
    return folded(word) in wanted


def n_words(found):
    return sum(any(c.isalnum() for c in word) for _, word in found)


def ends(sequence, found, at, rule):
    """All positions of the last token if the sequence begins at token `at`."""
    if not fits(sequence[0], found[at][1], rule):
        return set()
    last, gap = {at}, 0
    for item in sequence[1:]:
        if isinstance(item, Gap):
            gap = item.most
            continue
        last = {
            j
            for i in last
            for j in range(i + 1, len(found))
            if fits(item, found[j][1], rule) and (j == i + 1 if not gap else n_words(found[i + 1 : j]) <= gap)
        }
        gap = 0
    return last


def phrase_spans(pattern, found, rule):
    return {
        (i, j)
        for sequence in sequences(parse(pattern))
        for i in range(len(found))
        for j in ends(sequence, found, i, rule)
    }


def expected(text, rule, speaks_of=None):  # noqa: PLR0915  all of the language in one place
    """All (start, end) that the rule codes in a text; `speaks_of` gives the actor of a sentence's span."""
    found = tokens(text)
    if not found:
        return []
    spans = {"sentence": list(sentence_spans(text)), "paragraph": paragraph_spans(text)}
    place = {
        scope: [next(n for n, (s, e) in enumerate(units) if s <= at < e) for at, _ in found]
        for scope, units in spans.items()
    }
    stop = [at + len(word) for at, word in found]

    def edges(scope, number):
        inside = [i for i in range(len(found)) if place[scope][i] == number]
        return (inside[0], inside[-1]) if inside else None

    def chars(i, j):
        return found[i][0], stop[j]

    def touched(start, end):
        first = next((i for i in range(len(found)) if stop[i] > start), len(found) - 1)
        last = max((i for i in range(len(found)) if found[i][0] < end), default=0)
        return first, max(first, last)

    def candidates():
        each = [phrase_spans(p, found, rule) for p in rule.patterns] if rule.kind in PHRASES else []
        match rule.kind:
            case "phrase":
                return {(*span, *chars(*span)) for spans in each for span in spans}
            case "near":
                pairs = [(a, b) for a in each[0] for b in each[1]]
                pairs += [] if rule.ordered else [(b, a) for a, b in pairs]
                near = [
                    (a[0], b[1]) for a, b in pairs
                    if a[1] < b[0] and n_words(found[a[1] + 1 : b[0]]) <= rule.within
                ]  # fmt: skip
                return {(*span, *chars(*span)) for span in near}
            case "all":
                at = place[rule.scope]
                held = [{at[i] for i, j in spans if at[i] == at[j]} for spans in each]
                units = [edges(rule.scope, n) for n in set.intersection(*held)]
                return {(*span, *chars(*span)) for span in units}
            case "regex":
                flags = regex.VERSION1 | (0 if rule.case else regex.IGNORECASE)
                cuts = [m.span() for p in rule.patterns for m in regex.finditer(p, text, flags)]
            case "pattern":
                matcher = Matcher(NLP.vocab)
                matcher.add("rule", [json.loads(rule.patterns[0])])
                cuts = []
                for number in range(len(spans[rule.scope])):
                    unit = edges(rule.scope, number)
                    if unit:
                        start, end = chars(*unit)
                        found_here = matcher(NLP(text[start:end]), as_spans=True)
                        cuts += [(start + s.start_char, start + s.end_char) for s in found_here]
        return {(*touched(a, b), a, b) for a, b in cuts if b > a}

    def cancelled(i, sentence):
        for pattern in rule.unless:
            for a, b in phrase_spans(pattern, found, rule):
                if sentence[a] != sentence[b]:
                    continue
                if rule.kind == "all":
                    if place[rule.scope][a] == place[rule.scope][i]:
                        return True
                elif rule.unless_in == "sentence":
                    if sentence[a] == sentence[i]:
                        return True
                elif b < i and sentence[a] == sentence[i] and n_words(found[a:i]) <= rule.unless_within:
                    return True
        return False

    sentence = place["sentence"]
    kept = set()
    for i, j, start, end in candidates():
        if place[rule.scope][i] != place[rule.scope][j] or cancelled(i, sentence):
            continue
        if rule.actor != "any" and speaks_of(*chars(*edges("sentence", sentence[i]))) != rule.actor:
            continue
        if rule.covers != "hit":
            at = place[rule.covers]
            start, end = found[edges(rule.covers, at[i])[0]][0], stop[edges(rule.covers, at[j])[1]]
        kept.add((start, end))
    return sorted(kept)


PHRASES = ("phrase", "near", "all")
