"""Who is there: one-time tokens, sessions and passwords, kept in `.coding/` of the project.

A token in a printed address opens one session; the session's cookie is all the browser keeps. Only digests
of tokens, cookies and passwords are written, readable by their owner alone, so that a session outlives a
restart of the server and a copy of the files opens nothing. Several servers of one project, and `coding
password`, share these files: who writes one reads it first, and nobody else writes meanwhile.

Guessing is made slow, and nobody is locked out: after ten wrong passwords for a name within five minutes, one
is checked every ten seconds, the right one too. Who keeps guessing takes such turns from the right coder, who
then has to try more than once; no more can be told apart behind a proxy.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import secrets
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coding.batch import refuse_coder
from coding.errors import CodingError
from coding.files import replacing
from coding.formats.text import decode, write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_DAYS = 30
_LEAST, _MOST = 10, 1000  # characters of a password
_SCRYPT = {"n": 2**14, "r": 8, "p": 1}
_TRIES, _WINDOW = 10, 300.0  # wrong passwords for a name in so many seconds, after which it takes turns
_TURN = 10.0  # seconds from one turn to the next


class TooSoon(CodingError):  # noqa: N818  it names what was met
    """A password was not checked, since too many wrong ones were tried for this name."""


@dataclass(frozen=True, slots=True)
class Session:
    """Someone's visit: who it is, and what a request sends to show that it comes from a page of theirs."""

    coder: str
    csrf: str

    @property
    def place(self) -> str:
        """A name for this coder in this project, under which a browser keeps what it has yet to send."""
        return _digest(self.csrf)[:16]


class Sessions:
    """The sessions of one project's server. Safe to share between threads.

    Parameters
    ----------
    folder : where digests are kept (`.coding/` of the project)
    clock : returns seconds that only grow
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / "sessions.json"
        self._secret = _secret(folder / "secret")
        self._passwords = folder / "passwords.json"
        self._lock = threading.Lock()
        self._writing = folder / "sessions.lock"
        self._clock = clock
        self._tokens: dict[str, str] = {}
        self._tried: dict[str, deque[float]] = {}
        self._stamp = _stamp(self._path)
        self._open = _read(self._path)

    def token(self, coder: str) -> str:
        """Return a new token that opens one session for a coder, once."""
        refuse_coder(coder)
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens[_digest(token)] = coder
        return token

    def enter(self, token: str) -> str | None:
        """Return the cookie of a new session for a token's coder; None if the token opens nothing."""
        with self._lock:
            coder = self._tokens.pop(_digest(token), None)
        if coder is None:
            return None
        with self._alone():
            return self._begin(coder)

    def enter_with_password(self, coder: str, password: str) -> str | None:
        """Return the cookie of a new session; None for a wrong name or password.

        Raises
        ------
        TooSoon
            If it is not this name's turn after too many wrong passwords. Try again later, as it says.
        """
        if len(password) > _MOST:
            return None
        kept = _read(self._passwords).get(coder)
        if kept is not None:
            self._take_turn(coder)
        salt = base64.b64decode(kept["salt"]) if kept else b"nobody"  # whether there is one takes as long
        right = hmac.compare_digest(_scrypt(password, salt), kept["hash"] if kept else "")
        if not right:
            return None
        with self._alone():
            if _read(self._passwords).get(coder) != kept:  # another was given meanwhile
                return None
            self._tried.pop(coder, None)
            return self._begin(coder)

    def of(self, cookie: str | None) -> Session | None:
        """Return the session of a cookie; None if there is none or it is over."""
        if not cookie:
            return None
        with self._lock:
            self._look_again()
            kept = self._open.get(_digest(cookie))
        if kept is None or kept["until"] < time.time():
            return None
        return Session(kept["coder"], self._known(kept["coder"]))

    def _known(self, coder: str) -> str:
        """Return what only this coder's pages of this project know: the same in every session of theirs."""
        return hmac.new(self._secret, coder.encode(), hashlib.sha256).hexdigest()

    def leave(self, cookie: str) -> None:
        """End a session."""
        with self._alone():
            self._open.pop(_digest(cookie), None)
            self._write()

    def set_password(self, coder: str, password: str) -> None:
        """Give a coder a password, and end their sessions: whoever entered with an earlier one is out.

        Raises
        ------
        CodingError
            If it is shorter than ten characters, or far too long.
        """
        refuse_coder(coder)
        if len(password) < _LEAST:
            raise CodingError(f"A password has at least {_LEAST} characters. Take a longer one.")
        if len(password) > _MOST:
            raise CodingError(f"A password has at most {_MOST} characters. Take a shorter one.")
        salt = secrets.token_bytes(16)
        kept = {"salt": base64.b64encode(salt).decode(), "hash": _scrypt(password, salt)}
        with self._alone():
            _write(self._passwords, {**_read(self._passwords), coder: kept})
            self._open = {key: one for key, one in self._open.items() if one["coder"] != coder}
            self._write()

    def with_password(self) -> tuple[str, ...]:
        """Return the coders who have a password."""
        return tuple(sorted(_read(self._passwords)))

    def _take_turn(self, coder: str) -> None:
        """Count a try for a name, or raise if it is not its turn."""
        with self._lock:
            now = self._clock()
            tried = self._tried.setdefault(coder, deque(maxlen=_TRIES))
            wait = tried[-1] + _TURN - now if len(tried) == _TRIES and tried[0] > now - _WINDOW else 0.0
            if wait > 0:
                raise TooSoon(
                    f"Too many wrong passwords for {coder}: one is checked every {_TURN:.0f} seconds now. "
                    f"Try again in {math.ceil(wait)} seconds."
                )
            tried.append(now)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let nobody else change sessions or passwords, in this server or another, until the block ends."""
        from filelock import FileLock

        with self._lock, FileLock(self._writing):
            self._look_again()
            yield

    def _look_again(self) -> None:
        """Take over what another server, or a new password, has changed."""
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._open, self._stamp = _read(self._path), stamp

    def _begin(self, coder: str) -> str:
        cookie = secrets.token_urlsafe(32)
        self._open[_digest(cookie)] = {"coder": coder, "until": time.time() + _DAYS * 86400}
        self._write()
        return cookie

    def _write(self) -> None:
        now = time.time()
        self._open = {key: kept for key, kept in self._open.items() if kept["until"] > now}
        _write(self._path, self._open)
        self._stamp = _stamp(self._path)


def _secret(path: Path) -> bytes:
    """Return the random secret of a project's server, made once."""
    if not path.is_file():
        with replacing([path]) as (written,):
            written.touch(mode=0o600)
            written.write_bytes(secrets.token_bytes(32))
    return path.read_bytes()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what differs when a file has been written anew; None if there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _scrypt(password: str, salt: bytes) -> str:
    found = hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, **_SCRYPT)
    return base64.b64encode(found).decode()


def _read(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    try:
        kept = json.loads(decode(path))
    except ValueError:
        return {}  # a damaged file opens nothing: everybody enters anew
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, kept: dict[str, dict[str, Any]]) -> None:
    with replacing([path]) as (written,):
        written.touch(mode=0o600)
        write_text(written, json.dumps(kept))
    with suppress(OSError):
        path.chmod(0o600)
