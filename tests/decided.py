"""A study decided otherwise, as files that anyone could have written: the oracle of the universes."""

import coding
from coding.errors import CodingError
from coding.formats import yaml
from coding.grid import OF_A_RULE
from coding.study import run


def decided(root, universe, study="study"):
    """Write the study and its codebook as a universe has them; return the run of it, None if it cannot be."""
    path = root / f"studies/{study}.yaml"
    plan = yaml.load(path).values
    book = yaml.load(root / f"codebooks/{plan['codebook']}.yaml").values
    plan.pop("robustness", None)
    first, last = universe.years
    years = {key: year for key, year in (("from", first), ("to", last)) if year is not None}
    plan["corpus"] |= {
        "fidelity": list(universe.fidelity), "source_kind": list(universe.source_kind), "years": years,
    }  # fmt: skip
    plan["measurement"] |= {
        name: getattr(universe, name) for name in ("unit", "counts", "weight", "rollup", "implies")
    }
    plan |= {"overlap": universe.overlap, "id": "other", "codebook": "other"}
    book["id"] = "other"
    for code in _codes(book["codes"]):
        if not universe.unless:
            for rule in code.get("rules", []):
                for key in [key for key in rule if key.startswith("unless")]:
                    del rule[key]
        kept = [r for r in code.get("rules", []) if OF_A_RULE + r["id"] != universe.leave_out]
        code["rules"] = kept
        if code["id"] == universe.leave_out:
            for below in _codes([code]):
                below["retired"] = True
    for name, values in (("studies/other.yaml", plan), ("codebooks/other.yaml", book)):
        (root / name).write_text(yaml.dump(values), encoding="utf-8")
    try:
        return run(coding.Project.open(root), "other")
    except CodingError as error:
        if "is left" not in str(error):  # a case without a document
            raise
        return None


def _codes(codes):
    for code in codes:
        yield code
        yield from _codes(code.get("codes", []))


def alike(outcome, finding):
    """Say whether an outcome is that of a finding of a run, to the last digit."""
    found = finding.contrasts[0]
    return (outcome.difference, outcome.low, outcome.high, outcome.verdict, outcome.reason) == (
        found.difference, found.low, found.high, finding.verdict, finding.reason,
    )  # fmt: skip
