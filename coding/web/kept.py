"""What takes a while: done once, kept for the last few who ask, and said while it is done.

A page whose answer is there within a moment is sent whole. Else its beginning is sent at once, with what is
being done, and the rest when it is there: one request, no script, an address that can be kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Generic, TypeVar

from coding.errors import CodingError
from coding.web.shown import page

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.responses import Response

_MOMENT = 0.3  # seconds after which a page says what it waits for
REST = "<!-- the rest -->"  # in a template, where the answer begins

T = TypeVar("T")


class Kept(Generic[T]):
    """The last few results of something that takes a while. Safe to share between threads.

    Parameters
    ----------
    most : how many are kept
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Future[T]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> Future[T]:
        """Return the result under a key, or what will be it: made once, however many ask meanwhile.

        What failed is forgotten, so that it is tried again.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            future: Future[T] = Future()
            self._kept[key] = future
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        future.add_done_callback(lambda done: self._forget_failure(key, done))
        threading.Thread(target=_fulfil, args=(future, make), daemon=True).start()
        return future

    def _forget_failure(self, key: Hashable, done: Future[T]) -> None:
        with self._lock:
            if done.exception() is not None and self._kept.get(key) is done:
                del self._kept[key]


def _fulfil(future: Future[T], make: Callable[[], T]) -> None:
    try:
        future.set_result(make())
    except BaseException as error:  # noqa: BLE001  whoever waits is given it
        future.set_exception(error)


def answer(
    request: Request,
    template: str,
    future: Future[T],
    show: Callable[[T], Mapping[str, object]],
    **shown: object,
) -> Response:
    """Return a page on what a future holds; its beginning at once if that takes more than a moment.

    Parameters
    ----------
    template : its text before `REST` must not depend on the answer. It is given `found`, None as long as
        there is no answer, and `problems`, which say why there is none
    show : makes what else the template is given, from the answer
    """
    from starlette.responses import StreamingResponse

    wait([future], timeout=_MOMENT)
    if future.done():
        known = _known(future, show)
        return page(request, template, status=400 if known["problems"] else 200, **shown, **known)
    waiting = page(request, template, status=200, **shown, found=None, problems=())

    def parts() -> Iterator[str]:
        yield bytes(waiting.body).decode().partition(REST)[0]
        whole = page(request, template, status=200, **shown, **_known(future, show))
        yield bytes(whole.body).decode().partition(REST)[2]

    return StreamingResponse(parts(), media_type="text/html")


def _known(future: Future[T], show: Callable[[T], Mapping[str, object]]) -> dict[str, object]:
    """Return what a template is given once the future is done."""
    try:
        found = future.result()
        return {"problems": (), **show(found), "found": found}
    except CodingError as error:
        return {"found": None, "problems": error.problems}
