"""Servers are asked slowly and by their rules; nothing private is reached, nothing without end is read."""

import gzip
import shutil
import socket
import ssl
import subprocess
from email.utils import format_datetime
from ipaddress import ip_address

import pytest
from foreign import docx, epub, odt
from hypothesis import given
from hypothesis import strategies as st
from served import PAGE, Clock, file, local, packed, say, server, to, visitor

from coding.remote import kinds
from coding.remote.addresses import is_public, parsed, resolved
from coding.remote.archive import Archive, snapshot
from coding.remote.connection import Answer, Limits, ask
from coding.remote.failure import NotFetched
from coding.remote.visitor import Manners, Visitor


@pytest.fixture
def site():
    with server() as pages:
        yield pages


def got(site, path, **given):
    return visitor(**given).get(site.url(path), kinds.takes)


def failed(site, path, **given):
    """Return of what kind a failure is."""
    with pytest.raises(NotFetched) as caught:
        got(site, path, **given)
    return caught.value.kind


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.254",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.5",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::1",
        "2002:a00:1::",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "100::1",
    ],
)
def test_no_address_of_a_private_or_special_network_is_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["9.9.9.9", "207.241.224.2", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::9.9.9.9", "2002:909:909::"],
)
def test_an_address_on_the_internet_is_public(address):
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_as_public_as_it_is_alone(address):
    for other in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(ip_address(other)) == is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a", "file:///etc/passwd", "gopher://example.org", "javascript:alert(1)", "data:,a", "//example.org",
        "http://", "http:///a", "http://me:secret@example.org/", "http://example.org@127.0.0.1/", "http://a b/", "http://example.org/a b",
        "http://example.org\\@127.0.0.1/", "http://example.org/\r\nHost: x", "http://example.org:99999/", "http://[::1", "http://[fe80::1%25eth0]/",
        "http://example.org:0/", "", "http://" + "a" * 70 + ".org/", "\thttp://example.org/",
    ],
)  # fmt: skip
def test_an_address_that_is_none_or_names_a_user_is_not_asked(url):
    with pytest.raises(NotFetched) as caught:
        parsed(url)
    assert caught.value.kind == "unsafe"


@given(st.text(max_size=20), st.text(max_size=20))
def test_what_is_sent_of_an_address_is_one_line_of_ascii(path, query):
    try:
        url = parsed(f"https://example.org/{path}?{query}")
    except NotFetched:
        return
    assert url.target.isascii()
    assert not set(url.target) & set(" \r\n\t#\\")
    assert url.host == "example.org"
    assert parsed(str(url)) == url


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_not_reached_however_it_is_written(host):
    with pytest.raises(NotFetched) as caught:
        Visitor().get(f"http://{host}:1/", kinds.takes)
    assert caught.value.kind in ("unsafe", "unreachable")
    if host != "[::1]":
        assert caught.value.kind == "unsafe"


def answers(monkeypatch, *rounds):
    """Let each resolution of a name give the addresses of the next round; return how often one was asked."""
    asked = []

    def lookup(host, port, *_, **__):
        asked.append(host)
        found = rounds[min(len(asked), len(rounds)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    answers(monkeypatch, ["9.9.9.9", "10.0.0.1"])
    with pytest.raises(NotFetched, match="leads to 10.0.0.1"):
        resolved(parsed("http://example.org/"), allowed=is_public)


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_looked_at(site, monkeypatch):
    site["/"] = PAGE
    port = parsed(site.root).port
    url = parsed(f"http://rebinding.example:{port}/")
    real, names = socket.getaddrinfo, []

    def lookup(host, *rest, **named):
        names.append(host)
        return real("127.0.0.1" if host == "rebinding.example" else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    answer = ask(url, allowed=local, limits=Limits(), takes=kinds.takes)
    assert answer.body == PAGE.encode()
    assert names.count("rebinding.example") == 1
    assert site.headers[0]["host"] == f"rebinding.example:{port}"


def test_a_page_comes_as_it_is_without_cookies_and_says_who_asks(site):
    site["/a"] = lambda handler: say(handler, 200, PAGE, set_cookie="a=b")
    who = visitor()
    assert who.get(site.url("/a#part"), kinds.takes).body == PAGE.encode()
    who.get(site.url("/a"), kinds.takes)
    assert site.asked == ["/robots.txt", "/a", "/a"]
    for headers in site.headers:
        assert headers["user-agent"].startswith("normatrix/")
        assert not {"cookie", "referer", "authorization"} & set(headers)


def test_redirects_are_followed_up_to_a_limit(site):
    site["/1"], site["/2"], site["/3"], site["/end"] = (
        to("/2", 301),
        to("3", 307),
        to(site.url("/end"), 303),
        PAGE,
    )
    assert got(site, "/1").url.target == "/end"
    site["/round"] = to("/round")
    assert failed(site, "/round", manners=Manners(redirects=3)) == "redirects"
    assert site.asked.count("/round") == 4


@pytest.mark.parametrize(
    "where",
    ["file:///etc/passwd", "ftp://example.org/", "http://10.0.0.1/", "http://[::1]:1/", "http://169.254.169.254/latest/", "//192.168.0.1/",
     "http://me:secret@example.org/", "http://0.0.0.0/"],
)  # fmt: skip
def test_a_redirect_to_a_private_place_or_another_scheme_is_not_followed(site, where):
    site["/a"] = to(where)
    assert failed(site, "/a") == "unsafe"


def test_each_redirect_is_looked_at_even_where_the_first_host_is_allowed(site):
    site["/a"] = to("http://127.0.0.2:1/")
    assert failed(site, "/a") == "unsafe"


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "gone"), (410, "gone"), (403, "refused"), (401, "refused"), (500, "refused")]
)
def test_a_status_says_why_a_page_does_not_come(site, status, kind):
    site["/a"] = status
    assert failed(site, "/a") == kind


