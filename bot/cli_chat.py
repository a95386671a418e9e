"""Talking on the terminal."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli_options import FileOption, ProjectOption, out, settings_of
from bot.messages import UserMessage

if TYPE_CHECKING:
    from bot.core import Core


def chat(
    project: ProjectOption = None,
    script: FileOption = None,
    customer: Annotated[str, typer.Option(help="Talk as this customer, e.g. C0001.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a turn.")] = False,
) -> None:
    """Talks on the terminal. With a script, each line is a turn of the customer."""
    from bot.core import build

    core = build(settings_of(project))
    asyncio.run(_chat(core, _lines(script), customer, as_json))


def _lines(script: Path | None) -> Iterator[str]:
    if script is not None:
        yield from (
            line for line in script.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")
        )
        return
    while True:
        try:
            yield input("» ")
        except (EOFError, KeyboardInterrupt):
            return


async def _chat(core: Core, lines: Iterator[str], customer: str, as_json: bool) -> None:
    sender_id = f"terminal-{uuid.uuid4().hex}"
    if core.services is not None:
        core.services.conversations.touch(sender_id, channel="terminal")
    if customer:
        if core.services is None:
            raise ValueError("--customer is for the shop; this project has no customers")
        if core.services.customers.get(customer) is None:
            raise ValueError(f"customer {customer!r} is unknown")
        await core.runtime.append_events(sender_id, [{"event": "slot", "name": "customer_id", "value": customer}])
    for line in lines:
        started = time.perf_counter()
        turn = await core.runtime.turn(UserMessage(line, sender_id, "terminal"))
        spent = (time.perf_counter() - started) * 1000
        if as_json:
            sys.stdout.write(json.dumps(_turn_json(line, turn, spent), ensure_ascii=False, default=str) + "\n")
            sys.stdout.flush()
        else:
            _show(line if sys.stdin.isatty() is False else "", turn)
    await core.runtime.close()


def _turn_json(user: str, turn: Any, spent: float) -> dict[str, Any]:
    parse = turn.parse
    return {
        "user": user,
        "intent": (parse.get("intent") or {}).get("name"),
        "confidence": (parse.get("intent") or {}).get("confidence"),
        "sentiment": parse.get("sentiment"),
        "language": parse.get("language"),
        "entities": parse.get("entities", []),
        "actions": turn.actions,
        "bot": [m.as_dict() for m in turn.messages],
        "slots": {k: v for k, v in turn.slots.items() if v is not None},
        "active_loop": turn.active_loop,
        "ms": round(spent, 1),
    }


def _show(line: str, turn: Any) -> None:
    if line:
        out.print(f"\n[bold cyan]» {line}[/bold cyan]", highlight=False)
    for message in turn.messages:
        if message.text:
            out.print(message.text, highlight=False, markup=False, soft_wrap=True)
        if message.image:
            out.print(f"  {message.image}", highlight=False, markup=False, soft_wrap=True, style="dim")
        for place, card in enumerate(message.cards, start=1):
            price = f"{card.currency} {card.price:g}" if card.price is not None else ""
            parts = " · ".join(p for p in (card.title, price, card.price_note, card.stock, card.reason) if p)
            out.print(f"  {place}. {parts}", highlight=False, markup=False, soft_wrap=True, style="green")
        for source in message.sources:
            out.print(f"  ↪ {source.title} ({source.url})", highlight=False, markup=False, style="dim")
        if message.buttons:
            titles = "  ".join(f"[{b.title}]" for b in message.buttons)
            out.print(f"  {titles}", highlight=False, markup=False, style="dim")
