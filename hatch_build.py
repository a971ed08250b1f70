"""Adds the shipped corpus, codebooks and studies to a built wheel, never to an editable install."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedMaterial(BuildHookInterface):
    """Puts three folders of the repository, and its settings, below `coding/shipped/`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them to the files of the wheel."""
        if version != "editable":
            for folder in ("codebooks", "corpus", "studies"):
                build_data["force_include"][folder] = f"coding/shipped/{folder}"
            build_data["force_include"]["pyproject.toml"] = "coding/shipped/pyproject.toml"