def test_what_robots_txt_forbids_is_not_asked_for(site):
    site["/robots.txt"] = file("User-agent: *\nDisallow: /private\n", "text/plain")
    site["/private/a"], site["/open"], site["/way"] = PAGE, PAGE, to("/private/a")
    assert failed(site, "/private/a") == "robots"
    assert failed(site, "/way") == "robots"
    assert got(site, "/open").status == 200
    assert "/private/a" not in site.asked


def test_rules_for_this_program_win_over_those_for_all(site):
    site["/robots.txt"] = file(
        "User-agent: *\nAllow: /\n\nUser-agent: normatrix\nDisallow: /\n", "text/plain"
    )
    assert failed(site, "/a") == "robots"


@pytest.mark.parametrize(("status", "kind"), [(404, None), (403, None), (500, "refused"), (503, "busy")])
def test_without_robots_txt_all_is_allowed_and_where_it_cannot_be_had_nothing(site, status, kind):
    site["/robots.txt"], site["/a"] = status, PAGE
    if kind is None:
        assert got(site, "/a").status == 200
    else:
        assert failed(site, "/a") == kind
        assert "/a" not in site.asked


def test_robots_txt_is_guarded_as_any_file_is(site):
    site["/robots.txt"], site["/a"] = to("http://10.0.0.1/robots.txt"), PAGE
    assert failed(site, "/a") == "unsafe"
    site["/robots.txt"] = file(b"#" * 1_000_000, "text/plain")
    assert failed(site, "/a") == "too large"


def test_between_two_questions_to_a_host_there_is_a_pause(site):
    clock, site["/a"] = Clock(), PAGE
    who = visitor(clock)
    for _ in range(3):
        who.get(site.url("/a"), kinds.takes)
    assert clock.pauses == [5, 5, 5]  # robots.txt was the first of four questions


def test_a_longer_pause_that_a_site_asks_for_is_kept(site):
    site["/robots.txt"] = file("User-agent: *\nCrawl-delay: 30\n", "text/plain")
    clock, site["/a"] = Clock(), PAGE
    got(site, "/a", clock=clock)
    assert clock.pauses == [30]


def busy(times, *, status=429, **headers):
    """Return a page that is busy for some times, then there."""
    left = [times]

    def page(handler):
        left[0] -= 1
        say(handler, status, **headers) if left[0] >= 0 else say(handler, 200, PAGE)

    return page


def test_a_busy_server_is_asked_again_when_it_says(site):
    clock = Clock()
    site["/a"] = busy(1, retry_after="42")
    assert got(site, "/a", clock=clock).status == 200
    assert 42 in clock.pauses


def test_the_hour_at_which_a_busy_server_wants_to_be_asked_is_kept(site):
    clock = Clock()
    site["/a"] = busy(1, status=503, retry_after=format_datetime(clock.now().replace(minute=1), usegmt=True))
    assert got(site, "/a", clock=clock).status == 200
    assert any(50 <= pause <= 60 for pause in clock.pauses)


