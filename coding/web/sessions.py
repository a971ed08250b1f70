"""Who is there: one-time tokens, sessions and passwords, kept in `.coding/` of the project.

A token in a printed address opens one session; the session's cookie is all the browser keeps. Only digests
of tokens, cookies and passwords are written, readable by their owner alone, so that a session outlives a
restart of the server and a copy of the files opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coding.batch import refuse_coder
from coding.errors import CodingError
from coding.files import replacing
from coding.formats.text import decode, write_text

if TYPE_CHECKING:
    from pathlib import Path

_DAYS = 30
_LEAST = 10  # characters of a password
_SCRYPT = {"n": 2**14, "r": 8, "p": 1}
_TRIES, _WINDOW = 10, 300.0  # failed passwords in so many seconds, then the door stays shut for as long


@dataclass(frozen=True, slots=True)
class Session:
    """Someone's visit: who it is, and what a form must send to show that it came from our page."""

    coder: str
    csrf: str


class Sessions:
    """The sessions of one project's server. Safe to share between threads.

    Parameters
    ----------
    folder : where digests are kept (`.coding/` of the project)
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "sessions.json"
        self._passwords = folder / "passwords.json"
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}
        self._failed: dict[str, list[float]] = {}
        until = time.time()
        self._open = {key: kept for key, kept in _read(self._path).items() if kept["until"] > until}

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
            return None if coder is None else self._begin(coder)

    def enter_with_password(self, coder: str, password: str) -> str | None:
        """Return the cookie of a new session; None for a wrong name or password.

        Raises
        ------
        CodingError
            After too many wrong passwords for this name.
        """
        with self._lock:
            tries = [at for at in self._failed.get(coder, []) if at > time.monotonic() - _WINDOW]
            if len(tries) >= _TRIES:
                raise CodingError("Too many wrong passwords. Wait five minutes, then try again.")
        kept = _read(self._passwords).get(coder)
        salt = base64.b64decode(kept["salt"]) if kept else b"nobody"
        right = hmac.compare_digest(_scrypt(password, salt), kept["hash"] if kept else "")
        with self._lock:
            if not right:
                self._failed = {**self._failed, coder: [*tries, time.monotonic()]}
                return None
            return self._begin(coder)

    def of(self, cookie: str | None) -> Session | None:
        """Return the session of a cookie; None if there is none or it is over."""
        if not cookie:
            return None
        key = _digest(cookie)
        with self._lock:
            kept = self._open.get(key)
        if kept is None or kept["until"] < time.time():
            return None
        return Session(kept["coder"], _digest(f"csrf {cookie}"))

    def leave(self, cookie: str) -> None:
        """End a session."""
        with self._lock:
            self._open.pop(_digest(cookie), None)
            self._write()

    def set_password(self, coder: str, password: str) -> None:
        """Give a coder a password.

        Raises
        ------
        CodingError
            If it is shorter than ten characters.
        """
        refuse_coder(coder)
        if len(password) < _LEAST:
            raise CodingError(f"A password has at least {_LEAST} characters. Take a longer one.")
        salt = secrets.token_bytes(16)
        kept = {"salt": base64.b64encode(salt).decode(), "hash": _scrypt(password, salt)}
        _write(self._passwords, {**_read(self._passwords), coder: kept})

    def with_password(self) -> tuple[str, ...]:
        """Return the coders who have a password."""
        return tuple(sorted(_read(self._passwords)))

    def _begin(self, coder: str) -> str:
        cookie = secrets.token_urlsafe(32)
        self._open[_digest(cookie)] = {"coder": coder, "until": time.time() + _DAYS * 86400}
        self._write()
        return cookie

    def _write(self) -> None:
        _write(self._path, self._open)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


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
