"""Addresses of the web: which are asked at all, and to which machines they lead.

A page may be cited, or redirect, to an address that leads into the reader's own network: a router, a
printer, another program on this machine. So a name is resolved once, every address that it has is looked at,
and the connection goes to just such an address; the name is not resolved a second time.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

from coding.remote.failure import NotFetched

Allowed = Callable[[IPv4Address | IPv6Address], bool]

PORTS = {"http": 80, "https": 443}

_UNSEEN = re.compile(r"[\x00-\x20\x7f\\]")
_SAFE = "/%:@!$&'()*+,;=~-._"
_MOST_ADDRESSES = 8
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SIXTOFOUR = ipaddress.ip_network("2002::/16")


@dataclass(frozen=True, slots=True)
class Url:
    """An address that may be asked.

    Attributes
    ----------
    scheme : http or https
    host : in small ASCII letters; an IPv6 address without its brackets
    target : path and query, as they are sent
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def site(self) -> str:
        """Scheme, host and port: what one robots.txt is for."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{shown}" + (f":{self.port}" if self.port != PORTS[self.scheme] else "")

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.target.partition("?")[0]

    def __str__(self) -> str:
        return f"{self.site}{self.target}"


def parsed(url: str) -> Url:
    """Return an address in its parts, if it is one that may be asked; what stands behind `#` is left out.

    Raises
    ------
    NotFetched
        If it is not http or https, names a user or password, or is no address.

    Examples
    --------
    >>> str(parsed("HTTPS://Example.org:443/a%20b?q=é#top"))
    'https://example.org/a%20b?q=%C3%A9'
    """
    wrong = NotFetched("unsafe", f"'{url}' is no web address.")
    if _UNSEEN.search(url):
        raise wrong
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
        host = host if ":" in host else host.encode("idna").decode()
    except ValueError as error:  # of UnicodeError too
        raise wrong from error
    if parts.scheme not in PORTS:
        raise NotFetched("unsafe", f"'{url}' is neither http nor https.")
    if "@" in parts.netloc:
        raise NotFetched("unsafe", f"an address on {host} names a user, and is not asked.")
    if not host or "%" in host or port == 0:
        raise wrong
    query = f"?{quote(parts.query, safe=f'{_SAFE}?[]')}" if parts.query else ""
    target = (quote(parts.path, safe=f"{_SAFE}[]") or "/") + query
    return Url(parts.scheme, host.lower(), port or PORTS[parts.scheme], target)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is one machine on the public internet, and so is any address inside it.

    Examples
    --------
    >>> from ipaddress import ip_address
    >>> [is_public(ip_address(a)) for a in ("9.9.9.9", "10.0.0.1", "100.64.0.1", "::ffff:127.0.0.1")]
    [True, False, False, False]
    """
    inside = _inside(address)
    if inside is not None and not is_public(inside):
        return False
    if inside is not None and address not in _SIXTOFOUR:
        return True
    nowhere = address.is_multicast or address.is_unspecified or address.is_reserved
    near = address.is_private or address.is_loopback or address.is_link_local
    site = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (nowhere or near or site)


def resolved(url: Url, *, allowed: Allowed) -> tuple[str, ...]:
    """Return the addresses of the machines to which a name leads.

    Raises
    ------
    NotFetched
        If the name is unknown, or one of its addresses is not allowed.
    """
    try:
        found = socket.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotFetched("unreachable", f"there is no host {url.host}, or no network.") from error
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    for address in addresses:
        if not allowed(ipaddress.ip_address(address)):
            raise NotFetched("unsafe", f"{url.host} leads to {address}, no place on the public internet.")
    return tuple(addresses[:_MOST_ADDRESSES])


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the older address to which one of the newer kind passes on what it is sent."""
    if not isinstance(address, IPv6Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
