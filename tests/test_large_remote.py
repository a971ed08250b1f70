"""Corpora past one machine, at a distance: a cluster reached by TLS, a store of objects reached by HTTP."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import count
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from test_large import large_rows, parted, rows, table, tag, wait_for

if os.environ.get("CI") == "true":
    import distributed
else:
    distributed = pytest.importorskip("distributed", reason="needs `pip install '.[distributed]'`")

OWN = re.compile(r"DASK_|AWS_")
SETTINGS = "DASK_DISTRIBUTED__COMM__TLS__"
OF_ALL = ("--set", "fidelity=digest", "--set", "source_kind=primary")


def coding(sandbox, *words, **given):
    """Run a command to its end, with settings of Dask and of the store only if they are given."""
    kept = {name: value for name, value in os.environ.items() if not OWN.match(name)}
    return subprocess.run(
        [sys.executable, "-m", "coding", *map(str, words), "--project", str(sandbox.root)],
        env=kept | given, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def refused(ended, *said):
    assert ended.returncode == 2, ended.stderr
    assert re.search("^Error: ", ended.stderr, re.MULTILINE), ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    for each in said:
        assert each in ended.stderr


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


# -- a cluster reached by TLS ------------------------------------------------------------------------------


def certificate(folder):
    """Write the certificate of an authority that is its own, and its key."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("own") / "authority")


@contextmanager
def running_cluster(**given):
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", **given
    ) as found:
        yield found.scheduler_address


@pytest.fixture(scope="module")
def by_tls(own):
    names = {
        f"tls_{who}_{what}": str(own / f"{what}.pem")
        for who in ("scheduler", "worker", "client")
        for what in ("cert", "key")
    }
    security = distributed.Security(tls_ca_file=str(own / "cert.pem"), require_encryption=True, **names)
    with running_cluster(security=security, protocol="tls") as address:
        yield address


@pytest.fixture(scope="module")
def in_the_clear():
    with running_cluster() as address:
        yield address


def named(folder):
    """Return the settings of Dask that name certificates."""
    return {
        f"{SETTINGS}CA_FILE": str(folder / "cert.pem"),
        f"{SETTINGS}CLIENT__CERT": str(folder / "cert.pem"),
        f"{SETTINGS}CLIENT__KEY": str(folder / "key.pem"),
    }


def in_yaml(folder, place):
    place.write_text(
        f"distributed: {{comm: {{tls: {{ca-file: {folder}/cert.pem, "
        f"client: {{cert: {folder}/cert.pem, key: {folder}/key.pem}}}}}}}}\n",
        encoding="utf-8",
    )
    return {"DASK_CONFIG": str(place)}


def tag_there(sandbox, folder, out, address, **given):
    asked = ("tag", "--corpus", folder, "--out", out, "--backend", f"dask:{address}", "--json", *OF_ALL)
    return coding(sandbox, *asked, **given)


@pytest.mark.filterwarnings("ignore")  # what Dask's own machinery warns of is not ours
@pytest.mark.parametrize("how", ["variables", "yaml"])
def test_a_cluster_that_is_reached_by_tls_codes_as_this_process_does(sandbox, tmp_path, own, by_tls, how):
    assert by_tls.startswith("tls://")
    folder = parted(tmp_path / "in", rows(20), (5, 9, 16))
    tag(sandbox, folder, tmp_path / "serial")
    given = named(own) if how == "variables" else in_yaml(own, tmp_path / "dask.yaml")
    ended = tag_there(sandbox, folder, tmp_path / "out", by_tls, **given)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["documents"] == 20
    assert table(tmp_path / "out", "segments") == table(tmp_path / "serial", "segments") != []


