"""One home and store for each module of tests; PostgreSQL is not started here."""

from __future__ import annotations

import pytest
from cli_program import Program


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program with a store that the tests of one module share."""
    return Program(tmp_path_factory.mktemp("home"))


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program as on a new machine."""
    return Program(tmp_path_factory.mktemp("home"))
