"""Template data folders are shared by all sandboxes of a machine, which may remove the oldest of them at any time."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from wharfinger_sandbox.engine import Engine, templates


def started_and_stopped(folder: Path) -> None:
    async def whole() -> None:
        await (await Engine.start(folder)).stop()

    asyncio.run(whole())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for templates."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(templates, "cache_folder", lambda: folder)
    return folder


def test_a_template_that_another_sandbox_has_removed_is_made_again(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, removed = templates._copy, []

    def copy_too_late(template: Path, *to: Any) -> None:
        if not removed:
            removed.append(template)
            shutil.rmtree(template)
        copy(template, *to)

    monkeypatch.setattr(templates, "_copy", copy_too_late)
    started_and_stopped(tmp_path / "sandbox")
    assert removed[0].exists()
    assert sorted(path.name for path in (tmp_path / "sandbox").iterdir()) == ["engine", "engine.log"]


def test_only_the_templates_used_last_are_kept(cache: Path, tmp_path: Path) -> None:
    names = [f"data-{number}" for number in range(templates.MAX_TEMPLATES)]
    for number, name in enumerate(names):
        (cache / name).mkdir()
        os.utime(cache / name, (number, number))
    started_and_stopped(tmp_path / "sandbox")
    left = {path.name for path in cache.glob("data-*")}
    assert left & set(names) == set(names[1:])
    assert len(left - set(names)) == 1
    assert {path.name for path in cache.iterdir() if not path.name.startswith("data")} == set()
