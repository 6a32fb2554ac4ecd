from __future__ import annotations

import pytest

from wharfinger.access.model import Grantee
from wharfinger.access.spec.parse import parse_spec
from wharfinger.core.errors import Invalid

WHOLE = """\
version: 1
schemas: [analytics]
users:
  dbt_cloud: {credentials: password}
  Alice:     {credentials: password, search_path: [analytics, public]}
  "IAMR:Reporting": {credentials: iam}
groups:
  transformer: {members: [dbt_cloud, alice]}
roles:
  reader: {members: [alice]}
  writer: {members: [role reader]}
grants:
  - {to: group transformer, on: schema raw_stripe, privileges: [usage, select], future: [Loader]}
  - {to: group transformer, on: database dev, privileges: [create, temporary]}
  - {to: user IAMR:Reporting, on: table analytics.pay*, privileges: [select]}
  - {to: role reader, on: 'function analytics.total(int,  varchar)', privileges: [execute]}
"""

GRANT = "version: 1\ngroups: {g: {}}\ngrants:\n  - "


def test_the_whole_form_is_read_with_names_folded() -> None:
    spec = parse_spec(WHOLE)
    assert [user.name for user in spec.users] == ["dbt_cloud", "alice", "IAMR:Reporting"]
    assert spec.users[1].search_path == ("analytics", "public")
    assert spec.groups[0].members == (Grantee("user", "dbt_cloud"), Grantee("user", "alice"))
    assert spec.roles[1].members == (Grantee("role", "reader"),)
    first, second, third, fourth = spec.grants
    assert (first.future, first.privileges, first.line) == (("loader",), ("usage", "select"), 13)
    assert second.privileges == ("create", "temp")
    assert third.to == Grantee("user", "IAMR:Reporting")
    assert fourth.arguments == "int, varchar"


def test_only_the_users_of_identities_keep_their_capitals() -> None:
    text = "version: 1\nusers: {'IAM:Ann': {credentials: iam}}\ngroups: {'IAM:Ann': {members: ['IAM:Ann']}}"
    spec = parse_spec(text)
    assert spec.users[0].name == "IAM:Ann"
    assert spec.groups[0].name == "iam:ann"
    assert spec.groups[0].members == (Grantee("user", "IAM:Ann"),)


