"""What single elements of a REFI-QDA file say: their names, what they refer to, the values that they hold."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from coding.formats.refi.nouns import Told, plain_guid

if TYPE_CHECKING:
    from lxml.etree import _Element


def local(element: _Element) -> str:
    """Return the name of an element, whatever its namespace."""
    return without_namespace(element.tag)


@lru_cache(maxsize=256)
def without_namespace(tag: object) -> str:
    """Return a tag without its namespace; empty for what is no element."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def target(element: _Element) -> str:
    """Return what a reference names: `targetGUID`, or `guid` as in a codebook's sets."""
    return known_guid(element.get("targetGUID") or element.get("guid") or "")


@lru_cache(maxsize=10_000)
def known_guid(written: str) -> str:
    """Return a GUID that many elements name, as users and codes are."""
    return plain_guid(written)


def targets(element: _Element, name: str) -> tuple[str, ...]:
    """Return what the references of a name inside an element name."""
    return tuple(target(child) for child in element if local(child) == name)


def value(element: _Element) -> Told:
    """Return the value that an element holds, by its name; None if it is empty."""
    written = element.text or ""
    kind = local(element)
    if not written.strip():
        return None
    if kind == "BooleanValue":
        return written.strip().lower() in ("true", "1")
    with suppress(ValueError):
        if kind == "IntegerValue":
            return int(written)
        if kind == "FloatValue":
            return float(written)
    return written if kind == "TextValue" else written.strip()
