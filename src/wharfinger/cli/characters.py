"""Characters that a terminal or an encoding cannot be given as they are."""

from __future__ import annotations

import codecs
import json
import re

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""Control characters, those that turn the direction of writing, and those that nobody sees."""
_BREAK = re.compile("\r\n|[\t\n]")

_PLAIN = {"…": "...", "─": "-"}
"""What is written for the marks of our own texts where the encoding lacks them."""


def visible(text: str) -> str:
    """`text` as a part of one line: line breaks and tabs are blanks, other control characters are spelled out.

    So a hostile name can neither control the terminal nor imitate a line of the program.
    """
    return spelled_out(_BREAK.sub(" ", text))


def spelled_out(text: str) -> str:
    """`text` with control characters as escapes; line breaks and tabs stay."""
    return _CONTROL.sub(lambda match: _escape(match.group()), text)


def json_escaped(text: str) -> str:
    """A JSON text whose strings hold no control character: JSON itself escapes only some of them."""
    return _CONTROL.sub(lambda match: json.dumps(match.group())[1:-1], text)


def register_plain() -> str:
    """The name of the way to write characters that an encoding lacks: our own marks plainly, others as escapes."""
    codecs.register_error("wharfinger-plain", _plainly)
    return "wharfinger-plain"


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(one) or _escape(one) for one in lacking), error.end


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
