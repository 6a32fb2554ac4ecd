"""Prints what a command answers: one JSON document, or lines and tables for people; errors; questions."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from wharfinger.cli import state
from wharfinger.cli.wording import WORDS
from wharfinger.core.errors import Invalid, Kind, Unavailable, WharfingerError
from wharfinger.documents.errors import error_answer, error_document

if TYPE_CHECKING:
    from rich.console import Console

EXIT_CODES: dict[Kind, int] = {
    "invalid": 2,
    "not_found": 2,
    "refused": 3,
    "conflict": 3,
    "failed": 4,
    "unavailable": 5,
}
"""The exit code for each kind of error. 0 is done, 1 means that the answer is no."""

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells expect it, and after a question was answered with no."""

STATUS_STYLES = {
    "passed": "green",
    "completed": "green",
    "warned": "yellow",
    "running": "cyan",
    "failed": "bold red",
    "skipped": "dim",
    "queued": "dim",
    "add": "green",
    "change": "yellow",
    "remove": "bold red",
}

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_BREAK = re.compile("\r\n|[\t\n]")

Cell = str | int | None


def open_streams() -> None:
    """Make the three standard streams safe to use, once a process.

    A closed stream (`>&-`) is opened on the null device; characters that the encoding lacks are escaped.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Otherwise a file opened later would get the closed number, and output would go into it.
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - to the end
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def print_document(document: Mapping[str, Any], show: Callable[[Screen], None]) -> None:
    """Print the answer of a command: `document` with `--json`, else what `show` puts on the screen."""
    if state.json_requested():
        _write_json(document)
    else:
        show(Screen())


def answer_no() -> NoReturn:
    """Exit with code 1: the command did its work, and the answer is no. Print the document first."""
    raise typer.Exit(1)


def note(text: str) -> None:
    """Print a line on stderr beside the answer: a warning, or where something was written."""
    console(stderr=True).print(visible(text), style="yellow", markup=False, highlight=False, soft_wrap=True)


class Declined(Exception):
    """A person answered no to a question: nothing is done."""


def confirm(question: str) -> None:
    """Ask a person whether to continue. Raises Declined for no, Invalid when there is no terminal to ask on."""
    if not state.interactive():
        raise Invalid(
            "This needs a confirmation",
            why="there is no terminal to ask on",
            next_step="Check what would be done, then repeat it with the confirmation",
            fields=["yes"],
        )
    if not typer.confirm(visible(question), err=True):
        raise Declined


def visible(text: str) -> str:
    """`text` as a part of one line: line breaks and tabs are blanks, other control characters are spelled out.

    So a hostile name can neither control the terminal nor imitate a line of the program.
    """
    return _spelled_out(_BREAK.sub(" ", text))


def console(*, stderr: bool = False) -> Console:
    """A rich console on stdout or stderr; without colours when that is not a terminal."""
    from rich.console import Console

    class Careful(Console):
        """With stderr closed its output is dropped and the command continues; rich itself would exit with code 1."""

        def on_broken_pipe(self) -> None:
            self.quiet = True
            if not self.stderr:
                raise ReaderGone

    return Careful(stderr=stderr, highlight=False, emoji=False)  # ":secret:" of an ARN is no emoji


class ReaderGone(Exception):
    """The reader of stdout has closed it (`… | head`): not an error; the command ends."""


class Unwritten(Unavailable):
    """The answer cannot be written to stdout."""


class Screen:
    """A command's answer for people: colours and tables on a terminal, plain lines in a pipe."""

    def __init__(self) -> None:
        self.console = console()

    def line(self, text: str = "", style: str = "") -> None:
        """One line, never wrapped, so that SQL and paths can be copied."""
        if self.console.is_terminal:
            self.console.print(visible(text), style=style or None, markup=False, soft_wrap=True)
        else:
            write(visible(text) + "\n")

    def text(self, text: str) -> None:
        """A text of several lines, unchanged: a script, a document for a file."""
        write(_spelled_out(text))

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        """A table on a terminal; in a pipe one line a row, tab between cells, headings first."""
        if not self.console.is_terminal:
            for row in [headings, *rows]:
                write("\t".join(_flat(cell) for cell in row) + "\n")
            return
        from rich import box
        from rich.table import Table

        table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
        for row in rows:
            table.add_row(*(_styled(cell) for cell in row))
        self.console.print(table)

    def facts(self, pairs: Iterable[tuple[str, Cell]]) -> None:
        """Labelled values, one a line; empty ones are left out."""
        shown = [(label, _flat(value)) for label, value in pairs if value not in (None, "")]
        width = max((len(label) for label, _ in shown), default=0)
        for label, value in shown:
            if self.console.is_terminal:
                self.line(f"{label.ljust(width)}  {value}")
            else:
                write(f"{label}\t{value}\n")


def report_error(error: WharfingerError) -> int:
    """Print an error, as JSON or for people; returns the exit code for its kind. Falls back to stderr."""
    if state.json_requested() and not isinstance(error, Unwritten):
        try:
            _write_json(error_answer(error, WORDS))
        except Unwritten as unwritten:
            _tell(unwritten)
            _tell(error)
    else:
        _tell(error)
    return EXIT_CODES[error.kind]


def discard_stdout() -> None:
    """Send stdout to the null device, so that the flush at exit does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def stdout_is_closed() -> bool:
    """Whether stdout is a pipe whose other end is closed."""
    watch = select.poll()
    watch.register(sys.stdout, 0)
    return any(event & select.POLLERR for _, event in watch.poll(0))


def _tell(error: WharfingerError) -> None:
    told = error_document(error, WORDS)
    head = f"{told['what']}: {told['subject']}" if told["subject"] else told["what"]
    out = console(stderr=True)
    with contextlib.suppress(OSError):  # when stderr cannot be written, the exit code alone reports it
        out.print(f"Error: {_flat(head)}", style="bold red", markup=False, soft_wrap=True)
        for label, text in (("Why", told["why"]), ("Next", told["next_step"])):
            if text:  # a line break in a name must not imitate a line of the program
                out.print(f"  {label}: {_flat(text)}", markup=False, soft_wrap=True)


def _flat(cell: Cell) -> str:
    return "" if cell is None else visible(str(cell))


def _spelled_out(text: str) -> str:
    return _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)


def _styled(cell: Cell) -> Any:
    from rich.text import Text

    text = _flat(cell)
    return Text(text, style=STATUS_STYLES.get(text, ""))


def _write_json(document: Mapping[str, Any]) -> None:
    plain = (sys.stdout.encoding or "").lower() not in ("utf-8", "utf8")
    text = json.dumps(document, ensure_ascii=plain, indent=2)
    # JSON escapes most control characters; the others would still control a terminal.
    write(_CONTROL.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n")


def write(text: str) -> None:
    """Write text to stdout at once.

    Raises ReaderGone when the reader has closed stdout, Unwritten when the text cannot be written.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        discard_stdout()
        raise Unwritten(
            "The answer could not be written",
            subject="stdout",
            why=error.strerror or "",
            next_step="Free space there, then run the command again; what it has done is kept",
        ) from None
