"""Prints what a command answers: one JSON document, or lines and tables for people; errors; questions."""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from wharfinger.cli import layout, state
from wharfinger.cli.characters import json_escaped, register_plain, spelled_out, visible
from wharfinger.cli.layout import Styled
from wharfinger.cli.wording import WORDS
from wharfinger.core.errors import Invalid, Kind, Unavailable, WharfingerError
from wharfinger.documents.errors import ErrorDocument, error_answer, error_document

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

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

Cell = str | int | None | Sequence[Styled]


def open_streams() -> None:
    """Make the three standard streams safe to use, once a process.

    A closed stream (`>&-`) is opened on the null device; characters that the encoding lacks are escaped.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Otherwise a file opened later would get the closed number, and output would go into it.
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - to the end
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors=register_plain())  # type: ignore[union-attr]


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
    tell(text, "yellow")


def tell(text: str, style: str = "") -> None:
    """Print a line on stderr, such as one about progress. Where stderr cannot be written, the command goes on."""
    with contextlib.suppress(OSError):
        _print(console(stderr=True), visible(text), style)


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
    answers = len(" [y/N]: ")
    if not typer.confirm("\n".join(layout.wrapped(visible(question), console(stderr=True).width - answers)), err=True):
        raise Declined


def console(*, stderr: bool = False) -> Console:
    """A rich console on stdout or stderr; plain when that is not a terminal, whatever the environment says."""
    from rich.console import Console

    class Careful(Console):
        """With stderr closed its output is dropped and the command continues; rich itself would exit with code 1."""

        def on_broken_pipe(self) -> None:
            self.quiet = True
            if not self.stderr:
                raise ReaderGone

    stream = sys.stderr if stderr else sys.stdout
    # FORCE_COLOR, which many CI systems set, would make rich draw tables and bars into a pipe. ":secret:" of an ARN is
    # no emoji.
    return Careful(stderr=stderr, highlight=False, emoji=False, force_terminal=stream.isatty())


class ReaderGone(Exception):
    """The reader of stdout has closed it (`… | head`): not an error; the command ends."""


class Unwritten(Unavailable):
    """The answer cannot be written to stdout."""


class Screen:
    """A command's answer for people: colours and tables on a terminal, plain lines in a pipe."""

    def __init__(self) -> None:
        self.console = console()

    def line(self, text: str = "", style: str = "") -> None:
        """A sentence, a name or a command. A terminal breaks it between words only, and commands not at all."""
        if self.console.is_terminal:
            _print(self.console, visible(text), style)
        else:
            write(visible(text) + "\n")

    def text(self, text: str) -> None:
        """A text of several lines, unchanged: a script, a document for a file."""
        write(spelled_out(text))

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, spaced: bool = False) -> None:
        """A table on a terminal; in a pipe one line a row, tab between cells, headings first.

        On a terminal nothing is cut off: where the words of a row do not fit into columns, each row is a block of
        lines. `spaced` puts an empty line between the rows.
        """
        given = [list(row) for row in rows]
        if not self.console.is_terminal:
            for row in [headings, *given]:
                write("\t".join(_flat(cell) for cell in row) + "\n")
            return
        from rich.text import Text

        cells = [[_lines(cell) for cell in row] for row in given]
        for line in layout.table(headings, cells, self.console.width, spaced=spaced):
            _print_line(self.console, Text.assemble(*((span.text, span.style) for span in line)))
        self.console.print()

    def facts(self, pairs: Iterable[tuple[str, Cell]]) -> None:
        """Labelled values, one a line; empty ones are left out."""
        shown = [(label, _flat(value)) for label, value in pairs if value not in (None, "")]
        if self.console.is_terminal:
            from rich.text import Text

            for line in layout.labelled(shown, self.console.width):
                _print_line(self.console, Text(line))
        else:
            for label, value in shown:
                write(f"{label}\t{value}\n")


def _print(out: Console, text: str, style: str = "") -> None:
    """A text of one line; a terminal gets it broken between words, the further lines two columns further right."""
    from rich.text import Text

    indent = " " * (len(text) - len(text.lstrip()) + 2)
    for line in layout.wrapped(text, out.width, indent) if out.is_terminal else [text]:
        _print_line(out, Text(line, style))


def _print_line(out: Console, line: Text) -> None:
    """One line, which the terminal wraps where it is longer, so that copying gives it back whole."""
    out.print(line, soft_wrap=True)


def report_error(error: WharfingerError) -> int:
    """Print an error, as JSON or for people; returns the exit code for its kind. Falls back to stderr."""
    if state.json_requested() and not isinstance(error, Unwritten):
        try:
            _write_json(error_answer(error, WORDS))
        except Unwritten as unwritten:
            _tell_error(unwritten)
            _tell_error(error)
    else:
        _tell_error(error)
    return EXIT_CODES[error.kind]


def discard_stdout() -> None:
    """Send stdout to the null device, so that the flush at exit does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def stdout_is_closed() -> bool:
    """Whether stdout is a pipe whose other end is closed."""
    watch = select.poll()
    watch.register(sys.stdout, 0)
    return any(event & select.POLLERR for _, event in watch.poll(0))


def why_and_next(error: ErrorDocument) -> Iterator[str]:
    """The reason of an error and what to do next, each a line below the one that says what happened."""
    for label, text in (("Why", error["why"]), ("Next", error["next_step"])):
        if text:  # a line break in a name must not imitate a line of the program
            yield f"  {label}: {visible(text)}"


def _tell_error(error: WharfingerError) -> None:
    told = error_document(error, WORDS)
    head = f"{told['what']}: {told['subject']}" if told["subject"] else told["what"]
    out = console(stderr=True)
    with contextlib.suppress(OSError):  # when stderr cannot be written, the exit code alone reports it
        _print(out, f"Error: {_flat(head)}", "bold red")
        for line in why_and_next(told):
            _print(out, line)


def _flat(cell: Cell) -> str:
    return "; ".join(line.text for line in _lines(cell) if line.text)


def _lines(cell: Cell) -> Sequence[Styled]:
    if cell is None or isinstance(cell, (str, int)):
        text = "" if cell is None else visible(str(cell))
        return [Styled(text, STATUS_STYLES.get(text, ""))]
    return [Styled(visible(line.text), line.style) for line in cell]


def _write_json(document: Mapping[str, Any]) -> None:
    plain = (sys.stdout.encoding or "").lower() not in ("utf-8", "utf8")
    text = json.dumps(document, ensure_ascii=plain, indent=2)
    # JSON escapes most control characters; the others would still control a terminal.
    write(json_escaped(text) + "\n")


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