@pytest.mark.filterwarnings("ignore")  # as above
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("none", "is reached with certificates"),
        ("no certificate of its own", "is reached with certificates"),
        ("of another authority", "does not answer: TLS certificate does not match"),
        ("no such file", "the certificates cannot be read"),
        ("no certificate", "the certificates cannot be read"),
    ],
)
def test_a_cluster_that_asks_for_other_certificates_is_said_so_with_the_settings(
    sandbox, tmp_path, own, by_tls, how, said
):
    (tmp_path / "text.pem").write_text("no certificate", encoding="utf-8")
    given = {
        "none": {},
        "no certificate of its own": {f"{SETTINGS}CA_FILE": str(own / "cert.pem")},
        "of another authority": named(certificate(tmp_path / "another")),
        "no such file": named(tmp_path / "nowhere"),
        "no certificate": {**named(own), f"{SETTINGS}CA_FILE": str(tmp_path / "text.pem")},
    }[how]
    ended = tag_there(sandbox, parted(tmp_path / "in", rows()), tmp_path / "out", by_tls, **given)
    refused(ended, said, *named(own))
    assert not list((tmp_path / "out").glob("*/*"))


@pytest.mark.filterwarnings("ignore")  # as above
def test_a_scheduler_without_tls_is_not_taken_for_one_with_it(sandbox, tmp_path, own, in_the_clear):
    folder, address = parted(tmp_path / "in", rows()), in_the_clear.replace("tcp://", "tls://")
    ended = tag_there(sandbox, folder, tmp_path / "out", address, **named(own))
    refused(ended, f"{address} does not answer", "Does it speak TLS", *named(own))


@pytest.mark.filterwarnings("ignore")  # as above
def test_a_scheduler_with_tls_does_not_answer_in_the_clear(sandbox, tmp_path, by_tls):
    address = by_tls.replace("tls://", "tcp://")
    ended = tag_there(sandbox, parted(tmp_path / "in", rows()), tmp_path / "out", address)
    refused(ended, f"{address} does not answer", "asks for tls://")


def test_a_cluster_without_workers_is_said_so(sandbox, tmp_path):
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as empty:
        words = ("--corpus", parted(tmp_path / "in", rows()), "--out", tmp_path / "out", *OF_ALL)
        ended = coding(sandbox, "tag", *words, "--backend", f"dask:{empty.scheduler_address}")
    refused(ended, "has no workers. Start some (`dask worker tcp://127.0.0.1")


# -- a store of objects reached by HTTP --------------------------------------------------------------------

NUMBERS = count()
HEADERS = {  # the server looks at no signature, but takes whoever has none for a stranger
    "Authorization": "AWS4-HMAC-SHA256 Credential=somebody/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0",
    "Content-Type": "application/octet-stream",
}

with_a_store = pytest.mark.skipif(
    os.environ.get("CI") != "true" and not all(map(find_spec, ("s3fs", "moto", "flask_cors"))),
    reason="needs `pip install '.[stores]'`",
)


class Store:
    """A server of objects, as its owner sees it."""

    def __init__(self, address):
        self.address = address

    @property
    def environment(self):
        return {
            "AWS_ENDPOINT_URL": self.address, "AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "2",
        }  # fmt: skip

    def ask(self, method, path, data=None):
        with urlopen(Request(f"{self.address}/{path}", data, HEADERS, method=method), timeout=30) as answer:
            return answer.read()

    def names(self, bucket):
        return sorted(re.findall(r"<Key>(.*?)</Key>", self.ask("GET", f"{bucket}?list-type=2").decode()))

    def unfinished(self, bucket):
        return re.findall(r"<UploadId>", self.ask("GET", f"{bucket}?uploads").decode())

    def bucket(self, folder=None):
        """Return the name of a new bucket, with the partitions of a folder."""
        name = f"bucket-{next(NUMBERS)}"
        self.ask("PUT", name, b"")
        for path in sorted(folder.iterdir()) if folder else ():
            self.ask("PUT", f"{name}/in/{path.name.replace(' ', '-')}", path.read_bytes())
        return name

    def fetch(self, bucket, folder):
        """Write the results that a bucket holds to a folder here."""
        for name in self.names(bucket):
            if name.startswith("out/"):
                place = folder / name.removeprefix("out/")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(self.ask("GET", f"{bucket}/{name}"))
        return folder


