"""The grid: every combination once, the study's own first; what cannot be meant is refused with its place."""

from dataclasses import astuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coding
from coding.errors import CodingError
from coding.formats import yaml
from coding.grid import (
    Grid,
    Options,
    heedless,
    in_words,
    n_universes,
    options,
    own_universe,
    problems,
    universes,
    without,
)
from coding.study import read_checked


def varying(sandbox, grid):
    sandbox.change("studies/study.yaml", "findings:", f"robustness: {grid}\nfindings:")
    return read_checked(coding.Project.open(sandbox.root))


def test_a_study_without_a_grid_has_one_universe_itself(sandbox):
    study, book = read_checked(coding.Project.open(sandbox.root))
    assert list(universes(options(study, book))) == [own_universe(study)]
    assert list(problems(study, None, book, None)) == []


def test_the_first_universe_is_the_study_whatever_the_grid_lists_first(sandbox):
    study, book = varying(sandbox, "{unit: [document, sentence], years: [{to: 2020}], unless: [false]}")
    choices = options(study, book)
    every = list(universes(choices))
    assert every[0] == own_universe(study)
    assert len(every) == len(set(every)) == n_universes(choices) == 8
    assert {u.unit for u in every} == {"sentence", "document"}
    assert {u.years for u in every} == {(None, None), (None, 2020)}


def test_the_last_decision_varies_fastest(sandbox):
    study, book = varying(sandbox, "{unless: [false], unit: [paragraph], weight: [document]}")
    found = [(u.unless, u.unit, u.weight) for u in universes(options(study, book))]
    assert found[:3] == [
        (True, "sentence", "unit"),
        (True, "sentence", "document"),
        (True, "paragraph", "unit"),
    ]


def test_kinds_are_the_same_in_whatever_order_they_are_written(sandbox):
    study, book = varying(sandbox, "{source_kind: [[secondary, primary], [primary]]}")
    (kinds,) = [each for each in options(study, book) if each.name == "source_kind"]
    assert kinds == Options("source_kind", (("primary",), ("primary", "secondary")))


def test_each_code_leaves_out_every_leaf_that_no_claim_names(sandbox):
    study, book = varying(sandbox, "{leave_out: [each code]}")
    found = [u.leave_out for u in universes(options(study, book))]
    assert found == ["", "role.bridge", "behaviour.training", "orientation.development"]


def test_each_rule_leaves_out_every_rule(sandbox):
    study, book = varying(sandbox, "{leave_out: [each rule]}")
    found = [u.leave_out for u in universes(options(study, book))]
    assert found == ["", "rule bridge", "rule training", "rule police", "rule teachers"]


def test_a_code_goes_with_those_below_it_and_a_rule_alone(sandbox):
    _, book = read_checked(coding.Project.open(sandbox.root))
    assert [c.id for c in without(book, "role").codes if c.retired] == ["role", "role.bridge"]
    kept = without(book, "rule bridge")
    assert [r.id for c in kept.codes for r in c.rules] == ["training", "police", "teachers"]
    assert not any(c.retired for c in kept.codes)
    assert without(book, "") == book


def test_without_heed_no_rule_has_an_unless(sandbox):
    sandbox.change("codebooks/book.yaml", 'phrase: "police"', 'phrase: "police", unless: ["secret"]')
    _, book = read_checked(coding.Project.open(sandbox.root))
    assert [r.unless for c in book.codes for r in c.rules if r.unless] == [("secret",)]
    assert [r.unless for c in heedless(book).codes for r in c.rules if r.unless] == []


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ("{unit: [sentense]}", "line 13, column 21: 'unit', entry 1: should be 'sentence'"),
        ("{units: [sentence]}", "unknown key 'units'. Did you mean 'unit'"),
        ("{unit: [paragraph, paragraph]}", "line 13, column 32: 'paragraph' stands twice"),
        (
            "{source_kind: [[primary, secondary], [secondary, primary]]}",
            "'primary and secondary' stands twice",
        ),
        ("{leave_out: [role.brigde]}", "no code 'role.brigde'. Did you mean 'role.bridge'"),
        ("{leave_out: [rule brigde]}", "no rule 'brigde'. Did you mean 'bridge'"),
        ("{leave_out: [orientation]}", "a claim names 'orientation.security', so it cannot be left out"),
        ("{fidelity: [[original]]}", "no document of 'norland' is left: 3 left out by `fidelity`"),
        ("{years: [{to: 2000}]}", "no document of 'sudland' is left: 3 left out by `years`"),
        ("{years: [{from: 2020, to: 2010}]}", "no year is from 2020 to 2010"),
        ("{threshold: [0.5]}", "no model codes in this study. Take `threshold` out"),
        ("{threshold: [1.5]}", "'threshold', entry 1"),
        ("{weight: document}", "'weight': should be a list"),
        ("{}", "nothing varies, for these are the study's own values. List another for one decision"),
        ("{unit: [sentence], unless: [true]}", "nothing varies"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(sandbox, grid, message):
    with pytest.raises(CodingError) as caught:
        varying(sandbox, grid)
    assert message in str(caught.value)
    assert "studies/study.yaml, line 13" in str(caught.value)


def test_rules_cannot_be_decided_otherwise_where_none_code(sandbox):
    study, book = read_checked(coding.Project.open(sandbox.root))
    alone = study.model_copy(update={"coders": ["anna"], "robustness": Grid(overlap=["all"], unless=[False])})

    found = list(
        problems(alone, yaml.Tree("study.yaml", None, {}), book, coding.Project.open(sandbox.root).corpus)
    )
    assert found == [
        "study.yaml, line 1, column 1: no rules code in this study. Take `unless` out.",
        "study.yaml, line 1, column 1: no rules code in this study. Take `overlap` out.",
    ]


def test_too_many_universes_are_refused_before_any_is_computed(sandbox):
    years = ", ".join(f"{{to: {year}}}" for year in range(2015, 2065))
    thresholds = ", ".join(str(n / 1000) for n in range(1, 500))
    study, book = varying(
        sandbox, f"{{years: [{years}], unit: [paragraph, document], leave_out: [each rule]}}"
    )
    assert n_universes(options(study, book)) == 51 * 3 * 5
    assert study.robustness is not None
    many = study.robustness.model_copy(update={"threshold": [float(n) for n in thresholds.split(",")]})

    corpus = coding.Project.open(sandbox.root).corpus
    found = list(
        problems(
            study.model_copy(update={"robustness": many}), yaml.Tree("study.yaml", None, {}), book, corpus
        )
    )
    assert "these are 382,500 universes, more than 100,000." in found[-1]


def test_decisions_are_said_in_words(sandbox):
    study, _ = varying(sandbox, "{unless: [false], leave_out: [each code], unit: [document]}")
    assert study.robustness.said() == "unless, leave out, unit"
    assert in_words("years", (2009, 2021)) == "from 2009 to 2021"
    assert in_words("years", (None, None)) == "all"
    assert in_words("threshold", 0.7) == "at least 0.7"
    assert in_words("rollup", True) == "yes"


@settings(max_examples=20)
@given(st.dictionaries(st.integers(0, 11), st.integers(2, 3), max_size=5))
def test_every_combination_comes_once(varying):
    numbers = [varying.get(i, 1) for i in range(12)]
    choices = tuple(Options(str(i), tuple(map(str, range(n)))) for i, n in enumerate(numbers))
    every = list(map(astuple, universes(choices)))
    assert len(every) == len(set(every)) == n_universes(choices)
    assert every[0] == ("0",) * 12
