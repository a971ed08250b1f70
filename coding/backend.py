"""Where work is done: here, in processes beside this one, or by the workers of a Dask cluster.

Each backend is an executor of `concurrent.futures`. What every worker needs (a codebook, a model) is *kept*:
shipped once to each, also to those that come later, and found there by its digest.
"""

from __future__ import annotations

import os
import pickle
import re
import signal
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlsplit

from coding.errors import CodingError, installed_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Kind = Literal["serial", "processes", "dask"]
_T = TypeVar("_T")

_FORM = re.compile(r"serial|processes(?::([1-9]\d{0,3}))?|dask:(.+)")
_MOST_THERE = 61  # processes that a pool of Windows takes
_PATIENCE = 10  # seconds in which a cluster answers
_HERE = ("localhost", "127.0.0.1", "::1")
_CERTIFICATES = (
    "Dask's settings must name the authority's certificate, your own and its key: files in "
    "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and "
    "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY (in its yaml: ca-file, client: cert and key, below "
    "distributed: comm: tls)."
)
_KNOWN = "Write serial, processes, processes:N or dask:ADDRESS."


@dataclass(frozen=True, slots=True)
class Backend:
    """A backend as it was asked for.

    Attributes
    ----------
    n : how many processes; of a cluster as many partitions as are sent at once for each of its threads
    address : of a Dask scheduler, such as `tls://scheduler:8786`; else empty
    """

    kind: Kind
    n: int = 1
    address: str = ""

    def __str__(self) -> str:
        """Return it as it is written."""
        return {"serial": "serial", "processes": f"processes:{self.n}", "dask": f"dask:{self.address}"}[
            self.kind
        ]


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that every worker keeps, and the digest by which it is found there."""

    digest: str
    pickled: bytes

    @classmethod
    def of(cls, value: object) -> Kept:
        """Return a value as it is shipped."""
        pickled = pickle.dumps(value, protocol=5)
        return cls(sha256(pickled).hexdigest(), pickled)


def parse(written: str, *, insecure: bool = False) -> Backend:
    """Return the backend that somebody wrote.

    Parameters
    ----------
    insecure : whether a cluster on another machine may be reached without encryption

    Raises
    ------
    CodingError
        If it is none, or a cluster elsewhere would get texts and programs in the clear.

    Examples
    --------
    >>> str(parse("processes:4")), str(parse("dask:tcp://127.0.0.1:8786"))
    ('processes:4', 'dask:tcp://127.0.0.1:8786')
    """
    found = _FORM.fullmatch(written)
    if found is None:
        raise CodingError(f"--backend: '{written}' is none. {_KNOWN}")
    if written == "serial":
        return Backend("serial")
    if found[2] is None:
        return Backend("processes", int(found[1]) if found[1] else _cores())
    address = found[2]
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname:
        raise CodingError(f"--backend: '{address}' is no address of a scheduler. Write dask:tls://HOST:PORT.")
    if parts.scheme == "tcp" and parts.hostname not in _HERE and not insecure:
        raise CodingError(
            f"--backend: {address} is another machine, reached without encryption: whoever is on the way can "
            "read the texts and run programs on the workers. Use tls:// (Dask's own settings name the "
            "certificates), or say --insecure if the network between is yours alone."
        )
    return Backend("dask", 2, address)


def kept(digest: str) -> Any:
    """Return what this worker keeps under a digest.

    Raises
    ------
    CodingError
        If nothing was shipped to it under that digest.
    """
    if digest not in _KEPT:
        raise CodingError(
            "a worker was asked for work without having what it needs. Start the command again."
        )
    value = _KEPT[digest]
    if isinstance(value, bytes):
        value = _KEPT[digest] = pickle.loads(value)  # noqa: S301  pickled by the driver of this very run
    return value


@contextmanager
def opened(backend: Backend, keeping: Kept) -> Iterator[tuple[Executor, int]]:
    """Yield an executor whose workers keep a value, and how many tasks it does at a time.

    Raises
    ------
    CodingError
        If the packages for a cluster are missing, or it cannot be reached.
    """
    match backend.kind:
        case "serial":
            _keep(keeping.digest, keeping.pickled)
            with _Serial() as executor:
                yield executor, 1
        case "processes":
            with _processes(backend.n, keeping) as executor:
                try:
                    yield executor, backend.n
                except BaseException:
                    executor.shutdown(wait=False, cancel_futures=True)
                    _end_workers()
                    raise
        case "dask":
            yield from _dask(backend, keeping)


class _Serial(Executor):
    """Does each task when it is submitted."""

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        """Return what came of it."""
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  as any executor: whoever asks for the result gets it
            future.set_exception(error)
        return future


def _processes(n: int, keeping: Kept) -> ProcessPoolExecutor:
    from multiprocessing import get_context

    return ProcessPoolExecutor(
        n, mp_context=get_context("spawn"), initializer=_begin, initargs=(keeping.digest, keeping.pickled)
    )


def _begin(digest: str, pickled: bytes) -> None:
    """Begin a worker, which ends with its driver: Ctrl-C is for that alone, which asks them to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _asked_to_end)
    Thread(target=_end_with_driver, daemon=True).start()
    _keep(digest, pickled)


