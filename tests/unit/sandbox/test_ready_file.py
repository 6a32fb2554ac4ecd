"""The ready file replaces an earlier one, and no other file."""

from __future__ import annotations

from pathlib import Path

import pytest

from wharfinger_sandbox import ready_file


@pytest.mark.parametrize("content", ["", '{"endpoint_url": "http://127.0.0.1:1", "pid": 1}'])
def test_an_earlier_ready_file_and_an_empty_file_are_removed(tmp_path: Path, content: str) -> None:
    file = tmp_path / "ready.json"
    file.write_text(content)
    ready_file.check_writable(file)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["my notes", "[1]", '{"a": 1}', "3"])
def test_a_file_that_no_sandbox_wrote_is_left_alone(tmp_path: Path, content: str) -> None:
    file = tmp_path / "notes"
    file.write_text(content)

    with pytest.raises(FileExistsError):
        ready_file.check_writable(file)
    assert file.read_text() == content
