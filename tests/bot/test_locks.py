"""One conversation, one turn at a time."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests_support import missing

from bot.locks import LocalLocks, Locks, RedisLocks


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    server = shutil.which("redis-server")
    if server is None:
        missing("redis-server")
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder: Path = tmp_path_factory.mktemp("redis")
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if "Ready to accept connections" in line:
                break
        yield port
        process.terminate()


async def queue(locks: list[Locks], order: list[int]) -> None:
    """Each takes the same conversation; whoever has it is alone."""
    inside = 0

    async def take(number: int, lock: Locks) -> None:
        nonlocal inside
        async with lock.hold("ada"):
            inside += 1
            assert inside == 1
            order.append(number)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(take(number, lock) for number, lock in enumerate(locks)))


def test_one_process_serves_in_order() -> None:
    order: list[int] = []
    asyncio.run(queue([LocalLocks()] * 5, order))
    assert order == [0, 1, 2, 3, 4]


def test_conversations_do_not_wait_for_each_other() -> None:
    async def both() -> None:
        locks = LocalLocks()
        async with locks.hold("ada"), locks.hold("bob"):
            pass

    asyncio.run(asyncio.wait_for(both(), 60))


@pytest.fixture
def servers(redis_port: int) -> Callable[..., RedisLocks]:
    from redis.asyncio import Redis

    def one(lifetime: float = 60.0) -> RedisLocks:
        return RedisLocks(Redis(port=redis_port), prefix="t:", lifetime=lifetime)

    return one


@pytest.mark.service
def test_several_servers_take_turns(servers: Callable[..., RedisLocks]) -> None:
    async def run() -> None:
        locks: list[Locks] = [servers() for _ in range(5)]
        for _ in range(4):
            await queue(locks, order)
        for lock in locks:
            await lock.close()

    order: list[int] = []
    asyncio.run(run())
    assert sorted(order) == sorted([*range(5)] * 4)


@pytest.mark.service
def test_a_server_that_dies_does_not_keep_the_conversation(servers: Callable[..., RedisLocks]) -> None:
    async def run() -> bool:
        dead, alive = servers(0.3), servers(0.3)
        await dead._client.set("t:lock:ada", "somebody", px=300)
        async with alive.hold("ada"):
            held = await dead._client.get("t:lock:ada")
            await asyncio.sleep(0.5)  # longer than the lifetime: it is renewed
            still = await dead._client.get("t:lock:ada")
        gone = await dead._client.get("t:lock:ada")
        await dead.close()
        await alive.close()
        return held == still and gone is None

    assert asyncio.run(asyncio.wait_for(run(), 60))