def _end_with_driver() -> None:
    """Wait until the driver is gone, and end: one that was killed asks nobody to, and a worker would wait on.

    What the worker has half written is left beside its place, as by any process that is killed.
    """
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    driver = parent_process()
    if driver is not None:
        wait([driver.sentinel])
        os._exit(1)  # SystemExit would end this thread alone


def _asked_to_end(number: int, frame: object) -> None:
    """End the task that is under way as an error does: what it has half written is taken away."""
    del frame
    raise SystemExit(128 + number)


def _end_workers() -> None:
    from multiprocessing import active_children

    for child in active_children():
        child.terminate()


def _dask(backend: Backend, keeping: Kept) -> Iterator[tuple[Executor, int]]:
    try:
        distributed: Any = import_module("distributed")
    except ModuleNotFoundError as error:
        raise CodingError(f"--backend dask: install it with {installed_by('distributed')}.") from error
    client = _client(distributed, backend.address)

    class Keeping(distributed.WorkerPlugin):  # type: ignore[misc]  # of a package that need not be there
        """Has each worker of a cluster keep a value, also one that joins later."""

        def setup(self, worker: object) -> None:
            del worker
            _keep(keeping.digest, keeping.pickled)

    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise CodingError(
                f"--backend: {backend.address} has no workers. Start some (`dask worker {backend.address}`); "
                "a cluster that grows with its work needs one to begin with (`cluster.adapt(minimum=1)`)."
            ) from error
        client.register_plugin(Keeping(), name=f"coding-{keeping.digest}")
        n = max(1, sum(client.nthreads().values()))
        yield client.get_executor(pure=False, retries=0), backend.n * n


def _client(distributed: Any, address: str) -> Any:
    """Return a connection to a scheduler.

    Raises
    ------
    CodingError
        If it does not answer, or Dask's settings name no certificates for one that is reached by TLS.
    """
    import asyncio

    is_tls = address.startswith("tls:")
    try:
        security = distributed.Security()
        context = security.get_connection_args("client")["ssl_context"] if is_tls else None
    except (OSError, ValueError) as error:
        raise CodingError(f"--backend: the certificates cannot be read: {error}. {_CERTIFICATES}") from error
    if is_tls and context is None:
        raise CodingError(f"--backend: {address} is reached with certificates. {_CERTIFICATES}")
    try:
        asyncio.run(_greet(address, security.get_connection_args("client")))  # a Client that fails says more
        return distributed.Client(address, security=security, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        said = str(error).rstrip(".") or "the connection was ended"
        what = f"Does it speak TLS, with certificates of that authority? {_CERTIFICATES}"
        remedy = what if is_tls else "Is it one that asks for tls://?"
        raise CodingError(f"--backend: {address} does not answer: {said}. {remedy}") from error


async def _greet(address: str, how: Mapping[str, Any]) -> None:
    """Raise unless a scheduler answers."""
    comm = await import_module("distributed.comm").connect(address, timeout=_PATIENCE, **how)
    await comm.close()


def _keep(digest: str, pickled: bytes) -> None:
    _KEPT.setdefault(digest, pickled)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return min(os.cpu_count() or 1, _MOST_THERE)


_KEPT: dict[str, Any] = {}
