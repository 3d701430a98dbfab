"""What every test stands on: a home of its own for the program, English texts, no settings from the person's environment."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from crm_tui.i18n import use_language

# Seven hundred databases are copied and dropped: in memory, where there is enough of it, that is a third of the time.
_MEMORY = "/dev/shm"
if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > 4 << 30:
    os.environ["TMPDIR"] = tempfile.tempdir = _MEMORY

_home = tempfile.mkdtemp(prefix="crm-home-")
os.environ["CRM_HOME"] = _home
for _name in ("CRM_STORE", "CRM_USER", "CRM_NOW", "CRM_BIDI", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
    os.environ.pop(_name, None)
os.environ["LANG"] = "C.UTF-8"

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "long",
    deadline=None,
    max_examples=2_000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def pytest_configure(config: pytest.Config) -> None:
    """`-m long` runs hypothesis with the numbers of the long tier."""
    settings.load_profile("long" if config.option.markexpr == "long" else "default")


def pytest_unconfigure() -> None:
    shutil.rmtree(_home, ignore_errors=True)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")


@pytest.fixture
def crm_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    """Another installation than that of the other tests: an empty `CRM_HOME`."""
    home = str(tmp_path_factory.mktemp("home"))
    monkeypatch.setenv("CRM_HOME", home)
    return home