@contextmanager
def serving():
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    found = Store(f"http://127.0.0.1:{port}")

    def answers():
        assert process.poll() is None, "the server ended"
        try:
            return bool(found.ask("GET", "moto-api/"))
        except HTTPError:
            return True
        except URLError:
            return False

    try:
        wait_for(answers)
        yield found, process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def store():
    with serving() as (found, _):
        yield found


def words(bucket, backend="serial"):
    place = f"s3://{bucket}"
    return "tag", "--corpus", f"{place}/in", "--out", f"{place}/out", "--backend", backend, "--json", *OF_ALL


@with_a_store
def test_partitions_in_a_store_are_coded_and_counted_as_files_are(sandbox, tmp_path, store):
    folder = parted(tmp_path / "in", rows(20), (5, 9, 16))
    bucket = store.bucket(folder)
    first, again = (coding(sandbox, *words(bucket, "processes:2"), **store.environment) for _ in range(2))
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    stood = [[each["stood"] for each in json.loads(ended.stdout)["partitions"]] for ended in (first, again)]
    assert stood == [[False] * 4, [True] * 4]
    here = coding(
        sandbox, "tag", "--corpus", folder, "--out", tmp_path / "here", "--backend", "serial", *OF_ALL
    )
    assert here.returncode == 0, here.stderr
    there = store.fetch(bucket, tmp_path / "there")
    for kind in ("segments", "readings", "documents", "counts"):
        assert table(there, kind) == table(tmp_path / "here", kind) != []
    assert sorted({name.split("/")[1] for name in store.names(bucket) if name.startswith("out/")}) == [
        "counts", "documents", "done", "manifest.json", "readings", "segments",
    ]  # fmt: skip
    one = coding(sandbox, "matrix", "--tagged", f"s3://{bucket}/out", "--json", **store.environment)
    two = coding(sandbox, "matrix", "--tagged", tmp_path / "here", "--json")
    assert one.returncode == 0, one.stderr
    assert json.loads(one.stdout) == json.loads(two.stdout) != []


@with_a_store
def test_a_partition_in_a_store_that_is_damaged_is_reported_and_the_others_are_done(sandbox, tmp_path, store):
    folder = parted(tmp_path / "in", rows(), (2,))
    (folder / "part 2.parquet").write_bytes(b"PAR1 no more")
    bucket = store.bucket(folder)
    ended = coding(sandbox, *words(bucket), **store.environment)
    assert ended.returncode == 1, ended.stderr
    problems = {each["place"]: each["problem"] for each in json.loads(ended.stdout)["partitions"]}
    damaged = problems.pop(f"s3://{bucket}/in/part-2.parquet")
    assert "cannot be read as Parquet" in damaged
    assert list(problems.values()) == [None, None]
    assert len([name for name in store.names(bucket) if name.startswith("out/segments/")]) == 2


