"""A report as tests read it, and a study with a finding of every kind."""

from html.parser import HTMLParser

import coding
from coding.report import render
from coding.study import run

VOID = {"meta", "link", "img", "input", "br", "hr", "wbr"}
OTHERS = """
  - id: levels
    title: Levels
    claim: It is high.
    source: {citation: x, place: abstract}
    kind: levels
    operationalisation: Counts.
    why: No benchmark.
    test: {family: orientation, along: [role, behaviour]}
  - id: chain
    title: Chain
    claim: One shapes the next.
    source: {citation: x, place: abstract}
    kind: chain
    operationalisation: Link by link.
    why: It is claimed.
    test: {on: orientation.security, along: [role, behaviour], base: coded}
  - id: within
    title: Within
    claim: Growth leads.
    source: {citation: x, place: abstract}
    kind: within
    operationalisation: Two codes.
    why: Rival.
    test: {case: sudland, on: orientation.development, versus: orientation.security, within: behaviour, base: coded}
  - id: searched
    title: Of everything searched
    claim: Growth leads.
    source: {citation: x, place: abstract}
    kind: contrast
    operationalisation: Of all sentences.
    why: Another base.
    test: {first: sudland, second: norland, on: orientation.development, base: searched}
  - id: derived
    title: Derived
    claim: It follows.
    source: {citation: x, place: abstract}
    kind: derived
    operationalisation: Counted.
    why: A conclusion.
    test: {findings: [training, within]}
"""


class Page(HTMLParser):
    """A page as a list of elements, each with its attributes, the elements around it, and its text."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self._open = [], []
        self.feed(html)
        self.close()
        assert not self._open, f"left open: {[e['tag'] for e in self._open]}"

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        element = {"tag": tag, "is": dict(attrs), "in": list(self._open), "text": ""}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1]["tag"] == tag, f"</{tag}> closes <{self._open[-1]['tag']}>"
        self._open.pop()

    def handle_data(self, words):
        for element in self._open:
            element["text"] += words

    def all(self, tag=None, *, within=None, **attributes):
        """Elements of a tag (and attributes) inside the element with an id."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            e
            for e in self.elements
            if tag in (None, e["tag"])
            and all(value in (e["is"].get(name) or "").split() for name, value in wanted.items())
            and (within is None or any(outer["is"].get("id") == within for outer in e["in"]))
        ]

    def text(self, identity):
        (element,) = [e for e in self.elements if e["is"].get("id") == identity]
        return " ".join(element["text"].split())


def ran(sandbox, *, more="", **keywords):
    path = sandbox.root / "studies/study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + more.lstrip("\n"), encoding="utf-8")
    return run(coding.Project.open(sandbox.root), **keywords)


def page(found, drawn=None):
    return Page(render(found, drawn or {}))
