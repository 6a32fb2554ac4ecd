"""Values as YAML that dbt reads back unchanged: PyYAML removes the quotes, then Jinja renders the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from wharfinger.core.errors import Invalid
from wharfinger.core.secret import DOTS, Secret

SECRET_PREFIX = "DBT_ENV_SECRET"  # noqa: S105 - the name that dbt scrubs from its logs


@dataclass(frozen=True, slots=True)
class EnvVar:
    """A value that dbt reads from the environment variable `name` when it runs."""

    name: str


Value = str | int | bool | tuple[str, ...] | EnvVar | Secret

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")
_JINJA = re.compile(r"\{[{%#]|[%#}]\}|\r|\n\Z")
"""What Jinja would change: its own marks, the last line end (removed) and carriage returns (converted)."""


def key_text(key: str) -> str:
    """`key` as YAML. dbt does not render keys, so braces in them have no meaning."""
    return _quoted(key) if not _stays_text(key) else key


def value_text(value: Value, *, show_secrets: bool = True) -> str:
    """`value` as YAML on one line; with `show_secrets` off a secret is dots.

    Raises Invalid for text that no profile can hold.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, EnvVar):
        return _quoted(f"{{{{ env_var({_jinja_literal(value.name)}) }}}}")
    if isinstance(value, Secret):
        return _text(value.reveal(), always_quoted=True) if show_secrets else _quoted(DOTS)
    if isinstance(value, tuple):
        return f"[{', '.join(_text(one) for one in value)}]"
    return _text(value)


def pair_texts(fields: Mapping[str, Value], *, show_secrets: bool = True) -> list[str]:
    """Each field as `key: value`."""
    return [f"{key_text(key)}: {value_text(value, show_secrets=show_secrets)}" for key, value in fields.items()]


def _text(text: str, *, always_quoted: bool = False) -> str:
    _check(text)
    if _JINJA.search(text):
        return _quoted(f"{{{{ {_jinja_literal(text)} }}}}")
    return text if not always_quoted and _stays_text(text) else _quoted(text)


def _check(text: str) -> None:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid(
            "Not a value for a dbt profile",
            why="it holds a character that YAML cannot express",
            next_step="Use another value",
        )
    if SECRET_PREFIX in text:
        # dbt then looks for the placeholder of a secret, finds none and renders nothing (observed with dbt 1.11).
        raise Invalid(
            "Not a value for a dbt profile",
            why=f"dbt reads {SECRET_PREFIX} in a value as the name of a secret variable",
            next_step="Use another value",
        )


def _stays_text(text: str) -> bool:
    return bool(_PLAIN.match(text)) and yaml.safe_load(text) == text


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character == "\n":
        return "\\n"
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\x{number:02X}" if number < 0x100 else f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"


def _jinja_literal(text: str) -> str:
    """`text` as a string literal of Jinja, which uses Python's escapes."""
    plain = {"'": "\\'", "\\": "\\\\", "\r": "\\r", "\n": "\\n", "{": "\\x7b", "}": "\\x7d"}
    return "'" + "".join(plain.get(character, character) for character in text) + "'"
