import os
import threading
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.exc import OperationalError

from recommender.inventory.ledger import InventoryError, Ledger, OutOfStock, Stock, metadata

POSTGRES = "postgresql+psycopg://127.0.0.1:5432/test"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = create_engine(f"sqlite:///{tmp_path}/stock.db")
        event.listen(made, "connect", lambda raw, _: raw.execute("PRAGMA journal_mode=WAL"))
        metadata.create_all(made)
        yield made
        made.dispose()
        return
    schema = f"ledger_{uuid.uuid4().hex}"
    admin = create_engine(POSTGRES, connect_args={"connect_timeout": 3})
    try:
        with admin.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except OperationalError as error:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no PostgreSQL at 127.0.0.1:5432: {type(error.orig).__name__}")
    made = create_engine(POSTGRES, connect_args={"options": f"-csearch_path={schema}"}, pool_size=16)
    metadata.create_all(made)
    yield made
    made.dispose()
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(engine: Engine, clock: Clock) -> Ledger:
    made = Ledger(engine, clock=clock)
    made.receive("a", 10, key="delivery 1")
    made.receive("b", 3, key="delivery 2")
    return made


def test_a_reservation_holds_commits_and_counts(ledger: Ledger) -> None:
    ledger.reserve({"a": 4, "b": 1}, key="order 1", ttl_seconds=60)
    assert ledger.available_map() == {"a": 6, "b": 2}
    assert ledger.commit("order 1")
    assert ledger.stock(["a", "b"]) == {"a": Stock("a", 6, 0, 0), "b": Stock("b", 2, 0, 0)}
    assert not ledger.commit("order 1")
    assert ledger.differences() == {}


def test_all_lines_or_none(ledger: Ledger) -> None:
    with pytest.raises(OutOfStock) as caught:
        ledger.reserve({"a": 1, "b": 4}, key="order", ttl_seconds=60)
    assert (caught.value.sku, caught.value.wanted, caught.value.available) == ("b", 4, 3)
    assert ledger.available_map() == {"a": 10, "b": 3}
    assert not ledger.release("order")


def test_two_lines_of_one_sku_are_summed(ledger: Ledger) -> None:
    with pytest.raises(OutOfStock) as caught:
        ledger.reserve([("b", 2), ("b", 2)], key="order", ttl_seconds=60)
    assert caught.value.wanted == 4


def test_unknown_sku_is_out_of_stock(ledger: Ledger) -> None:
    with pytest.raises(OutOfStock, match="1 of 'c' wanted, 0 available"):
        ledger.reserve({"c": 1}, key="order", ttl_seconds=60)
    assert ledger.available("c") == 0


def test_repeating_a_reservation_takes_nothing_twice(ledger: Ledger) -> None:
    for _ in range(2):
        ledger.reserve({"a": 4}, key="order", ttl_seconds=60)
    assert ledger.available("a") == 6


def test_reserving_again_replaces_the_lines(ledger: Ledger) -> None:
    ledger.reserve({"a": 4, "b": 3}, key="order", ttl_seconds=60)
    ledger.reserve({"a": 5}, key="order", ttl_seconds=60)
    assert ledger.available_map() == {"a": 5, "b": 3}
    with pytest.raises(OutOfStock) as caught:
        ledger.reserve({"a": 11}, key="order", ttl_seconds=60)
    assert (caught.value.wanted, caught.value.available) == (11, 10)
    assert ledger.available("a") == 5
    assert ledger.differences() == {}


def test_release_is_idempotent_and_the_key_can_be_used_again(ledger: Ledger) -> None:
    ledger.reserve({"a": 4}, key="order", ttl_seconds=60)
    assert [ledger.release("order"), ledger.release("order")] == [True, False]
    assert ledger.available("a") == 10
    ledger.reserve({"a": 10}, key="order", ttl_seconds=60)
    assert ledger.available("a") == 0


def test_time_runs_out_only_by_the_sweep_and_only_once(ledger: Ledger, clock: Clock) -> None:
    ledger.reserve({"a": 4}, key="short", ttl_seconds=60)
    ledger.reserve({"a": 1}, key="long", ttl_seconds=600)
    assert ledger.sweep() == 0
    clock.now += 60
    assert [ledger.sweep(), ledger.sweep()] == [1, 0]
    assert ledger.available("a") == 9
    with pytest.raises(InventoryError, match="expired"):
        ledger.commit("short")
    assert ledger.commit("long")


def test_a_committed_key_cannot_become_something_else(ledger: Ledger) -> None:
    ledger.reserve({"a": 1}, key="order", ttl_seconds=60)
    ledger.commit("order")
    assert ledger.reserve({"a": 1}, key="order", ttl_seconds=60).lines == {"a": 1}
    with pytest.raises(InventoryError, match="committed"):
        ledger.reserve({"a": 2}, key="order", ttl_seconds=60)
    assert ledger.stock(["a"])["a"] == Stock("a", 9, 0, 0)


