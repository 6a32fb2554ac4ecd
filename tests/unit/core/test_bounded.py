"""Files and streams of people are read up to a limit."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import threading
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT

from wharfinger.core.bounded import MB, read_bytes, read_stream, read_text, size_words, text_of
from wharfinger.core.errors import Invalid

LIMIT = 1024


def test_a_file_within_the_limit_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "spec.yml"
    file.write_text("ä" * 512, encoding="utf-8")

    assert read_text(file, LIMIT, "spec") == "ä" * 512


def test_a_larger_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "spec.yml"
    with file.open("wb") as sparse:
        sparse.truncate(1024**4)  # no memory could hold it

    with pytest.raises(Invalid, match="The spec is too large") as raised:
        read_bytes(file, LIMIT, "spec", fields=("spec",))

    assert (raised.value.subject, raised.value.why) == (str(file), "it has more than 1 KB")
    assert raised.value.fields == ("spec",)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/null"])
def test_a_device_is_no_file(device: str) -> None:
    with pytest.raises(Invalid) as raised:
        read_bytes(Path(device), LIMIT, "spec")

    assert "neither a regular file nor a pipe" in raised.value.why


def test_a_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")

        with pytest.raises(Invalid):
            read_bytes(Path("socket"), LIMIT, "spec")


def test_a_folder_raises_what_the_system_raises(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_bytes(tmp_path, LIMIT, "spec")


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("text",), daemon=True)
    writer.start()

    assert read_text(pipe, LIMIT, "spec") == "text"
    writer.join(LAST_RESORT)


def test_a_pipe_that_never_ends_is_refused_at_the_limit(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), pipe.open("wb", buffering=0) as endless:
            while True:
                endless.write(b"x" * 4096)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()

    with pytest.raises(Invalid, match="too large"):
        read_bytes(pipe, LIMIT, "spec")
    writer.join(LAST_RESORT)


@pytest.mark.parametrize(
    ("content", "why"), [(b"a\xff", "byte 1 is not UTF-8"), (b"a\0", "character 1 is NUL"), (b"\xff\xfea\0", "byte 0")]
)
def test_what_is_no_text_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(Invalid) as raised:
        text_of(content, "spec", "access.yml")

    assert raised.value.why.startswith(why)


def test_a_byte_order_mark_is_dropped() -> None:
    assert text_of(b"\xef\xbb\xbfversion: 1", "spec", "access.yml") == "version: 1"


def test_a_stream_may_have_exactly_the_limit() -> None:
    assert read_stream(io.BytesIO(b"x" * LIMIT), LIMIT, "spec", "stdin") == b"x" * LIMIT
    with pytest.raises(Invalid):
        read_stream(io.BytesIO(b"x" * (LIMIT + 1)), LIMIT, "spec", "stdin")


def test_sizes_are_written_as_people_write_them() -> None:
    assert [size_words(size) for size in (12, 64 * 1024, 4 * MB)] == ["12 bytes", "64 KB", "4 MB"]
