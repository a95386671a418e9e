"""Versions appear whole or not at all, whoever is killed when."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.data import Items
from recommender.errors import RecommenderError
from recommender.recommend import Recommender
from recommender.versions import Versions


def holding(text: str):
    return lambda folder: (folder / "model").write_text(text)


def read(versions: Versions) -> str:
    assert versions.current is not None
    return (versions.current / "model").read_text()


def test_the_last_written_is_current_and_the_one_before_is_kept(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "models")
    assert versions.current is None
    assert versions.chosen_at == 0
    for text in ("a", "b", "c"):
        versions.write(holding(text))
        assert read(versions) == text
    assert len(versions.names()) == 2
    assert versions.chosen_at > 0


def test_back_to_the_one_before(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    first, _ = (versions.write(holding(text)) for text in "ab")
    assert versions.roll_back() == first
    assert read(versions) == "a"
    with pytest.raises(RecommenderError, match="no version before the current one"):
        versions.roll_back()
    versions.write(holding("c"))
    assert read(versions) == "c"
    assert versions.roll_back() == first  # what was in use is kept, not what was written last


def test_what_fails_leaves_the_current_one(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    versions.write(holding("a"))

    def fail(folder: Path) -> None:
        (folder / "model").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        versions.write(fail)
    assert read(versions) == "a"
    assert len(list(tmp_path.glob("2*"))) == 1


HANGS = """
import sys, time
from pathlib import Path
from recommender.versions import Versions

def save(folder):
    (folder / "recommender.safetensors").write_bytes(b"half of a mod")
    print("writing", flush=True)
    time.sleep(600)

Versions(Path(sys.argv[1])).write(save)
"""


def test_killed_while_writing_nothing_is_taken_over(shop: Recommender, items: Items, tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    before = versions.write(shop.save)
    writer = subprocess.Popen([sys.executable, "-c", HANGS, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    with writer.stdout:
        assert writer.stdout.readline() == b"writing\n"
        with pytest.raises(RecommenderError, match="another process is writing"):
            versions.write(shop.save)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert versions.current == before
    assert versions.names() == [before.name]
    Recommender.load(before, items)
    after = versions.write(shop.save)
    assert versions.names() == [before.name, after.name]
    assert not list(tmp_path.glob("*.part"))


def test_a_name_that_leads_nowhere_is_no_version(tmp_path: Path) -> None:
    (tmp_path / "current").write_text("../../etc")
    assert Versions(tmp_path).current is None


def test_the_lock_ends_with_the_writing(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    versions.write(holding("a"))
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
