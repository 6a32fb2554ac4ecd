"""`wharfinger`: the root command, the options that every command takes, and how errors become exit codes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import typer
from typer.main import get_command

from wharfinger import __version__
from wharfinger.cli import access, audit, connection, dbt, demo, describe, keys, output, process, show, state, tables
from wharfinger.cli.help import with_shared_options
from wharfinger.cli.wording import WORDS
from wharfinger.core.computer import trouble_of
from wharfinger.core.errors import Failed, Invalid, Unavailable, WharfingerError
from wharfinger.core.garbage import collect_seldom
from wharfinger.core.tracebacks import traceback_text
from wharfinger.core.verbs import call

STOPPING = (signal.SIGTERM, signal.SIGHUP)

HELP = """Open an Amazon Redshift warehouse to people, to dbt and to AI agents.

Connect a warehouse, choose tables, profile and describe them. --home and --json may stand anywhere on the line.

Exit codes: 0 done; 1 the answer is no; 2 invalid or not found; 3 refused; 4 Redshift, AWS or dbt said no; 5 try again
later; 130 stopped.

Examples:

    wharfinger demo

    wharfinger connection add --help
"""

app = typer.Typer(
    name="wharfinger",
    help=HELP,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(connection.app, name="connection")
app.add_typer(access.app, name="access")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(tables.app, name="tables")
app.add_typer(process.app)
app.add_typer(show.app)
app.add_typer(describe.app)
app.add_typer(dbt.app, name="dbt")
app.add_typer(demo.app)
WORDS.root = lambda: get_command(app)
WORDS.home = state.chosen_home
WORDS.connection = state.chosen_connection
state.tell_waiting(lambda who: output.note(f"Waiting for {who}. Continue or end it if it is stopped."))


def _choose_json(value: bool) -> None:
    if value:
        state.choose_json()


def _choose_home(value: str | None) -> None:
    if value is not None:
        state.choose_home(value)


def _print_version(value: bool) -> None:
    if value:
        output.write(f"wharfinger {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    home: str | None = typer.Option(
        None,
        metavar="DIR",
        help="Folder of keys and store; default WHARFINGER_HOME, else the folder for user data.",
        callback=_choose_home,
        is_eager=True,
        expose_value=False,
    ),
    json: bool = typer.Option(
        False,
        "--json",
        help="Print exactly one JSON document, also for errors.",
        callback=_choose_json,
        is_eager=True,
        expose_value=False,
    ),
    version: bool = typer.Option(
        False, "--version", help="Print the version.", callback=_print_version, is_eager=True, expose_value=False
    ),
) -> None:
    """Only holds the options above."""


def main() -> None:
    """The console script: run the command line of this process and exit with its code."""
    collect_seldom()
    # SIGTERM and a closed terminal end a command in the same orderly way as Ctrl-C.
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` wants it
            signal.signal(number, signal.default_int_handler)
    output.open_streams()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code. Prints the answer or the error, never lets an exception out.

    An internal error is reported as `failed`, with a traceback on stderr that holds no values. What the command line
    chose, such as the home folder, is forgotten at the end.
    """
    try:
        return _run(arguments)
    finally:
        state.reset()
        WORDS.running = None


def _run(arguments: Sequence[str]) -> int:
    try:
        texts = [_text(argument) for argument in arguments]
        _require_values(texts)
        return _invoke(texts)
    except WharfingerError as error:
        if _asks_for_json(arguments):
            state.choose_json()  # parsing may not have begun
        return output.report_error(error)
    except typer.TyperException as error:
        if _asks_for_json(arguments):
            state.choose_json()  # parsing may have stopped before it came to the option
        return output.report_error(_usage(error))
    except (typer.Abort, KeyboardInterrupt, EOFError):
        output.report_error(
            Unavailable(
                "Stopped",
                why="by Ctrl-C or a signal",
                next_step="The audit log says what was done; then run the command again",
                call=call("audit:list"),
            )
        )
        return output.INTERRUPTED
    except output.Declined:
        output.note("Nothing was changed.")
        return output.INTERRUPTED
    except (output.ReaderGone, SystemExit):  # the latter comes from rich, when nobody reads a help text
        output.discard_stdout()
        return 0
    except Exception as error:  # noqa: BLE001 - the last door: a bug becomes one clear answer instead of a broken document
        if (
            isinstance(error, BrokenPipeError) and output.stdout_is_closed()
        ):  # a help text, which typer prints by itself
            output.discard_stdout()
            return 0
        trouble = trouble_of(error, state.home_folder())
        return output.report_error(trouble) if trouble is not None else _report_bug(error)


def _invoke(arguments: Sequence[str]) -> int:
    command = with_shared_options(get_command(app))
    WORDS.running = _named(command, arguments)
    if "_WHARFINGER_COMPLETE" in os.environ:
        command.main(prog_name="wharfinger")  # a shell asks for completions
    try:
        # Not `main`, which would turn an interrupt into an exit code before it could be reported.
        with command.make_context("wharfinger", list(arguments) or ["--help"]) as context:
            command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    return 0


def _named(command: Any, arguments: Sequence[str]) -> Any:
    """The command below `command` that the arguments name."""
    for argument in arguments:
        command = getattr(command, "commands", {}).get(argument, command)
    return command


def _text(argument: str) -> str:
    """An argument as text, read as UTF-8 where the locale cannot. Raises BadParameter for bytes that are not UTF-8."""
    try:
        return os.fsencode(argument).decode() if _no_text(argument) else argument
    except UnicodeDecodeError:
        raise typer.BadParameter("an argument is not UTF-8 text") from None


def _require_values(arguments: Sequence[str]) -> None:
    """Raises Invalid for an option with an empty value. To ignore it would choose something else: with an empty
    `--db-user` a connection would sign in as the identity itself."""
    before_values = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    for option, value in pairwise([*before_values, "-"]):
        name, equals, own = option.partition("=")
        if name.startswith("--") and name != "--home" and not (own if equals else value):
            raise Invalid(
                f"{name} has an empty value",
                why="a variable that is not set gives an empty value",
                next_step="Give a value, or leave the option out",
            )


def _no_text(argument: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in argument)


def _asks_for_json(arguments: Sequence[str]) -> bool:
    before_values = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in before_values


def _usage(error: Any) -> WharfingerError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "wharfinger"
    return Invalid(
        "Invalid command line",
        subject=command,
        why=error.format_message(),
        next_step=f"See {command} --help",
    )


def _report_bug(error: Exception) -> int:
    sys.stderr.write(traceback_text(error))
    return output.report_error(
        Failed(
            "Internal error in Wharfinger",
            subject=type(error).__name__,
            why="the traceback on stderr says where",
            next_step="Report it with that traceback; it is safe to try again",
        )
    )
