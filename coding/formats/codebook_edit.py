"""A codebook file edited: entries are moved and changed where they stand, comments and all.

`reworded`, `added` and `versioned` change the lines of one code and no other. `Edited` takes the steps of a
change, which can reach all over the file; it is then written anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coding.errors import nearest
from coding.formats import splice, yaml
from coding.formats.codebook import CodeEntry
from coding.formats.yaml import Key, editable
from coding.revision import Merge, Move, Rename, Retire, Split, Step

_KEYS = tuple(CodeEntry.model_fields)


def reworded(text: str, code: str, fields: Mapping[str, str | tuple[str, ...]]) -> str:
    """Return the text of a codebook file with other words in fields of a code; an empty one is taken out."""
    at = next(at for at, entry, _ in _placed(_codes(text)) if entry["id"] == code)
    for field, value in fields.items():
        if value:
            text = splice.put(text, (*at, field), value, after=_KEYS[: _KEYS.index(field)])
        else:
            text = splice.drop(text, (*at, field))
    return text


def added(text: str, entry: Mapping[str, str | tuple[str, ...]], parent: str | None) -> str:
    """Return the text of a codebook file with one more code, the last of those below its parent.

    In a file that is a flat list the code stands there and names its parent.
    """
    codes = _codes(text)
    if parent is None:
        return splice.append(text, ("codes",), [entry])
    above = {code["id"]: under for _, code, under in _placed(codes)}
    at, code = next((at, code) for at, code, _ in _placed(codes) if code["id"] == parent)
    if len(at) == 2 and any(other.get("parent") for other in codes) and not code.get("codes"):
        last = max(i for i, other in enumerate(codes) if other["id"] in _with_those_below(parent, above))
        return splice.append(text, ("codes",), [{**entry, "parent": parent}], after=last)
    if "codes" in code:
        return splice.append(text, (*at, "codes"), [entry])
    return splice.put(text, (*at, "codes"), [entry], after=_KEYS)


def versioned(text: str, version: str) -> str:
    """Return the text of a codebook file with another version."""
    return splice.put(text, ("version",), version)


class Edited:
    """The entries of a codebook file while steps are applied.

    Parameters
    ----------
    file : the values of the file (`coding.formats.yaml.Editable`), changed in place
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def apply(self, step: Step) -> list[str]:
        """Apply a step and return no problem, or return why it does not fit and change nothing."""
        problems = list(self._misfits(step))
        if not problems:
            self._apply(step)
        return problems

    def _apply(self, step: Step) -> None:
        match step:
            case Rename(code, name):
                self._entry(code)["name"] = name
            case Move(code, under, new):
                self._move(code, under)
                if new is not None:
                    self._entry(code)["id"] = new
                    self._refer(code, new)
            case Merge(codes, into):
                for code in codes:
                    if code != into:
                        self._merge(code, into)
            case Split(code, into):
                self._split(code, [dict(entry) for entry in into])
            case Retire(code, why):
                self._retire(code, why)

    def _misfits(self, step: Step) -> Iterator[str]:
        """Yield why a step cannot be applied to the codes as the earlier steps leave them."""
        ids = {entry["id"]: entry for entry, _, _ in self._walk()}
        named = [*step.codes, step.into] if isinstance(step, Merge) else [step.code]
        if isinstance(step, Move) and step.under is not None:
            named.append(step.under)
        missing = [code for code in named if code not in ids]
        if missing:
            yield from (f"no code '{code}'.{nearest(code, ids)}" for code in missing)
            return
        match step:
            case Move():
                yield from self._misfits_of_move(step, set(ids))
            case Merge(codes, into):
                if ids[into].get("retired"):
                    yield f"'{into}' is retired. Choose a code that is in use."
                for code in codes:
                    if code != into:
                        yield from self._misfits_of_merger(code, step)
            case Split():
                yield from self._misfits_of_split(step, set(ids))
            case Retire(code, _):
                if ids[code].get("retired"):
                    yield f"'{code}' is retired already."

    def _misfits_of_move(self, step: Move, ids: set[str]) -> Iterator[str]:
        if step.under is not None and step.under in self._below(step.code):
            yield f"'{step.code}' cannot stand below itself or a code of its own."
        if step.new is not None and step.new != step.code and step.new in ids:
            yield f"'{step.new}' is there already. An id is for ever; choose another."

    def _misfits_of_merger(self, code: str, step: Merge) -> Iterator[str]:
        if step.into in self._below(code):
            yield f"'{code}' cannot go into '{step.into}', which stands below it. Move that first."
        for what in ("implies", "beats"):
            if self._pointed(code, what, step) != self._pointed(step.into, what, step):
                yield f"'{code}' and '{step.into}' differ in `{what}`. Make them equal first."

    def _misfits_of_split(self, step: Split, ids: set[str]) -> Iterator[str]:
        new = [entry["id"] for entry in step.into]
        yield from (f"'{i}' is there already. Choose another id." for i in new if i in ids)
        if len({*new}) < len(new):
            yield "two of the new codes have the same id."
        for entry in step.into:
            if entry.get("parent"):
                yield f"'{entry['id']}' names a parent; the new codes stand where '{step.code}' stands."

    def _walk(self, entries: Any = None, parent: str | None = None) -> Iterator[tuple[Any, Any, str | None]]:
        """Yield each entry, the list in which it stands, and its parent."""
        entries = self._file["codes"] if entries is None else entries
        for entry in list(entries):
            yield entry, entries, parent or entry.get("parent")
            if entry.get("codes"):
                yield from self._walk(entry["codes"], entry["id"])

    def _found(self, code: str) -> tuple[Any, Any, str | None]:
        return next(found for found in self._walk() if found[0]["id"] == code)

    def _entry(self, code: str) -> Any:
        return self._found(code)[0]

    def _below(self, code: str) -> set[str]:
        """Return a code and all codes below it, in whatever way the file says so."""
        return _with_those_below(code, {entry["id"]: parent for entry, _, parent in self._walk()})

    def _pointed(self, code: str, what: str, step: Merge) -> set[str]:
        """Return the codes at which a code of a merger points, those of the merger left out."""
        return set(self._entry(code).get(what, [])) - {*step.codes, step.into}

    def _move(self, code: str, under: str | None) -> None:
        entry, siblings, parent = self._found(code)
        if parent == under:
            return
        self._take(entry, siblings)
        entry.pop("parent", None)
        if under is None:
            self._file["codes"].append(entry)
        else:
            self._entry(under).setdefault("codes", []).append(entry)

    def _take(self, entry: Any, siblings: Any) -> None:
        """Take an entry out of its list; a parent without codes keeps no empty list."""
        siblings.remove(entry)
        for other, _, _ in self._walk():
            if "codes" in other and not other["codes"]:
                del other["codes"]

    def _refer(self, old: str, new: str) -> None:
        """Let everything that names a code name another one, once, and never itself."""
        for entry, _, _ in self._walk():
            if entry.get("parent") == old:
                entry["parent"] = new
            for what in ("implies", "beats"):
                if old in entry.get(what, []):
                    _replace(entry, what, old, new, without=entry["id"])
        families = self._file.get("families", {})
        for family in families:
            if old in families[family]:
                _replace(families, family, old, new)

    def _merge(self, code: str, into: str) -> None:
        entry, siblings, _ = self._found(code)
        target = self._entry(into)
        for what in ("examples", "rules", "codes"):
            more = [thing for thing in entry.get(what, []) if thing not in target.get(what, [])]
            if more and what not in target:
                _put(target, what, [])
            if more:
                target[what].extend(more)
        self._take(entry, siblings)
        self._refer(code, into)

    def _split(self, code: str, into: list[dict[str, Any]]) -> None:
        entry, siblings, _ = self._found(code)
        taken = {rule["id"] for new in into for rule in new.get("rules", [])}
        kept = [rule for rule in entry.get("rules", []) if rule["id"] not in taken]
        if "rules" in entry and not kept:
            del entry["rules"]
        elif len(kept) < len(entry.get("rules", [])):
            entry["rules"][:] = kept
        parent = {"parent": entry["parent"]} if entry.get("parent") else {}
        at = siblings.index(entry) + 1
        for offset, new in enumerate(into):
            siblings.insert(at + offset, editable({**new, **parent}))
        self._retire(code, f"split into {', '.join(new['id'] for new in into)}")

    def _retire(self, code: str, why: str) -> None:
        entry = self._entry(code)
        entry.pop("retired", None)
        entry.insert(list(entry).index("definition") + 1, "retired", value=True)
        entry.yaml_add_eol_comment(" ".join(why.split()), "retired")


def _replace(holder: Any, key: str, old: str, new: str, *, without: str = "") -> None:
    others = dict.fromkeys(new if member == old else member for member in holder[key])
    kept = [member for member in others if member != without]
    if kept:
        holder[key][:] = kept
    else:
        del holder[key]


def _put(entry: Any, key: str, value: Any) -> None:
    """Put a key before the codes below, which come last."""
    at = list(entry).index("codes") if "codes" in entry else len(entry)
    entry.insert(at, key, value)


def _codes(text: str) -> Any:
    values: Any = yaml.parse(text, name="").values
    return values["codes"]


def _placed(
    entries: Any, at: tuple[Key, ...] = ("codes",), parent: str | None = None
) -> Iterator[tuple[tuple[Key, ...], Any, str | None]]:
    """Yield the path of each entry, the entry, and its parent."""
    for i, entry in enumerate(entries):
        yield (*at, i), entry, parent or entry.get("parent")
        yield from _placed(entry.get("codes", []), (*at, i, "codes"), entry["id"])


def _with_those_below(code: str, above: Mapping[str, str | None]) -> set[str]:
    below = {code}
    while grown := {i for i, parent in above.items() if parent in below} - below:
        below |= grown
    return below
