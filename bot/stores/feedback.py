"""What the shop learns from: what customers looked at, were offered, asked in vain, rated, and wait for."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.stores.schema import gaps, interactions, misses, offers, ratings, restock_requests


@dataclass(frozen=True, slots=True)
class RestockRequest:
    sku: str
    sender_id: str
    contact: str
    asked_at: float


class Feedback:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def interacted(self, customer_id: str, product_id: str, kind: str, value: float = 1.0) -> None:
        """kind: view, cart, purchase, rating."""
        row = {"customer_id": customer_id, "product_id": product_id, "kind": kind, "value": value, "time": time.time()}
        with self._engine.begin() as connection:
            connection.execute(insert(interactions).values(row))

    def interactions(self) -> list[dict[str, Any]]:
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(
                    interactions.c.customer_id,
                    interactions.c.product_id,
                    interactions.c.kind,
                    interactions.c.value,
                    interactions.c.time,
                ).order_by(interactions.c.time)
            )
            return [dict(row._mapping) for row in rows]

    def history(self, customer_id: str, *, limit: int = 50) -> list[str]:
        """Product ids of a customer, oldest first, each once, the newest `limit`."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(interactions.c.product_id, func.max(interactions.c.time).label("latest"))
                .where(interactions.c.customer_id == customer_id, interactions.c.kind != "reject")
                .group_by(interactions.c.product_id)
                .order_by(func.max(interactions.c.time).desc())
                .limit(limit)
            ).all()
        return [row.product_id for row in reversed(rows)]

    def offered(
        self,
        sender_id: str,
        action: str,
        products: Sequence[str],
        *,
        propensity: float = 1.0,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        """Logs what was shown, with the probability with which the policy in place shows it."""
        row = {
            "sender_id": sender_id,
            "action": action,
            "products": list(products),
            "propensity": propensity,
            "state": dict(state or {}),
            "time": time.time(),
        }
        with self._engine.begin() as connection:
            connection.execute(insert(offers).values(row))

    def decisions(self, sender_id: str, *, within: float) -> list[str]:
        """What was decided about this conversation's offers in the last `within` seconds, oldest first."""
        latest = select(offers.c.state).where(offers.c.sender_id == sender_id, offers.c.time >= time.time() - within)
        with self._engine.connect() as connection:
            states = connection.execute(latest.order_by(offers.c.id)).scalars().all()
        return [str(state["decision"]) for state in states if "decision" in state]

    def asked_in_vain(self, question: str, language: str, nearest: str, score: float) -> None:
        row = {"question": question, "language": language, "nearest": nearest, "score": score, "time": time.time()}
        with self._engine.begin() as connection:
            connection.execute(insert(gaps).values(row))

    def questions_in_vain(self, limit: int = 200) -> list[dict[str, Any]]:
        """Newest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(gaps).order_by(gaps.c.id.desc()).limit(limit)).all()
        return [dict(row._mapping) for row in rows]

    def rated(self, sender_id: str, score: int, comment: str = "") -> None:
        if not 1 <= score <= 5:
            raise ValueError(f"a rating of {score!r} is not between 1 and 5")
        with self._engine.begin() as connection:
            connection.execute(
                insert(ratings).values(sender_id=sender_id, time=time.time(), score=score, comment=comment)
            )

    def notify_restock(self, sku: str, sender_id: str, contact: str) -> bool:
        """False when this conversation is on the list already."""
        row = {"sku": sku, "sender_id": sender_id, "contact": contact, "asked_at": time.time(), "told_at": None}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(restock_requests).values(row))
        except IntegrityError:
            return False
        return True

    def waiting(self) -> list[RestockRequest]:
        """Everyone who has not been told yet, the longest waiting first."""
        untold = select(restock_requests).where(restock_requests.c.told_at.is_(None))
        with self._engine.connect() as connection:
            rows = connection.execute(untold.order_by(restock_requests.c.asked_at)).all()
        return [RestockRequest(row.sku, row.sender_id, row.contact, row.asked_at) for row in rows]

    def waiting_for(self, sku: str) -> list[RestockRequest]:
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(restock_requests).where(restock_requests.c.sku == sku, restock_requests.c.told_at.is_(None))
            ).all()
        return [RestockRequest(row.sku, row.sender_id, row.contact, row.asked_at) for row in rows]

    def told(self, request: RestockRequest) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                restock_requests.update()
                .where(restock_requests.c.sku == request.sku, restock_requests.c.sender_id == request.sender_id)
                .values(told_at=time.time())
            )

    def missed(self, subject: str) -> None:
        """A wrong order number or proof of ownership."""
        with self._engine.begin() as connection:
            connection.execute(insert(misses).values(subject=subject, time=time.time()))

    def misses(self, subject: str, *, since: float) -> int:
        with self._engine.connect() as connection:
            return connection.execute(
                select(func.count()).select_from(misses).where(misses.c.subject == subject, misses.c.time >= since)
            ).scalar_one()

    def erase(self, *subjects: str) -> int:
        """Removes what is known of customers or conversations; returns the number of rows."""
        removed = 0
        with self._engine.begin() as connection:
            for table, column in (
                (interactions, interactions.c.customer_id),
                (offers, offers.c.sender_id),
                (ratings, ratings.c.sender_id),
                (restock_requests, restock_requests.c.sender_id),
            ):
                removed += connection.execute(delete(table).where(column.in_(subjects))).rowcount
        return removed
