"""The passages behind every number are all there, each once, and as many as the number says."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from pages import OTHERS, page, ran

from coding.passages import N_TELLING, Passages, behind


@pytest.fixture
def full(sandbox):
    return ran(sandbox, more=OTHERS)


def test_every_coded_segment_of_every_cell_is_in_the_page(full):
    found = page(full)
    n_cells = 0
    for cell in full.matrix:
        hits = found.all("span", within=f"cell-{cell.case}-{cell.code}", class_="hit")
        offsets = [f"{s.segment.start}–{s.segment.end}" for s in cell.coded.segments]
        assert sorted(e["text"].split()[-1] for e in hits) == sorted(offsets)
        assert all(
            any(
                s.because in e["text"] and e["text"].endswith(f"{s.segment.start}–{s.segment.end}")
                for e in hits
            )
            for s in cell.coded.segments
        )
        marks = "".join(e["text"] for e in found.all("mark", within=f"cell-{cell.case}-{cell.code}"))
        assert all(quote in marks for quote in cell.quotes(full.corpus))
        n_cells += bool(hits)
    assert n_cells > 5


@pytest.mark.parametrize("unit", ["sentence", "paragraph", "document"])
def test_passages_are_complete_whatever_the_unit(sandbox, unit):
    found = ran(sandbox, changed={"unit": unit})
    opened = page(found)
    for cell in found.matrix:
        hits = opened.all("span", within=f"cell-{cell.case}-{cell.code}", class_="hit")
        assert len(hits) == len(cell.coded.segments)


def test_a_passage_stands_between_its_neighbours(sandbox):
    sandbox.write(
        "corpus/norland/a.txt", "First it waits. Norland trains police. Then it rests. Long after.\n"
    )
    found = page(ran(sandbox))
    (passage,) = [
        e
        for e in found.all("blockquote", within="cell-norland-behaviour")
        if "Norland trains police." in e["text"]
    ]
    assert passage["text"] == "First it waits. Norland trains police. Then it rests."
    near = [e["text"] for e in found.all("span", within="cell-norland-behaviour", class_="near")]
    assert {"First it waits. ", " Then it rests."} <= set(near)


def compositions(found):
    return [c for cases in found.compositions.values() for c in cases.values()]


@pytest.mark.parametrize("unit", ["sentence", "paragraph", "document"])
def test_the_parts_of_a_composition_hold_its_units_and_every_passage_once(sandbox, unit):
    found = ran(sandbox, changed={"unit": unit})
    passages = Passages(found)
    for composition in compositions(found):
        parts = passages.of_composition(composition)
        assert {part.name: part.n for part in parts} == {p: n for p, n in composition.counts.items() if n}
        placed = [p for part in parts for p in part.passages]
        spoken = [(p, coded.segment) for p in placed for _, coded in p.speaks]
        assert all(s.document == p.document.id and p.start < s.end and s.start < p.end for p, s in spoken)
        cell = passages.of_cell(composition.within, composition.case)
        assert sorted((p.document.id, p.start) for p in placed) == sorted(
            (p.document.id, p.start) for p in cell
        )
        assert [part.first for part in parts] == [
            1 + sum(len(p.passages) for p in parts[:i]) for i in range(len(parts))
        ]


def test_a_passage_of_a_part_bears_that_part_and_no_other(full):
    passages = Passages(full)
    n_spoken = 0
    for composition in compositions(full):
        for part in passages.of_composition(composition):
            for passage in part.passages:
                spoken = {name for name, _ in passage.speaks}
                assert spoken == {
                    "mixed": {"orientation.security", "orientation.development"}, "none": set(),
                }.get(part.name, {part.name})  # fmt: skip
                marked = [(words, name) for piece in passage.pieces for words, name in piece.words if name]
                assert len(marked) == len(spoken)
                n_spoken += len(marked)
    assert n_spoken > 4


def test_a_passage_keeps_its_text_whatever_is_marked(full):
    passages = Passages(full)
    for composition in compositions(full):
        for part in passages.of_composition(composition):
            for p in part.passages:
                text = "".join(words for piece in p.pieces for words, _ in piece.words)
                assert text == p.document.text[p.start : p.end]


CROSSING = """
      - id: role.crossing
        name: Crossing
        definition: It goes on.
        rules: [{id: crossing, phrase: "police. Teachers", scope: paragraph, matches: ["The police. Teachers too."]}]
"""


def test_a_passage_of_two_parts_stands_once_and_is_named_with_the_other(sandbox):
    sandbox.change(
        "codebooks/book.yaml", "  - id: behaviour\n", CROSSING.lstrip("\n") + "  - id: behaviour\n"
    )
    sandbox.change("corpus/norland/a.txt", "It is a bridge.", "It likes police. Teachers rest.")
    found = ran(sandbox)
    parts = {p.name: p for p in Passages(found).of_composition(found.compositions["role"]["norland"])}
    one, other = parts["orientation.security"], parts["orientation.development"]
    assert (one.n, len(one.passages), one.also) == (1, 1, ())
    assert (other.n, len(other.passages), other.also) == (1, 0, (1,))
    opened = page(found)
    (link,) = [e for e in opened.all("a", within="cell-norland-role") if e["text"] == "passage 1"]
    assert link["is"]["href"] == "#cell-norland-role:1"


def test_units_not_read_for_a_family_stand_apart(full):
    projection = full.matrix.projection
    values = projection.values.copy()
    columns = [i for i, code in enumerate(projection.codes) if code.startswith("orientation")]
    (row, *_) = np.flatnonzero(full.matrix.bears("behaviour"))
    values[row, columns] = -1
    matrix = replace(full.matrix, projection=replace(projection, values=values))
    composition = matrix.compose("orientation", within="behaviour")["norland"]
    parts = {p.name: p.n for p in Passages(replace(full, matrix=matrix)).of_composition(composition)}
    assert parts == {"orientation.security": 2, "unread": 1}


def test_the_telling_passages_come_first_in_turns_and_none_is_lost(full):
    found = page(full)
    (finding,) = [f for f in full.findings if f.claim.id == "training"]
    link = finding.contrasts[0]
    tags = [e["text"] for e in found.all("span", within="finding-training", class_="tag")]
    assert tags[:2] == ["Norland", "Sudland"]
    assert Counter(tags) == {"Norland": link.first.base, "Sudland": link.second.base}
    assert len(tags[: link.first.n + link.second.n]) <= N_TELLING


def test_the_passages_behind_a_share_are_as_many_as_the_share_counts(full):
    for finding in full.findings:
        if finding.claim.kind == "contrast":
            test, link = finding.claim.test, finding.contrasts[0]
            for case, side in ((test.first, link.first), (test.second, link.second)):
                bearing, rest = behind(full.matrix, case, test.on, within=test.within, base=test.base)
                assert (len(bearing), len(bearing) + len(rest)) == (side.n, side.base)
                assert not np.intersect1d(bearing, rest).size


def test_units_not_read_for_a_code_are_behind_no_share_of_it(full):
    projection = full.matrix.projection
    values = projection.values.copy()
    row = full.matrix.rows["norland"][0]
    values[row, projection.codes.index("orientation.security")] = -1
    matrix = replace(full.matrix, projection=replace(projection, values=values))
    bearing, rest = behind(matrix, "norland", "orientation.security", within=None, base="searched")
    assert row not in [*bearing, *rest]
    assert len(bearing) + len(rest) == len(matrix.rows["norland"]) - 1


def test_a_chain_points_to_the_passages_that_stand_elsewhere(full):
    found = page(full)
    assert "#finding-training" in {e["is"]["href"] for e in found.all("a", within="finding-chain")}
