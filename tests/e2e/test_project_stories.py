"""The project's own test stories, all of them, as `daogou test` runs them."""

from __future__ import annotations

import asyncio

from rich.console import Console

from bot.bench import open_bench
from bot.dialogue.test_stories import find_test_files, load_test_stories
from bot.messages import UserMessage
from bot.settings import Settings
from bot.testing import Run, run_tests


def test_all_stories_pass(demo_settings: Settings) -> None:
    report = asyncio.run(run_tests(demo_settings, Run(), Console(quiet=True)))
    problems = [f"{r.path.name}: {r.story}: {problem}" for r in report.results for problem in r.problems]
    assert problems == []
    assert sum(result.turns for result in report.results) >= 250


def test_there_are_many_of_them_in_both_languages() -> None:
    files = find_test_files(Settings().project)
    assert {file.suffixes[0] for file in files} == {".zh", ".en"}
    assert len(load_test_stories(files)) >= 60


def test_what_a_story_does_is_undone_and_never_reaches_the_data(demo_settings: Settings) -> None:
    before = (demo_settings.home / "daogou.db").read_bytes()

    async def cancel_twice() -> list[str]:
        said = []
        with open_bench(demo_settings) as bench:
            for sender_id in ("one", "two"):
                await bench.put_back()
                await bench.append_events(sender_id, [{"event": "slot", "name": "customer_id", "value": "C0001"}])
                await bench.turn(UserMessage('/cancel_order{"order_number": "10088"}', sender_id))
                await bench.turn(UserMessage("/affirm", sender_id))
                orders = bench.core.services.orders  # type: ignore[union-attr]
                order = orders.get("10088")
                said.append(order.status if order else "")
            await bench.put_back()
            order = orders.get("10088")
            said.append(order.status if order else "")
        return said

    assert asyncio.run(cancel_twice()) == ["cancelled", "cancelled", "paid"]
    assert (demo_settings.home / "daogou.db").read_bytes() == before
