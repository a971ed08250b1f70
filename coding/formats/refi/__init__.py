"""REFI-QDA, the exchange format of programs for qualitative work: `.qdpx`, `.qde` and `.qdc`.

`read` gives an `Exchanged`, `offsets.solve` finds out what its offsets count.
"""

from coding.formats.refi.nouns import Exchanged
from coding.formats.refi.reader import read

SUFFIXES = (".qdpx", ".qde", ".qdc")

__all__ = ["SUFFIXES", "Exchanged", "read"]
