"""dbt manifests from files, from S3 and from https. Implements `insight.description_ports.Manifests`.

What is fetched is parsed and forgotten: a manifest names tables that nobody selected, and of those nothing is kept.
"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPMessage
from typing import IO, TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from wharfinger import __version__
from wharfinger.connections.model import Connection, Secrets
from wharfinger.core.addresses import is_this_machine
from wharfinger.core.errors import Failed, Invalid, NotFound, Refused, Unavailable, WharfingerError
from wharfinger.core.session import Usage
from wharfinger.dbt.manifest import Manifest, ManifestFiles, is_remote, parse_manifest, without_secrets

if TYPE_CHECKING:
    from wharfinger.adapters.aws.calls import AwsCalls

MAX_BYTES = 256 * 1024 * 1024
"""The largest manifest that is fetched; those of projects with thousands of models have tens of megabytes."""

SECONDS = 30
"""How long a server may keep silent."""

FRESH_SECONDS = 300.0
"""How long a fetched manifest, or the failure to fetch it, is good for the next unit of work."""

_PIECE = 1024 * 1024


class Readable(Protocol):
    """What an answer is read from, of S3 and of the web alike."""

    def read(self, amount: int, /) -> bytes: ...


class Manifests:
    """Manifests from anywhere. `secrets_of` opens a connection's secrets, for S3 only."""

    def __init__(
        self,
        secrets_of: Callable[[Connection], Secrets],
        *,
        clock: Callable[[], float] = time.monotonic,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._files = ManifestFiles()
        self._secrets_of = secrets_of
        self._clock = clock
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, Manifest | WharfingerError]] = {}

    def place(self, text: str) -> str:
        """The path or the address that `text` names.

        Raises Invalid for a scheme that is not read, plain http to another machine or a password in the address;
        NotFound when no file is there.
        """
        if not is_remote(text):
            return self._files.place(text)
        _check(text)
        return text

    def read(self, place: str, connection: Connection) -> Manifest:
        """What the manifest says, fetched now. Raises Invalid, NotFound, Refused, Failed or Unavailable."""
        if not is_remote(place):
            return self._files.read(place, connection)
        try:
            found: Manifest | WharfingerError = parse_manifest(self._fetch(place, connection), without_secrets(place))
        except WharfingerError as error:
            found = error
        with self._lock:
            self._known[connection.id, place] = (self._clock(), found)
        return _or_raise(found)

    def read_again(self, place: str, connection: Connection) -> Manifest:
        """What the manifest says, or said a few minutes ago; nor is a server asked again that failed just now."""
        if not is_remote(place):
            return self._files.read_again(place, connection)
        with self._lock:
            known = self._known.get((connection.id, place))
        if known is not None and self._clock() - known[0] < FRESH_SECONDS:
            return _or_raise(known[1])
        return self.read(place, connection)

    def version(self, place: str) -> str:
        """A file's time; of an address nothing is known without asking, so that it always is the same."""
        return "" if is_remote(place) else self._files.version(place)

    def _fetch(self, place: str, connection: Connection) -> bytes:
        return self._from_s3(place, connection) if place.lower().startswith("s3:") else self._from_web(place)

    def _from_s3(self, place: str, connection: Connection) -> bytes:
        address = urlsplit(place)
        bucket, key = address.netloc, address.path.removeprefix("/")
        calls = _aws_calls(place, connection, self._secrets_of(connection))
        try:
            answer = calls("s3", "GetObject", Bucket=bucket, Key=key)
        except Refused as error:
            if error.check == "identity":
                raise
            raise Refused(
                "This identity may not read the manifest",
                subject=place,
                why=error.why,
                next_step=f"Allow s3:GetObject on arn:aws:s3:::{bucket}/{key}",
            ) from None
        with answer["Body"] as body:
            return self._all_of(body, place)

    def _from_web(self, place: str) -> bytes:
        request = urllib.request.Request(place, headers={"User-Agent": f"wharfinger/{__version__}"})  # noqa: S310
        try:
            with _opener(place).open(request, timeout=SECONDS) as answer:
                return self._all_of(answer, place)
        except urllib.error.HTTPError as error:
            with error:
                raise _refused_by_server(error.code, place) from None
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            reason = getattr(error, "reason", error)
            raise Unavailable(
                "The manifest cannot be fetched",
                subject=without_secrets(place),
                why=str(reason),
                next_step="Check the address; a private CA goes into SSL_CERT_FILE, a proxy into https_proxy",
            ) from None

    def _all_of(self, stream: Readable, place: str) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while piece := stream.read(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > self._max_bytes:
                raise Invalid(
                    "The manifest is too large",
                    subject=without_secrets(place),
                    why=f"it has more than {self._max_bytes // (1024 * 1024)} MB",
                    next_step="See that the address is that of a manifest.json",
                )
        return b"".join(pieces)


def _aws_calls(place: str, connection: Connection, secrets: Secrets) -> AwsCalls:
    # boto3 takes a while to load, and most manifests are files.
    from wharfinger.adapters.aws.calls import AwsCalls, Backoff
    from wharfinger.adapters.aws.clients import Aws, AwsSource
    from wharfinger.adapters.aws.errors import Place
    from wharfinger.adapters.aws.limiter import Limiter

    aws = Aws(AwsSource.of(connection, secrets))
    return AwsCalls(aws, Limiter(), Usage(), Place(place, connection.region), Backoff())


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to https only: nobody on the way may hand us another manifest."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https":
            fp.close()
            raise Refused(
                "The server sends us on to an address without TLS",
                subject=without_secrets(newurl),
                why="a redirect is followed to https only",
                next_step="Give the https address itself, or download the manifest and give its path",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(place: str) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [_SafeRedirects()]
    if urlsplit(place).scheme == "http":
        handlers.append(urllib.request.ProxyHandler({}))  # this machine needs no proxy
    return urllib.request.build_opener(*handlers)


def _check(text: str) -> None:
    try:
        address = urlsplit(text)
        host, _ = address.hostname or "", address.port
    except ValueError:
        raise Invalid("Not an address", subject=without_secrets(text), next_step="Write it whole: https://…") from None
    if address.scheme not in ("s3", "https", "http"):
        raise Invalid(
            "Manifests are not read from there",
            subject=without_secrets(text),
            why=f"{address.scheme}: is none of s3, https and http to this machine",
            next_step="Download it, and give the file's path",
        )
    if address.username is not None or address.password is not None:
        raise Invalid(
            "A password in an address is not taken",
            subject=without_secrets(text),
            why="arguments are seen by others, and the address is kept",
            next_step="Download the manifest, and give the file's path",
        )
    if not host or address.path in ("", "/") or (address.scheme == "s3" and text.endswith("/")):
        raise Invalid(
            "The address names no manifest",
            subject=without_secrets(text),
            next_step="Write it whole: s3://bucket/path/manifest.json or https://host/path/manifest.json",
        )
    if address.scheme == "http" and not is_this_machine(host):
        raise Invalid(
            "A manifest is not fetched without TLS",
            subject=without_secrets(text),
            why="anybody on the way could change it; http is for this machine only",
            next_step="Use https",
        )


def _refused_by_server(status: int, place: str) -> WharfingerError:
    where, why = without_secrets(place), f"the server answers {status}"
    if status in (404, 410):
        return NotFound("No dbt manifest there", subject=where, why=why, next_step="Check the address")
    if status in (401, 403, 407):
        next_step = "Download the manifest as somebody who may, and give the file's path"
        return Refused("The server does not give the manifest", subject=where, why=why, next_step=next_step)
    if status >= 500 or status == 429:
        return Unavailable(
            "The server has trouble of its own", subject=where, why=why, next_step="Try again in a while"
        )
    return Failed("The server does not give the manifest", subject=where, why=why, next_step="Check the address")


def _or_raise(found: Manifest | WharfingerError) -> Manifest:
    if isinstance(found, WharfingerError):
        raise found
    return found
