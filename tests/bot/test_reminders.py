"""The scheduler: awake at the right time, once, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import events as ev
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.project import Project
from bot.dialogue.store import MemoryReminderStore, MemoryTrackerStore, ReminderStore
from bot.messages import BotMessage
from bot.reminders import RETRY_SECONDS, Reminders
from bot.stores.database import open_database
from bot.stores.reminders import SqlReminderStore

DOMAIN = """
intents: [tea]
responses: {utter_tea: [{text: tea}]}
"""
RULES = "rules:\n- {rule: tea, steps: [{intent: tea}, {action: utter_tea}]}\n"
START = 1_000_000.0


async def parse(*_: Any) -> Mapping[str, Any]:
    return {}


class World:
    """A project whose clock the test turns."""

    def __init__(self, path: Path, store: ReminderStore, trackers: MemoryTrackerStore | None = None) -> None:
        self.now = START
        self.told: list[tuple[str, list[str | None]]] = []
        self.may_speak = True
        self.held: set[str] = set()
        self.trackers = trackers or MemoryTrackerStore()
        self.runtime = EmbeddedRuntime(
            Project.load(path),
            parse=parse,
            actions={},
            store=self.trackers,
            reminders=store,
            clock=lambda: self.now,
        )

    def scheduler(self) -> Reminders:
        async def deliver(sender_id: str, messages: list[BotMessage]) -> None:
            assert sender_id in self.held
            self.told.append((sender_id, [message.text for message in messages]))

        async def may_speak(_: str) -> bool:
            return self.may_speak

        return Reminders(self.runtime, held=self.hold, deliver=deliver, may_speak=may_speak)

    @asynccontextmanager
    async def hold(self, sender_id: str) -> AsyncIterator[None]:
        self.held.add(sender_id)
        yield
        self.held.discard(sender_id)

    async def remind(self, sender_id: str, seconds: float, name: str = "a", intent: str = "tea") -> None:
        at = datetime.fromtimestamp(self.now + seconds, UTC).isoformat()
        await self.runtime.append_events(sender_id, [ev.reminder(intent, at, name=name, kill_on_user_msg=False)])

    def at(self, seconds: float) -> float:
        """Lets time pass and what is due be answered; returns the seconds until the next."""
        self.now = START + seconds
        return asyncio.run(self.scheduler().answer_due())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "domain.yml").write_text(DOMAIN)
    (tmp_path / "data" / "rules.yml").write_text(RULES)
    (tmp_path / "config.yml").write_text("policies: [{name: RulePolicy}]\n")
    return tmp_path


@pytest.fixture(params=["memory", "sql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        yield MemoryReminderStore()
        return
    engine = open_database(f"sqlite:///{tmp_path / 'reminders.db'}")
    yield SqlReminderStore(engine)
    engine.dispose()


@pytest.fixture
def world(path: Path, store: ReminderStore) -> World:
    return World(path, store)


def test_the_next_time_comes_first(store: ReminderStore) -> None:
    assert store.next() is None
    for sender_id, due in (("b", 5.5), ("a", 7.25), ("b", 5.5), ("a", 3.125)):
        store.add(sender_id, due)
    assert store.next() == ("a", 3.125)
    store.remove("a", 3.125)
    store.remove("a", 99.0)
    assert store.next() == ("b", 5.5)
    store.forget("b")
    assert store.next() == ("a", 7.25)
    store.forget("a")
    assert store.next() is None


def test_each_conversation_is_told_when_its_time_has_come(world: World) -> None:
    asyncio.run(world.remind("ada", 10))
    asyncio.run(world.remind("eve", 20.5))
    assert world.at(0) == 10
    assert world.told == []
    assert world.at(10) == 10.5
    assert world.told == [("ada", ["tea"])]
    world.at(30)
    assert world.told == [("ada", ["tea"]), ("eve", ["tea"])]
    assert world.runtime.reminders.next() is None


def test_two_of_one_conversation_at_once_are_both_told(world: World) -> None:
    for name in ("a", "b"):
        asyncio.run(world.remind("ada", 10, name))
    world.at(11)
    assert world.told == [("ada", ["tea"])] * 2


def test_one_that_was_cancelled_is_not_told(world: World) -> None:
    asyncio.run(world.remind("ada", 10))
    asyncio.run(world.runtime.append_events("ada", [ev.reminder_cancelled("a")]))
    world.at(11)
    assert world.told == []
    assert world.runtime.reminders.next() is None


def test_it_waits_while_a_person_has_the_word(world: World) -> None:
    asyncio.run(world.remind("ada", 10))
    world.may_speak = False
    assert world.at(10) == RETRY_SECONDS
    world.may_speak = True
    world.at(10 + RETRY_SECONDS)
    assert world.told == [("ada", ["tea"])]


def test_a_conversation_that_breaks_does_not_stop_the_others(world: World) -> None:
    asyncio.run(world.remind("ada", 10))
    asyncio.run(world.remind("eve", 11))
    load = world.trackers.load

    def breaking(sender_id: str) -> Any:
        if sender_id == "ada":
            raise OSError("gone")
        return load(sender_id)

    world.trackers.load = breaking  # type: ignore[method-assign]
    world.at(12)
    assert world.told == [("eve", ["tea"])]
    world.trackers.load = load  # type: ignore[method-assign]
    world.at(12 + RETRY_SECONDS)
    assert world.told == [("eve", ["tea"]), ("ada", ["tea"])]


def test_after_a_restart_nothing_is_lost_and_nothing_said_twice(path: Path, store: ReminderStore) -> None:
    before = World(path, store)
    asyncio.run(before.remind("ada", 10))
    asyncio.run(before.remind("eve", 20))
    before.at(10)
    after = World(path, store, before.trackers)
    store.add("ada", START + 10)  # as if the crash came before the time was removed
    after.at(1000)
    assert after.told == [("eve", ["tea"])]


def test_times_are_rebuilt_from_events(path: Path) -> None:
    before = World(path, MemoryReminderStore())
    asyncio.run(before.remind("ada", 10))
    after = World(path, MemoryReminderStore(), before.trackers)
    asyncio.run(after.scheduler().rebuild(["ada", "eve"]))
    after.at(10)
    assert after.told == [("ada", ["tea"])]


def test_the_scheduler_wakes_for_a_sooner_one(path: Path, store: Callable[..., Any]) -> None:
    """In real time: one far away is set, then one that is due at once."""
    world = World(path, store)

    async def scene() -> None:
        running = asyncio.create_task(world.scheduler().run())
        await world.remind("ada", 3600, "far")
        await asyncio.sleep(0)
        await world.remind("ada", -1, "near")
        while not world.told:
            await asyncio.sleep(0.001)
        running.cancel()

    asyncio.run(asyncio.wait_for(scene(), 60))
    assert world.told == [("ada", ["tea"])]
