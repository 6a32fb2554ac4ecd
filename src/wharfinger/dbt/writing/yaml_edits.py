"""Small changes to a YAML text that keep every other byte: set a key, remove one, add an entry. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from wharfinger.dbt.profiles_yml.yaml_tree import Node, Tree
from wharfinger.dbt.profiles_yml.yaml_values import Value, key_text, pair_texts, value_text

_STEP = 2
_COMMENT = re.compile(r"[ \t]*#")
_BLANK = re.compile(r"[ \t\r]*$")

Entry = Mapping[str, "Value | Entry"]
"""Keys with values, or with further entries below them."""


def block_text(entry: Entry, *, show_secrets: bool = True) -> str:
    """`entry` as the text of a whole file."""
    return "".join(f"{line}\n" for line in _lines(entry, 0, show_secrets=show_secrets))


class Edits:
    """Collects changes to one text; `apply` makes all of them."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._text = tree.text
        self._newline = "\r\n" if "\r\n" in tree.text else "\n"
        self._changes: list[tuple[int, int, str]] = []

    def apply(self) -> str:
        """The text with every change made."""
        text = self._text
        # Two insertions at one position keep the order in which they were added.
        for _, (start, end, new) in sorted(enumerate(self._changes), key=lambda one: (one[1][0], one[0]), reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def set(self, mapping: Node, value: Node, new: Value) -> None:
        """Replace `value`, a value of `mapping`, by `new`; a comment after it is kept."""
        text = value_text(new)
        if value.is_empty:
            self._changes.append((value.start, value.start, f" {text}"))
        elif value.kind == "sequence" and not value.flow and value.column <= mapping.column:
            # A list may have the same indentation as its key; any other value must be indented further.
            self._changes.append((value.start, value.end, " " * _STEP + text))
        else:
            self._changes.append((value.start, value.end, text))

    def remove(self, key: Node, value: Node) -> None:
        """Remove the lines of `key: value` from a block."""
        self._changes.append((self._line_start(key.start), self._line_end(max(key.end, value.end)), ""))

    def add(self, mapping: Node, fields: Mapping[str, Value]) -> None:
        """Add `fields` after the last line of a block mapping."""
        if fields:
            self._insert(self._line_end(mapping.end), _lines(fields, mapping.column))

    def add_entry(self, mapping: Node, entry: Entry, *, spaced: bool = False, first: bool = False) -> None:
        """Add `entry` to a mapping of either style: at its end, or with `first` at its beginning.

        `spaced` puts an empty line before it.
        """
        if mapping.flow:
            place = self._text.index("{", mapping.start) + 1
            self._changes.append((place, place, _flow(entry) + (", " if mapping.pairs else "")))
            return
        if first:
            self._insert(mapping.pairs[0][0].start - mapping.column, _lines(entry, mapping.column))
            return
        place = self._after_comments(mapping)
        blank = [""] if spaced and self._wants_space(place) else []
        self._insert(place, [*blank, *_lines(entry, mapping.column)])

    def fill(self, parent: Node, value: Node, entry: Entry) -> None:
        """Make `entry` the value of a key that has none yet."""
        if parent.flow:
            self._changes.append((value.start, value.start, f" {{{_flow(entry)}}}"))
        else:
            self._insert(self._line_end(value.end), _lines(entry, parent.column + _STEP))

    def replace(self, value: Node, pairs: Sequence[str]) -> None:
        """Replace a mapping in braces, or an alias, by a mapping of `pairs`."""
        self._changes.append((value.start, value.end, f"{{{', '.join(pairs)}}}"))

    def append(self, entry: Entry) -> None:
        """Add `entry` at the end of a text that has only comments or `---`."""
        self._insert(len(self._text), _lines(entry, 0))

    def _insert(self, place: int, lines: Sequence[str]) -> None:
        before = self._newline if place and self._text[place - 1] != "\n" else ""
        after = self._newline
        if place == len(self._text) and before:
            after = ""  # a last line without a line end stays without one
        self._changes.append((place, place, before + self._newline.join(lines) + after))

    def _line_start(self, position: int) -> int:
        return self._text.rfind("\n", 0, position) + 1

    def _line_end(self, position: int) -> int:
        found = self._text.find("\n", position)
        return len(self._text) if found < 0 else found + 1

    def _after_comments(self, mapping: Node) -> int:
        """The position after the mapping's last line and the comments below it that have at least its indentation.

        Everything below the outermost mapping belongs to it.
        """
        end = place = self._line_end(mapping.end)
        while place < len(self._text):
            line = self._text[place : self._line_end(place)]
            is_comment = _COMMENT.match(line) and len(line) - len(line.lstrip()) >= mapping.column
            if not is_comment and not _BLANK.match(line.rstrip("\n")):
                break
            place += len(line)
            if is_comment or mapping.column == 0:
                end = place
        return end

    def _wants_space(self, place: int) -> bool:
        return bool(self._text[:place].rstrip(" \t\r\n")) and not re.search(r"\n[ \t\r]*\n\Z", self._text[:place])


def _flow(entry: Entry) -> str:
    parts = []
    for key, value in entry.items():
        inside = f"{{{_flow(value)}}}" if isinstance(value, Mapping) else value_text(value)
        parts.append(f"{key_text(key)}: {inside}")
    return ", ".join(parts)


def _lines(entry: Entry, column: int, *, show_secrets: bool = True) -> list[str]:
    lines: list[str] = []
    for key, value in entry.items():
        if isinstance(value, Mapping):
            lines.append(f"{' ' * column}{key_text(key)}:")
            lines += _lines(value, column + _STEP, show_secrets=show_secrets)
        else:
            lines += [" " * column + line for line in pair_texts({key: value}, show_secrets=show_secrets)]
    return lines
