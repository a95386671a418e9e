"""Checking out: who, where, one confirmation that names everything, and exactly one order for it.

The stock is reserved before the customer is asked to confirm. Each summary carries a one-time nonce that becomes the
order's key, so a double tap, a retry or a crash in between cannot buy twice.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from bot.actions import formats
from bot.actions.bills import bill_of
from bot.actions.order_addresses import read_address
from bot.actions.places import not_served
from bot.actions.stock import variant_name
from bot.actions.turn import Turn
from bot.events import active_loop
from bot.messages import Button
from bot.stores.orders import Order, OrderLine
from recommender.inventory.ledger import OutOfStock

_TYPED = ("checkout_contact", "checkout_address")
_PHONE = re.compile(r"\+?\d[\d\s-]{5,}\d")
CONFIRM_MINUTES = 15
"""The reservation outlives the time to pay by so much, for the customer to think it over."""


def start_checkout(turn: Turn) -> None:
    if not turn.shop.carts.lines(turn.owner):
        if turn.call.active_loop == "cart_form":  # its question follows
            turn.say("cart_almost")
            return
        turn.say("cart_empty", buttons=[turn.button("有什么好推荐的", "Recommend something")])
        return
    if turn.call.active_loop:
        turn.events.append(active_loop(None))
    customer = turn.shop.customers.get(turn.customer_id) if turn.customer_id else None
    turn.set(
        requested_slot=None,
        pending=None,
        checkout_nonce=secrets.token_hex(8),
        checkout_contact=f"{customer.name} {customer.phone}" if customer else None,
        checkout_address=(customer.address or None) if customer else None,
        checkout_confirm=None,
    )
    turn.then("checkout_form")


def validate_checkout_form(turn: Turn) -> None:
    """Contact, address, then the reservation and the confirmation; a stale button is not a confirmation."""
    contact, address = turn.slot("checkout_contact"), turn.slot("checkout_address")
    confirm, nonce = turn.slot("checkout_confirm"), turn.slot("checkout_nonce")
    if turn.heard("checkout_contact", "checkout_address") and turn.call.requested_slot in _TYPED:
        contact, address = _read(turn, contact, address)
    if confirm in ("checkout_contact", "checkout_address"):  # "change it"
        contact = None if confirm == "checkout_contact" else contact
        address = None if confirm == "checkout_address" else address
        confirm = None
    if contact and not (_PHONE.search(str(contact)) and _PHONE.sub("", str(contact)).strip()):
        turn.say("contact_without_phone")
        contact = None
    heard = turn.call.requested_slot == "checkout_address" and turn.heard("checkout_address")
    if (heard and not address) or (address and len(str(address).strip()) < 6):
        turn.say("address_too_short")
        address = None
    country = not_served(turn.shop.policies.shipping, str(address or ""))
    if country:
        turn.say("place_not_served", place=country)
        address = None
    tapped = turn.entities("nonce")
    if confirm is True and tapped and nonce not in tapped:
        turn.say("confirmation_stale")
        confirm = None
    asked = None
    if not contact:
        asked = "checkout_contact"
    elif not address:
        asked = "checkout_address"
    elif confirm is None and not turn.heard(
        "checkout_nonce", "checkout_contact", "checkout_address", "checkout_confirm"
    ):
        asked = "checkout_confirm"  # something else was said; the summary stands
    elif confirm is None:
        turn.shop.ledger.release(str(nonce))  # the basket may have changed since the last summary
        nonce = secrets.token_hex(8)
        asked = "checkout_confirm" if _reserve(turn, nonce) else None
        confirm = None if asked else "sold_out"
    turn.put(checkout_contact=contact, checkout_address=address, checkout_confirm=confirm, checkout_nonce=nonce)
    turn.set(requested_slot=asked)


def change_checkout(turn: Turn) -> None:
    """ "Send it to … instead" while checking out; the form then shows the summary anew."""
    said = read_address(turn, True)
    contact = turn.slot("checkout_contact")
    if said.get("phone") or said.get("recipient"):
        contact = _contact(str(contact or ""), said)
    confirm: str | None = None
    if turn.call.requested_slot == "checkout_confirm":  # the summary on the screen, and its button, hold no longer
        turn.shop.ledger.release(str(turn.slot("checkout_nonce")))
        nonce = secrets.token_hex(8)
        confirm = None if _reserve(turn, nonce) else "sold_out"
        turn.set(checkout_nonce=nonce)
    turn.set(checkout_contact=contact, checkout_address=said.get("address"), checkout_confirm=confirm)
    turn.then("checkout_form")


def _read(turn: Turn, contact: object, address: object) -> tuple[str | None, str | None]:
    """Name, phone and address out of what was typed, in whatever order and wherever they were asked for."""
    asked = str(turn.call.requested_slot)
    typed = str(contact if asked == "checkout_contact" else address)
    said = read_address(turn, True)
    kept_contact = None if asked == "checkout_contact" else contact
    kept_address = None if asked == "checkout_address" else address
    place = said.get("address") or kept_address
    if asked == "checkout_address" and not said and re.search(r"\d", typed):
        place = typed  # no street that we know, but a number: the courier may
    if said.get("phone") or said.get("recipient"):
        kept_contact = _contact(str(kept_contact or ""), said)
    elif asked == "checkout_contact":
        kept_contact = typed
    return (str(kept_contact) if kept_contact else None, str(place) if place else None)


def _contact(known: str, said: Mapping[str, object]) -> str:
    """Name and phone, each the new one where one was said."""
    old = _PHONE.search(known)
    phone = str(said.get("phone") or (old.group() if old else ""))
    name = str(said.get("recipient") or known.replace(old.group() if old else "", "")).strip()
    return f"{name} {phone}".strip()


def ask_contact(turn: Turn) -> None:
    turn.say("ask_contact")


def ask_address(turn: Turn) -> None:
    turn.say("ask_address")


def ask_confirm(turn: Turn) -> None:
    """Exactly what, for how much, to whom and where."""
    bill = bill_of(turn)
    language, catalog = turn.language, turn.shop.catalog
    lines = []
    for line in turn.shop.carts.lines(turn.owner):
        product = catalog.of_sku(line.sku)
        if product:
            label = variant_name(turn, catalog.variants[line.sku])
            lines.append(f"• {product.name(language)}{f' ({label})' if label else ''} × {line.quantity}")
    saved = ""
    if bill.discount:
        amount = formats.money(bill.discount, language)
        code = f" {bill.coupon.code}" if bill.coupon else ""
        saved = turn.pick(f"，已优惠 {amount}{code}", f", {amount} off{code}")
    turn.say(
        "ask_checkout_confirm",
        lines="\n".join(lines),
        total=formats.money(bill.total, language, rate=turn.shop.policies.shop.second_rate),
        shipping=turn.pick(
            f"运费 {formats.money(bill.shipping, 'zh')}", f"{formats.money(bill.shipping, 'en')} shipping included"
        )
        if bill.shipping
        else turn.pick("免运费", "free shipping"),
        saved=saved,
        contact=str(turn.slot("checkout_contact")),
        address=str(turn.slot("checkout_address")),
        buttons=[
            Button(turn.pick("确认下单", "Place the order"), f'/affirm{{"nonce": "{turn.slot("checkout_nonce")}"}}'),
            turn.button("换地址", "Change the address", '/inform{"again": "checkout_address"}'),
            turn.button("换联系人", "Change the contact", '/inform{"again": "checkout_contact"}'),
            turn.button("先不买", "Not now", "/deny"),
        ],
    )


def place_order(turn: Turn) -> None:
    """Writes the order, empties the basket and keeps the reservation in one transaction."""
    confirm, nonce = turn.slot("checkout_confirm"), str(turn.slot("checkout_nonce"))
    turn.set(checkout_confirm=None, checkout_nonce=None)
    if confirm == "sold_out":
        turn.set(checkout_contact=None, checkout_address=None)
        return  # validate_checkout_form has said what is missing
    if confirm is not True:
        turn.shop.ledger.release(nonce)
        turn.say("checkout_stopped", buttons=[turn.button("看购物车", "Show my cart")])
        return
    order = turn.shop.orders.placed_with(nonce) or _write(turn, nonce)
    if order is None:
        turn.say("cart_empty", buttons=[turn.button("有什么好推荐的", "Recommend something")])
        return
    turn.set(last_order=order.number, checkout_contact=None, checkout_address=None)
    turn.say(
        "order_placed",
        number=order.number,
        total=formats.money(order.total, turn.language, rate=turn.shop.policies.shop.second_rate),
        minutes=turn.shop.policies.payment.unpaid_order_minutes,
        dispatch=_dispatch(turn),
        buttons=[
            turn.button("有哪些支付方式", "How can I pay?"),
            turn.button("查看订单", "Track my order", f'/track_order{{"order_number": "{order.number}"}}'),
        ],
    )


def _write(turn: Turn, nonce: str) -> Order | None:
    lines = turn.shop.carts.lines(turn.owner)
    bill, catalog, shop = bill_of(turn), turn.shop.catalog, turn.shop
    owned = [(line, product) for line in lines if (product := catalog.of_sku(line.sku))]
    if not owned:
        return None
    contact = str(turn.slot("checkout_contact"))
    said = _PHONE.search(contact)
    phone = said.group() if said else ""
    customer = shop.customers.get(turn.customer_id) if turn.customer_id else None
    order = Order(
        number=str(secrets.randbelow(90_000_000) + 10_000_000),
        customer_id=turn.owner,
        status="pending_payment",
        placed_at=shop.clock(),
        paid_at=None,
        dispatched_at=None,
        delivered_at=None,
        goods_total=bill.goods,
        shipping_fee=bill.shipping,
        discount=bill.discount,
        total=bill.total,
        payment_method="",
        recipient=contact.replace(phone, "").strip(" ,，、;；") or contact,
        phone=phone,
        email=customer.email if customer else "",
        address=str(turn.slot("checkout_address")),
        carrier="",
        tracking="",
        tracking_events=(),
        lines=tuple(OrderLine(ln.sku, p.product_id, ln.quantity, p.price) for ln, p in owned),
        placed_key=nonce,
    )
    wanted = {line.sku: line.quantity for line, _ in owned}
    minutes = shop.policies.payment.unpaid_order_minutes + CONFIRM_MINUTES
    with shop.engine.begin() as connection:
        shop.ledger.reserve(wanted, key=nonce, ttl_seconds=minutes * 60, connection=connection)
        order = shop.orders.place(order, connection)
        shop.carts.clear(turn.owner, connection)
    for _, product in owned:
        shop.feedback.interacted(turn.owner, product.product_id, "purchase")
    return order


def _reserve(turn: Turn, nonce: str) -> bool:
    """Holds the whole basket for this checkout; says what is missing when it cannot."""
    wanted = {line.sku: line.quantity for line in turn.shop.carts.lines(turn.owner)}
    minutes = turn.shop.policies.payment.unpaid_order_minutes + CONFIRM_MINUTES
    try:
        turn.shop.ledger.reserve(wanted, key=nonce, ttl_seconds=minutes * 60)
    except OutOfStock as missing:
        product = turn.shop.catalog.of_sku(missing.sku)
        turn.say(
            "checkout_sold_out",
            name=product.name(turn.language) if product else missing.sku,
            wanted=missing.wanted,
            available=max(0, missing.available),
            buttons=[turn.button("看购物车", "Show my cart"), turn.button("有类似的吗", "Anything similar?")],
        )
        if product:
            turn.set(focus=product.product_id)
        return False
    return True


def _dispatch(turn: Turn) -> str:
    rules, now = turn.shop.policies.shipping, turn.shop.now()
    cutoff = f"{rules.cutoff:%H:%M}"
    if now.time() < rules.cutoff:
        return turn.pick(f"今天 {cutoff} 前付款，当天发出", f"Pay before {cutoff} and it leaves today")
    return turn.pick(
        f"付款后 {rules.dispatch_hours} 小时内发出", f"It leaves within {rules.dispatch_hours} hours of payment"
    )


ACTIONS = {
    "action_start_checkout": start_checkout,
    "action_change_checkout": change_checkout,
    "validate_checkout_form": validate_checkout_form,
    "action_ask_checkout_form_checkout_contact": ask_contact,
    "action_ask_checkout_form_checkout_address": ask_address,
    "action_ask_checkout_form_checkout_confirm": ask_confirm,
    "action_place_order": place_order,
}
