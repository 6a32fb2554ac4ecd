"""Manifests are fetched from servers that the test starts: plain ones on loopback, one with TLS, one that speaks S3."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wharfinger.adapters.dbt.manifest_reader import FRESH_SECONDS, ManifestReader
from wharfinger.connections.model import Connection, Identity, Secrets
from wharfinger.core.errors import Failed, Invalid, NotFound, Refused, Unavailable, WharfingerError
from wharfinger.core.secret import Secret

MANIFEST = json.dumps(
    {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "project_name": "quay"},
        "nodes": {"m": {"resource_type": "model", "schema": "a", "alias": "orders", "description": "All orders"}},
    }
).encode()
CONNECTION = Connection("shop", "cluster", "demo", "us-east-1", "dev", identity=Identity("keys", access_key_id="AKIA1"))

Answer = tuple[int, dict[str, str], bytes]


class _Patient(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for every answer under way

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has read enough hangs up."""


class Server:
    """A server on loopback that answers by path; `asked` keeps the requests."""

    def __init__(self, answer: Callable[[str], Answer], certificate: Path | None = None) -> None:
        asked = self.asked = list[tuple[str, dict[str, str]]]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                status, headers, body = answer(self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing on stderr."""

        self._server = _Patient(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.address = f"{'https' if certificate else 'http'}://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    started: list[Server] = []

    def start(answer: Callable[[str], Answer], certificate: Path | None = None) -> Server:
        started.append(Server(answer, certificate))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def manifests(**options: Any) -> ManifestReader:
    return ManifestReader(lambda _: Secrets(secret_access_key=Secret("not-to-be-sent")), **options)


def read(address: str, **options: Any) -> str:
    fetcher = manifests(**options)
    found = fetcher.read(fetcher.place(address), CONNECTION)
    return found.relations[0].description


def test_a_manifest_comes_from_a_server_of_this_machine(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # which loopback does not take
    server = serve(lambda _: (200, {}, MANIFEST))

    assert read(f"{server.address}/target/manifest.json?token=abc") == "All orders"
    assert server.asked[0][0] == "/target/manifest.json?token=abc"
    assert "not-to-be-sent" not in str(server.asked)


ANSWERS: list[tuple[int, type[WharfingerError]]] = [
    (404, NotFound), (410, NotFound), (401, Refused), (403, Refused), (400, Failed), (429, Unavailable),
    (500, Unavailable), (503, Unavailable),
]  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), ANSWERS)
def test_what_a_server_refuses_is_told_by_kind(serve: Serve, status: int, kind: type[WharfingerError]) -> None:
    server = serve(lambda _: (status, {}, b"secret words of the server"))
    with pytest.raises(kind) as refused:
        read(f"{server.address}/manifest.json?signature=s3cret")
    assert str(status) in refused.value.why
    assert refused.value.next_step
    assert "s3cret" not in str(refused.value)
    assert "secret words" not in str(refused.value)


def test_a_redirect_without_tls_is_not_followed(serve: Serve) -> None:
    server = serve(lambda _: (302, {"Location": "/elsewhere?signature=s3cret"}, b""))
    with pytest.raises(Refused, match="without TLS") as refused:
        read(f"{server.address}/manifest.json")
    assert [path for path, _ in server.asked] == ["/manifest.json"]
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("body", [b"x" * 2_000_000, MANIFEST + b" " * 2_000_000])
def test_what_is_too_large_is_not_read_to_its_end(serve: Serve, body: bytes) -> None:
    server = serve(lambda _: (200, {}, body))
    with pytest.raises(Invalid, match="more than 1 MB"):
        read(f"{server.address}/manifest.json", max_bytes=1024 * 1024)


def test_a_page_that_is_no_manifest_is_refused(serve: Serve) -> None:
    server = serve(lambda _: (200, {}, b"<html>sign in</html>"))
    with pytest.raises(Invalid, match="Not a dbt manifest"):
        read(f"{server.address}/manifest.json")


def test_a_server_that_is_not_there_is_unavailable(serve: Serve) -> None:
    server = serve(lambda _: (200, {}, MANIFEST))
    address = server.address
    server.stop()
    with pytest.raises(Unavailable):
        read(f"{address}/manifest.json")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://host.example/manifest.json", "without TLS"),
        ("http://127.0.0.1.example/manifest.json", "without TLS"),
        ("http://[::ffff:10.0.0.1]/manifest.json", "without TLS"),
        ("https://alice:s3cret@host.example/manifest.json", "password in an address"),
        ("https://s3cret@host.example/manifest.json", "password in an address"),
        ("ftp://host.example/manifest.json", "not read from there"),
        ("file:///etc/passwd", "not read from there"),
        ("gopher://host.example/1", "not read from there"),
        ("https://host.example/", "names no manifest"),
        ("https:///manifest.json", "names no manifest"),
        ("s3://bucket", "names no manifest"),
        ("s3://bucket/folder/", "names no manifest"),
        ("https://[::1/manifest.json", "Not an address"),
        ("https://host.example:port/manifest.json", "Not an address"),
    ],
)
def test_an_address_that_is_not_read_is_told_before_anybody_is_asked(address: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        manifests().place(address)
    assert words in refused.value.what
    assert "s3cret" not in str(refused.value)
    assert refused.value.next_step


def test_tls_is_checked_and_redirects_to_tls_are_followed(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path / "server.pem")
    moved = {"/old.json": (301, {"Location": "/manifest.json"}, b"")}
    server = serve(lambda path: moved.get(path, (200, {}, MANIFEST)), certificate)
    with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
        read(f"{server.address}/manifest.json")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert read(f"{server.address}/old.json") == "All orders"
    assert [path for path, _ in server.asked] == ["/old.json", "/manifest.json"]


def s3(path: str) -> Answer:
    """What S3 answers to GetObject."""
    error = "<Error><Code>{}</Code><Message>{}</Message></Error>"
    if path.startswith("/closed/"):
        return 403, {}, error.format("AccessDenied", "Access Denied").encode()
    if path.startswith("/nowhere/"):
        return 404, {}, error.format("NoSuchBucket", "The specified bucket does not exist").encode()
    if path != "/artifacts/quay/manifest.json":
        return 404, {}, error.format("NoSuchKey", "The specified key does not exist.").encode()
    return 200, {"ETag": '"1"'}, MANIFEST


@pytest.fixture
def bucket(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Server:
    server = serve(s3)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.address)
    return server


def test_s3_is_entered_as_the_connection_is(bucket: Server) -> None:
    assert read("s3://artifacts/quay/manifest.json") == "All orders"
    (path, headers) = bucket.asked[0]
    assert path.startswith("/artifacts/quay/manifest.json")
    assert "Credential=AKIA1/" in headers["authorization"]


@pytest.mark.parametrize(
    ("address", "kind", "words"),
    [
        ("s3://artifacts/other.json", NotFound, "aws s3 ls"),
        ("s3://nowhere/manifest.json", NotFound, "aws s3 ls"),
        ("s3://closed/manifest.json", Refused, "Allow s3:GetObject on arn:aws:s3:::closed/manifest.json"),
    ],
)
def test_what_s3_refuses_has_its_next_step(
    bucket: Server, address: str, kind: type[WharfingerError], words: str
) -> None:
    with pytest.raises(kind) as refused:
        read(address)
    assert words in refused.value.next_step


def test_a_server_is_not_asked_for_every_unit_of_work(serve: Serve) -> None:
    now = [0.0]
    state = {"status": 200}
    server = serve(lambda _: (state["status"], {}, MANIFEST))
    fetcher, place = manifests(clock=lambda: now[0]), f"{server.address}/manifest.json"
    fetcher.read(place, CONNECTION)
    for _ in range(3):
        fetcher.read_again(place, CONNECTION)
    asked_while_fresh = len(server.asked)
    now[0], state["status"] = FRESH_SECONDS + 1, 503
    for _ in range(3):
        with pytest.raises(Unavailable):
            fetcher.read_again(place, CONNECTION)
    asked_while_down = len(server.asked)
    now[0], state["status"] = 2 * FRESH_SECONDS + 2, 200

    assert fetcher.read_again(place, CONNECTION).project == "quay"
    assert (asked_while_fresh, asked_while_down, len(server.asked)) == (1, 2, 3)


def test_a_file_is_read_as_before_and_its_time_is_its_version(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(MANIFEST)
    fetcher = manifests()

    assert fetcher.place(str(tmp_path)) == str(path)
    assert fetcher.read_again(str(path), CONNECTION) == fetcher.read(str(path), CONNECTION)
    assert fetcher.version(str(path)) == str(path.stat().st_mtime_ns)
    assert fetcher.version("https://host.example/manifest.json") == fetcher.version(str(tmp_path / "gone")) == ""


def self_signed(path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path
