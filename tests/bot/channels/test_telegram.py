"""Telegram: what proves a call, what is read from it, what is sent."""

import json

import httpx
import pytest

from bot.channels.base import RefusedCallError, Webhook
from bot.channels.telegram import Telegram
from bot.messages import BotMessage, Button, Card

SECRET = "s3cret_token-1"


def channel(calls: list | None = None) -> Telegram:
    def answer(request: httpx.Request) -> httpx.Response:
        (calls if calls is not None else []).append((request.url.path, json.loads(request.content)))
        return httpx.Response(200, json={"ok": True})

    return Telegram("12:abc", SECRET, client=httpx.AsyncClient(transport=httpx.MockTransport(answer)))


def call(update: object, secret: str = SECRET) -> Webhook:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    return Webhook("POST", {"x-telegram-bot-api-secret-token": secret}, {}, body)


def private(text: str) -> dict:
    return {"update_id": 7, "message": {"chat": {"id": 42, "type": "private"}, "text": text}}


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", SECRET[:-1]])
def test_a_call_without_the_secret_is_refused(secret):
    with pytest.raises(RefusedCallError):
        channel().receive(call(private("hi"), secret))


@pytest.mark.parametrize(("token", "secret"), [("", SECRET), ("12:abc", ""), ("12:abc", "with space")])
def test_half_a_configuration_does_not_start(token, secret):
    with pytest.raises(ValueError, match="DAOGOU_TELEGRAM"):
        Telegram(token, secret)


def test_a_text_is_read():
    (message,) = channel().receive(call(private("有货吗"))).messages
    assert (message.text, message.sender_id, message.channel, message.message_id) == (
        "有货吗",
        "telegram:42",
        "telegram",
        "7",
    )


def test_start_greets():
    assert channel().receive(call(private("/start"))).messages[0].text == "/greet"


@pytest.mark.parametrize(
    "update",
    [
        [],
        {},
        {"update_id": 1},
        {"update_id": "1", "message": {"chat": {"id": 1, "type": "private"}, "text": "hi"}},
        {"update_id": 1, "message": {"chat": {"id": 1, "type": "group"}, "text": "hi"}},
        {"update_id": 1, "message": {"chat": {"id": 1, "type": "private"}, "photo": []}},
        {"update_id": 1, "message": "hi"},
        {"update_id": 1, "callback_query": {"data": "x"}},
    ],
)
def test_other_updates_are_passed_over(update):
    assert channel().receive(call(update)).messages == ()


def test_a_body_that_is_no_json_is_refused():
    with pytest.raises(RefusedCallError):
        channel().receive(call(b"\xff"))


async def _send(message: BotMessage) -> tuple[Telegram, list]:
    calls: list = []
    telegram = channel(calls)
    await telegram.send("telegram:42", message)
    await telegram.close()
    return telegram, calls


def run(coroutine):
    import asyncio

    return asyncio.run(coroutine)


def test_buttons_and_cards_are_sent():
    card = Card("P1", "Mug", price=39.0, stock="In stock", buttons=(Button("Add", "/add"),))
    _, calls = run(_send(BotMessage(text="Here:", cards=(card,), buttons=(Button("Others", "others"),))))
    assert calls == [
        (
            "/bot12:abc/sendMessage",
            {
                "chat_id": "42",
                "text": "Here:\n1. Mug · CNY 39 · In stock",
                "reply_markup": {
                    "inline_keyboard": [
                        [{"text": "Others", "callback_data": "others"}],
                        [{"text": "Add", "callback_data": "/add"}],
                    ]
                },
            },
        )
    ]


def test_a_long_payload_comes_back_whole():
    payload = '/inform{"address": "' + "长" * 40 + '"}'
    telegram, calls = run(_send(BotMessage(text="?", buttons=(Button("yes", payload),))))
    data = calls[0][1]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert len(data.encode()) <= 64
    tap = {"update_id": 8, "callback_query": {"data": data, "message": {"chat": {"id": 42, "type": "private"}}}}
    assert telegram.receive(call(tap)).messages[0].text == payload


def test_a_long_text_is_split_under_the_limit():
    _, calls = run(_send(BotMessage(text="一句话。" * 2000)))
    texts = [body["text"] for _, body in calls]
    assert "".join(texts) == "一句话。" * 2000
    assert all(len(t) <= 4096 for t in texts)
