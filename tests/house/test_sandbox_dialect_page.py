"""The page about the dialect names every word the dialect knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from wharfinger_sandbox.dialect.functions import CALLS, MISSING, UNSUPPORTED, WORDS
from wharfinger_sandbox.dialect.leader_node import LEADER_ONLY, LEADER_RELATIONS, TABLE_ONLY

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox-dialect.md").read_text()


@pytest.mark.parametrize(
    "name", sorted({*CALLS, *WORDS, *MISSING, *UNSUPPORTED, *LEADER_ONLY, *LEADER_RELATIONS, *TABLE_ONLY})
)
def test_the_page_names_a_word_that_is_rewritten_or_refused(name: str) -> None:
    assert f"`{name}" in PAGE or f" {name}" in PAGE


def test_the_page_names_every_system_view() -> None:
    files = Path(__file__).parents[2].joinpath("src/wharfinger_sandbox/catalog/sql").glob("*.sql")
    text = "\n".join(file.read_text() for file in files)
    heads = [
        line.split("pg_catalog.")[1].split()[0]
        for line in text.splitlines()
        if line.startswith("create or replace view pg_catalog.")
    ]
    views = {view for view in heads if not view.startswith("wf_")}
    assert len(views) > 30
    assert {view for view in views if f"`{view}`" not in PAGE} == set()
