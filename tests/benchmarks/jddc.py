"""How the shop's model reads real customers: turns of JD.com's customer service (JDDC), whose labels are mapped to our intents.

python tests/benchmarks/jddc.py jddc_intents.csv.gz [--split test]
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.settings import Settings
from nlu.encoders import E5Encoder
from nlu.parse import FALLBACK
from nlu.pipeline import Pipeline

# JDDC's label and the intents of INTENTS that cover it: its labels name topics, ours what is wanted, so that one topic may
# hold several wishes (a question about the rule, and the wish to return). Any of them is right; labels not here have none.
MAPPED: dict[str, tuple[str, ...]] = {
    "订单状态解释": ("track_order",),
    "物流全程跟踪": ("track_order",),
    "联系配送": ("track_order",),
    "订单签收异常": ("track_order",),
    "提前配送": ("track_order",),
    "什么时间出库": ("track_order", "delivery_period"),
    "配送周期": ("delivery_period", "track_order"),
    "能否配送": ("delivery_period", "faq"),
    "联系客服": ("contact_human_agent",),
    "投诉": ("complaint", "contact_human_agent"),
    "价保申请流程": ("price_protection",),
    "价保记录查询": ("price_protection",),
    "无法申请价保": ("price_protection",),
    "价保条件": ("price_protection", "faq"),
    "修改订单": ("change_order", "change_shipping_address"),
    "如何取消订单": ("cancel_order",),
    "查询取消是否成功": ("cancel_order",),
    "拒收": ("return_item", "cancel_order"),
    "申请退款": ("return_item", "cancel_order"),
    "返回方式": ("return_item", "exchange_item", "faq"),
    "售后运费": ("return_item", "faq"),
    "保修返修及退换货政策": ("return_item", "exchange_item", "warranty_claim", "faq"),
    "返修退换货处理周期": ("return_item", "exchange_item", "warranty_claim", "track_refund", "faq"),
    "正常退款周期": ("track_refund", "faq"),
    "退款到哪儿": ("track_refund",),
    "在哪里查询退款": ("track_refund",),
    "退款异常": ("track_refund",),
    "补发": ("report_damage",),
    "少商品与少配件": ("report_damage",),
    "物流损": ("report_damage",),
    "发错货": ("report_damage",),
    "保修期保质期": ("warranty_claim", "product_details", "faq"),
    "是否全国联保": ("warranty_claim", "faq"),
    "延保服务": ("warranty_claim", "faq"),
    "售后维修点查询": ("warranty_claim", "faq"),
    "发票退换修改": ("get_invoice",),
    "查看发票": ("get_invoice",),
    "填写发票信息": ("get_invoice",),
    "增票相关": ("get_invoice",),
    "电子发票": ("get_invoice",),
    "补发票": ("get_invoice",),
    "是否提供发票": ("get_invoice", "faq"),
    "在线支付": ("payment_methods", "payment_issue"),
    "支付方式": ("payment_methods",),
    "货到付款": ("payment_methods",),
    "分期付款": ("payment_methods",),
    "白条使用流程": ("payment_methods",),
    "白条分期手续费": ("payment_methods", "faq"),
    "公司转账": ("payment_methods",),
    "微信支付": ("payment_methods",),
    "近期活动咨询": ("ask_discount",),
    "能否优惠": ("ask_discount",),
    "优惠券获得方式": ("ask_discount",),
    "促销形式": ("ask_discount", "faq"),
    "属性咨询": ("product_details",),
    "使用咨询": ("product_details", "warranty_claim"),
    "商品介绍": ("product_details",),
    "包装清单": ("product_details",),
    "生产日期": ("product_details",),
    "商品价格咨询": ("product_details", "ask_discount"),
    "商品比较": ("product_compare",),
    "商品检索": ("product_search",),
    "库存状态": ("check_stock",),
    "补货时间": ("check_stock", "restock_notify"),
    "PLUS会员": ("membership",),
    "登录问题": ("account_problem",),
    "支付密码": ("account_problem",),
    "账户安全": ("account_problem",),
    "正品保障": ("faq", "product_details"),
    "售前运费多少": ("faq",),
}
_SATISFACTION = {"0": "low", "1": "neutral", "2": "high"}
Row = dict[str, str]


def intents(rows: Sequence[Row], found: Sequence[str]) -> dict[str, Any]:
    """`found` are the intents read in the rows."""
    right: dict[str, list[bool]] = defaultdict(list)
    wrong: Counter[tuple[str, str]] = Counter()
    answers: dict[str, Counter[str]] = {"OTHER": Counter(), "without an intent of ours": Counter()}
    for row, intent in zip(rows, found, strict=True):
        fitting = MAPPED.get(row["intent"])
        if fitting is None:
            answers["OTHER" if row["intent"] == "OTHER" else "without an intent of ours"][intent] += 1
            continue
        right[row["intent"]].append(intent in fitting)
        wrong[row["intent"], intent] += intent not in fitting
    every = [hit for hits in right.values() for hit in hits]
    answered = [hit for row, hit in _mapped(rows, found) if row != FALLBACK]
    by_first: dict[str, list[bool]] = defaultdict(list)
    for label, hits in right.items():
        by_first[MAPPED[label][0]] += hits
    return {
        "mapped_turns": len(every),
        "accuracy": _share(every),
        "answered": round(len(answered) / len(every), 4),
        "accuracy_of_answered": _share(answered),
        "macro_accuracy_over_labels": round(float(np.mean([np.mean(hits) for hits in right.values()])), 4),
        "by_intent": {k: [len(v), _share(v)] for k, v in sorted(by_first.items(), key=lambda i: -len(i[1]))},
        "by_label": {k: [len(v), _share(v)] for k, v in sorted(right.items(), key=lambda i: -len(i[1])) if len(v) > 9},
        "confusions": [[*pair, n] for pair, n in wrong.most_common(15)],
        "unmapped": {name: [sum(c.values()), c.most_common(8)] for name, c in answers.items()},
    }


def moods(rows: Sequence[Row], labels: Sequence[str], scores: Sequence[float]) -> dict[str, Any]:
    """The satisfaction that people rated against the mood read in the turn alone."""
    result: dict[str, Any] = {}
    for key, name in _SATISFACTION.items():
        own = [i for i, row in enumerate(rows) if row["satisfaction"] == key]
        counts = Counter(labels[i] for i in own)
        shares = {mood: round(counts[mood] / len(own), 4) for mood in ("negative", "neutral", "positive")}
        result[name] = {"n": len(own), **shares, "mean_score": round(float(np.mean([scores[i] for i in own])), 4)}
    return result


def _mapped(rows: Sequence[Row], found: Sequence[str]) -> list[tuple[str, bool]]:
    pairs = zip(rows, found, strict=True)
    return [(intent, intent in MAPPED[row["intent"]]) for row, intent in pairs if row["intent"] in MAPPED]


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / max(len(hits), 1), 4)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("data", type=Path)
    asked.add_argument("--split", default="test")
    options = asked.parse_args()
    with gzip.open(options.data, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == options.split and row["text"].strip()]
    settings = Settings()
    pipeline = Pipeline.load(settings.models / "nlu", encoder=E5Encoder(settings.models / "encoder"))
    parses = pipeline.parse_many([row["text"] for row in rows])
    names = [parse.intent for parse in parses]
    result = {
        "turns": len(rows),
        "labels": len({row["intent"] for row in rows}),
        "labels_mapped": len({row["intent"] for row in rows} & MAPPED.keys()),
        **intents(rows, names),
        "satisfaction": moods(rows, [p.sentiment for p in parses], [p.sentiment_score for p in parses]),
    }
    print(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