@pytest.mark.parametrize(
    ("line", "text", "why"),
    [
        (1, "- a list", "a mapping"),
        (1, "version: 2", "version must be 1"),
        (2, "version: 1\nuser: {}", "'user'"),
        (3, "version: 1\nusers:\n  alice: {credentials: secret}", "password or iam"),
        (3, "version: 1\nusers:\n  alice: {credentials: password, host: x}", "'host'"),
        (3, "version: 1\nusers:\n  1: {credentials: password}", "1 is not a name"),
        (4, "version: 1\nusers:\n  bob: {credentials: password}\n  Bob: {credentials: iam}", "line 3"),
        (3, "version: 1\ngroups:\n  team: {members: [eve]}", "eve"),
        (3, "version: 1\ngroups:\n  team: {members: role x}", "list of names"),
        (3, "version: 1\nroles: {r: {}}\ngroups: {g: {members: [role r]}}", "users only"),
        (2, "version: 1\nschemas: ['a.b.c']", "one schema"),
        (2, "version: 1\nschemas: [raw_*]", "one schema"),
        (2, "version: 1\ngrants: {}", "must be a list"),
        (4, GRANT + "{to: group g, on: schema a}", "'privileges'"),
        (4, GRANT + "{to: g, on: schema a, privileges: [usage]}", "'to'"),
        (4, GRANT + "{to: group g, on: all, privileges: [usage]}", "'on'"),
        (4, GRANT + "{to: group h, on: schema a, privileges: [usage]}", "not declared"),
        (4, GRANT + "{to: group g, on: table a, privileges: [select]}", "name of a table"),
        (4, GRANT + "{to: group g, on: schema a*, privileges: [usage]}", "* stands"),
        (4, GRANT + "{to: group g, on: table a.b, privileges: [usage]}", "'usage'"),
        (4, GRANT + "{to: group g, on: table a.b, privileges: [all, select]}", "excludes"),
        (4, GRANT + "{to: group g, on: function a.b, privileges: [execute]}", "argument"),
        (4, GRANT + "{to: group g, on: table a.b, privileges: [select], future: [x]}", "future"),
        (4, GRANT + "{to: group g, on: schema a, privileges: [select], future: ['*']}", "role"),
        (4, GRANT + "{to: group g, on: schema a, privileges: [select], existing: false}", "future"),
        (4, GRANT + "{to: group g, on: schema a, privileges: [select], existing: 1}", "true or false"),
        (4, GRANT + "{to: group g, on: table 'a*.b', privileges: [select]}", "* stands"),
        (4, GRANT + "{to: group g, on: procedure a.b, privileges: [execute]}", "argument"),
        (3, "version: 1\nusers:\n  " + "x" * 128 + ": {credentials: iam}", "127 bytes"),
        (2, "version: 1\nroles: {alice: {}}\nusers: {alice: {credentials: iam}}", "name of a user"),
        (1, "version: true", "version must be 1"),
        (1, "version: 1.0", "version must be 1"),
        (3, "version: 1\nusers:\n  Public: {credentials: iam}", "reserves this name"),
        (2, "version: 1\ngroups: {__team: {}}", "reserves this name"),
        (2, "version: 1\nroles: {'sys:dba': {}}", "reserves this name"),
        (2, "version: 1\nschemas: [marketing.PG_Catalog]", "system schema"),
        (3, "version: 1\nroles:\n  r: {members: [role r]}", "circle"),
        (2, "version: 1\nroles: {a: {members: [role c]}, b: {members: [role a]}, c: {members: [role b]}}", "circle"),
        (3, "version: 1\nusers:\n  a\x07b: {credentials: iam}", "U+0007"),
        (3, 'version: 1\nusers:\n  "\\ud800": {credentials: iam}', "half a character"),
        (1, "version: " + "[" * 2000, "too deeply"),
        (1, "version: " + "9" * 5000, "a number or a date"),
        (1, "version: 1\nschemas: [2026-13-45]", "a number or a date"),
        (2, "version: 1\nschemas: [!!int x]", "the tag"),
        (1, "version: 1\n%YAML 9.9\n---\n", "not YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(line: int, text: str, why: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_spec(text, "access.yml")
    assert refusal.value.subject == f"access.yml, line {line}"
    assert why in refusal.value.why


def test_text_that_is_no_yaml_is_invalid_with_its_line() -> None:
    with pytest.raises(Invalid) as refusal:
        parse_spec("version: 1\nusers: {alice: [}", "access.yml")
    assert refusal.value.subject == "access.yml, line 2"


QUOTED = '''\
version: 1
users: {' odd ': {credentials: password}, 'role x': {credentials: iam}, 'say "hi"': {credentials: iam}}
groups: {g: {members: ['" odd "', user role x, '"say ""hi"""']}}
grants:
  - {to: 'user " odd "', on: 'function "s(".f(decimal(10, 2), "T")', privileges: [execute]}
'''


def test_names_may_stand_in_double_quotes_where_blanks_and_words_would_mislead() -> None:
    spec = parse_spec(QUOTED)
    assert [member.name for member in spec.groups[0].members] == [" odd ", "role x", 'say "hi"']
    (grant,) = spec.grants
    assert grant.to == Grantee("user", " odd ")
    assert ([part.text for part in grant.parts], grant.arguments) == (["s(", "f"], 'decimal(10, 2), "T"')


def test_the_databases_that_must_be_read_are_those_whose_objects_are_named() -> None:
    spec = parse_spec(
        "version: 1\nschemas: [marketing.raw, analytics]\ngroups: {team: {}}\ngrants:\n"
        "  - {to: group team, on: database lent, privileges: [usage]}\n"
        "  - {to: group team, on: schema other.raw, privileges: [usage]}\n"
        "  - {to: group team, on: table third.raw.t, privileges: [select]}\n"
        "  - {to: group team, on: table raw.t, privileges: [select]}\n"
    )
    assert [part.text for part in spec.databases()] == ["marketing", "other", "third"]
