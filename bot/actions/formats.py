"""Numbers, money, dates and names as a reader of the language expects them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.policies import Shop

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
STATUS = {
    "pending_payment": ("待付款", "waiting for payment"),
    "paid": ("已付款，待发货", "paid, not sent yet"),
    "packed": ("已打包，即将发出", "packed, about to leave"),
    "dispatched": ("运输中", "on its way"),
    "delivered": ("已送达", "delivered"),
    "cancelled": ("已取消", "cancelled"),
    "return_requested": ("退货处理中", "being returned"),
    "returned": ("已收到退货", "returned, being checked"),
    "refunded": ("已退款", "refunded"),
    "exchange_requested": ("换货处理中", "being exchanged"),
}


def status(code: str, language: str) -> str:
    zh, en = STATUS[code]
    return zh if language == "zh" else en


def number(value: float) -> str:
    """1234.50 → 1,234.5; whole numbers without a point."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def money(amount: float, language: str, *, rate: float | None = None) -> str:
    """CNY: 298 元 / ¥298; with a rate, English adds the second currency: ¥298 (about $41)."""
    if language == "zh":
        return f"{number(amount)} 元"
    second = f" (about ${number(round(amount / rate))})" if rate else ""
    return f"¥{number(amount)}{second}"


def second_money(amount: float, shop: Shop) -> str:
    """about $41, at the shop's own rate"""
    sign = {"USD": "$", "EUR": "€", "GBP": "£"}.get(shop.second_currency, f"{shop.second_currency} ")
    return f"about {sign}{number(round(amount / shop.second_rate))}"


def day(moment: date, language: str) -> str:
    """11月22日 / 22 Nov"""
    if language == "zh":
        return f"{moment.month}月{moment.day}日"
    return f"{moment.day} {_MONTHS[moment.month - 1]}"


def day_and_hour(moment: datetime, language: str) -> str:
    """11月22日 15:04 / 22 Nov, 15:04"""
    return f"{day(moment, language)}{' ' if language == 'zh' else ', '}{moment:%H:%M}"


def span(days: Sequence[int], language: str) -> str:
    """(2, 4) → 2–4 天 / 2–4 days; (1, 1) → 1 天 / 1 day"""
    low, high = days
    text = f"{low}" if low == high else f"{low}–{high}"
    if language == "zh":
        return f"{text} 天"
    return f"{text} day{'' if high == 1 else 's'}"


def listed(names: Sequence[str], language: str) -> str:
    """红、黄和蓝 / red, yellow and blue"""
    if len(names) < 2:
        return "".join(names)
    glue, last = ("、", "和") if language == "zh" else (", ", " and ")
    return glue.join(names[:-1]) + last + names[-1]


def masked_phone(phone: str) -> str:
    """Only the last four digits."""
    digits = "".join(c for c in phone if c.isdigit())
    return f"***{digits[-4:]}" if len(digits) >= 4 else "***"


def masked_address(address: str) -> str:
    """The first third: enough to recognise, not enough to find."""
    keep = max(3, len(address) // 3)
    return address[:keep] + "…"
