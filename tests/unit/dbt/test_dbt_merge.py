"""One target goes into any profiles.yml; every other byte stays where it was."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from tests.unit.dbt.ugly import files

from wharfinger.core.errors import Conflict, Invalid
from wharfinger.core.secret import Secret
from wharfinger.dbt.profiles_yml.yaml_values import EnvVar, Value
from wharfinger.dbt.writing.merge import Wanted, merge

SOME = settings(max_examples=50)

FIELDS: dict[str, Value] = {
    "type": "redshift",
    "method": "database",
    "host": "h.example",
    "port": 5439,
    "user": 'al"ice: {{x}}',
    "password": EnvVar("DBT_ENV_SECRET_QUAY_DEV_PASSWORD"),
    "dbname": "dev",
    "schema": "dbt_alice",
}
WANTED = Wanted("quay", "dev", FIELDS, {"threads": 4})
EXPECTED = {
    "type": "redshift",
    "method": "database",
    "host": "h.example",
    "port": 5439,
    "user": "{{ 'al\"ice: \\x7b\\x7bx\\x7d\\x7d' }}",
    "password": "{{ env_var('DBT_ENV_SECRET_QUAY_DEV_PASSWORD') }}",
    "database": "dev",
    "schema": "dbt_alice",
}
ALIASES = {"pass": "password", "dbname": "database"}


def target(text: str, profile: str = "quay", name: str = "dev") -> dict[str, Any]:
    found = yaml.safe_load(text)[profile]["outputs"][name]
    return {ALIASES.get(key, key): value for key, value in found.items()}


def others(text: str) -> Any:
    """Everything but the target, by value."""
    profiles = yaml.safe_load(text) or {}
    ours = dict(profiles.pop("quay", None) or {})
    outputs = dict(ours.pop("outputs", None) or {})
    outputs.pop("dev", None)
    if not outputs and ours.get("target") == "dev":
        ours.pop("target")
    return profiles, ours, outputs


def has_target(text: str) -> bool:
    ours = (yaml.safe_load(text) or {}).get("quay") or {}
    return (ours.get("outputs") or {}).get("dev") is not None


def in_common(one: str, other: str) -> int:
    """The length of the common beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


@SOME
@given(files())
def test_the_target_is_there_and_everything_else_says_what_it_said(text: str) -> None:
    new = merge(text, WANTED).text

    assert {key: value for key, value in target(new).items() if key in EXPECTED} == EXPECTED
    assert others(new) == others(text)


@SOME
@given(files())
def test_a_new_target_is_one_insertion_into_the_bytes_that_were_there(text: str) -> None:
    if has_target(text):
        return
    new = merge(text, WANTED).text

    assert in_common(text, new) + in_common(text[::-1], new[::-1]) >= len(text)
    assert len(new) > len(text)


@SOME
@given(files())
def test_a_target_that_changes_leaves_every_comment_and_every_line_around_it(text: str) -> None:
    new = merge(text, WANTED).text
    lines = text.splitlines(keepends=True)
    # A comment behind a key that is taken away goes with it; all others stay, in their order.
    comments = [line.rstrip() for line in lines if line.lstrip().startswith("#")]

    assert [line.rstrip() for line in new.splitlines() if line.rstrip() in comments] == comments
    if has_target(text):
        start = next(index for index, line in enumerate(lines) if line.strip("\ufeff'\" ").startswith("quay"))
        assert new.startswith("".join(lines[:start]))


@SOME
@given(files())
def test_writing_it_again_changes_nothing(text: str) -> None:
    new = merge(text, WANTED).text
    assert merge(new, WANTED).text == new


@SOME
@given(files())
def test_line_ends_stay_of_one_kind(text: str) -> None:
    new = merge(text, WANTED).text
    if "\r\n" in text:
        assert "\n" not in new.replace("\r\n", "")
    else:
        assert "\r" not in new


BEFORE = """\
# my profiles
quay:   # mine
    target: prod
    outputs:
        prod:   # hands off
            type: redshift
        # between

        dev:
            # inside
            type: redshift
            host: old.example  # the old one
            port: '5439'
            pass: clear   # secret
            search_path: a, b
            keepalives_idle: 0
            threads: 8
            ra3_node: true
            cluster_id: gone
            # last
other: {target: x}   # tail
"""
AFTER = """\
# my profiles
quay:   # mine
    target: prod
    outputs:
        prod:   # hands off
            type: redshift
        # between

        dev:
            # inside
            type: redshift
            host: h.example  # the old one
            port: 5439
            pass: "{{ env_var('PW') }}"   # secret
            threads: 8
            ra3_node: true
            method: database
            user: alice
            dbname: dev
            schema: dbt_alice
            # last
other: {target: x}   # tail
"""


