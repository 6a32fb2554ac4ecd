"""The state of one run of the command line: its home folder, whether it prints JSON, and the open app."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wharfinger.core.errors import Invalid

if TYPE_CHECKING:
    from wharfinger.app import App
    from wharfinger.connections.model import Connection


@dataclass
class State:
    """Set while the command line is parsed; commands read it through the functions below."""

    home: str | None = None
    json: bool = False
    app: App | None = None
    connection: str = ""
    waiting: Callable[[str], None] = lambda _: None


_state = State()


def reset() -> None:
    """Forget the state of a run of the command line."""
    _state.home, _state.json, _state.app, _state.connection = None, False, None, ""


def tell_waiting(tell: Callable[[str], None]) -> None:
    """Have `tell` called with the process that a command waits for, in words."""
    _state.waiting = tell


def json_requested() -> bool:
    """Whether `--json` was given."""
    return _state.json


def choose_json() -> None:
    """`--json` was given."""
    _state.json = True


def choose_home(home: str) -> None:
    """`--home` was given."""
    _state.home = home


def chosen_home() -> Path | None:
    """The folder that `--home` names; None without the option."""
    return None if _state.home is None else Path(_state.home)


def home_folder() -> Path:
    """The home folder: `--home`, else WHARFINGER_HOME, else the platform's user data folder.

    Raises Invalid when there is none, and for `--home ""`, which would be the folder where the command runs.
    """
    if _state.home == "":
        raise Invalid(
            "The name of the home folder is empty",
            why="a variable that is not set gives an empty name",
            next_step="Name a folder",
            fields=["home"],
        )
    if _state.home is not None:
        return Path(_state.home)
    if named := os.environ.get("WHARFINGER_HOME"):
        return Path(named)
    import platformdirs

    try:
        return platformdirs.user_data_path("wharfinger", appauthor=False)
    except RuntimeError:
        raise Invalid(
            "No home folder",
            why="the user has no home directory, and WHARFINGER_HOME is not set",
            next_step="Name a folder",
            fields=["home"],
        ) from None


def opened() -> App:
    """The app on the chosen home, opened on first use.

    Raises what `open_app` raises: Refused and Conflict for keys and files that do not fit.
    """
    if _state.app is None:
        from wharfinger.app import open_app

        _state.app = open_app(home_folder(), waiting=_state.waiting)
    return _state.app


def saved(name: str) -> Connection:
    """The saved connection called `name`: names are resolved here, once, and verbs take the connection.

    Raises NotFound, and what `opened` raises.
    """
    found = opened().connections.get(name)
    _state.connection = _state.connection or found.name
    return found


def chosen_connection() -> str:
    """The name of the connection that the command is about; empty as long as it has named none."""
    return _state.connection


def interactive() -> bool:
    """Whether questions can be asked: stdin and stderr are a terminal, and `--json` was not given."""
    return not _state.json and sys.stdin.isatty() and sys.stderr.isatty()
