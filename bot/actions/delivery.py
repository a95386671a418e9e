"""How long a delivery takes, to the place that was named, and when an order placed now would leave."""

from __future__ import annotations

from bot.actions import formats
from bot.actions.order_words import money
from bot.actions.places import kind_of_place, not_served
from bot.actions.turn import Turn


def delivery_period(turn: Turn, *, postage: bool = False) -> None:
    """With `postage` the cost was asked for: it comes first."""
    rules = turn.shop.policies.shipping
    said = turn.text + " " + " ".join(str(a) for a in turn.entities("address"))
    kind, other = kind_of_place(rules, said), not_served(rules, said)
    buttons = [
        turn.button("运费怎么算", "What does shipping cost?"),
        turn.button("我的快递到哪了", "Where's my order?"),
    ]
    if other:
        turn.say("delivery_not_served", place=other, buttons=buttons)
    elif kind is not None:
        days = {"mainland": rules.days, "remote": rules.remote_days, "overseas": rules.overseas_days}[kind]
        fees = {
            "mainland": turn.pick(
                f"满 {money(turn, rules.free_from)}包邮，不满收 {money(turn, rules.fee)}",
                f"free from {money(turn, rules.free_from)}, otherwise {money(turn, rules.fee)}",
            ),
            "remote": turn.pick(
                f"运费 {money(turn, rules.remote_fee)}", f"shipping is {money(turn, rules.remote_fee)}"
            ),
            "overseas": turn.pick(
                f"运费 {money(turn, rules.overseas_fee)}，满 {money(turn, rules.overseas_free_from)}免",
                f"shipping is {money(turn, rules.overseas_fee)}, free from {money(turn, rules.overseas_free_from)}",
            ),
        }
        fee = fees[kind][:1].upper() + fees[kind][1:] if postage else fees[kind]
        turn.say(
            "delivery_postage" if postage else f"delivery_{kind}",
            days=formats.span(days, turn.language),
            fee=fee,
            leaves=leaves(turn),
            buttons=buttons,
        )
    else:
        turn.say(
            "delivery_general",
            days=formats.span(rules.days, turn.language),
            remote_days=formats.span(rules.remote_days, turn.language),
            overseas_days=formats.span(rules.overseas_days, turn.language),
            leaves=leaves(turn),
            buttons=buttons,
        )


def leaves(turn: Turn) -> str:
    """When an order paid now goes out, by the shop's clock."""
    rules, now = turn.shop.policies.shipping, turn.shop.now()
    cutoff = f"{rules.cutoff:%H:%M}"
    if now.time() < rules.cutoff:
        return turn.pick(f"今天 {cutoff} 前付款，当天发出", f"Paid before {cutoff} today, it leaves today")
    return turn.pick(
        f"现在付款，{rules.dispatch_hours} 小时内发出", f"Paid now, it leaves within {rules.dispatch_hours} hours"
    )


ACTIONS = {"action_delivery_period": delivery_period}
