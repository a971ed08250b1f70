"""Templates: one environment for all pages that stand by themselves, in which no text becomes markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.locators import as_shown

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment


def environment() -> Environment:
    """Return what fills the templates in."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("coding", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=_compiled(),
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=as_shown,
    )


def source(of: Environment, name: str) -> str:
    """Return a file that stands beside the templates, such as a style sheet, as it is written."""
    assert of.loader is not None
    return of.loader.get_source(of, name)[0]


def _compiled() -> BytecodeCache | None:
    """Return where templates are kept compiled, which takes longer than filling them in; None if nowhere."""
    from jinja2 import FileSystemBytecodeCache

    try:
        return FileSystemBytecodeCache()
    except RuntimeError:  # no folder that is safe to use
        return None
