"""Opening a store that is not there: what is said, and what to do next."""

from __future__ import annotations

import pytest
from laptops import Laptop

from crm_tui.errors import Refused, StoreBusy
from crm_tui.store import Store


def test_a_database_that_is_missing_is_not_a_server_that_is_missing(pg_server, tmp_path):
    missing = pg_server.of("No_Such_Crm")
    for opened in (lambda: Store(missing, "noa"), lambda: Laptop(tmp_path, "noa", str(tmp_path / "noa.db"), "noa", missing).sync()):
        with pytest.raises(Refused, match=r"has no database No_Such_Crm. .*: createdb No_Such_Crm"):
            opened()


def test_a_server_that_is_missing_cannot_be_reached():
    with pytest.raises(StoreBusy, match="cannot be reached"):
        Store("postgresql://127.0.0.1:1/crm", "noa")
