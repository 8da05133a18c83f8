"""What tests share: a clean environment, the shipped content, a copy of it to break."""

import os
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

for name in [name for name in os.environ if name.startswith("BOT_")]:
    del os.environ[name]  # an operator's settings must not reach the tests

from bot.content.load import load_catalog
from bot.conversation import Catalog

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the transcripts as the bot answers now")


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalog of the shipped content, as of the day on which a page was last reviewed: nothing is overdue by itself."""
    dates = re.findall(
        r"reviewed: (\d{4}-\d\d-\d\d)", "".join(f.read_text("utf-8") for f in (ROOT / "content").rglob("*.yaml"))
    )
    return load_catalog(ROOT / "content", ROOT / "locales", date.fromisoformat(max(dates)))


@pytest.fixture
def content_copy(tmp_path: Path) -> Path:
    """A folder that holds a copy of content/ and locales/, to be broken."""
    for name in ("content", "locales"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path
