"""How the help of a command looks: texts that fill the terminal, examples that can be copied, no markup."""

from __future__ import annotations

import re
import shutil
import sys
from functools import partial
from typing import Any

NARROW = 60
"""Below so many columns typer's frames would cut options off, and the help is plain text."""

BESIDE = 12
"""In plain help, what an option does stands below it if it is longer than this."""

_EXAMPLE = re.compile(r"\bExamples?:(?:\n|\s)+(?=wharfinger)")


def with_shared_options(root: Any) -> Any:
    """Give every command below `root` the options `--home` and `--json`, so that they may stand anywhere.

    A group without a command is a usage error: its help on stdout would break the rule of one JSON document.
    Python's types are left out: `--json <bool>` would look like an option that takes a value.
    """
    shared = [option for option in root.params if option.name in ("home", "json")]

    def extend(group: Any) -> None:
        for command in getattr(group, "commands", {}).values():
            command.params.extend(shared)
            command.no_args_is_help = False
            _adapt(command)
            extend(command)

    _adapt(root)
    extend(root)
    return root


def help_text(text: str, width: int) -> str:
    """`text` with each paragraph in one line, and its examples below each other at the end.

    A command that is longer than `width` goes on in the next line behind a backslash, so that it can be copied.
    """
    about, *examples = _EXAMPLE.split(_dedented(text))
    paragraphs = [" ".join(one.split()) for one in about.split("\n\n") if one.strip()]
    commands = [_joined(one) for part in examples for one in part.split("\n\n") if one.strip()]
    if commands:
        lines = (line for one in commands for line in _continued(one, width))
        paragraphs.append("\n".join(["Examples:" if len(commands) > 1 else "Example:", *lines]))
    return "\n\n".join(paragraphs)


def _dedented(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _joined(example: str) -> str:
    return " ".join(example.replace("\\\n", " ").split())


def _continued(command: str, width: int) -> list[str]:
    """A command in lines of at most `width` columns, each but the last with a backslash at its end."""
    lines, line = [], "  "
    for word in re.findall(r"(?:'[^']*'|\S)+", command):
        longer = f"{line} {word}" if line.strip() else line + word
        if line.strip() and len(longer) + 2 > width:
            lines.append(f"{line} \\")
            longer = f"      {word}"
        line = longer
    return [*lines, line]


def _adapt(command: Any) -> None:
    make_help_option, format_help = command.get_help_option, command.format_help

    def get_help_option(context: Any) -> Any:
        return _adapted(make_help_option(context))

    def prepared(context: Any, formatter: Any) -> None:
        _prepare(command, formatter)
        format_help(context, formatter)

    command.get_help_option, command.format_help = get_help_option, prepared
    for parameter in command.params:
        _adapted(parameter)


def _prepare(command: Any, formatter: Any) -> None:
    """Fit the texts of `command` and of the commands below it to the width of the terminal."""
    from typer import rich_utils

    rich_utils.FORCE_TERMINAL = sys.stdout.isatty()  # FORCE_COLOR must not put colours into a pipe
    width = shutil.get_terminal_size().columns
    narrow = width < NARROW
    if narrow:
        command.rich_markup_mode, formatter.width = None, width - 1
        formatter.write_dl = partial(formatter.write_dl, col_max=BESIDE)
    mark = "\n\n\b\nExample" if narrow else "\n\nExample"  # which keeps click from filling those lines
    for one in (command, *getattr(command, "commands", {}).values()):
        text = help_text(one.help or "", width - 4).replace("\n\nExample", mark)
        one.help = text if narrow else _literal(text)
    if not narrow:
        for parameter in command.params:
            parameter.help = _literal(parameter.help or "")


def _literal(text: str) -> str:
    """`text` without markup: rich would drop `[sandbox]`."""
    return text.replace("[", "\\[")


def _adapted(parameter: Any) -> Any:
    if parameter is None:
        return None
    if parameter.param_type_name == "argument" or parameter.is_flag:
        parameter.display_type_rich = lambda ctx: None  # noqa: ARG005 - typer's own signature
    if parameter.param_type_name == "argument":
        name = f"{parameter.display_name_raw}{'' if parameter.nargs == 1 else '…'}"
        shown = name if parameter.required else f"[{name}]"
        parameter._usage_display_name = lambda: shown  # typer writes {NAME}, as nobody else does
    return parameter
