"""Whose order is it. Unknown numbers, other people's orders and wrong proofs are answered the same, and counted."""

from __future__ import annotations

import re
import time
import unicodedata
from typing import Literal

from bot.actions.turn import Turn
from bot.stores.orders import Order

LOCK_SECONDS = 3600
ELSEWHERE = 4
"""An order takes so many times the misses of one conversation before four digits, which can be guessed, open it no more:
one stranger cannot lock an owner out."""
WHOLE = 7
"""Digits of a phone number that nobody guesses."""
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_FOUR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_BARE = re.compile(r"(?<![\d.,¥$£€])\d{4}(?![\d.,]*\d|\s?(?:年|号|弄|室|元|块|件|个|条|[A-Za-z]))")
"""Four digits that stand for themselves: no year, house number or price."""
_WHOLE = re.compile(r"\+?\d[\d -]{5,}\d")


def known_number(value: object) -> str:
    """An order number as it is stored: half-width, upper case, without its #."""
    return unicodedata.normalize("NFKC", str(value)).strip().lstrip("#").upper()


def is_owner(turn: Turn, order: Order) -> bool:
    """The verified customer's own, or placed as a guest in this very conversation."""
    return order.customer_id in (turn.customer_id, turn.guest)


def own_orders(turn: Turn) -> list[Order]:
    """The customer's or the conversation's orders, newest first."""
    owners = {turn.customer_id, turn.guest} - {None}
    found = [o for owner in owners for o in turn.shop.orders.of_customer(str(owner))]
    return sorted(found, key=lambda o: o.placed_at, reverse=True)


def proves(order: Order, proof: str) -> bool:
    """Is it the order's e-mail, or its phone: whole or the last four digits."""
    if "@" in proof:
        return bool(order.email) and proof.casefold() == order.email.casefold()
    said, own = (re.sub(r"\D", "", text) for text in (proof, order.phone))
    if len(said) < 4 or len(own) < 4:
        return False
    return own.endswith(said) if len(said) <= len(own) else said.endswith(own)


def access(turn: Turn, number: str, proof: object) -> Order | Literal["proof", "locked"]:
    """The order, when it is theirs to see; otherwise what is between them and it."""
    order = turn.shop.orders.get(number)
    if order is not None and is_owner(turn, order):
        return order
    if locked(turn) or (guarded(turn, number) and not _whole(proof)):
        return "locked"
    if order is not None and proof and proves(order, str(proof)):
        return order
    return "proof"


def locked(turn: Turn) -> bool:
    """This conversation has been wrong too often."""
    return _misses(turn, _conversation(turn)) >= turn.shop.policies.orders.bad_misses


def guarded(turn: Turn, number: str) -> bool:
    """So many were wrong about this number, from wherever, that only its e-mail or whole phone number opens it."""
    return _misses(turn, _order(number)) >= ELSEWHERE * turn.shop.policies.orders.bad_misses


def missed(turn: Turn, number: str) -> None:
    """Counts a wrong number or proof, for this conversation and for the number, whether that exists or not."""
    turn.shop.feedback.missed(_conversation(turn))
    turn.shop.feedback.missed(_order(number))


def said_proof(turn: Turn, *, asked: bool) -> str | None:
    """The likeliest of `said_proofs`; `asked`: any digits of a phone are the answer then."""
    found = said_proofs(turn)
    if found or not asked:
        return found[0] if found else None
    text = unicodedata.normalize("NFKC", turn.text)
    numbers = {known_number(value) for value in turn.entities("order_number")}
    digits = [*_WHOLE.findall(text), *_FOUR.findall(text)]
    return next((f for f in reversed(digits) if len(f) == 4 or f not in numbers), None)


def said_proofs(turn: Turn) -> list[str]:
    """E-mails and phone digits in the message, also four bare digits beside an order number; the likeliest first."""
    text = unicodedata.normalize("NFKC", turn.text)
    bare = [] if turn.text.startswith("/") or said_number(turn) is None else _BARE.findall(text)[::-1]
    found = [*_EMAIL.findall(text), *turn.entities("phone", role="last4"), *bare, *turn.entities("phone")]
    return [str(proof) for proof in found]


def said_number(turn: Turn, *, besides: str = "") -> str | None:
    """The order number in the message; four bare digits are none, they are the end of a phone number."""
    numbers = [known_number(value) for value in turn.entities("order_number")]
    return next((n for n in numbers if n != besides and not (n.isdigit() and len(n) == 4)), None)


def _whole(proof: object) -> bool:
    return "@" in str(proof) or len(re.sub(r"\D", "", str(proof))) >= WHOLE


def _misses(turn: Turn, subject: str) -> int:
    return turn.shop.feedback.misses(subject, since=time.time() - LOCK_SECONDS)  # misses carry the store's own time


def _conversation(turn: Turn) -> str:
    return f"conversation:{turn.call.sender_id}"[:128]


def _order(number: str) -> str:
    return f"order:{number}"[:128]
