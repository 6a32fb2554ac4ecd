"""What one run of the command line knows: its home folder, whether it speaks JSON, and the app once it is open."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wharfinger.core.errors import Invalid

if TYPE_CHECKING:
    from wharfinger.app import App
    from wharfinger.connections.model import Connection


@dataclass
class State:
    """Set while the command line is parsed; read by the commands through the functions below."""

    home: Path | None = None
    json: bool = False
    app: App | None = None


_state = State()


def begin() -> None:
    """Forget the last run; each call of the command line starts afresh."""
    _state.home, _state.json, _state.app = None, False, None


def speak_json() -> bool:
    """Whether `--json` was given."""
    return _state.json


def choose_json() -> None:
    """`--json` was given."""
    _state.json = True


def choose_home(home: Path) -> None:
    """`--home` was given."""
    _state.home = home


def home_folder() -> Path:
    """The home folder: `--home`, else WHARFINGER_HOME, else the platform's user data folder.

    Raises Invalid where none of them is to be had.
    """
    if _state.home is not None:
        return _state.home
    if named := os.environ.get("WHARFINGER_HOME"):
        return Path(named)
    import platformdirs

    try:
        return platformdirs.user_data_path("wharfinger", appauthor=False)
    except RuntimeError:
        raise Invalid(
            "There is no home folder",
            why="this user has none, and neither HOME nor WHARFINGER_HOME is set",
            next_step="Name a folder",
            fields=("home",),
        ) from None


def opened() -> App:
    """The app on the chosen home, opened on first use. Every command gets at the capabilities through it.

    Raises what `open_app` raises: Refused and Conflict for keys and files that do not fit.
    """
    if _state.app is None:
        from wharfinger.app import open_app

        _state.app = open_app(home_folder())
    return _state.app


def saved(name: str) -> Connection:
    """The saved connection called `name`: names are resolved here, once, and verbs take the connection.

    Raises NotFound, and what `opened` raises.
    """
    return opened().connections.get(name)


def interactive() -> bool:
    """Whether a person can be asked: both ends are a terminal and no JSON was asked for."""
    return not _state.json and sys.stdin.isatty() and sys.stderr.isatty()
