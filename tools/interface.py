"""Writes the generated parts of `docs/interface.md`: every command with its options, every document's JSON Schema.

Run it as `make docs`. `tests/house/test_interface_page.py` fails while the page is not what this would write.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter
from typer.main import get_command

from wharfinger.cli.main import app
from wharfinger.documents.answers import ANSWERS
from wharfinger.documents.errors import ErrorAnswer
from wharfinger_sandbox.cli import _parser as sandbox_parser

PAGE = Path(__file__).parents[1] / "docs" / "interface.md"
EVERYWHERE = {"home", "json", "help"}
"""Options that every command takes; the page describes them once."""


def commands(command: Any = None, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every command of `wharfinger` with its path, in the order of the help."""
    command = command or get_command(app)
    children = getattr(command, "commands", None)
    if not children:
        yield path, command
        return
    for name, child in children.items():
        yield from commands(child, f"{path} {name}".strip())


def command_section(path: str, command: Any) -> str:
    """One command: its usage, what it does, its options, and the name of the document it prints with `--json`."""
    lines = [f"#### `wharfinger {path}`", "", _first_paragraph(command.help or ""), ""]
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    lines += [f"- `{_metavar(one)}`{'' if one.required else ' (optional)'}: {_help(one)}" for one in arguments]
    for option in command.params:
        if option.param_type_name == "option" and option.name not in EVERYWHERE:
            lines.append(f"- {_option(option)}: {_help(option)}")
    answer = ANSWERS.get(path)
    lines += ["", f"Answer: {' or '.join(_link(one) for one in shapes(answer)) if answer else 'text only'}.", ""]
    return "\n".join(lines)


def sandbox_section() -> str:
    """The commands of `wharfinger-sandbox`."""
    lines: list[str] = []
    groups = next(one for one in sandbox_parser()._actions if isinstance(one, argparse._SubParsersAction))
    for name, parser in groups.choices.items():
        lines += [f"#### `wharfinger-sandbox {name}`", "", f"{parser.description}", ""]
        for action in parser._actions:
            if action.dest != "help" and action.help != argparse.SUPPRESS:
                value = f" {action.metavar or '|'.join(action.choices or ())}" if action.nargs != 0 else ""
                lines.append(f"- `{', '.join(action.option_strings)}{value}`: {_sentence(str(action.help))}")
        lines.append("")
    return "\n".join(lines)


def shapes(answer: Any) -> tuple[Any, ...]:
    """The documents that an answer may be: several where an option changes it."""
    return get_args(answer) or (answer,)


def documents() -> dict[str, Any]:
    """The JSON Schema of every document by name, each once, with references between them."""
    found: dict[str, Any] = {}
    for shape in (ErrorAnswer, *(one for answer in ANSWERS.values() for one in shapes(answer))):
        schema = TypeAdapter(shape).json_schema(mode="serialization", ref_template="#/$defs/{model}")
        found |= schema.pop("$defs", {})
        found[schema["title"]] = schema
    return {name: _bare(found[name]) for name in sorted(found)}


def documents_section() -> str:
    """Every document: what it is, and its JSON Schema."""
    parts = []
    for name, schema in documents().items():
        about = schema.pop("description", "")
        parts.append(f"#### {name}\n\n{about}\n\n```json\n{_compact(schema)}\n```\n")
    return "\n".join(parts)


def generated(text: str) -> str:
    """`text` of the page with its generated parts made anew."""
    parts = {
        "commands": "\n".join(command_section(path, command) for path, command in commands()),
        "sandbox": sandbox_section(),
        "documents": documents_section(),
    }
    for name, part in parts.items():
        block = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        if not block.search(text):
            raise LookupError(f"the page has no block for {name}")
        text = block.sub(lambda match, part=part: f"{match[1]}\n{part.strip()}\n\n{match[2]}", text)
    return text


def _first_paragraph(help_text: str) -> str:
    return " ".join(help_text.replace("\\[", "[").split("\n\n")[0].split())


def _option(option: Any) -> str:
    value = "" if option.is_flag else f" {_metavar(option)}"
    return f"`{option.opts[0]}{value}`" + (" (required)" if option.required else "")


def _metavar(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name.upper())
    return f"{name}…" if parameter.nargs == -1 or getattr(parameter, "multiple", False) else name


def _help(parameter: Any) -> str:
    text = " ".join(str(parameter.help or "").replace("\\[", "[").split())
    default = parameter.default
    shown = default is not None and not isinstance(default, bool) and default not in ("", []) and not callable(default)
    return (
        f"{_sentence(text)} Default {default}." if shown and isinstance(default, str | int | float) else _sentence(text)
    )


def _sentence(text: str) -> str:
    text = text.strip()
    return text + ("" if text.endswith(".") else ".")


def _link(shape: Any) -> str:
    name = shape.__name__
    return f"[{name}](#{name.lower()})"


def _bare(schema: Any) -> Any:
    """A schema without the titles that only repeat a member's name."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    return [_bare(one) for one in schema] if isinstance(schema, list) else schema


def _compact(schema: dict[str, Any]) -> str:
    """A schema as JSON with one line for each of its keywords, and one for each property."""

    def text(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    lines = []
    for keyword, value in schema.items():
        if keyword == "properties":
            properties = ",\n".join(f"  {text(name)}: {text(one)}" for name, one in value.items())
            lines.append(f' "properties": {{\n{properties}\n }}')
        else:
            lines.append(f" {text(keyword)}: {text(value)}")
    return "{\n" + ",\n".join(lines) + "\n}"


def main() -> None:
    """Write the page."""
    PAGE.write_text(generated(PAGE.read_text()))


if __name__ == "__main__":
    main()
