"""Reads YAML nodes; every mistake is reported with its line. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import ScalarToken

from wharfinger.access.spec.model import NEXT_STEP
from wharfinger.access.spec.yaml_bounds import TooMuch, bounded_yaml
from wharfinger.core.errors import Invalid
from wharfinger.core.names import MAX_IDENTIFIER_BYTES, NamePart, split_name


class SpecReader:
    """Reads nodes of the document called `source`; raises Invalid with the line of what is wrong."""

    def __init__(self, source: str) -> None:
        self.source = source

    def wrong(self, line: int, why: str, next_step: str = NEXT_STEP) -> Invalid:
        """The error for a mistake in `line`."""
        return Invalid("The access spec is wrong", subject=f"{self.source}, line {line}", why=why, next_step=next_step)

    def load(self, text: str) -> CommentedMap:
        """The document. Raises Invalid when it is no YAML, no mapping, or too much (`yaml_bounds`)."""
        try:
            text = _whole_characters(text)
            document = bounded_yaml().load(StringIO(text))
            half = _lone_surrogate(text)
        except TooMuch as error:
            raise self.wrong(error.line, error.why) from None
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self.wrong(line, f"it is not YAML: {error.problem}") from None
        except YAMLError as error:
            position = int(getattr(error, "position", 0))
            line = text.count("\n", 0, position) + 1
            raise self.wrong(line, f"it is not YAML: U+{ord(text[position]):04X} is not allowed in it") from None
        except RecursionError:
            raise self.wrong(1, "it is nested too deeply") from None
        except ValueError:  # Python reads no number of more than 4,300 digits, and no date that does not exist
            raise self.wrong(1, "a number or a date in it cannot be read; put it in quotes if it is a name") from None
        except Exception as error:  # noqa: BLE001 - the parser lets errors of its own parts out, a KeyError for example
            raise self.wrong(1, f"it is not YAML that can be read ({type(error).__name__})") from None
        if half is not None:
            raise self.wrong(half, "an escape in it makes half a character")
        if not isinstance(document, CommentedMap):
            raise self.wrong(1, "a mapping with version, users, groups, grants is expected")
        return document

    def line(self, node: CommentedMap | CommentedSeq, key: object) -> int:
        """The line of `key` in `node`, from 1."""
        position = node.lc.data.get(key) if node.lc.data else None
        return int(position[0] if position else node.lc.line) + 1

    def keys(self, node: CommentedMap, known: set[str], where: str) -> None:
        """Raises Invalid for a key of `node` that is not `known`."""
        for key in node:
            if key not in known:
                raise self.wrong(
                    self.line(node, key), f"{where} does not know {key!r}; it knows {', '.join(sorted(known))}"
                )

    def mapping(self, parent: CommentedMap | CommentedSeq, key: str | int) -> CommentedMap:
        """The mapping under `key`; an empty one where there is none."""
        value = parent[key] if not isinstance(parent, CommentedMap) or key in parent else None
        if value is None:
            value = CommentedMap()
        if not isinstance(value, CommentedMap):
            raise self.wrong(
                self.line(parent, key),
                f"{key!r} must be a mapping" if isinstance(key, str) else "a mapping is expected",
            )
        return value

    def texts(self, parent: CommentedMap, key: str) -> tuple[str, ...]:
        """The list of texts under `key`; empty where there is none."""
        value = parent.get(key)
        if value is None:
            return ()
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or not all(isinstance(one, str) and one for one in value)
        ):
            raise self.wrong(self.line(parent, key), f"{key!r} must be a list of names")
        return tuple(str(one) for one in value)

    def parts(self, text: str, line: int) -> tuple[NamePart, ...]:
        """The parts of a dotted name."""
        try:
            return tuple(split_name(text))
        except Invalid as error:
            raise self.wrong(line, f"{text!r} is not a name: {error.why}") from None


def bare(name: str) -> str:
    """A name without its double quotes, inner ones doubled; an unquoted name without outer blanks."""
    name = name.strip()
    quoted = re.fullmatch(r'"((?:[^"]|"")+)"', name)
    return quoted[1].replace('""', '"') if quoted else name


def checked_name(reader: SpecReader, name: object, line: int) -> str:
    """The name of a user, group or role. Raises Invalid for a text that is not a valid name."""
    if not isinstance(name, str) or not name.strip():
        raise reader.wrong(line, f"{name!r} is not a name; put it in quotes if it is one")
    if len(name.encode()) > MAX_IDENTIFIER_BYTES or "\x00" in name:
        raise reader.wrong(line, f"{name!r} is not a valid name: it has more than 127 bytes, or a NUL character")
    return name


def _lone_surrogate(text: str) -> int | None:
    """The line of the first text with half of a character beyond 16 bits in it, as an escape can make one."""
    if "\\u" not in text.lower():
        return None
    for token in YAML(typ="rt").scan(StringIO(text)):
        if isinstance(token, ScalarToken) and re.search("[\ud800-\udfff]", token.value):
            return int(token.start_mark.line) + 1
    return None


def _whole_characters(text: str) -> str:
    """JSON may write a character beyond 16 bits as two escapes, which YAML takes for two characters."""
    if not text.lstrip().startswith("{"):
        return text
    pair = re.compile(r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")
    return pair.sub(lambda found: found[1] + str(json.loads(f'"{found[2]}"')), text)
