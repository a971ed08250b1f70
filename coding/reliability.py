"""How far coders agree on units, beyond chance and with an interval; all codes at once.

Every statistic is a ratio of sums over units (`coding.tally`), taken for all codes and all replicates
at once. The corrected ones are 1 - observed / expected disagreement. They differ in what chance would do:

=================  ==========================================================================
Cohen, Conger      each coder deals out anew the values that he or she gave
Scott, Fleiss      all coders deal out anew the values that all gave
Krippendorff       the same, without putting a value back
Gwet               coders guess now and then, and the less, the more one value prevails
Brennan-Prediger   coders guess, each value alike
=================  ==========================================================================

Weights say how much two values agree, 1 wholly, 0 not at all; differences how far they are apart.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coding.distances import Level, Weights, between_ranks, differences, disagreements
from coding.errors import CodingError
from coding.resampling import Floats, Integers, Ratio, Statistic, estimated, summed
from coding.tally import BINARY, Tally
from coding.units import ABSENT, PRESENT

Expected = Callable[[Floats, Floats], Floats]

ONE_VALUE = "only one value was ever used: nothing could disagree"


def percent_agreement(tally: Tally, *, draws: Integers | None = None) -> tuple[Statistic, ...]:
    """Return the share of pairs of coders who gave a unit the same value, each pairable unit alike.

    Parameters
    ----------
    draws : (R, G) how often each replicate holds each cluster, of `drawn`; None for no interval. So
        everywhere below

    Returns
    -------
    tuple of Statistic
        One for each code, here and everywhere below. 1 if no two coders differ, 0 if all do; chance is
        not taken out. None if no unit was read by two coders.

    Source
    ------
    Fleiss (1971), *Psychological Bulletin* 76, 378-382; with missing values Gwet, *Handbook of Inter-Rater
    Reliability*, 4th ed. (2014).
    """

    def formula(weights: Floats) -> Ratio:
        pairs = summed(weights, tally.unit_pairs)
        return np.einsum("...vv->...", pairs), pairs.sum((-1, -2))

    return estimated("percent agreement", formula, tally.base, undefined="", draws=draws)


def positive_agreement(tally: Tally, *, draws: Integers | None = None) -> tuple[Statistic, ...]:
    """Return how likely another coder gave a unit the code if one did: 2a / (2a + b + c).

    Returns
    -------
    tuple of Statistic
        1 if no code was given by one coder alone, 0 if each was. None if nobody gave the code. All pairs
        of more than two coders are taken together.

    Source
    ------
    Cicchetti and Feinstein (1990), *Journal of Clinical Epidemiology* 43, 551-558; more coders: de Vet,
    Dikmans and Eekhout (2017), the same journal, 83, 85-89.
    """
    return _specific("positive agreement", tally, PRESENT, draws)


def negative_agreement(tally: Tally, *, draws: Integers | None = None) -> tuple[Statistic, ...]:
    """Return how likely another coder withheld the code from a unit if one did: 2d / (2d + b + c).

    Returns
    -------
    tuple of Statistic
        1 if all units withheld by one were withheld by all, 0 if none was. None if every coder gave the
        code to every unit.

    Source
    ------
    As for `positive_agreement`.
    """
    return _specific("negative agreement", tally, ABSENT, draws)


def cohen_kappa(
    tally: Tally, *, weights: Weights | Floats, draws: Integers | None = None
) -> tuple[Statistic, ...]:
    """Return Cohen's kappa of two coders; a unit that one did not read is left out for both.

    Parameters
    ----------
    weights : {"identity", "linear", "quadratic", "ordinal"} or (V, V)
        How much two values agree, 0..1. "identity" is the unweighted kappa.

    Returns
    -------
    tuple of Statistic
        1 is perfect agreement, 0 what two coders would reach who dealt out their own values at random,
        below 0 less than that. None if both used one and the same value only.

    Raises
    ------
    CodingError
        If the tally is not of two coders: take `conger_kappa`.

    Source
    ------
    Cohen (1960), *Educational and Psychological Measurement* 20, 37-46; weights: Cohen (1968),
    *Psychological Bulletin* 70, 213-220.
    """
    _refuse_unless_two("Cohen's kappa", tally, "conger_kappa")

    def expected(replicate: Floats, distance: Floats) -> Floats:
        own = _shares(summed(replicate, tally.paired))
        return np.asarray(np.einsum("...v,...w,vw->...", own[..., 0, :], own[..., 1, :], distance))

    return _corrected("Cohen's kappa", tally, weights, expected, draws)


def conger_kappa(
    tally: Tally, *, weights: Weights | Floats, draws: Integers | None = None
) -> tuple[Statistic, ...]:
    """Return Conger's kappa: Cohen's, of any number of coders, from all that each of them gave.

    Parameters
    ----------
    weights : as in `cohen_kappa`

    Returns
    -------
    tuple of Statistic
        As `cohen_kappa`, whose value it has if two coders read the same units.

    Raises
    ------
    CodingError
        If the tally is of counts, which do not say who gave a value.

    Source
    ------
    Conger (1980), *Psychological Bulletin* 88, 322-328; with missing values Gwet, *Handbook of Inter-Rater
    Reliability*, 4th ed. (2014).
    """
    if tally.given.shape[2] == 0:
        raise CodingError("Conger's kappa asks who gave each value, which counts do not say. Use `tally`.")

    def expected(replicate: Floats, distance: Floats) -> Floats:
        own = _shares(summed(replicate, tally.given))
        n, all_of_them = own.any(-1).sum(-1), own.sum(-2)
        alike = np.einsum("...kv,...kw,vw->...", own, own, distance)
        both = np.einsum("...v,...w,vw->...", all_of_them, all_of_them, distance)
        return np.asarray((both - alike) / np.maximum(n * (n - 1), 1))

    return _corrected("Conger's kappa", tally, weights, expected, draws)


def fleiss_kappa(tally: Tally, *, draws: Integers | None = None) -> tuple[Statistic, ...]:
    """Return Fleiss' kappa, of any number of coders; with missing values in Gwet's generalisation.

    Returns
    -------
    tuple of Statistic
        1 is perfect agreement, 0 what coders would reach who dealt out at random the values that all
        gave, below 0 less than that. None if only one value was used.

    Source
    ------
    As for `percent_agreement`.
    """
    return _corrected("Fleiss' kappa", tally, "identity", _expected_of(tally.shares), draws)


def scott_pi(tally: Tally, *, draws: Integers | None = None) -> tuple[Statistic, ...]:
    """Return Scott's pi of two coders; a unit that one did not read is left out for both.

    Returns
    -------
    tuple of Statistic
        As `fleiss_kappa`.

    Raises
    ------
    CodingError
        If the tally is not of two coders: take `fleiss_kappa`.

    Source
    ------
    Scott (1955), *Public Opinion Quarterly* 19, 321-325.
    """
    _refuse_unless_two("Scott's pi", tally, "fleiss_kappa")
    return _corrected("Scott's pi", tally, "identity", _expected_of(tally.unit_pairs.sum(-1)), draws)


def gwet_ac1(tally: Tally, *, draws: Integers | None = None) -> tuple[Statistic, ...]:
    """Return Gwet's AC1, which stays high where almost all units have the same value.

    Returns
    -------
    tuple of Statistic
        As `gwet_ac2`.

    Source
    ------
    Gwet (2008), *British Journal of Mathematical and Statistical Psychology* 61, 29-48.
    """
    return _gwet("Gwet's AC1", tally, "identity", draws)


def gwet_ac2(
    tally: Tally, *, weights: Weights | Floats, draws: Integers | None = None
) -> tuple[Statistic, ...]:
    """Return Gwet's AC2, which is AC1 with weights.

    Parameters
    ----------
    weights : as in `cohen_kappa`

    Returns
    -------
    tuple of Statistic
        1 is perfect agreement, 0 what guessing would give, below 0 less than that. None if only one
        value was used: the formula would say 1, but nothing could disagree.

    Source
    ------
    Gwet, *Handbook of Inter-Rater Reliability*, 4th ed. (2014).
    """
    return _gwet("Gwet's AC2", tally, weights, draws)


def brennan_prediger(
    tally: Tally, *, weights: Weights | Floats, draws: Integers | None = None
) -> tuple[Statistic, ...]:
    """Return the agreement beyond guesses that take each value of the domain alike (S, PABAK).

    Parameters
    ----------
    weights : as in `cohen_kappa`

    Returns
    -------
    tuple of Statistic
        1 is perfect agreement, 0 what guessing would give. None if only one value was used.

    Source
    ------
    Brennan and Prediger (1981), *Educational and Psychological Measurement* 41, 687-699; two coders, S:
    Bennett, Alpert and Goldstein (1954), *Public Opinion Quarterly* 18, 303-308; PABAK: Byrt, Bishop and
    Carlin (1993), *Journal of Clinical Epidemiology* 46, 423-429.
    """

    def expected(replicate: Floats, distance: Floats) -> Floats:
        return np.full((len(replicate), len(tally.readers)), distance.mean())

    return _corrected("Brennan and Prediger's kappa", tally, weights, expected, draws)


def krippendorff_alpha(
    tally: Tally, *, level: Level | Floats, draws: Integers | None = None
) -> tuple[Statistic, ...]:
    """Return Krippendorff's alpha, of any number of coders, with missing values.

    Parameters
    ----------
    level : {"nominal", "ordinal", "interval", "ratio", "masi"} or (V, V)
        How far two values are apart: not the same; by the values between them, as often as these were
        given; by the square of their difference; by that of their difference over their sum; as sets
        (`masi_distance`, not squared). An array holds the differences as they enter, squared or not.

    Returns
    -------
    tuple of Statistic
        1 is perfect agreement, 0 what chance would give, below 0 systematic disagreement. None if only
        one value was ever used. Replicates draw clusters and compute observed and expected disagreement
        anew, unlike Hayes and Krippendorff's, which keep the expected.

    Raises
    ------
    CodingError
        If the level does not fit the values of the domain.

    Source
    ------
    Krippendorff, *Content Analysis*, 2nd ed. (2004), ch. 11; Krippendorff (2011), *Computing
    Krippendorff's Alpha-Reliability*; sets: Passonneau (2006), LREC, 831-836; the other replicates: Hayes
    and Krippendorff (2007), *Communication Methods and Measures* 1, 77-89.

    Examples
    --------
    >>> from coding.tally import indexed, tally
    >>> table, domain = indexed([["a", "a"], ["b", "b"], ["a", "b"]])
    >>> alpha, = krippendorff_alpha(tally(table, domain=domain), level="nominal")
    >>> round(alpha.value, 3)
    0.444
    """
    fixed = differences(level, tally.domain)

    def formula(replicate: Floats) -> Ratio:
        together = summed(replicate, tally.coincidences)
        given = together.sum(-1)
        difference = between_ranks(given) if fixed is None else fixed
        observed = (given.sum(-1) - 1) * (together * difference).sum((-1, -2))
        expected = (given[..., :, None] * given[..., None, :] * difference).sum((-1, -2))
        return expected - observed, expected

    name = f"Krippendorff's alpha, {level if isinstance(level, str) else 'differences as given'}"
    return estimated(name, formula, tally.base, undefined=ONE_VALUE, draws=draws)


def _specific(name: str, tally: Tally, value: int, draws: Integers | None) -> tuple[Statistic, ...]:
    if tally.domain != BINARY:
        raise CodingError(f"{name} is of the values 1 and 0, the table has others. Tally each value alone.")

    def formula(weights: Floats) -> Ratio:
        pairs = summed(weights, tally.pairs)[..., value, :]
        return pairs[..., value], pairs.sum(-1)

    return estimated(name, formula, tally.base, undefined=f"no coder gave the value {value}", draws=draws)


def _gwet(
    name: str, tally: Tally, weights: Weights | Floats, draws: Integers | None
) -> tuple[Statistic, ...]:
    def expected(replicate: Floats, distance: Floats) -> Floats:
        used, n = _shares(summed(replicate, tally.shares)), len(tally.domain)
        by_chance = (1 - distance).sum() / max(n * (n - 1), 1) * (used * (1 - used)).sum(-1)
        return np.asarray(1 - by_chance)

    return _corrected(name, tally, weights, expected, draws)


def _corrected(
    name: str, tally: Tally, weights: Weights | Floats, expected: Expected, draws: Integers | None
) -> tuple[Statistic, ...]:
    """Return 1 - observed / expected disagreement, each pairable unit alike."""
    distance = disagreements(weights, tally.domain)

    def formula(replicate: Floats) -> Ratio:
        pairs = summed(replicate, tally.unit_pairs)
        is_varied = (pairs.any(-1).sum(-1)) > 1
        whole = np.where(is_varied, pairs.sum((-2, -1)) * expected(replicate, distance), 0.0)
        return whole - (pairs * distance).sum((-2, -1)), whole

    return estimated(name, formula, tally.base, undefined=ONE_VALUE, draws=draws)


def _expected_of(values: Floats) -> Expected:
    """Return the disagreement of two draws from the same values, as given by sums (G, C, V)."""

    def expected(replicate: Floats, distance: Floats) -> Floats:
        used = _shares(summed(replicate, values))
        return np.asarray(np.einsum("...v,...w,vw->...", used, used, distance))

    return expected


def _shares(sums: Floats) -> Floats:
    return np.asarray(sums / np.maximum(sums.sum(-1, keepdims=True), np.finfo(np.float64).tiny))


def _refuse_unless_two(name: str, tally: Tally, instead: str) -> None:
    n = tally.given.shape[2]
    if n != 2:
        have = f"{n} coders" if n else "counts, which do not say who gave a value"
        raise CodingError(f"{name} is of two coders; the tally is of {have}. Take `{instead}`.")
