"""Reads dbt manifests from files, S3 and https. Implements `describing.ports.Manifests`.

A fetched manifest is parsed and not stored: it names tables that are not selected, and nothing of those is stored.
"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPMessage
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from wharfinger import __version__
from wharfinger.connections.model import Connection, Secrets
from wharfinger.core.bounded import MANIFEST_BYTES, Readable, read_stream
from wharfinger.core.errors import Failed, NotFound, Refused, Unavailable, WharfingerError
from wharfinger.core.session import Usage
from wharfinger.dbt.manifests.address import check_address, is_remote, without_secrets
from wharfinger.dbt.manifests.files import ManifestFiles
from wharfinger.dbt.manifests.manifest import Manifest, parse_manifest

if TYPE_CHECKING:
    from wharfinger.adapters.aws.calls import AwsCalls

SECONDS = 30
"""How long to wait for a server that sends nothing."""

FRESH_SECONDS = 300.0
"""Seconds for which a fetched manifest, or the failure to fetch it, is reused."""


class ManifestReader:
    """Reads manifests; a place is a path or an address. `secrets_of` opens a connection's secrets, for S3 only."""

    def __init__(
        self,
        secrets_of: Callable[[Connection], Secrets],
        *,
        clock: Callable[[], float] = time.monotonic,
        max_bytes: int = MANIFEST_BYTES,
    ) -> None:
        self._files = ManifestFiles()
        self._secrets_of = secrets_of
        self._clock = clock
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, Manifest | WharfingerError]] = {}

    def place(self, text: str) -> str:
        """The path or the address that `text` names, to be stored and read later.

        Raises Invalid for a scheme that is not read, plain http to another machine or a password in the address;
        NotFound when the file does not exist.
        """
        if not is_remote(text):
            return self._files.place(text)
        check_address(text)
        return text

    def read(self, place: str, connection: Connection) -> Manifest:
        """The manifest, fetched now. Raises Invalid, NotFound, Refused, Failed or Unavailable."""
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
        """The manifest, or the error, of the last fetch when that is at most FRESH_SECONDS old; else fetched now."""
        if not is_remote(place):
            return self._files.read_again(place, connection)
        with self._lock:
            known = self._known.get((connection.id, place))
        if known is not None and self._clock() - known[0] < FRESH_SECONDS:
            return _or_raise(known[1])
        return self.read(place, connection)

    def version(self, place: str) -> str:
        """When a file was last written; empty for an address, whose changes are not known without fetching it."""
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
                next_step="Check the address. For a private CA set SSL_CERT_FILE, for a proxy https_proxy",
            ) from None

    def _all_of(self, stream: Readable, place: str) -> bytes:
        check = "Check that the address is that of a manifest.json"
        return read_stream(stream, self._max_bytes, "dbt manifest", without_secrets(place), next_step=check)


def _aws_calls(place: str, connection: Connection, secrets: Secrets) -> AwsCalls:
    # Imported here because boto3 takes a while to load, and most manifests are files.
    from wharfinger.adapters.aws.calls import AwsCalls, Backoff
    from wharfinger.adapters.aws.clients import Aws, AwsSource
    from wharfinger.adapters.aws.errors import Place
    from wharfinger.adapters.aws.limiter import Limiter

    aws = Aws(AwsSource.of(connection, secrets))
    return AwsCalls(aws, Limiter(), Usage(), Place(place, connection.region), Backoff())


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to https only, so that the manifest cannot be replaced on its way."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https":
            fp.close()
            raise Refused(
                "The server redirects to an address without TLS",
                subject=without_secrets(newurl),
                why="only redirects to https are followed",
                next_step="Give the https address itself, or download the manifest and give its path",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(place: str) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [_SafeRedirects()]
    if urlsplit(place).scheme == "http":
        handlers.append(urllib.request.ProxyHandler({}))  # this machine needs no proxy
    return urllib.request.build_opener(*handlers)


def _refused_by_server(status: int, place: str) -> WharfingerError:
    where, why = without_secrets(place), f"the server answers {status}"
    if status in (404, 410):
        return NotFound("No dbt manifest there", subject=where, why=why, next_step="Check the address")
    if status in (401, 403, 407):
        next_step = "Download the manifest as a user who may, and give the file's path"
        return Refused("The server refuses the manifest", subject=where, why=why, next_step=next_step)
    if status >= 500 or status == 429:
        return Unavailable("The server has an internal problem", subject=where, why=why, next_step="Try again later")
    return Failed("The server refuses the manifest", subject=where, why=why, next_step="Check the address")


def _or_raise(found: Manifest | WharfingerError) -> Manifest:
    if isinstance(found, WharfingerError):
        raise found
    return found
