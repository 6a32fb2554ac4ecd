"""Personal columns are distinguished from similar ones, and a mask reveals nothing."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import islice
from typing import get_args

import pytest
from tests.conftest import LAST_RESORT
from tests.unit.personal.labelled_columns import Case, cases

from wharfinger.personal.formats import is_birth_date, is_national_id
from wharfinger.personal.masks import mask, masked_sample
from wharfinger.personal.model import PersonalKind
from wharfinger.personal.recognition import recognise
from wharfinger_sandbox.data.generate import column_values
from wharfinger_sandbox.data.labels import labels
from wharfinger_sandbox.data.shop import TABLES, of_database

KINDS: tuple[PersonalKind, ...] = get_args(PersonalKind)
LEAST_RECALL: dict[PersonalKind, float] = {
    "email": 1.0, "phone": 0.95, "card": 1.0, "iban": 1.0, "person_name": 0.9, "address": 0.9, "ip_address": 0.95,
    "national_id": 0.95, "date_of_birth": 1.0,
    "secret": 1.0,
}  # fmt: skip
MOST_FALSE_ALARMS = 0.01


@cache
def shop_cases() -> list[Case]:
    """Every column of the shop, with the sample or the bounds that a profile would bring."""
    kinds = {(one.database, one.schema, one.table, one.column): one.personal for one in labels()}
    found = []
    for table in TABLES:
        for column in table.columns:
            values = [v for v in islice(column_values(table, column, of_database(table.database)), 1_000) if v != r"\N"]
            is_text = column.type.startswith(("varchar", "char"))
            sample = sorted({v[:200] for v in values})[:20] if is_text else [min(values), max(values)] if values else []
            kind = kinds[table.database, table.schema, table.name, column.name]
            found.append(Case(table.name, column.name, column.type, tuple(sample), kind))
    return found


@cache
def answer(case: Case) -> PersonalKind | None:
    finding = recognise(case.name, case.type, case.values, table=case.table)
    return finding.kind if finding else None


def recall(kind: PersonalKind, among: list[Case]) -> float:
    meant = [case for case in among if case.kind == kind]
    return sum(answer(case) == kind for case in meant) / len(meant)


@pytest.mark.parametrize("kind", KINDS)
def test_recall_of_each_kind_holds_on_labelled_columns(kind: PersonalKind) -> None:
    labelled = list(cases())
    assert sum(case.kind == kind for case in labelled) >= 9
    assert recall(kind, labelled) >= LEAST_RECALL[kind], [
        str(case) for case in labelled if case.kind == kind != answer(case)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_recall_of_each_kind_holds_on_the_shop(kind: PersonalKind) -> None:
    assert recall(kind, shop_cases()) == 1.0


def test_look_alikes_raise_hardly_a_false_alarm() -> None:
    harmless = [case for case in cases() if case.kind is None]
    alarms = [str(case) for case in harmless if answer(case) is not None]
    assert len(harmless) >= 150
    assert len(alarms) <= MOST_FALSE_ALARMS * len(harmless), alarms


def test_no_harmless_column_of_the_shop_raises_an_alarm() -> None:
    harmless = [case for case in shop_cases() if case.kind is None]
    assert len(harmless) > 800
    assert [str(case) for case in harmless if answer(case) is not None] == []


def test_no_kind_is_taken_for_another() -> None:
    confused = Counter(
        (case.kind, answer(case))
        for case in (*cases(), *shop_cases())
        if case.kind and answer(case) not in (case.kind, None)
    )
    assert confused == Counter()


def test_each_shop_look_alike_is_named_in_the_labels() -> None:
    resembling = Counter(one.resembles for one in labels() if one.resembles)
    assert sum(resembling.values()) >= 12
    assert {"email", "phone", "card", "ip_address", "address"} <= set(resembling)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_says_nothing_about_the_value_behind_it(kind: PersonalKind) -> None:
    assert masked_sample(kind, ["one", "two", "a longer one"]) == (mask(kind),)
    assert masked_sample(kind, []) == ()
    assert not any(mark.isalnum() for mark in mask(kind))


def test_a_reason_never_holds_a_value() -> None:
    for case in cases():
        finding = recognise(case.name, case.type, case.values, table=case.table)
        if finding:
            assert not any(value in finding.reason for value in case.values if value.strip())


def test_the_owner_has_the_last_word() -> None:
    values = ["a.person@example.com", "b.person@example.com"]
    assert recognise("email", "varchar(320)", values, choice="none") is None
    finding = recognise("remark", "varchar(320)", ["x"], choice="address")
    assert finding is not None
    assert finding.kind == "address"


def test_a_column_without_values_is_judged_by_its_name() -> None:
    assert recognise("customer_email", "varchar(320)", []) is not None
    assert recognise("email_template", "varchar(320)", []) is None
    assert recognise("recipient_group", "varchar(320)", []) is None


def test_a_few_numbers_that_happen_to_pass_a_check_are_no_cards() -> None:
    cards = ["4111111111111111", "5500005555555559", "4012888888881881"]
    assert recognise("batch", "varchar(20)", cards[:2]) is None
    assert recognise("batch", "varchar(20)", cards) is not None


def test_a_national_insurance_number_is_a_document_and_a_day_of_long_ago_nobodys_birth() -> None:
    assert is_national_id("AB 12 34 56 C")
    assert not is_national_id("BG 12 34 56 C")
    assert is_birth_date("1950-02-28")
    assert not is_birth_date("1066-10-14")


def test_an_address_cut_off_at_the_end_of_a_long_text_is_still_seen() -> None:
    cut = ("word " * 40)[:186] + " anna.bell@exa"
    assert recognise("remarks", "varchar(4000)", [cut, "short"]) is not None
    assert recognise("remarks", "varchar(4000)", ["meet @ noon", "short"]) is None


def test_name_means_a_person_only_in_a_table_of_people() -> None:
    values = ["Bronwyn Cadwallader", "Kestrel Adebayo", "Cosima Ebersbach"]
    assert recognise("name", "varchar(80)", values, table="customers") is not None
    assert recognise("name", "varchar(80)", ["Oak Table", "Brass Lamp", "Linen Towel"], table="products") is None


def test_reading_the_module_loads_no_checking_library() -> None:
    script = (
        "import sys, wharfinger.personal.recognition; "
        "print([name for name in ('stdnum', 'phonenumbers', 'email_validator') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=LAST_RESORT
    )
    assert done.stdout.strip() == "[]"
