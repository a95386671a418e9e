"""What a message means beside what is on the screen."""

import pytest

from bot.actions.hearing import in_context, payload_of, tapped


def bot(*buttons):
    return {"event": "bot", "data": {"buttons": [{"title": title, "payload": payload} for title, payload in buttons]}}


USER = {"event": "user", "text": "hi"}
PERSONAL = ("Personal", '/inform{"again": "personal"}')


@pytest.mark.parametrize(
    ("text", "latest_first", "payload"),
    [
        ("personal", [bot(PERSONAL), USER], PERSONAL[1]),
        (" Personal ", [{"event": "action"}, bot(("Other", "/deny")), bot(PERSONAL), USER], PERSONAL[1]),
        ("personal", [USER, bot(PERSONAL)], None),  # offered before, not now
        ("personal please", [bot(PERSONAL), USER], None),
        ("Cheaper", [bot(("Cheaper", "Cheaper")), USER], None),  # its title is what it sends
        ("personal", [{"event": "bot", "data": None}, USER], None),
    ],
)
def test_a_title_typed_is_a_tap(text, latest_first, payload):
    assert payload_of(text, latest_first) == payload


def test_what_a_tap_means():
    found = tapped(PERSONAL[1])
    assert found["intent"] == {"name": "inform", "confidence": 1.0}
    assert [(e["entity"], e["value"]) for e in found["entities"]] == [("again", "personal")]


@pytest.mark.parametrize(
    ("text", "intent", "slots", "meant"),
    [
        ("undo", "nlu_fallback", {"shown": ["P1"]}, "refine_search"),
        ("go back to the ones before", "goodbye", {"shown": ["P1"]}, "refine_search"),
        ("the cheapest", "inform", {"shown": ["P1"]}, "refine_search"),
        ("撤回", "cancel_order", {"shown": ["P1"]}, "refine_search"),
        ("价格最低的是哪个", "nlu_fallback", {"shown": ["P1"]}, "refine_search"),
        ("the cheapest", "inform", {}, "inform"),
        ("贵了", "price_protection", {"shown": ["P1"]}, "refine_search"),
        ("贵了", "price_protection", {}, "price_protection"),
        ("add the cheapest to my cart", "add_to_cart", {"shown": ["P1"]}, "add_to_cart"),
        ("bye", "goodbye", {"shown": ["P1"]}, "goodbye"),
        ("I have to go back home now, thanks for everything you did", "goodbye", {"shown": ["P1"]}, "goodbye"),
    ],
)
def test_in_context(text, intent, slots, meant):
    parse = {"text": text, "intent": {"name": intent, "confidence": 0.5}, "entities": []}
    assert in_context(parse, slots)["intent"]["name"] == meant


LOOKING = {"shown": ["P1"], "search": {"wish": {"recipient": "mother"}}}
LONG = "我平时每周跑三次，每次五公里，膝盖不太好，想要一双缓震好、透气、五百到八百的跑鞋，晚上跑，最好能反光"


@pytest.mark.parametrize(
    ("text", "intent", "kinds", "slots", "meant"),
    [
        ("她喜欢喝茶", "praise", ["category"], LOOKING, "product_search"),
        ("she loves reading", "praise", [], LOOKING, "product_search"),
        ("she loves reading", "praise", [], {"shown": ["P1"], "search": {"wish": {"category": ["tea"]}}}, "praise"),
        ("很喜欢，谢谢", "praise", ["category"], LOOKING, "praise"),
        (LONG, "product_details", ["category", "price", "attribute"], {}, "product_search"),
        (LONG, "product_details", ["category", "price", "ordinal"], {}, "product_details"),
        ("三个人用的帐篷", "inform", ["category", "size"], {"requested_slot": "order_proof"}, "product_search"),
        ("三个人用的帐篷", "inform", ["category", "order_number"], {"requested_slot": "order_proof"}, "inform"),
        ("换成帐篷吧", "exchange_item", ["category"], {"shown": ["P1"]}, "product_search"),
        ("换成帐篷吧", "exchange_item", ["category"], {"shown": ["P1"], "last_order": "10086"}, "exchange_item"),
        ("那算了 看看背包", "deny", ["category"], {"shown": ["P1"]}, "product_search"),
        ("那算了 看看背包", "deny", ["category"], {"requested_slot": "order_confirm"}, "deny"),
        ("???", "out_of_scope", [], {}, "nlu_fallback"),
        ("🙏", "thank", [], {}, "thank"),
        ("i changed my mind, go back to the coffee things", "return_item", ["category"], LOOKING, "refine_search"),
    ],
)
def test_wishes_that_the_intent_does_not_tell(text, intent, kinds, slots, meant):
    entities = [{"entity": kind, "value": "x"} for kind in kinds]
    parse = {"text": text, "intent": {"name": intent, "confidence": 0.7}, "entities": entities}
    assert in_context(parse, slots)["intent"]["name"] == meant
