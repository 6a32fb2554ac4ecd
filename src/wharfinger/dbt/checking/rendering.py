"""Renders the values of a profile as dbt does: Jinja with env_var and var; results keep their type. Pure.

Source: redshift-facts §3.3, and a comparison with dbt-core 1.11 (`tests/journeys/test_dbt_reads.py`).
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from jinja2 import TemplateError, TemplateSyntaxError, Undefined, UndefinedError
from jinja2.nativetypes import NativeEnvironment, NativeTemplate
from jinja2.sandbox import SandboxedEnvironment

from wharfinger.dbt.profiles_yml.yaml_values import SECRET_PREFIX


class NotRendered(Exception):
    """A value that dbt cannot render. `variable` is the missing environment variable, or empty."""

    def __init__(self, why: str, variable: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.variable = variable


class OnlyDbtRenders(NotRendered):
    """A value that uses dbt's own context, which is not available here: only dbt may be able to render it."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """Text that one of dbt's filters converts to a number, to true or false, or to either."""

    text: str
    wanted: Literal["bool", "number", "native"]

    def __str__(self) -> str:
        return self.text


def _concatenated(values: Iterable[Any]) -> Any:
    """A single piece keeps its type, several become text; `None` and numbers in braces stay text, as in dbt."""
    pieces = iter(values)
    head = list(itertools.islice(pieces, 2))
    if not head:
        return ""
    if len(head) > 1:
        return "".join(str(piece) for piece in itertools.chain(head, pieces))
    return _converted(head[0]) if isinstance(head[0], _Typed) else head[0]


def _converted(typed: _Typed) -> Any:
    try:
        value = ast.literal_eval(typed.text)
    except (ValueError, SyntaxError, MemoryError):
        value = typed.text
    if typed.wanted == "bool" and not isinstance(value, bool):
        raise NotRendered("as_bool needs True or False")
    if typed.wanted == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise NotRendered("as_number needs a number")
    return value


class _Environment(SandboxedEnvironment, NativeEnvironment):
    concat = staticmethod(_concatenated)


class _Template(NativeTemplate):
    environment_class = _Environment


_Environment.template_class = _Template

_DBT_CONTEXT = frozenset(
    {
        "modules", "fromjson", "tojson", "fromyaml", "toyaml", "set", "zip", "log", "run_started_at", "invocation_id",
        "thread_id", "local_md5", "flags", "print", "diff_of_two_dicts", "builtins", "dbt_version", "context", "return",
    }
)  # fmt: skip


class Renderer:
    """Renders with the environment variables `env`. The results may hold secrets."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._jinja = _Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
        self._jinja.filters.update(_FILTERS)
        self._globals: dict[str, Callable[..., Any]] = {"env_var": self._env_var, "var": _var}

    def rendered(self, value: Any) -> Any:
        """One value as dbt uses it. Raises NotRendered, OnlyDbtRenders.

        For the key `password`, and only there, dbt uses a value that it cannot render as it is written: a missing
        variable then shows as a refused password.
        """
        if isinstance(value, dict):
            return {key: self.rendered(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.rendered(one) for one in value]
        if not isinstance(value, str):
            return value.isoformat() if isinstance(value, date) else value
        result = self._text(value)
        if isinstance(result, Undefined):
            raise NotRendered(f"dbt does not know the name {result._undefined_name} here")
        return result

    def _text(self, text: str) -> Any:
        try:
            result = self._jinja.from_string(text).render(self._globals)
        except NotRendered:
            raise
        except TemplateSyntaxError as error:
            raise NotRendered(f"it is not valid Jinja: {error.message}") from None
        except UndefinedError as error:
            raise _undefined(error.message or "") from None
        except TemplateError as error:
            raise NotRendered(f"Jinja refuses it: {type(error).__name__}") from None
        except Exception as error:  # noqa: BLE001 - an expression of the user's can raise anything
            raise NotRendered(f"the expression fails: {type(error).__name__}") from None
        if SECRET_PREFIX in str(result) and "env_var" not in text:
            raise NotRendered(
                f"dbt reads {SECRET_PREFIX} in a value as the name of a secret variable and renders nothing"
            )
        return result

    def _env_var(self, name: str, default: Any = None) -> Any:
        if name in self._env:
            return self._env[name]
        if default is None:
            raise NotRendered(f"the environment variable {name} is not set", name)
        return default


def _var(name: str, default: Any = None) -> Any:
    if default is None:
        raise OnlyDbtRenders(f"it uses the variable {name} from dbt's --vars")
    return default


def _undefined(message: str) -> NotRendered:
    name = message.split("'")[1] if message.count("'") > 1 else ""
    if name in _DBT_CONTEXT:
        return OnlyDbtRenders(f"it uses {name}, which only dbt has")
    return NotRendered(f"dbt does not know the name {name} here" if name else "dbt does not know a name in it")


_FILTERS: dict[str, Callable[[Any], Any]] = {
    "as_text": str,
    "as_bool": lambda value: _Typed(str(value), "bool"),
    "as_number": lambda value: _Typed(str(value), "number"),
    "as_native": lambda value: _Typed(str(value), "native"),
}
