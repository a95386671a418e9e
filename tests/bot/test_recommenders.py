"""The recommender fitted anew every night takes over while customers are served."""

from __future__ import annotations

import asyncio
import os
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import ValidationError
from sqlalchemy import insert
from structlog.testing import capture_logs

from bot import training, upkeep
from bot.recommenders import NIGHT, Recommenders
from bot.settings import Settings
from bot.stores.database import open_database
from bot.stores.schema import interactions
from recommender.data import Interactions, Items, Query
from recommender.recommend import Recommender
from recommender.versions import Versions

TODAY = date(2026, 11, 22)
IDS = [f"P{n}" for n in range(12)]


def catalogue(ids: list[str]) -> Items:
    return Items.from_rows(
        [{"product_id": one, "category": f"c{n % 3}", "brand": "b", "price": 10 + n} for n, one in enumerate(ids)]
    )


ITEMS = catalogue(IDS)


def event(customer: str, product: str, time: float, kind: str = "purchase") -> dict[str, Any]:
    return {"customer_id": customer, "product_id": product, "kind": kind, "value": 1.0, "time": time}


def fitted(favourite: str) -> Recommender:
    rows = [event(f"C{n}", favourite, 1e9 + n) for n in range(30)]
    return Recommender(ITEMS, Interactions.from_rows(rows, items=ITEMS.ids), today=TODAY).fit()


def opened(versions: Versions, items: Items = ITEMS) -> Recommenders:
    return Recommenders(versions, items, fit=lambda: fitted("P0"), today=lambda: TODAY)


def best(recommenders: Recommenders) -> str:
    return recommenders().recommend(Query(), k=1, goal="popular").items[0].item_id


def test_a_new_version_is_taken_over_and_can_be_taken_back(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    serving = opened(versions)
    assert best(serving) == "P0"
    assert serving.look_again() == ""
    for favourite in ("P3", "P7"):
        written = versions.write(fitted(favourite).save)
        assert serving.look_again() == written.name
        assert best(serving) == favourite
    assert serving.look_again() == ""
    versions.roll_back()
    assert serving.look_again()
    assert best(serving) == "P3"


def test_no_request_fails_while_models_change(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    serving = opened(versions)
    over, wrong, served = threading.Event(), [], set()

    def ask() -> None:
        while not over.is_set():
            try:
                available = serving().availability(dict.fromkeys(ITEMS.variants.skus, 1))
                slate = serving().recommend(Query(), k=3, goal="popular", available=available)
                served.add(slate.items[0].item_id)
            except Exception as error:  # noqa: BLE001 - any failure is the finding
                wrong.append(error)

    customers = [threading.Thread(target=ask) for _ in range(3)]
    for customer in customers:
        customer.start()
    models = [fitted(favourite) for favourite in IDS]
    for model in models:
        versions.write(model.save)
        assert serving.look_again()
    over.set()
    for customer in customers:
        customer.join()
    assert not wrong
    assert served <= set(IDS)
    assert best(serving) == IDS[-1]


def test_at_the_start_last_nights_version_serves_and_an_old_one_does_not(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    versions.write(fitted("P5").save)
    assert best(opened(versions)) == "P5"
    old = versions.chosen_at - NIGHT - 1
    os.utime(tmp_path / "current", (old, old))
    serving = opened(versions)
    assert best(serving) == "P0"
    assert serving.look_again() == ""
    versions.write(fitted("P6").save)
    serving.look_again()
    assert best(serving) == "P6"


@pytest.mark.parametrize("broken", [False, True])
def test_what_cannot_serve_is_told_once_and_left(tmp_path: Path, broken: bool) -> None:
    versions = Versions(tmp_path)
    serving = opened(versions, ITEMS if broken else catalogue([*IDS, "P99"]))
    written = versions.write(
        (lambda folder: (folder / "recommender.safetensors").write_bytes(b"rot")) if broken else fitted("P3").save
    )
    with capture_logs() as logs:
        assert serving.look_again() == serving.look_again() == ""
    assert [(entry["event"], entry["version"]) for entry in logs] == [("recommender_not_taken_over", written.name)]
    assert best(serving) == "P0"


def test_machines_are_left_out_of_what_is_learned(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'shop.db'}")
    people = [event(f"C{n}", f"P{n % 4}", 1e9 + n) for n in range(8)]
    robot = [event("robot", IDS[n % 12], 1e9 + n, "view") for n in range(700)]
    with engine.begin() as connection:
        connection.execute(insert(interactions), people + robot)
    with capture_logs() as logs:
        made = training.fit_recommender(engine, ITEMS, TODAY)
    engine.dispose()
    assert len(made.interactions) == 8
    assert [(entry["event"], entry["bot_like"]) for entry in logs] == [("interactions_left_out", 700)]


def run_until(shop: Any, at: str, fits: list[datetime], wanted: int) -> None:
    """Runs `upkeep.renew` until it has fitted so often."""

    async def fit() -> None:
        fits.append(shop.now())

    async def run() -> None:
        task = asyncio.create_task(upkeep.renew(cast(Any, shop), at, fit, every=0))
        while len(fits) < wanted and shop.looks < 500:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


class Hours(SimpleNamespace):
    """A shop whose clock goes on by an hour each time somebody looks for a new model."""

    hour = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    looks = 0

    def now(self) -> datetime:
        return self.hour

    def look_again(self) -> str:
        self.looks += 1
        self.hour += timedelta(hours=1)
        return ""


def test_every_night_at_the_hour_once() -> None:
    shop, fits = Hours(), []
    run_until(shop, "04:00", fits, 3)
    assert [moment.strftime("%d %H:%M") for moment in fits] == ["22 04:30", "23 04:30", "24 04:30"]


def test_never_where_no_hour_is_set() -> None:
    shop, fits = Hours(), []
    run_until(shop, "", fits, 1)
    assert not fits
    assert shop.looks >= 500


def test_an_hour_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="'4 am' is no time of day"):
        Settings(refit_at="4 am")
    assert Settings(refit_at="").refit_at == ""


def test_a_refit_that_fails_is_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "nothing", database_url="sqlite:////dev/null/all.db")
    with capture_logs() as logs:
        status = asyncio.run(upkeep.refit_apart(settings))
    assert status != 0
    assert logs[-1]["event"] == "refit_failed"
    assert not (tmp_path / "nothing" / "recommenders").exists()
