"""An installation for each test, and the same one running. What else a test needs, it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web.installation import Installation
from tests.web.respondent import Respondent


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "server")


@pytest.fixture
def server(place: Installation) -> Iterator[TestClient]:
    with place.running() as client:
        yield client


@pytest.fixture
def somebody(place: Installation, server: TestClient) -> Callable[..., Respondent]:
    """A new person at the running server; `somebody("ar")` reads Arabic."""

    def come(language: str = "en") -> Respondent:
        return Respondent(server, place.survey, language)

    return come
