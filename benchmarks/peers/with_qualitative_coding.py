"""Run by the Python of qualitative-coding in a project of its own: codes lines as its editor does.

Argument: JSON, for each coder the codes of the lines of a document.
"""

from __future__ import annotations

import json
import sys

from qualitative_coding.corpus import QCCorpus

corpus = QCCorpus("settings.yaml")
document, coders = json.loads(sys.argv[1])
with corpus.session():
    for coder, lines in coders.items():
        given = [{"line": line, "code_id": code} for line, code in lines]
        corpus.update_coded_lines(document, coder, given)