def test_movements_apply_once_by_key(ledger: Ledger) -> None:
    assert not ledger.receive("a", 10, key="delivery 1")
    assert ledger.adjust("a", -2, key="count 7", note="two broken")
    assert not ledger.adjust("a", -2, key="count 7", note="two broken")
    assert ledger.available("a") == 8
    with pytest.raises(InventoryError, match="'delivery 1'"):
        ledger.receive("a", 11, key="delivery 1")
    assert ledger.differences() == {}


def test_safety_stock_is_not_promised(ledger: Ledger, engine: Engine) -> None:
    with engine.begin() as connection:
        ledger.set_stock([{"sku": "a", "on_hand": 5, "safety_stock": 2}], connection)
    assert ledger.available("a") == 3
    with pytest.raises(OutOfStock):
        ledger.reserve({"a": 4}, key="order", ttl_seconds=60)


def test_an_import_sets_counts_and_keeps_reservations(ledger: Ledger, engine: Engine) -> None:
    ledger.reserve({"a": 4}, key="order", ttl_seconds=60)
    rows = [
        {"sku": "c", "on_hand": "7", "safety_stock": "1", "inbound_quantity": "", "inbound_date": ""},
        {"sku": "a", "on_hand": 2, "safety_stock": 0, "inbound_quantity": 20, "inbound_date": "2026-12-24"},
    ]
    with engine.begin() as connection:
        assert ledger.set_stock(rows, connection) == 2
    assert ledger.available_map() == {"a": 0, "b": 3, "c": 6}
    assert ledger.stock(["a"])["a"].available == -2
    assert ledger.next_inbound(["a", "b"], date(2026, 12, 1)) == date(2026, 12, 24)
    assert ledger.next_inbound(["a"], date(2026, 12, 24)) is None
    assert ledger.differences() == {}


def test_the_callers_transaction_takes_the_reservation_back(ledger: Ledger, engine: Engine) -> None:
    with engine.connect() as connection:
        transaction = connection.begin()
        ledger.reserve({"a": 4}, key="order", ttl_seconds=60, connection=connection)
        transaction.rollback()
    assert ledger.available("a") == 10
    assert not ledger.release("order")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda led: led.receive("a", 0, key="k"), "quantity 0 of 'a' is not a whole number from 1"),
        (lambda led: led.reserve({"a": True}, key="k", ttl_seconds=1), "quantity True of 'a'"),
        (lambda led: led.reserve({}, key="k", ttl_seconds=1), "at least one line"),
        (lambda led: led.adjust("zz", -1, key="k", note=""), "sku 'zz' is not kept"),
        (lambda led: led.commit("nothing"), "unknown"),
    ],
)
def test_wrong_input_is_told(ledger: Ledger, call, message: str) -> None:
    with pytest.raises(InventoryError, match=message):
        call(ledger)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"sku": "", "on_hand": 1}, "sku is missing"),
        ({"sku": "a", "on_hand": "many"}, "on_hand 'many' of 'a'"),
        ({"sku": "a", "on_hand": 1, "inbound_date": "soon"}, "inbound_date 'soon'"),
    ],
)
def test_wrong_import_rows_are_told(ledger: Ledger, engine: Engine, row, message: str) -> None:
    with engine.connect() as connection, pytest.raises(InventoryError, match=message):
        ledger.set_stock([row], connection)


def test_simultaneous_orders_never_oversell(ledger: Ledger, engine: Engine) -> None:
    """24 customers in 8 threads want the same two skus in different orders; 10 and 3 pieces are there."""
    start, sold, lock = threading.Barrier(8), [], threading.Lock()

    def shop(thread: int) -> None:
        start.wait()
        for n in range(3):
            lines = [("a", 1), ("b", 1)] if (thread + n) % 2 else [("b", 1), ("a", 1)]
            lines = lines if n == 0 else [("a", 1)]
            try:
                ledger.reserve(lines, key=f"order {thread}.{n}", ttl_seconds=60)
                ledger.commit(f"order {thread}.{n}")
            except OutOfStock:
                continue
            with lock:
                sold.append(lines)

    threads = [threading.Thread(target=shop, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [sku for lines in sold for sku, _ in lines]
    assert (taken.count("a"), taken.count("b")) == (10, 3)
    assert ledger.available_map() == {"a": 0, "b": 0}
    assert ledger.differences() == {}
    with engine.connect() as connection:
        states = connection.execute(select(metadata.tables["stock_holds"].c.state)).scalars().all()
    assert states == ["committed"] * len(sold)


def test_one_key_from_many_threads_is_one_reservation(ledger: Ledger) -> None:
    start = threading.Barrier(6)

    def confirm() -> None:
        start.wait()
        ledger.reserve({"a": 2}, key="the same order", ttl_seconds=60)

    threads = [threading.Thread(target=confirm) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.available("a") == 8
    assert ledger.differences() == {}
