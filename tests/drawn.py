"""Codebooks of every shape, for laws that hold for all of them."""

import json

from hypothesis import strategies as st

from coding.codebook import Code, Codebook, Example, Rule

# Line ends other than \n are made one when a file is read, and control characters are refused.
texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\ufeff\ufffe\uffff", exclude_categories=["Cs", "Cc"])
    | st.sampled_from("\n[]\"'=@|#:-{}\\"),
    max_size=30,
)
sentences = texts.filter(lambda text: text != "")
words = st.sampled_from(["police", "train*", "(a|b) c?", "rule of law", "x ..5 y"])
regexes = st.sampled_from([r"\bpolice\w+", "[a-z]{2}", "x|y"])
tokens = st.sampled_from(
    [[{"LOWER": "police"}], [{"LEMMA": {"IN": ["a", "b"]}, "OP": "+"}, {"TEXT": "日本"}]]
)
names = ["role", "role.bridge", "role.bridge.two", "behaviour", "own", "orientation", "orientation.security"]
examples = st.builds(Example, sentences, st.sampled_from(["", "japan", "south-korea"]))


@st.composite
def rules(draw, id_, match):
    kind = draw(st.sampled_from(["phrase", "near", "all", "pattern", "regex"]))
    patterns = {
        "phrase": st.lists(words, min_size=1, max_size=3),
        "near": st.lists(words, min_size=2, max_size=2),
        "all": st.lists(words, min_size=2, max_size=3),
        "pattern": tokens.map(lambda given: [json.dumps(given)]),
        "regex": st.lists(regexes, min_size=1, max_size=2),
    }[kind]
    case = kind != "pattern" and draw(st.booleans())
    own_match = draw(st.sampled_from(["surface", "lemma"])) if kind in ("phrase", "near", "all") else match
    unless_in = draw(st.sampled_from(["before", "sentence"]))
    return Rule(
        id=id_,
        kind=kind,
        patterns=tuple(draw(patterns)),
        within=draw(st.integers(0, 50)) if kind == "near" else 0,
        ordered=kind == "near" and draw(st.booleans()),
        scope="sentence" if kind == "all" else draw(st.sampled_from(["sentence", "paragraph"])),
        match="surface" if case else own_match,
        case=case,
        unless=tuple(draw(st.lists(words, max_size=2))),
        unless_within=draw(st.integers(1, 50)) if unless_in == "before" else 3,
        unless_in=unless_in,
        actor=draw(st.sampled_from(["any", "self", "other"])),
        covers=draw(st.sampled_from(["hit", "sentence", "paragraph"])),
        matches=tuple(draw(st.lists(examples, min_size=1, max_size=2))),
        rejects=tuple(draw(st.lists(examples, max_size=2))),
    )


@st.composite
def codebooks(draw):
    """Draw a codebook that a file can say; its codes stand in any order."""
    ids = draw(st.permutations(names))[: draw(st.integers(1, len(names)))]
    match = draw(st.sampled_from(["lemma", "surface"]))
    made = []
    for n, code in enumerate(ids):
        others = st.lists(st.sampled_from(ids), max_size=2, unique=True)
        made.append(
            Code(
                id=code,
                name=draw(texts),
                definition=draw(texts),
                include=draw(texts),
                exclude=draw(texts),
                examples=tuple(draw(st.lists(texts, max_size=2))),
                source=draw(texts),
                parent=draw(st.sampled_from([None, *ids[:n]])),
                implies=tuple(draw(others)),
                beats=tuple(draw(st.lists(st.sampled_from(ids[:n]), max_size=1))) if n else (),
                rules=tuple(draw(rules(f"rule-{n}-{i}", match)) for i in range(draw(st.integers(0, 2)))),
                retired=draw(st.booleans()),
            )
        )
    tops = tuple(code.id for code in made if code.parent is None)
    families = {"category": tops[:2], "other": ()} if draw(st.booleans()) else {}
    made = draw(st.permutations(made))
    return Codebook("book", "1.2.3", tuple(made), draw(texts), draw(st.sampled_from(["en", "ja"])), families)
