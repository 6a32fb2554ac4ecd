"""The parts of the engine's messages that are kept, with values that imitate the end of a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wharfinger.adapters.aws.errors import Place
from wharfinger.adapters.redshift.engine_messages import without_values
from wharfinger.adapters.redshift.errors import of_engine


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('ERROR: invalid input syntax for integer: "4111 1111"', "invalid input syntax for integer: …"),
        ("ERROR: Invalid digit, Value 'a', Pos 0, Type: Integer", "Invalid digit, Value …, Pos 0, Type: Integer"),
        ('ERROR: date/time field value out of range: "alice"', "date/time field value out of range: …"),
        ('ERROR: value "123" is out of range for type integer', "value … is out of range for type integer"),
        ("ERROR: duplicate key\n  Detail: Key (email)=(a@b.c) already exists", "duplicate key"),
        ("ERROR: overflow\n  Detail: \n ---\n  context: 12345", "overflow"),
        ('ERROR: column "e mail" of relation "t" is missing', 'column "e mail" of relation "t" is missing'),
        ('ERROR: syntax error at or near "slect"\n  Position: 1', 'syntax error at or near "slect"'),
        ('ERROR: "orders" is not a table', '"orders" is not a table'),
        ("ERROR: user can't be dropped", "user can't be dropped"),
        ("", "no reason given"),
    ],
)
def test_the_engines_words_stay_and_values_go(said: str, kept: str) -> None:
    assert without_values(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        'relation "or"ders" does not exist',
        'relation "a b.c" does not exist',
        'database "Dev" does not exist',
        'user "IAM:anna@example.com" already exists',
        'column "e mail" is of type "my type" but expression is of another type',
        'permission denied for relation it\'s "quoted"',
        "permission denied for schema a b",
        'must be owner of relation "or"ders',
        'syntax error at or near ")"',
        '"orders" is not a view',
        "canceling statement due to user request",
        "Specified types or functions (one per INFO message) not supported on Redshift tables.",
    ],
)
def test_names_are_kept_whatever_stands_in_them(said: str) -> None:
    assert without_values(f"ERROR: {said}\n  Detail: 4111") == said


@pytest.mark.parametrize(
    "said",
    [
        'invalid input syntax for integer: "{"email": "SECRET"}"',
        'invalid input syntax for integer: "a"SECRET',
        'invalid input syntax for integer: "a\n"SECRET"',
        'invalid input syntax for integer: "relation "SECRET" does not exist"',
        'invalid input syntax for integer: "x" is out of range for type SECRET"',
        "Invalid digit, Value 'O'SECRET', Pos 0, Type: Integer",
        "Invalid digit, Value ', Pos 0, Type: SECRET', Pos 0, Type: Integer",
        "syntax error at or near \"'SECRET'\"",
        'syntax error at or near "12SECRET"',
        'unterminated quoted string at or near "\'SECRET"',
        '"SECRET" is not a number',
        '"x" is not a table "SECRET"',
        'invalid value "SECRET" for "YYYY"',
        'invalid value for parameter "TimeZone": "SECRET"',
        'invalid input value for enum mood: "column "SECRET""',
    ],
)
def test_no_value_gets_past(said: str) -> None:
    for text in (said, f"ERROR: {said}", f'ERROR: {said}\n  Detail: "SECRET" and SECRET\n  Position: 7'):
        error = of_engine(text, Place(), sql='select "SECRET" from t').error("")
        assert "SECRET" not in str(error), text


@given(value=st.text(alphabet=st.sampled_from("SECRET \"'\n,:()x"), min_size=1, max_size=40))
@pytest.mark.parametrize(
    "message",
    [
        'invalid input syntax for type integer: "{}"',
        'value "{}" is out of range for type integer',
        "Invalid digit, Value '{}', Pos 0, Type: Integer",
        'date/time field value out of range: "{}"',
    ],
)
def test_whatever_the_value_only_words_of_the_engine_are_kept(message: str, value: str) -> None:
    harmless = without_values(message.format("1"))
    before = harmless.partition("…")[0].rstrip()
    assert without_values(message.format(value)) in (harmless, f"{before} …")
