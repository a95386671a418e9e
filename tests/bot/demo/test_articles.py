"""The demo's articles: the same in both languages, well formed, and of one mind with the rules of the shop."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

DEMO = Path(__file__).parents[3] / "bot" / "demo"
RULES: dict[str, Any] = yaml.safe_load((DEMO / "policies.yml").read_text("utf-8"))
TOPICS = [
    "shipping",
    "delivery",
    "customs",
    "returns",
    "exchanges",
    "refunds",
    "damage",
    "warranty",
    "invoices",
    "pricing",
    "coupons",
    "membership",
    "payment",
    "orders",
    "account",
    "privacy",
    "gifts",
    "sizes",
    "care",
    "products",
    "stock",
    "service",
    "company",
]
ADVICE = {"sizes", "care", "products"}  # general knowledge: litres and years there are no rules of the shop


def read(path: Path) -> tuple[dict[str, Any], str]:
    _, front, body = path.read_text("utf-8").split("---\n", 2)
    return yaml.safe_load(front), body.strip()


ARTICLES = {lang: {p.stem: read(p) for p in sorted((DEMO / "articles" / lang).glob("*.md"))} for lang in ("zh", "en")}
EVERY = [(lang, slug) for lang, articles in ARTICLES.items() for slug in articles]


def test_both_languages_have_the_same_articles() -> None:
    assert ARTICLES["zh"].keys() == ARTICLES["en"].keys()
    assert len(ARTICLES["zh"]) >= 155
    assert {slug: meta["topic"] for slug, (meta, _) in ARTICLES["zh"].items()} == {
        slug: meta["topic"] for slug, (meta, _) in ARTICLES["en"].items()
    }
    assert {meta["topic"] for meta, _ in ARTICLES["en"].values()} == set(TOPICS)


@pytest.mark.parametrize(("lang", "slug"), EVERY)
def test_form(lang: str, slug: str) -> None:
    meta, body = ARTICLES[lang][slug]
    assert list(meta) == ["title", "topic", "questions", "updated"]
    assert isinstance(meta["updated"], date)
    assert 4 <= len(meta["questions"]) <= 7
    chinese = re.findall(r"[\u4e00-\u9fff]", " ".join([meta["title"], *meta["questions"], body]).replace("灯下", ""))
    if lang == "zh":
        assert 80 <= len(re.findall(r"[\u4e00-\u9fff]", body)) <= 320
    else:
        assert not chinese
        assert 60 <= len(body.split()) <= 180
    answer, *details = body.split("\n\n")
    assert 1 <= len(re.findall(r"[。！？]|[.!?](?=\s|$)", answer)) <= 2
    assert details


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_two_articles_claim_the_same_question(lang: str) -> None:
    articles = ARTICLES[lang].values()
    asked = Counter(q.casefold().rstrip("?？") for meta, _ in articles for q in meta["questions"])
    titles = Counter(meta["title"] for meta, _ in articles)
    assert [text for text, times in (asked + titles).items() if times > 1] == []


def rule(path: str) -> Any:
    value: Any = RULES
    for key in path.split("."):
        value = value[int(key) if key.isdigit() else key]
    return value


FIGURES = [  # article, rule that it must state, in both languages
    ("shipping-fee", "shipping.free_from shipping.fee shipping.remote_fee shipping.overseas_fee"),
    ("free-shipping", "shipping.free_from shipping.overseas_free_from"),
    ("remote-regions", "shipping.remote_fee shipping.remote_days"),
    ("dispatch-cutoff", "shipping.cutoff shipping.dispatch_hours"),
    ("dispatch-time", "shipping.cutoff shipping.dispatch_hours"),
    ("overseas-shipping-fee", "shipping.overseas_fee shipping.overseas_free_from shipping.overseas_days"),
    ("delivery-time", "shipping.days shipping.remote_days shipping.overseas_days shipping.cutoff"),
    ("overseas-delivery-time", "shipping.overseas_days shipping.no_tracking_update_hours"),
    ("tracking-stuck", "shipping.no_tracking_update_hours shipping.lost_after_days"),
    ("lost-parcel", "shipping.lost_after_days"),
    ("return-window", "returns.days returns.quality_days returns.exchange_days returns.postage"),
    ("return-postage", "returns.postage"),
    ("exchange-window", "returns.exchange_days returns.postage returns.quality_days"),
    ("refund-time", "refunds.to_wallet_days refunds.to_card_days refunds.inspection_days refunds.approval_above"),
    ("refund-wallet", "refunds.to_wallet_days"),
    ("refund-card", "refunds.to_card_days"),
    ("refund-approval", "refunds.approval_above"),
    ("return-inspection", "refunds.inspection_days"),
    ("quality-problem", "returns.quality_days"),
    ("damage-on-arrival", "returns.damage_report_hours"),
    ("wrong-item", "returns.damage_report_hours"),
    ("missing-item", "returns.damage_report_hours"),
    ("warranty-period", "warranty.default_months warranty.battery_months"),
    ("battery-warranty", "warranty.battery_months"),
    ("repair-time", "warranty.repair_days"),
    ("invoice-kinds", "invoice.electronic_hours invoice.paper_days"),
    ("invoice-request", "invoice.request_within_months"),
    ("price-protection", "price_protection.days"),
    ("coupons-available", "discounts.coupons.0.code discounts.coupons.0.amount discounts.coupons.0.min_spend"),
    ("coupons-available", "discounts.coupons.1.code discounts.coupons.1.amount discounts.coupons.1.min_spend"),
    ("first-order-coupon", "discounts.coupons.0.code discounts.coupons.0.amount discounts.coupons.0.min_spend"),
    ("student-discount", "discounts.student_percent"),
    ("bulk-orders", "discounts.bulk_from hours.agents_from hours.agents_to"),
    ("points-earning", "membership.points_per_yuan"),
    ("points-using", "membership.points_for_one_yuan"),
    ("points-expiry", "membership.points_valid_months"),
    ("membership-levels", "membership.levels.1.from membership.levels.2.from membership.levels.3.from"),
    ("membership-levels", "membership.levels.1.percent_off membership.levels.2.percent_off"),
    ("membership-levels", "membership.levels.3.percent_off"),
    ("birthday-coupon", "membership.birthday_coupon"),
    ("huabei-instalments", "payment.instalments.from payment.instalments.months"),
    ("cash-on-delivery", "payment.cash_on_delivery.max payment.cash_on_delivery.fee"),
    ("double-charge", "payment.double_charge_refund_days"),
    ("unpaid-order", "payment.unpaid_order_minutes"),
    ("currency", "shop.second_rate"),
    ("order-lookup-proof", "orders.bad_misses"),
    ("cart-reservation", "payment.unpaid_order_minutes"),
    ("gift-wrapping", "gifts.wrap_fee"),
    ("trade-in", "trade_in.quote_valid_days"),
    ("delete-data", "privacy.deletion_days"),
    ("data-stored", "privacy.retention_days"),
    ("opening-hours", "hours.agents_from hours.agents_to hours.wait_minutes"),
    ("contact", "shop.phone shop.email"),
]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("slug", "paths"), FIGURES)
def test_states_the_figures_of_the_rules(lang: str, slug: str, paths: str) -> None:
    body = ARTICLES[lang][slug][1].replace(",", "")
    for value in map(rule, paths.split()):
        span = "–".join(map(str, value)) if isinstance(value, list) and len(value) == 2 else None
        for figure in [span] if span else value if isinstance(value, list) else [value]:
            near = r"\d" if ":" in str(figure) else r"\d–"  # hours stand in a span, "09:00–22:00"
            assert re.search(rf"(?<![{near}]){re.escape(str(figure))}(?![{near}])", body), f"{figure} is not said"


def test_lists_are_complete() -> None:
    for slug, zh, en in [
        ("remote-regions", rule("shipping.remote_regions"), []),
        ("areas-served", [], rule("shipping.overseas")),
        ("payment-methods", rule("payment.methods_zh"), rule("payment.methods")),
        (
            "membership-levels",
            [x["zh"] for x in rule("membership.levels")],
            [x["en"] for x in RULES["membership"]["levels"]],
        ),
    ]:
        assert [name for name in zh if name not in ARTICLES["zh"][slug][1]] == []
        assert [name for name in en if name.casefold() not in ARTICLES["en"][slug][1].casefold()] == []


UNITS = {  # unit: how an article writes it, and the keys of the rules that hold such figures
    "days": (r"(?:\d+–)?\d+(?: ?天|[ -]days?\b)", r"(^|_)days$"),
    "hours": (r"\d+(?: ?小时|[ -]hours?\b)", r"_hours$"),
    "months": (r"\d+(?: ?个月|[ -]months?\b)", r"months$"),
    "minutes": (r"\d+(?: ?分钟|[ -]minutes?\b)", r"_minutes$"),
    "clock": (r"\d\d:\d\d", r"^(cutoff|agents_from|agents_to)$"),
    "percent": (r"\d+%", r"percent"),
    "yuan": (
        r"¥\d+|(?<![\d.])\d+ 元",
        r"^(fee|.*_fee|.*from|postage|approval_above|amount|min_spend|birthday_coupon|max)$",
    ),
}
ONE_YUAN = {("yuan", "1")}  # what points are earned by and worth


def figures(node: Any, key: str = "") -> set[tuple[str, str]]:
    """Every (unit, figure) of the rules; a two-ended span counts as one figure, "2–4"."""
    if isinstance(node, dict):
        return set(chain.from_iterable(figures(child, name) for name, child in node.items()))
    if isinstance(node, list) and any(isinstance(child, dict) for child in node):
        return set(chain.from_iterable(figures(child, key) for child in node))
    unit = next((unit for unit, (_, keys) in UNITS.items() if re.search(keys, key)), None)
    if unit is None:
        return set()
    if isinstance(node, list):
        return {(unit, "–".join(map(str, node)))} if len(node) == 2 else {(unit, str(child)) for child in node}
    return {(unit, str(node))}


def said(text: str) -> set[tuple[str, str]]:
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return {
        (unit, re.sub(r"[^\d:–]", "", match)) for unit, (shape, _) in UNITS.items() for match in re.findall(shape, text)
    }


SECTIONS = {  # where the days of a topic may come from; elsewhere any rule of the shop
    "returns": ["returns", "refunds", "price_protection"],
    "exchanges": ["returns", "refunds", "price_protection"],
    "damage": ["returns", "refunds"],
    "invoices": ["invoice"],
    "privacy": ["privacy"],
}


@pytest.mark.parametrize(("lang", "slug"), [key for key in EVERY if ARTICLES[key[0]][key[1]][0]["topic"] not in ADVICE])
def test_says_no_figure_that_is_not_a_rule(lang: str, slug: str) -> None:
    meta, body = ARTICLES[lang][slug]
    days_from = SECTIONS.get(meta["topic"], list(RULES))
    allowed = {f for f in figures(RULES) if f[0] != "days"} | ONE_YUAN
    allowed |= {f for section in days_from for f in figures(RULES[section], section) if f[0] == "days"}
    assert said(body) - allowed == set()


@pytest.mark.parametrize("slug", [s for s, (meta, _) in ARTICLES["en"].items() if meta["topic"] not in ADVICE])
def test_both_languages_say_the_same_figures(slug: str) -> None:
    for one, other in (("zh", "en"), ("en", "zh")):
        text = ARTICLES[other][slug][1].replace(",", "")
        here = said(ARTICLES[one][slug][1]) - ONE_YUAN
        assert [f for f in sorted(here) if not re.search(rf"(?<!\d){f[1]}(?!\d)", text)] == []