@pytest.mark.parametrize("said", ["soon", "-5", "Wed, 99 Nonsense", "1e9"])
def test_an_unreadable_hour_is_as_none_and_pauses_grow(site, said):
    clock = Clock()
    site["/a"] = busy(2, retry_after=said)
    assert got(site, "/a", clock=clock).status == 200
    assert [pause for pause in clock.pauses if pause > 5] == [20, 40]


def test_a_server_that_stays_busy_or_wants_long_pauses_is_left_alone(site):
    site["/a"], site["/b"] = busy(99), PAGE
    who = visitor()
    for path in ("/a", "/b"):
        with pytest.raises(NotFetched) as caught:
            who.get(site.url(path), kinds.takes)
        assert caught.value.kind == "busy"
    assert site.asked == ["/robots.txt", "/a", "/a", "/a"]
    clock, site["/a"] = Clock(), busy(99, retry_after="99999999999999")
    assert failed(site, "/a", clock=clock) == "busy"
    assert clock.seconds < 60


SMALL = Limits(size=10_000, seconds=20, wait=10)


@pytest.mark.parametrize(
    "page",
    [
        file(b"x" * 20_000, "text/html"),
        file(b"x" * 20_000, "text/html", content_length=None),
        packed(b"x" * 20_000),
        file(gzip.compress(b"x" * 6_000) * 2, "text/html", content_encoding="gzip"),
        lambda handler: say(handler, 200, b"", content_length="99999999999"),
    ],
)
def test_what_is_too_large_or_unpacks_to_it_is_not_read_to_its_end(site, page):
    site["/a"] = page
    assert failed(site, "/a", limits=SMALL) == "too large"


def test_what_was_packed_for_the_way_is_unpacked(site):
    site["/a"], site["/b"] = (
        packed(PAGE.encode()),
        file(gzip.compress(b"a") + gzip.compress(b"b"), "text/html", content_encoding="x-gzip"),
    )
    assert got(site, "/a").body == PAGE.encode()
    assert got(site, "/b").body == b"ab"


def chunks(*pieces, end=b"0\r\n\r\n"):
    def page(handler):
        say(handler, 200, content_length=None, transfer_encoding="chunked")
        handler.wfile.write(b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end)

    return page


def test_what_comes_in_chunks_is_put_together(site):
    site["/a"] = chunks(b"one ", b"two")
    assert got(site, "/a").body == b"one two"


@pytest.mark.parametrize(
    "page",
    [
        chunks(b"one ", end=b""),
        chunks(b"one ", end=b"ff\r\ntw"),
        chunks(end=b"no number\r\n"),
        lambda handler: say(handler, 200, b"half", content_length="4000"),
        file(gzip.compress(PAGE.encode())[:-9], "text/html", content_encoding="gzip"),
        file(b"no gzip", "text/html", content_encoding="gzip"),
        file(b"\x0b\x02\x80a\x03", "text/html", content_encoding="br"),
        lambda handler: handler.wfile.write(b"HTTP/1.1 what\r\n\r\n"),
        lambda handler: handler.wfile.write(b"\x16\x03\x01\x00"),
        lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500),
        lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\na: " + b"b" * 100_000),
        lambda _: None,
    ],
)
def test_what_was_cut_off_or_is_no_answer_is_damaged(site, page):
    site["/a"] = page
    assert failed(site, "/a") == "damaged"


def slowly(begin, piece, pages):
    """Return a page whose pieces come so often that no single wait is long, and without end."""

    def page(handler):
        handler.wfile.write(begin)
        while not pages.over.wait(0.02):
            handler.wfile.write(piece)

    return page


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_an_answer_that_never_ends_is_ended_however_its_pieces_come(site, begin, piece):
    site["/a"] = slowly(begin, piece, site)
    assert failed(site, "/a", limits=Limits(seconds=0.3, wait=10)) == "slow"


def test_a_server_that_says_nothing_is_not_waited_for(site):
    site["/a"] = lambda _: site.over.wait(5)
    assert failed(site, "/a", limits=Limits(seconds=20, wait=0.1)) == "slow"


def test_a_port_where_nobody_answers_is_unreachable():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(NotFetched) as caught:
            visitor().get(f"http://127.0.0.1:{unused.getsockname()[1]}/", kinds.takes)
    assert caught.value.kind == "unreachable"


