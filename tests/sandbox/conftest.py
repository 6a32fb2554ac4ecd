"""An engine for the tests that need a Data API of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sandbox.asking import OwnEngine


@pytest.fixture(scope="session")
def own_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    engine = OwnEngine(tmp_path_factory.mktemp("engine"))
    yield engine
    engine.stop()
