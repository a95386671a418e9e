"""Two talks from the door to a person, as the terminal holds them: each line with what it must lead to."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "scripts"

ZH = [
    ("在吗", "action_greet", "灯下"),
    ("运费怎么算？", "action_faq", "99"),
    ("想买个五百以内的蓝牙音箱", "action_product_search", "500 元以内"),
    ("要防水的", "action_refine_search", "防水"),
    ("为什么推荐这些", "action_why_recommended", "防水"),
    ("第一个能用多久", "action_product_details", "小时"),
    ("第一个和第二个哪个好", "action_product_compare", "①.*②"),
    ("第二个绿色的有货吗", "action_check_stock", "绿色.*有"),
    ("加入购物车", "action_put_in_cart", "绿色.*合计"),
    ("看下我的购物车", "action_view_cart", "× 1"),
    ("结算", "checkout_form", "手机号"),
    ("退货政策是什么", "action_faq", "7 天[^$]*手机号"),
    ("王小雨 13800001234", "checkout_form", "哪里"),
    ("上海市静安区南京西路 100 号 5 楼", "checkout_form", "确认下单"),
    ("对，就这样", "action_place_order", r"订单号 \d{8}"),
    ("我的快递到哪了，订单 10086", "order_form", "后四位|邮箱"),
    ("lin@example.com", "action_order_task", "10086"),
    ("另外10087我想退货，不太合适", "order_form", "."),
    ("lin@example.com", "order_form", "10087"),
    ("你们也太慢了吧，等了这么久，我要投诉！", "action_complaint", "抱歉|对不起|不好意思"),
    ("转人工", "action_handoff", "转人工|同事"),
    ("谢谢", "utter_thank", "."),
]
EN = [
    ("hi there", "action_greet", "Lantern Lane"),
    ("what's your return policy?", "action_faq", "7 days"),
    ("I'm looking for running shoes under $80", "action_product_search", "running shoes"),
    ("in black please", "action_refine_search", "black"),
    ("something cheaper", "action_refine_search", "."),
    ("why are you showing me these?", "action_why_recommended", "black"),
    ("do you have the first one in size 42?", "action_check_stock", "42"),
    ("add it to my cart", "action_put_in_cart", r"black 42.*¥\d+"),
    ("what goes with it?", "action_recommend_bundle", "."),
    ("what's in my basket?", "action_view_cart", "× 1"),
    ("check out", "checkout_form", "phone"),
    ("Emma Clarke +44 7700 900123", "checkout_form", "[Ww]here"),
    ("12 Baker Street, London NW1 6XE, United Kingdom", "checkout_form", "Shall I place the order"),
    ("yes", "action_place_order", r"Order \d{8} is placed"),
    ("where is order 20086?", "order_form", "digits|e-mail"),
    ("emma@example.com", "action_order_task", "20086"),
    ("I want to send something back", "action_order_task|order_form", "."),
    ("this is ridiculous, I've been waiting for two weeks and nobody answers!", "action_complaint", "sorry"),
    ("get me a human", "action_handoff", "through|colleague|in line"),
    ("thanks, bye", "action_goodbye", "."),
]


@pytest.mark.parametrize(("name", "expected"), [("zh", ZH), ("en", EN)])
def test_talk(name, expected, demo_settings):
    script = SCRIPTS / f"{name}.txt"
    said = [line for line in script.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert said == [line for line, _, _ in expected]
    env = os.environ | {"DAOGOU_HOME": str(demo_settings.home), "DAOGOU_TODAY": demo_settings.today}
    command = [sys.executable, "-m", "bot.cli", "chat", "--script", str(script), "--json"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = []
    for turn, (line, action, words) in zip(turns, expected, strict=True):
        text = "\n".join(m.get("text", "") for m in turn["bot"])
        if not set(action.split("|")) & set(turn["actions"]) or not re.search(words, text, re.S) or "{" in text:
            wrong.append((line, turn["intent"], turn["actions"], text))
    assert wrong == []
    spoken = {"zh": r"[一-鿿]", "en": r"^[^一-鿿]*$"}[name]
    assert all(re.search(spoken, t["bot"][0]["text"]) for t in turns if t["bot"] and "20086" not in t["bot"][0]["text"])