def test_a_name_that_is_unknown_is_unreachable():
    with pytest.raises(NotFetched) as caught:
        Visitor().get("http://nobody.invalid/", kinds.takes)
    assert caught.value.kind == "unreachable"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of `good.example`, and of nobody else."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
         "-subj", "/CN=good.example", "-addext", "subjectAltName=DNS:good.example",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.mark.parametrize(
    ("host", "trusted", "is_well"),
    [("good.example", True, True), ("other.example", True, False), ("good.example", False, False)],
)
def test_who_answers_over_https_shows_a_trusted_certificate_for_the_name(
    certificate, monkeypatch, host, trusted, is_well
):
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    known = ssl.create_default_context(cafile=certificate / "cert.pem") if trusted else None
    with server(
        lambda plain: own.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), "https"
    ) as site:
        site["/a"] = PAGE
        answers(monkeypatch, ["127.0.0.1"])
        who = visitor(context=known)
        address = f"https://{host}:{parsed(site.root).port}/a"
        if is_well:
            assert who.get(address, kinds.takes).body == PAGE.encode()
        else:
            with pytest.raises(NotFetched, match="no valid certificate"):
                who.get(address, kinds.takes)
            assert site.asked == []


def test_a_file_of_another_kind_is_not_even_read(site):
    site["/a"] = lambda handler: say(
        handler, 200, b"", content_type="video/mp4", content_length="99999999999"
    )
    assert failed(site, "/a") == "wrong type"


def answered(body, kind, path="/a"):
    return Answer(parsed(f"http://example.org{path}"), 200, {"content-type": kind}, body)


@pytest.mark.parametrize(
    ("body", "kind", "suffix"),
    [
        (b"%PDF-1.7 ...", "application/pdf", ".pdf"),
        (b"%PDF-1.7 ...", "text/html", ".pdf"),
        (b"\n%PDF-1.7 ...", "", ".pdf"),
        (PAGE.encode(), "application/pdf", ".html"),
        (b"<p>It trains.</p>", "text/html; charset=utf-8", ".html"),
        (b"It trains.", "text/plain", ".txt"),
        (docx(lambda document: document.add_paragraph("a")), "application/zip", ".docx"),
        (odt("<text:p>a</text:p>"), "application/octet-stream", ".odt"),
        (epub({"a.xhtml": "<p>a</p>"}), "application/epub+zip", ".epub"),
    ],
)
def test_the_first_bytes_say_what_a_file_is(body, kind, suffix):
    assert kinds.suffix(answered(body, kind)) == suffix


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\x00\x01", "application/octet-stream"),
        (b"PK\x03\x04...", "application/zip"),
        (b"Words", "application/pdf"),
    ],
)
def test_a_file_that_is_no_text_is_refused(body, kind):
    with pytest.raises(NotFetched):
        kinds.suffix(answered(body, kind))


def archived(**closest):
    import json

    return file(
        json.dumps({"archived_snapshots": {"closest": closest} if closest else {}}), "application/json"
    )


@pytest.mark.parametrize(
    ("date", "asked"), [("2019-03-14", "20190314"), ("2019-03", "20190315"), ("2019", "20190701")]
)
def test_the_archive_is_asked_for_the_snapshot_nearest_to_the_cited_date(site, date, asked):
    site[f"/available?url=http%3A%2F%2Fexample.org%2F%3Fa%3D1&timestamp={asked}"] = archived(
        available=True, status="200", timestamp="20190401000000"
    )
    found = snapshot(
        visitor(), "http://example.org/?a=1", date, archive=Archive(site.url("/available"), site.url("/web/"))
    )
    assert found.date == "2019-04-01"
    assert found.address == site.url("/web/20190401000000id_/http://example.org/?a=1")


@pytest.mark.parametrize(
    "said",
    [{}, {"available": False}, {"available": True, "status": "404", "timestamp": "20190401000000"},
     {"available": True, "status": "200", "timestamp": "../../etc"}],
)  # fmt: skip
def test_without_a_sound_snapshot_there_is_none(site, said):
    site["/available?url=http%3A%2F%2Fexample.org&timestamp=20190701"] = archived(**said)
    with pytest.raises(NotFetched) as caught:
        snapshot(
            visitor(),
            "http://example.org",
            "2019",
            archive=Archive(site.url("/available"), site.url("/web/")),
        )
    assert caught.value.kind == "gone"


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"null", b"[" * 100_000])
def test_an_answer_of_the_archive_that_is_none_is_a_failure(site, body):
    site["/available?url=http%3A%2F%2Fexample.org&timestamp=20190701"] = file(body, "application/json")
    with pytest.raises(NotFetched):
        snapshot(
            visitor(),
            "http://example.org",
            "2019",
            archive=Archive(site.url("/available"), site.url("/web/")),
        )
