"""The assistant's promises: stored first, in order, once, silent while a person has the word."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.assistant import Assistant, RefusedError
from bot.events import LostUpdateError
from bot.hub import EVERYTHING, Hub
from bot.messages import BotMessage, UserMessage
from bot.stores.conversations import Conversations, Inbox
from bot.stores.database import open_database


@dataclass
class Result:
    messages: list[BotMessage]
    slots: dict = field(default_factory=dict)


class Echo:
    """A runtime that answers with what it heard; `gate` holds it until a test lets it go on."""

    def __init__(self, *, lost: int = 0, slots: dict | None = None) -> None:
        self.heard: list[str] = []
        self.events: list = []
        self.lost = lost
        self.slots = slots or {}
        self.gate: asyncio.Event | None = None
        self.running = 0

    async def turn(self, message: UserMessage) -> Result:
        self.running += 1
        assert self.running == 1, "two turns of one conversation at once"
        if self.gate:
            await self.gate.wait()
        await asyncio.sleep(0)
        self.running -= 1
        if self.lost:
            self.lost -= 1
            raise LostUpdateError(message.sender_id, 0)
        self.heard.append(message.text)
        return Result([BotMessage(text=f"you said {message.text}")], self.slots)

    async def append_events(self, sender_id, events) -> None:
        self.events.append((sender_id, list(events)))


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'shop.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def made(engine):
    def make(runtime=None, **more):
        erased: list[str] = []

        async def erase(sender_id: str) -> None:
            erased.append(sender_id)

        assistant = Assistant(
            runtime or Echo(), conversations=Conversations(engine), inbox=Inbox(engine), hub=Hub(), erase=erase, **more
        )
        assistant.erased = erased  # type: ignore[attr-defined]
        return assistant

    return make


def message(text: str, key: str = "m1", sender: str = "s") -> UserMessage:
    return UserMessage(text, sender, "web", key)


def test_a_message_is_answered_and_both_are_kept(made):
    assistant = made()
    assert asyncio.run(assistant.handle(message("hi"))) == [BotMessage(text="you said hi")]
    said = assistant.conversations.history("s")
    assert [(s.author, s.data["text"]) for s in said] == [("customer", "hi"), ("bot", "you said hi")]


def test_a_button_shows_its_title(made):
    assistant = made()
    asyncio.run(assistant.handle(message('/add{"x": 1}'), shown_as="Add to cart"))
    assert assistant.conversations.history("s")[0].data == {"text": "Add to cart"}


def test_a_repeated_delivery_gets_the_first_answer(made):
    runtime = Echo()
    assistant = made(runtime)
    first = asyncio.run(assistant.handle(message("hi")))
    assert asyncio.run(assistant.handle(message("hi"))) == first
    assert runtime.heard == ["hi"]


def test_a_delivery_repeated_while_the_first_is_worked_on_waits_for_it(made):
    runtime = Echo()
    assistant = made(runtime)

    async def both():
        return await asyncio.gather(assistant.handle(message("hi")), assistant.handle(message("hi")))

    first, second = asyncio.run(both())
    assert first == second
    assert runtime.heard == ["hi"]


def test_turns_of_one_conversation_never_overlap(made):
    runtime = Echo()
    assistant = made(runtime)

    async def many():
        await asyncio.gather(*(assistant.handle(message(str(n), f"m{n}")) for n in range(8)))

    asyncio.run(many())
    assert sorted(runtime.heard) == sorted(map(str, range(8)))


def test_a_burst_is_answered_as_one(made):
    runtime = Echo()
    assistant = made(runtime)

    async def burst():
        runtime.gate = asyncio.Event()
        first = asyncio.create_task(assistant.handle(message("I want", "m1"), merge=True))
        while not runtime.running:
            await asyncio.sleep(0.001)
        rest = [asyncio.create_task(assistant.handle(message(t, t), merge=True)) for t in ("headphones", "under 300")]
        while len(assistant.conversations.history("s")) < 3:
            await asyncio.sleep(0.001)
        runtime.gate.set()
        return [await task for task in (first, *rest)]

    answers = asyncio.run(burst())
    assert runtime.heard[0] == "I want"
    assert sorted(runtime.heard[1].split("\n")) == ["headphones", "under 300"]
    assert sum(len(a) for a in answers) == 2


@pytest.mark.parametrize(("text", "said"), [("", "empty"), (" \x00\u200b ", "empty"), ("x" * 21, "21")])
def test_what_cannot_be_taken_is_refused_in_a_sentence(made, text, said):
    with pytest.raises(RefusedError, match=said):
        asyncio.run(made(longest=20).handle(message(text)))


def test_unseen_characters_are_dropped(made):
    runtime = Echo()
    asyncio.run(made(runtime).handle(message("a\u200bb\U000e0041c\x07")))
    assert runtime.heard == ["abc"]


def test_a_turn_that_lost_its_place_is_repeated(made):
    runtime = Echo(lost=1)
    asyncio.run(made(runtime).handle(message("hi")))
    assert runtime.heard == ["hi"]


def test_what_a_crash_interrupted_is_answered_at_the_next_start(made):
    first, runtime = made(), Echo()
    asyncio.run(first.store(message("hi")))
    resumed = asyncio.run(made(runtime).resume(since=0))
    assert [(m.text, [r.text for r in replies]) for m, replies in resumed] == [("hi", ["you said hi"])]
    assert asyncio.run(made(runtime).resume(since=0)) == []


def test_a_person_has_the_word(made):
    runtime = Echo()
    assistant = made(runtime)

    async def talk():
        await assistant.handle(message("hi", "m1"))
        assert await assistant.change_mode("s", operator="ann", take=True)
        assert not await assistant.change_mode("s", operator="bob", take=True)
        assert await assistant.handle(message("are you there", "m2")) == []
        with pytest.raises(RefusedError):
            await assistant.agent_says("s", "bob", "hello")
        await assistant.agent_says("s", "ann", "yes, Ann here")
        assert not await assistant.change_mode("s", operator="bob", take=False)
        assert await assistant.change_mode("s", operator="ann", take=False)
        return await assistant.handle(message("thanks", "m3"))

    assert asyncio.run(talk()) == [BotMessage(text="you said thanks")]
    assert runtime.heard == ["hi", "thanks"]
    authors = [s.author for s in assistant.conversations.history("s")]
    assert authors == ["customer", "bot", "customer", "agent", "customer", "bot"]


def test_a_confirmed_deletion_is_carried_out(made):
    assistant = made(Echo(slots={"erase_requested": "D1"}))
    asyncio.run(assistant.handle(message("yes")))
    assert assistant.erased == ["s"]


def test_the_console_hears_everything(made):
    hub = Hub()

    async def listen():
        async with hub.listening(EVERYTHING) as news, hub.listening("other") as other:
            hub.publish("s", {"type": "said"})
            return await asyncio.wait_for(news.get(), 1), other.empty()

    assert asyncio.run(listen()) == ({"type": "said"}, True)


def test_a_listener_that_falls_behind_is_dropped():
    hub = Hub()

    async def listen():
        async with hub.listening("s") as news:
            for n in range(500):
                hub.publish("s", {"n": n})
            got = [news.get_nowait() for _ in range(news.qsize())]
            return got[-1], len(got)

    last, count = asyncio.run(listen())
    assert last is None
    assert count < 500
