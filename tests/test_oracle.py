"""The shipped rules on shipped prose: the index and the plain reading of the language find the same."""

import random
from itertools import islice

import pytest
from oracle import expected

import coding
from coding.codebook import Code, Codebook
from coding.model import Document
from coding.patterns import parse, sequences
from coding.taggers.rules import RuleTagger
from coding.taggers.rules.actor import Voices

MOST_WAYS = 300  # a pattern of more would take the plain reading too long


def short(pattern):
    return len(list(islice(sequences(parse(pattern)), MOST_WAYS + 1))) <= MOST_WAYS


def found(text, rule, cases):
    book = Codebook("book", "1.0.0", (Code("code", "Code", "d", rules=(rule,)),))
    coded = RuleTagger(book, overlap="all", cases=cases).tag([text])
    return sorted({(s.segment.start, s.segment.end) for s in coded.segments})


def plainly(text, rule, cases):
    voices = Voices(cases)
    return sorted(set(expected(text.text, rule, lambda start, end: voices.actor(text, start, end)[0])))


@pytest.mark.parametrize("seed", range(3))
def test_the_shipped_rules_find_on_shipped_texts_what_the_oracle_finds(repository, seed):
    project = coding.Project.open(repository)
    cases = project.corpus.known_cases
    chosen = random.Random(seed)
    rules = [
        rule
        for code in project.codebook("constructivist").codes
        for rule in code.rules
        if all(map(short, (*(rule.patterns if rule.kind in ("phrase", "near", "all") else ()), *rule.unless)))
    ]
    for document in chosen.sample(project.corpus.documents, 3):
        text = Document("d", document.text[:700], document.variables)
        for rule in chosen.sample(rules, 40):
            assert found(text, rule, cases) == plainly(text, rule, cases), rule.id
