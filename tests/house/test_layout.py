"""What the repository promises about itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listing.stdout.splitlines()]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dbt.lock"])
def test_a_lock_file_pins_versions_and_hashes_and_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    requirements = re.split(r"(?<!\\)\n(?=\S)", text.strip())
    assert len(requirements) > 30
    for requirement in requirements:
        assert re.match(r"[\w.\[\],-]+==[\w.+!]+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_no_module_outgrows_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_no_except_is_silent() -> None:
    silent = re.compile(r"except[^\n]*:\s*\n\s+pass\b")
    assert [str(path.relative_to(ROOT)) for path in tracked("src/*.py") if silent.search(path.read_text())] == []


def test_no_two_test_modules_have_one_name() -> None:
    names = [path.name for path in tracked("tests/*test_*.py")]
    assert sorted(names) == sorted(set(names))
