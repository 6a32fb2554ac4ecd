"""Which addresses are this machine's own."""

from __future__ import annotations

import pytest

from wharfinger.core.addresses import is_this_machine


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.0.9", "::1"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["", "localhost.example.com", "10.0.0.1", "169.254.0.1", "::", "127.0.0.1.example"])
def test_nothing_else_is(host: str) -> None:
    assert not is_this_machine(host)