@with_a_store
@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("no texts", "no Parquet file there"),
        ("no bucket", "no Parquet file there"),
        ("no bucket for results", "cannot be written: The specified bucket does not exist"),
        ("unknown", "does not exist in our records"),
        ("no credentials", "Unable to locate credentials"),
        ("down", "Could not connect to the endpoint URL"),
    ],
)
def test_a_store_that_does_not_give_or_take_is_said_so(sandbox, tmp_path, store, what, said):
    bucket = store.bucket(parted(tmp_path / "in", rows()) if what != "no texts" else None)
    given, asked = dict(store.environment), list(words(bucket))
    if what == "no bucket":
        asked[2] = "s3://no-such-bucket/in"
    elif what == "no bucket for results":
        asked[4] = "s3://no-such-bucket/out"
    elif what == "no credentials":
        del given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"]
    elif what == "down":
        given["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{free_port()}"
    store.ask("POST", "moto-api/reset-auth", b"0" if what == "unknown" else b"inf")
    try:
        ended = coding(sandbox, *asked, **given)
    finally:
        store.ask("POST", "moto-api/reset-auth", b"inf")
    refused(ended, said)
    assert not [name for name in store.names(bucket) if name.startswith("out/")]


@with_a_store
def test_a_command_that_is_killed_leaves_whole_objects_and_the_same_goes_on(sandbox, tmp_path, store):
    folder = parted(tmp_path / "in", large_rows(32, 1_000), range(4, 32, 4))
    bucket = store.bucket(folder)
    running = subprocess.Popen(
        [sys.executable, "-m", "coding", *words(bucket, "processes:2"), "--project", str(sandbox.root)],
        env=os.environ | store.environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: "out/done/" in " ".join(store.names(bucket)) or running.poll() is not None)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    killed = store.fetch(bucket, tmp_path / "killed")
    n_done = len(list(killed.glob("done/*.json")))
    assert len(table(killed, "segments")) > 0  # every file is read whole
    for path in killed.glob("done/*.json"):
        json.loads(path.read_bytes())
    again = coding(sandbox, *words(bucket, "processes:2"), **store.environment)
    assert again.returncode == 0, again.stderr
    assert sum(each["stood"] for each in json.loads(again.stdout)["partitions"]) >= n_done >= 1
    tag(sandbox, folder, tmp_path / "quiet")
    there = store.fetch(bucket, tmp_path / "there")
    assert table(there, "segments") == table(tmp_path / "quiet", "segments")


@with_a_store
def test_a_store_that_goes_away_is_said_so(sandbox, tmp_path):
    with serving() as (store, process):
        bucket = store.bucket(parted(tmp_path / "in", large_rows(32, 4_000), range(4, 32, 4)))
        running = subprocess.Popen(
            [sys.executable, "-m", "coding", *words(bucket), "--project", str(sandbox.root)],
            env=os.environ | store.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        wait_for(lambda: "out/done/" in " ".join(store.names(bucket)) or running.poll() is not None)
        process.kill()
        _, errors = running.communicate(timeout=120)
    assert running.returncode == 2, errors
    assert re.search("^Error: ", errors, re.MULTILINE), errors
    assert "Could not connect to the endpoint URL" in errors
    assert "Traceback" not in errors


ASKS = """
import json
import sys
from urllib.request import Request, urlopen
from coding.large import places

address, bucket, headers = sys.argv[1:]
one, two = (f"s3://{bucket}/in/{name}.parquet" for name in "ab")

def ask(method, place, data=None):
    there = f"{address}/{place.removeprefix('s3://')}"
    urlopen(Request(there, data, json.loads(headers), method=method)).close()

def say():
    print(places.names(f"s3://{bucket}/in"), [(places.exists(x), places.digest(x) is not None) for x in (one, two)])

ask("PUT", one, b"1")
say()
before = places.digest(one)
ask("PUT", one, b"22")
ask("PUT", two, b"333")
say()
print(places.size(one), places.digest(one) != before, places.partitions([f"s3://{bucket}/in"]) == (one, two))
ask("DELETE", one)
say()
places.remove(one)
places.remove(two)
say()
try:
    with places.writing(two) as file:
        file.write(bytes(60_000_000))
        raise ValueError
except ValueError:
    say()
"""


@with_a_store
def test_what_a_store_holds_is_asked_anew_and_what_is_not_finished_is_gone(store):
    bucket = store.bucket()
    ended = subprocess.run(
        [sys.executable, "-c", ASKS, store.address, bucket, json.dumps(HEADERS)],
        env=os.environ | store.environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    nothing = "[] [(False, False), (False, False)]"
    assert ended.stdout.splitlines() == [
        "['a.parquet'] [(True, True), (False, False)]",
        "['a.parquet', 'b.parquet'] [(True, True), (True, True)]",
        "2 True True",
        "['b.parquet'] [(False, False), (True, True)]",
        nothing,
        nothing,
    ], ended.stderr
    assert store.names(bucket) == []
    assert store.unfinished(bucket) == []
