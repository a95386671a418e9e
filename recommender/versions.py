"""Trained models side by side in a folder, each written whole, and which of them is in use.

A version is a folder that gets its name once everything in it is on the disk; the file `current` names one and is replaced
at once. Whoever is killed while writing leaves a folder that no name leads to, and the next writer removes it. Beside a
new version only the one that was in use is kept, to go back to: they hold what customers did, and customers may ask to be
forgotten.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from recommender.errors import RecommenderError

_PART = ".part"


class Versions:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def current(self) -> Path | None:
        """The folder of the version in use."""
        try:
            name = (self.folder / "current").read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        return self.folder / name if name in self.names() else None

    @property
    def chosen_at(self) -> float:
        """When `current` was written, unix seconds; 0 where there is none."""
        try:
            return (self.folder / "current").stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def names(self) -> list[str]:
        """All finished versions, oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(one.name for one in self.folder.iterdir() if one.is_dir() and one.suffix != _PART)

    def write(self, save: Callable[[Path], object]) -> Path:
        """`save` fills a new folder, which then is the current one; returns it. Raises RecommenderError while another
        process writes here."""
        with self._alone():
            before = self.current
            seconds, rest = divmod(time.time_ns(), 10**9)
            name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(seconds))}-{rest:09d}-{secrets.token_hex(2)}"
            part = self.folder / f"{name}{_PART}"
            part.mkdir()
            try:
                save(part)
                for file in (*part.rglob("*"), part):
                    _to_disk(file)
                part.rename(self.folder / name)
            except BaseException:
                shutil.rmtree(part, ignore_errors=True)
                raise
            self._use(name)
            for old in self.names():
                if old != name and (before is None or old != before.name):
                    shutil.rmtree(self.folder / old)
            return self.folder / name

    def roll_back(self) -> Path:
        """Makes the version before the current one current again; returns it. Raises RecommenderError without one."""
        with self._alone():
            names, current = self.names(), self.current
            before = [name for name in names if current is not None and name < current.name]
            if not before:
                raise RecommenderError(f"{str(self.folder)!r} holds no version before the current one")
            self._use(before[-1])
            return self.folder / before[-1]

    def _use(self, name: str) -> None:
        fresh = self.folder / f"current.{secrets.token_hex(4)}{_PART}"
        fresh.write_text(name, "utf-8")
        _to_disk(fresh)
        fresh.replace(self.folder / "current")
        _to_disk(self.folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time; the lock of a process that was killed is free."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RecommenderError(f"another process is writing a version in {str(self.folder)!r}") from error
            for left in self.folder.glob(f"*{_PART}"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
