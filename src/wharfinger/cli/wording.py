"""How the command line calls fields and verbs: options, arguments and commands."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wharfinger.core.verbs import Call

COMMANDS = {
    "process:start": "process",
    "process:estimate": "process --estimate",
    "process:watch": "process",
    "process:cancel": "process",
    "show:table": "show",
    "describe:set": "describe",
    "describe:clear": "describe --clear",
    "describe:personal": "describe",
}
"""Verbs whose command is not `capability verb`."""

OPTIONS = {
    "secret_access_key": "--secret-access-key-from",
    "session_token": "--session-token-from",
    "password": "--password-from",
    "as_user": "--as",
    "secret": "--clear-text-from",
    "place": "--to",
}
"""Fields whose option is not their own name."""

VARIABLES = {"home": "WHARFINGER_HOME"}
"""Fields that an environment variable sets, too."""

ARGUMENTS = {
    "connection": "CONN",
    "name": "NAME",
    "new_name": "NEW",
    "patterns": "PATTERN",
    "table": "TABLE",
    "spec": "SPEC",
    "plan": "PLAN",
    "database_user": "USER",
}
"""Fields that are positional arguments, with their names in the help."""

_SAME = {"name": "connection", "user": "database_user"}
"""Arguments of commands whose field has another name."""


class CommandLineWords:
    """The words of the command line.

    `root` answers the root command, whose commands know their arguments. `running` is the command that runs now, None
    before it is known. `home` answers the folder that `--home` names, None without the option, `connection` the name of
    the connection that the command is about, empty without one.
    """

    def __init__(self) -> None:
        self.root: Callable[[], Any] = lambda: None
        self.running: Any = None
        self.home: Callable[[], Path | None] = lambda: None
        self.connection: Callable[[], str] = lambda: ""

    def field(self, name: str) -> str:
        """The option or argument for a field, as the help shows it; empty when the running command has none for it.

        A table's error may name a field of its connection, which `process` has no option for.
        """
        word = _word(name)
        known = self.running is None or any(word in (*one.opts, one.metavar) for one in self.running.params)
        if not known:
            return ""
        return f"{word} or {VARIABLES[name]}" if name in VARIABLES else word

    def call(self, call: Call) -> str:
        """The whole command, ready to paste; what the reader has to fill in is in capitals.

        It names the home folder when `--home` did: without it, the command would run on another home. A call that
        leaves its connection open is about the one that the running command names.
        """
        words = COMMANDS.get(call.verb, call.verb.replace(":", " ")).split()
        given = dict(call.arguments)
        if given.get("connection") == "":
            given["connection"] = self.connection()
        parameters = _parameters(self.root(), words)
        for parameter in (one for one in parameters if one.param_type_name == "argument"):
            field = parameter.name if parameter.name in given else _SAME.get(parameter.name, parameter.name)
            value = given.pop(field, "")
            if value or parameter.required:
                words += _quoted(value) or [parameter.metavar or parameter.name.upper()]
        flags = {option for one in parameters if getattr(one, "is_flag", False) for option in one.opts}
        for name, value in given.items():
            option = _word(name)
            words += [option] if option in flags else [option, *(_quoted(value) or ["…"])]
        home = self.home()
        return " ".join(["wharfinger", *(["--home", shlex.quote(str(home))] if home is not None else []), *words])


def _word(field: str) -> str:
    return ARGUMENTS.get(field) or OPTIONS.get(field) or "--" + field.replace("_", "-")


def _quoted(value: str | tuple[str, ...]) -> list[str]:
    return [shlex.quote(one) for one in ([value] if isinstance(value, str) else value) if one]


def _parameters(command: Any, words: list[str]) -> list[Any]:
    """The arguments and options of the command that `words` name below `command`, in their order."""
    for word in words:
        if not word.startswith("-"):
            command = command.commands[word]
    return list(command.params)


WORDS = CommandLineWords()
