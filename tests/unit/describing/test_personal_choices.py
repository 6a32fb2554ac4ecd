"""The owner's choice about a column, for values that are stored already."""

from __future__ import annotations

import threading
from contextlib import closing, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from tests.described_home import HOSTILE, ORDERS, SIGNATURE, Home, table
from tests.unit.scripted import ScriptedSession

from wharfinger.connections.model import Connection
from wharfinger.core.names import TableName
from wharfinger.core.session import Row, Session, Usage
from wharfinger.describing.model import Texts
from wharfinger.describing.rules import Evidence, RulesWriter
from wharfinger.describing.service import DescriptionService
from wharfinger.describing.store import DescriptionStore
from wharfinger.personal.masks import mask
from wharfinger.personal.model import Choice
from wharfinger.personal.store import ChoiceStore
from wharfinger.profiling.due import ProfileOptions
from wharfinger.profiling.model import ColumnProfile, TableProfile
from wharfinger.profiling.service import ProfileService
from wharfinger.profiling.store import ProfileStore

ID = ColumnProfile("id", 0, "41111", "49999", 7)
TOTAL = ColumnProfile("total", 1, "1.50", "99.00", 5)
WORDS = ColumnProfile(HOSTILE, 2, None, None, 3, ("blue", "red"))
STARS = ColumnProfile("id", 0, mask("card"), mask("card"), 7, masked=True)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.refresh(ORDERS)
    made.select(table(ORDERS))
    return made


def keep(home: Home, *columns: ColumnProfile) -> None:
    profile = TableProfile(ORDERS, 9, columns, "full", SIGNATURE, datetime.now(UTC))
    assert ProfileStore(home.app.parts.sealer).save(home.connection, profile)
    assert home.app.descriptions.describe(home.shop, [ORDERS]) == {}


def choose(home: Home, column: str, choice: Choice | None) -> ColumnProfile | None:
    home.app.descriptions.choose_personal(home.shop, "raw_shop.orders", column, choice)
    profile = home.app.profiles.get(home.shop, ORDERS)
    assert profile is not None
    return profile.column(column)


def is_due(home: Home) -> bool:
    (verdict,) = home.app.profiles.due(home.shop, home.app.catalog.selected(home.shop), ProfileOptions())
    return verdict.due


def test_stored_values_are_masked_at_once_and_counts_stay(home: Home) -> None:
    keep(home, ID, TOTAL, WORDS)

    assert choose(home, "id", "card") == STARS
    assert choose(home, HOSTILE, "person_name") == ColumnProfile(
        HOSTILE, 2, None, None, 3, (mask("person_name"),), masked=True
    )
    assert not is_due(home)


def test_no_masked_value_stays_in_the_texts_of_the_writer(home: Home) -> None:
    keep(home, ID, TOTAL, WORDS)
    before = home.described("raw_shop.orders", "id")
    choose(home, "id", "card")
    after = home.described("raw_shop.orders", "id")

    assert before is not None
    assert "from 41111 to 49999" in before.text
    assert after is not None
    assert "41111" not in after.text
    assert "masked" in after.text


@pytest.mark.parametrize("choice", ["none", None])
def test_masked_values_are_visible_after_the_next_profile_which_is_due(home: Home, choice: Choice | None) -> None:
    keep(home, STARS, TOTAL, WORDS)
    before = is_due(home)

    assert choose(home, "id", choice) == STARS
    assert (before, is_due(home)) == (False, True)


def test_a_column_without_a_choice_is_recognised_again_at_once(home: Home) -> None:
    mail = ColumnProfile(HOSTILE, 2, samples=("anna.bell@example.com",))
    keep(home, ID, TOTAL, mail)

    assert choose(home, HOSTILE, "none") == mail
    masked = choose(home, HOSTILE, None)
    assert masked is not None
    assert (masked.samples, masked.masked) == ((mask("email"),), True)
    assert not is_due(home)


def test_a_choice_about_a_table_that_was_never_profiled_is_stored_for_its_first_profile(home: Home) -> None:
    home.app.descriptions.choose_personal(home.shop, "raw_shop.orders", "id", "card")
    assert home.app.profiles.get(home.shop, ORDERS) is None
    assert home.described("raw_shop.orders", "id") is None


class AtOnce:
    """The owner's choice, made in another thread at a moment that the test sets; it does not wait for locks."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.is_made = False

    def choose(self) -> None:
        """Make the choice, unless it was made; the transaction of another writer prevents it."""
        if not self.is_made:
            thread = threading.Thread(target=self._choose)
            thread.start()
            thread.join()

    def _choose(self) -> None:
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("pragma busy_timeout = 0")
            with suppress(OperationalError):
                self._home.app.descriptions.choose_personal(self._home.shop, "raw_shop.orders", "id", "card")
                self.is_made = True


class Interrupted(RulesWriter):
    """Writes while the owner chooses."""

    def __init__(self, owner: AtOnce) -> None:
        self._owner = owner

    def write(self, evidence: Evidence) -> Texts:
        written = super().write(evidence)
        self._owner.choose()
        return written


class Warehouse:
    """Every value of `id` is between 41111 and 49999."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:  # noqa: ARG002
        measured: list[Row] = [("0", "9", "9", "41111", "49999", "9", "1.50", "99.00", "9")]
        return ScriptedSession(lambda statement: measured if statement.label == "profile" else [("0", "blue")])


@pytest.mark.parametrize("moment", [1, 2])
def test_a_choice_made_while_a_profile_is_stored_masks_it(home: Home, moment: int) -> None:
    owner = AtOnce(home)
    asked = count(1)

    def choices(connection_id: str, table: TableName) -> dict[str, Choice]:
        known = ChoiceStore().of(connection_id, table)
        if next(asked) == moment:
            owner.choose()
        return known

    profiling = ProfileService(Warehouse(home), home.app.catalog, ProfileStore(home.app.parts.sealer), choices)
    assert profiling.profile_unit(home.shop, [ORDERS], "basic", Usage()) == {}
    owner.choose()

    profile = home.app.profiles.get(home.shop, ORDERS)
    assert profile is not None
    assert profile.column("id") == ColumnProfile("id", 0, mask("card"), mask("card"), masked=True)


def test_a_choice_made_while_texts_are_written_leaves_no_value_in_them(home: Home) -> None:
    keep(home, ID, TOTAL, WORDS)
    owner = AtOnce(home)
    app, texts = home.app, DescriptionStore(home.app.parts.sealer)
    writing = DescriptionService(
        app.catalog, app.profiles, texts, ChoiceStore(), Interrupted(owner), app.acts, lambda: app.parts.manifests
    )
    assert writing.describe(home.shop, [ORDERS]) == {}
    owner.choose()

    text = home.described("raw_shop.orders", "id")
    assert text is not None
    assert "41111" not in text.text
