"""A program that codes without end, or a number of times, and says each act once it is kept."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent)]  # it runs without site-packages, to start quickly

from coding.batch import act, new_id  # noqa: E402
from coding.model import CodedSegment, Document  # noqa: E402
from coding.store import Store  # noqa: E402

DOCUMENT = Document("land/a", "Crème brûlée, and more of it.")


def write(path, times):
    with Store(path) as store:
        for i in range(times):
            segments = (
                CodedSegment(new_id(), DOCUMENT.segment(i % 9, i % 9 + n), "role", "m", "anna")
                for n in (1, 2, 3)
            )
            batch = act("anna", "code", *segments)
            store.add(batch)
            print(batch.id, flush=True)  # noqa: T201  what it is for


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else sys.maxsize)
