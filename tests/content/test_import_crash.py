"""An import that is cut short, by a full disk or by being killed, leaves whole files."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.content.import_services import import_services
from tests.content.odd_services import BACH_MAI, CONTENT, SHIPPED, table, texts

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 22)


def broken(calls: int) -> Callable[..., None]:
    """Works so often, then fails as a full disk does."""
    left = [calls]
    real = os.fsync

    def fsync(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        real(handle)

    return fsync


def test_a_full_disk_leaves_every_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(CONTENT, tmp_path / "content")
    content, file = tmp_path / "content", tmp_path / "partner.csv"
    before = texts(content)
    monkeypatch.setattr("bot.content.import_services.os.fsync", broken(1))
    other = next(key for key, (province, _) in SHIPPED.items() if province == "nghe-an")
    file.write_text(table({"id": BACH_MAI, "phones": "115"}, {"id": other, "phones": "115"}), "utf-8", newline="")
    with pytest.raises(OSError, match="No space"):
        import_services(file, content, TODAY, dry_run=False)
    assert texts(content) == before


# Writes the files of the folder anew in children, each of which is gone after one step more.
KILLED = """
import os, sys
from pathlib import Path
from bot.content.import_services import write_all

folder = Path(sys.argv[1])
files = {folder / f"{name}.yaml": f"new {name}\\n" * 10_000 for name in "abc"}
left = 0

def step(real):
    def counted(*arguments):
        global left
        left -= 1
        return os._exit(0) if left < 0 else real(*arguments)
    return counted

os.fsync, Path.replace = step(os.fsync), step(Path.replace)
for steps in range(7):
    if os.fork() == 0:
        left = steps
        write_all(files)
        os._exit(0)
    os.wait()
    print(*({"old": "old", text: "new"}.get(file.read_text(), "half") for file, text in files.items()))
    print(*sorted(file.name for file in folder.glob("*.yaml")))
"""


def test_a_process_that_is_killed_while_it_writes_leaves_whole_files(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.yaml").write_text("old")
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True)
    states = ["old old old"] * 4 + ["new old old", "new new old", "new new new"]
    assert done.stdout.splitlines() == [line for state in states for line in (state, "a.yaml b.yaml c.yaml")]
