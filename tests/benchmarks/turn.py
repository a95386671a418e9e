"""What one turn of the demo shop costs: python tests/benchmarks/turn.py (one client, one thread; median of the turns of two talks)."""

from __future__ import annotations

import asyncio
import resource
import statistics
import time
import uuid
from pathlib import Path

from bot.assistant import Assistant
from bot.core import build
from bot.hub import Hub
from bot.messages import UserMessage
from bot.settings import Settings
from bot.stores.conversations import Inbox

SCRIPTS = Path(__file__).parents[1] / "e2e" / "scripts"
ROUNDS = 5


async def nothing(_: str) -> None:
    pass


async def main() -> None:
    began = time.perf_counter()
    core = build(Settings())
    start = time.perf_counter() - began
    assistant = Assistant(
        core.runtime, conversations=core.services.conversations, inbox=Inbox(core.engine), hub=Hub(), erase=nothing
    )
    spent: list[float] = []
    cpu = time.process_time()
    for turn in range(ROUNDS):
        for script in sorted(SCRIPTS.glob("*.txt")):
            sender = f"bench-{uuid.uuid4().hex}"
            for line in script.read_text("utf-8").splitlines():
                if line and not line.startswith("#"):
                    before = time.perf_counter()
                    # a stop more each round, so that no cache of sentences answers
                    await assistant.handle(UserMessage(line + "." * turn, sender, "bench"))
                    spent.append((time.perf_counter() - before) * 1000)
    cpu = (time.process_time() - cpu) / len(spent) * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ranked = sorted(spent)
    print(
        f"turns {len(spent)}  p50 {statistics.median(spent):.1f} ms  p95 {ranked[int(len(ranked) * 0.95)]:.1f} ms  "
        f"cpu {cpu:.1f} ms a turn  start {start:.1f} s  memory {memory:.0f} MB"
    )
    await core.runtime.close()


if __name__ == "__main__":
    asyncio.run(main())