def test_a_target_that_is_there_is_changed_key_by_key() -> None:
    fields: dict[str, Value] = {**FIELDS, "user": "alice", "password": EnvVar("PW")}
    merged = merge(BEFORE, Wanted("quay", "dev", fields, {"threads": 4}))

    assert merged.text == AFTER
    assert merged.removed == ("search_path", "keepalives_idle", "cluster_id")
    assert merged.default_target == "prod"


def test_a_value_of_another_type_is_written_anew_though_it_is_equal() -> None:
    before = "quay:\n  outputs:\n    dev:\n      type: redshift\n      is_serverless: 1\n"
    merged = merge(before, Wanted("quay", "dev", {"type": "redshift", "is_serverless": True}))

    assert merged.text == before.replace("1", "true")


def test_a_file_that_did_not_end_its_last_line_still_does_not() -> None:
    merged = merge(
        "quay:\n  outputs:\n    dev:\n      type: redshift", Wanted("quay", "dev", {"type": "redshift", "port": 1})
    )

    assert merged.text == "quay:\n  outputs:\n    dev:\n      type: redshift\n      port: 1"


def test_a_new_file_holds_the_profile_alone() -> None:
    assert merge("", Wanted("quay", "dev", {"type": "redshift", "port": 5439})).text == (
        "quay:\n  target: dev\n  outputs:\n    dev:\n      type: redshift\n      port: 5439\n"
    )


@pytest.mark.parametrize(
    "before",
    [
        "quay:\n  outputs:\n    dev:\n      type: redshift\n      tcp_keepalive_idle: 60\n",
        "quay:\n  outputs:\n    dev: {type: redshift, tcp_keepalive_idle: 60, host: old}\n    prod: {type: redshift}\n",
        "quay: {outputs: {dev: {tcp_keepalive_idle: 60}, prod: {type: redshift}}}",
    ],
)
def test_what_must_not_stand_there_goes(before: str) -> None:
    kept = merge(before, Wanted("quay", "dev", FIELDS)).text
    taken = merge(before, Wanted("quay", "dev", FIELDS, absent=frozenset(["tcp_keepalive_idle"]))).text

    assert "tcp_keepalive_idle: 60" in kept
    assert "tcp_keepalive_idle" not in taken


def test_a_secret_in_clear_text_is_written_so_that_jinja_leaves_it_alone() -> None:
    merged = merge("", Wanted("quay", "dev", {"password": Secret("a{{b}}'\"\\c#: {% x")}))
    assert yaml.safe_load(merged.text)["quay"]["outputs"]["dev"]["password"].startswith("{{ '")
    assert "hunter" not in repr(merged)


SHARED = {
    "a target used elsewhere": "quay:\n  outputs:\n    dev: &d\n      type: redshift\n    prod: *d\n",
    "a profile used elsewhere": "quay: &q\n  outputs:\n    dev:\n      type: redshift\nother: *q\n",
    "a password merged in": "b: &b {password: x}\nquay:\n  outputs:\n    dev:\n      <<: *b\n      type: redshift\n",
    "outputs by alias": "b: &b {dev: {type: redshift}}\nquay:\n  outputs: *b\n",
    "a list of outputs": "quay:\n  outputs:\n    - dev\n",
    "a profile that is text": "quay: text\n",
}


@pytest.mark.parametrize("text", SHARED.values(), ids=SHARED)
def test_what_cannot_be_changed_alone_is_refused_with_a_way_out(text: str) -> None:
    fields: dict[str, Value] = {"type": "redshift", "method": "iam_role", "host": "h"}
    with pytest.raises(Invalid, match="cannot be changed alone") as refused:
        merge(text, Wanted("quay", "dev", fields))
    assert "by hand" in refused.value.next_step


def test_a_target_of_another_database_is_a_conflict() -> None:
    with pytest.raises(Conflict, match="postgres"):
        merge("quay: {outputs: {dev: {type: postgres}}}", WANTED)


BROKEN = {
    "a tab": ("quay:\n\ttarget: dev\n", "line 2"),
    "an open quote": ("quay: 'abc\n", "line 2"),
    "two documents": ("a: 1\n---\nb: 2\n", "line 2"),
    "an unknown alias": ("a: *nowhere\n", "line 1"),
    "a key twice over": ("a: b: c\n", "line 1"),
    "Jinja without quotes": ("a: {{ env_var('abc') }}\n", "needs quotes"),
    "a tag": ("a: !python/object:os.system x\n", "line 1"),
    "a character": ("a: \x07\n", "cannot be read"),
    "deep brackets": ("a: " + "[" * 100_000, "nested too deeply"),
    "an alias of itself": ("a: &loop\n  b: *loop\n", "contains itself"),
    "a few aliases that make a billion values": (
        "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
        "more than 1,000,000 values",
    ),
    "no mapping": ("- a\n- b\n", "not a mapping"),
    "a text": ("hello", "not a mapping"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_with_its_line_and_no_value(text: str, words: str) -> None:
    with pytest.raises(Invalid) as broken:
        merge(text, WANTED)
    assert words in broken.value.why
    assert "abc" not in str(broken.value)
