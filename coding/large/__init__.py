"""Corpora past one machine: Parquet partitions of texts in, coded segments and counts as Parquet out.

A partition is read by some worker, a few megabytes of text at a time, coded, and its results are written
whole or not at all. Only what is said of each partition comes back; a matrix is made of counts, and passages
are opened where they lie.
"""

from coding.large.columns import Columns
from coding.large.driver import Summary, tag_large
from coding.large.work import Done, Setup

__all__ = ["Columns", "Done", "Setup", "Summary", "tag_large"]
