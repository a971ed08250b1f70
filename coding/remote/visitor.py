"""A visitor: asks one server at a time, pauses between questions to the same one, and keeps its rules.

The rules are those of `robots.txt`. A server that is busy is asked again when it says, and left alone if that
is long.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

from coding.remote.addresses import Allowed, Url, is_public, parsed
from coding.remote.connection import AGENT, LIMITS, Answer, Limits, ask
from coding.remote.failure import NotFetched

_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 503)
_GONE = (404, 410)
_RULES_SIZE = 500_000


@dataclass(frozen=True, slots=True)
class Manners:
    """How servers are treated.

    Attributes
    ----------
    between : seconds between the end of an answer and the next question to the same host
    tries : how often a busy server is asked
    first : seconds until it is asked a second time, unless it says another time; then twice as many
    longest : seconds beyond which nothing is waited for
    redirects : how many of them are followed
    """

    between: float = 5
    tries: int = 3
    first: float = 20
    longest: float = 180
    redirects: int = 5


MANNERS = Manners()


class Visitor:
    """Asks for files, one at a time."""

    def __init__(
        self,
        *,
        allowed: Allowed = is_public,
        limits: Limits = LIMITS,
        manners: Manners = MANNERS,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Begin with no server known.

        Parameters
        ----------
        allowed : says of an address whether a connection may go there
        pause, clock, now : how time passes, and what hour it is
        context : of https; the system's if left out
        """
        self._allowed, self._limits, self._manners, self._context = allowed, limits, manners, context
        self._pause, self._clock, self._now = pause, clock, now
        self._last: dict[str, float] = {}
        self._busy: dict[str, str] = {}
        self._rules: dict[str, RobotFileParser | NotFetched] = {}

    @property
    def now(self) -> datetime:
        """The hour."""
        return self._now()

    def get(self, address: str, takes: Callable[[str], bool]) -> Answer:
        """Return the file at an address, or where that redirects to.

        Parameters
        ----------
        takes : says of a kind of file whether it is wanted

        Raises
        ------
        NotFetched
            If it does not come, or may not be asked for.
        """
        url = parsed(address)
        answer = self._followed(url, takes, self._limits, keeps_rules=True)
        if answer.status == 200:
            return answer
        if answer.status in _GONE:
            raise NotFetched("gone", f"{answer.url} is gone ({answer.status}).")
        raise NotFetched("refused", f"{answer.url} answers {answer.status}.")

    def _followed(
        self, url: Url, takes: Callable[[str], bool], limits: Limits, *, keeps_rules: bool
    ) -> Answer:
        first = url
        for _ in range(self._manners.redirects + 1):
            if keeps_rules:
                self._refuse_by_rules(url)
            answer = self._asked(url, takes, limits)
            where = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not where:
                return answer
            url = parsed(urljoin(str(url), where.strip()))
        raise NotFetched("redirects", f"{first} redirects more than {self._manners.redirects} times.")

    def _asked(self, url: Url, takes: Callable[[str], bool], limits: Limits) -> Answer:
        """Return the answer of a server, asked again while it is busy and says so."""
        if url.host in self._busy:
            raise NotFetched("busy", self._busy[url.host])
        for n in range(self._manners.tries):
            answer = self._once(url, takes, limits)
            if answer.status not in _BUSY:
                return answer
            wait = self._until_asked_again(answer, n)
            if wait > self._manners.longest or n + 1 == self._manners.tries:
                self._busy[url.host] = f"{url.host} is busy ({answer.status}): try again later."
                break
            self._pause(wait)
        raise NotFetched("busy", self._busy[url.host])

    def _once(self, url: Url, takes: Callable[[str], bool], limits: Limits) -> Answer:
        wait = self._last.get(url.host, float("-inf")) + self._between(url) - self._clock()
        if wait > 0:
            self._pause(wait)
        try:
            return ask(url, allowed=self._allowed, limits=limits, takes=takes, context=self._context)
        finally:
            self._last[url.host] = self._clock()

    def _between(self, url: Url) -> float:
        rules = self._rules.get(url.site)
        delay = rules.crawl_delay(AGENT) if isinstance(rules, RobotFileParser) else None
        return max(self._manners.between, min(float(delay or 0), self._manners.longest))

    def _until_asked_again(self, answer: Answer, n: int) -> float:
        """Return the seconds after which a busy server wants to be asked, never less than the usual ones."""
        said = answer.headers.get("retry-after", "").strip()
        usual = self._manners.first * float(2**n)
        if said.isascii() and said.isdigit():
            return max(float(said[:9]), self._manners.between)
        try:
            date = parsedate_to_datetime(said)
        except ValueError:
            return usual
        if date.tzinfo is None:
            return usual
        return max((date - self._now()).total_seconds(), self._manners.between)

    def _refuse_by_rules(self, url: Url) -> None:
        if url.site not in self._rules:
            self._rules[url.site] = self._read_rules(url)
        rules = self._rules[url.site]
        if isinstance(rules, NotFetched):
            raise NotFetched(rules.kind, str(rules))
        if not rules.can_fetch(AGENT, str(url)):
            raise NotFetched("robots", f"{url.host} asks programs not to read {url.path} (robots.txt).")

    def _read_rules(self, url: Url) -> RobotFileParser | NotFetched:
        """Return the rules of a site; why there are none if it does not say what they are.

        Source
        ------
        RFC 9309, section 2.3.1: where there is no such file (4xx) all is allowed; where it cannot be had
        (5xx, no answer) nothing is.
        """
        limits = replace(self._limits, size=_RULES_SIZE)
        place = replace(url, target="/robots.txt")
        try:
            answer = self._followed(place, lambda _: True, limits, keeps_rules=False)
        except NotFetched as error:
            return error
        rules = RobotFileParser()
        if answer.status == 200:
            rules.parse(answer.body.decode("utf-8", "replace").splitlines())
        elif 400 <= answer.status < 500:
            rules.parse([])
        else:
            return NotFetched("refused", f"{url.host} does not say what programs may read ({answer.status}).")
        rules.modified()
        return rules
