"""The multiverse: what is said of a finding are counts over universes, the same however they are computed."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest
from decided import alike, decided
from hypothesis import given
from hypothesis import strategies as st

import coding
from coding.errors import CodingError
from coding.grid import options, universes
from coding.robustness import Multiverse, Spread, Varied, checked, identified, multiverse, summary
from coding.study import run
from coding.universes import Outcome

GRID = "{unit: [document, paragraph], weight: [document], overlap: [all], leave_out: [each code]}"


def vary(sandbox, grid=GRID):
    sandbox.change("studies/study.yaml", "findings:", f"robustness: {grid}\nfindings:")
    return coding.Project.open(sandbox.root)


def made(differences, verdicts, values=2):
    """Make universes of decisions a, b, ... with as many values each; a finding came out in each as given."""
    decisions = []
    while np.prod([len(d.values) for d in decisions], dtype=int) < len(differences):
        name = "abcdefgh"[len(decisions)]
        decisions.append(Varied(name, tuple(f"{name}{i}" for i in range(values))))
    numbers = {}
    for difference, verdict in zip(differences, verdicts, strict=True):
        numbers.setdefault(Outcome(difference, None, None, verdict, ""), len(numbers))
    of = [numbers[Outcome(d, None, None, v, "")] for d, v in zip(differences, verdicts, strict=True)]
    spread = Spread("one", "One", tuple(numbers), np.array(of, dtype=np.int32))
    return Multiverse("study", "A study", "digests", tuple(decisions), (spread,), {}), spread


S, U, C = "supported", "undetermined", "contradicted"


def test_the_first_universe_is_the_study_itself(sandbox):
    found = multiverse(vary(sandbox))
    assert len(found) == 3 * 2 * 2 * 4 == len(found.findings[0].of)
    finding = run(coding.Project.open(sandbox.root)).findings[0]
    assert alike(found.findings[0].own, finding)
    assert found.changes(0) == {}


def test_the_texts_are_those_that_some_universe_reads(sandbox):
    sandbox.change("corpus/norland/case.yaml", "fidelity: digest", "fidelity: original")
    assert multiverse(vary(sandbox, "{fidelity: [[digest, original]]}")).texts == "digests and originals"


def test_a_universe_says_in_what_it_differs(sandbox):
    project = vary(sandbox)
    found = multiverse(project)
    for number, universe in enumerate(universes(options(*checked(project)))):
        changes = found.changes(number)
        assert ("unit" in changes) == (universe.unit != "sentence")
        assert changes.get("leave out", "") == universe.leave_out


def test_several_processes_find_the_same_as_one(sandbox):
    project = vary(sandbox)
    one, several = multiverse(project, jobs=1), multiverse(project, jobs=2)
    assert one.findings[0].outcomes == several.findings[0].outcomes
    assert (one.findings[0].of == several.findings[0].of).all()
    assert one.provenance == several.provenance


def test_how_far_it_is_is_told_to_the_end(sandbox):
    heard = []
    multiverse(vary(sandbox), told=lambda done, every: heard.append((done, every)))
    assert heard[-1] == (48, 48)
    assert heard == sorted(heard)


def test_an_interrupted_run_ends_at_once(sandbox):
    def stop(done, every):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        multiverse(vary(sandbox), jobs=2, told=stop)


def test_a_study_without_a_grid_says_how_to_write_one(sandbox):
    with pytest.raises(CodingError, match=r"it has no `robustness`.*unit: \[sentence, paragraph\]"):
        multiverse(coding.Project.open(sandbox.root))


def test_a_study_that_tests_nothing_has_no_verdict_to_change(sandbox):
    path = sandbox.root / "studies/study.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("findings:")] + "robustness: {unit: [document]}\nfindings: []\n")
    with pytest.raises(CodingError, match="no finding is tested"):
        multiverse(coding.Project.open(sandbox.root))


def test_universes_are_identified_by_all_that_they_follow_from(sandbox):
    sandbox.change("corpus/norland/case.yaml", "source_kind: primary", "source_kind: secondary")
    project = vary(sandbox, "{source_kind: [[primary, secondary]]}")
    before = identified(project, *checked(project))
    sandbox.write("corpus/norland/a.txt", "It trains nobody.\n")  # read in the other universes alone
    project = coding.Project.open(sandbox.root)
    assert run(project).provenance["corpus digest"] != before["corpus digest"]
    after = identified(project, *checked(project))
    assert {name for name in before if before[name] != after[name]} == {"corpus digest"}


def test_the_share_that_keeps_the_verdict_is_counted():
    said = summary(*made([0.1, 0.2, 0.3, -0.1], [U, S, U, C]))
    assert said.keeps == 0.5
    assert said.shares == {S: 0.25, U: 0.5, C: 0.25}
    assert (said.least, said.most, said.same_sign) == (-0.1, 0.3, 0.75)


def test_the_smallest_change_has_fewest_decisions_and_all_ties_are_counted():
    found, spread = made([0.1] * 8, [U, U, U, S, U, C, U, S])
    said = summary(found, spread)
    assert (said.fewest, said.flips) == (2, (3, 5))
    assert found.changes(3) == {"b": "b1", "c": "c1"}
    assert found.changes(5) == {"a": "a1", "c": "c1"}


def test_a_verdict_that_no_universe_changes_has_no_smallest_change():
    said = summary(*made([0.1, 0.2], [S, S]))
    assert (said.fewest, said.flips, said.keeps) == (None, (), 1.0)


def test_of_single_changes_that_which_moves_furthest_is_named():
    found, spread = made([0.1, 0.2, -0.3, 0.9], [U, U, U, U])
    assert found.changes(summary(found, spread).moves) == {"a": "a1"}
    assert summary(*made([0.1, 0.1, 0.1, 0.9], [U, U, U, U])).moves is None
    assert summary(*made([0.1, None, 0.1, 0.9], [U, U, U, U])).moves is None


def test_universes_without_a_difference_are_counted_apart():
    said = summary(*made([0.2, None, None, 0.1], [U, U, U, U]))
    assert (said.n_without, said.least, said.same_sign, said.n_distinct) == (2, 0.1, 1.0, 3)
    said = summary(*made([None, None], [U, U]))
    assert (said.n_without, said.least, said.most, said.same_sign, said.moves) == (2, None, None, None, None)


def test_a_study_without_a_difference_has_no_sign_to_keep():
    assert summary(*made([None, 0.5], [U, U])).same_sign is None
    assert summary(*made([0.0, 0.5], [U, U])).same_sign is None


@given(st.lists(st.sampled_from([S, U, C]), min_size=16, max_size=16))
def test_shares_add_up_and_no_flip_has_a_cheaper_one(verdicts):
    found, spread = made([0.1] * 16, verdicts)
    said = summary(found, spread)
    assert sum(said.shares.values()) == pytest.approx(1)
    assert said.keeps == pytest.approx(said.shares[verdicts[0]])
    for universe, verdict in enumerate(verdicts):
        n_changes = len(found.changes(universe))
        assert verdict == verdicts[0] or n_changes >= said.fewest
        assert (universe in said.flips) == (verdict != verdicts[0] and n_changes == said.fewest)


def test_differences_are_nan_where_there_is_none():
    _, spread = made([0.2, None], [U, U])
    assert np.array_equal(spread.differences, [0.2, nan], equal_nan=True)


# The shipped study.


@pytest.fixture(scope="module")
def shipped(repository, tmp_path_factory):
    """The shipped study in a copy, where it can be decided otherwise."""
    root = tmp_path_factory.mktemp("shipped") / "project"
    for name in ("corpus", "codebooks", "studies"):
        (root / name).mkdir(parents=True)
    for case in ("japan", "south-korea"):
        (root / "corpus" / case).symlink_to(repository / "corpus" / case)
    for name in ("codebooks/constructivist.yaml", "studies/bimantara-2022.yaml"):
        (root / name).write_bytes((repository / name).read_bytes())
    return root


def test_the_shipped_study_has_a_thousand_universes_and_more(shipped):
    study, book = checked(coding.Project.open(shipped), "bimantara-2022")
    assert np.prod([len(each.values) for each in options(study, book)]) >= 1000
    assert study.why["robustness"]


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "paragraph", "leave_out": "role.bridge"},
        {"unless": False, "unit": "document", "weight": "unit"},
        {
            "source_kind": ("primary", "secondary"),
            "years": (None, None),
            "leave_out": "orientation.development",
        },
    ],
    ids=str,
)
def test_a_universe_of_the_shipped_study_is_a_run_of_it_decided_so(shipped, changes):
    from coding.grid import own_universe
    from coding.universes import Computing, material

    project = coding.Project.open(shipped)
    study, book = checked(project, "bimantara-2022")
    universe = replace(own_universe(study), **changes)
    (outcomes,) = Computing(material(project, study, book, [universe])).outcomes([universe])
    found = decided(shipped, universe, "bimantara-2022")
    tested = [finding for finding in found.findings if finding.verdict]
    assert [alike(*pair) for pair in zip(outcomes, tested, strict=True)] == [True] * len(tested)
