"""What is installed: formats and taggers, built in or brought by another package.

A format or tagger is a module of `coding.formats` or `coding.taggers`, or an entry point of the
group of that name in another distribution. Built-ins come through the same door.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

GROUPS = ("coding.formats", "coding.taggers")


@cache
def installed(group: str) -> dict[str, ModuleType]:
    """Return the modules of a group by name. A name of ours is never replaced by another package's."""
    package = import_module(group)
    found = {
        module.name: import_module(f"{group}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    }
    for entry in entry_points(group=group):
        found.setdefault(entry.name, entry.load())
    return dict(sorted(found.items()))
