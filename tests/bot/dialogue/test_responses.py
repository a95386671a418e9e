import itertools
from pathlib import Path

import pytest

from bot.dialogue.bot_event import event_of_message, event_of_response, message_of_event, rest_payload
from bot.dialogue.domain_file import read_domain
from bot.dialogue.responses import Responses, fill, fill_text, suitable
from bot.dialogue.tracker import Tracker
from bot.dialogue.yaml_file import parse_yaml
from bot.events import slot_set
from bot.messages import BotMessage, Button, Card, Source

VALUES = {"name": "Ada", "n": 3, "none": None, "order": {"id": "A1", "total": {"cny": 9}}, "price": "¥5 {x}"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("hi {name}, {n}", "hi Ada, 3"),
        ("{none}", "None"),
        ("{{name}} stays", "{name} stays"),
        ("{unknown} and {name}", "{unknown} and {name}"),
        ('/inform{"size": "L"}', '/inform{"size": "L"}'),
        ("{order.id}: {order.total.cny}", "A1: 9"),
        ("{order.nothing}", "{order.nothing}"),
        ("{name.first}", "{name.first}"),
        ("costs {price}", "costs ¥5 {x}"),
        ("50 % { of", "50 % { of"),
        ("{name!r} {n:03}", "{name!r} {n:03}"),
        ("{name.__class__}", "{name.__class__}"),
        ("", ""),
    ],
)
def test_places_in_a_text(text: str, filled: str) -> None:
    assert fill(({"text": text}), VALUES)["text"] == filled


def test_places_everywhere_in_a_response() -> None:
    variation = {
        "text": "{name}",
        "buttons": [{"title": "{n}", "payload": '/a{"b": "{name}"}'}],
        "custom": {"deep": [{"x": "{name}"}], "number": 1},
        "elements": [{"title": "{name}"}],
    }
    assert fill(variation, VALUES) == {
        "text": "Ada",
        "buttons": [{"title": "3", "payload": '/a{"b": "{name}"}'}],
        "custom": {"deep": [{"x": "Ada"}], "number": 1},
        "elements": [{"title": "{name}"}],
    }
    assert variation["text"] == "{name}"


def test_positional_tricks_reach_nothing() -> None:
    assert fill_text("{0.__class__}", {}) == "{0.__class__}"


ZH = {"text": "zh", "condition": [{"type": "slot", "name": "language", "value": "zh"}]}
ZH_SLACK = {**ZH, "text": "zh slack", "channel": "slack"}
SLACK = {"text": "slack", "channel": "slack"}
PLAIN = {"text": "plain"}


@pytest.mark.parametrize(
    ("variations", "slots", "channel", "texts"),
    [
        ([PLAIN, ZH], {"language": "zh"}, "web", ["zh"]),
        ([PLAIN, ZH], {"language": "ZH"}, "web", ["zh"]),
        ([PLAIN, ZH], {"language": "en"}, "web", ["plain"]),
        ([ZH], {"language": "en"}, "web", []),
        ([PLAIN, ZH, SLACK, ZH_SLACK], {"language": "zh"}, "slack", ["zh slack"]),
        ([PLAIN, ZH, SLACK], {"language": "zh"}, "slack", ["slack"]),
        ([PLAIN, SLACK], {}, "web", ["plain"]),
        ([SLACK], {}, "web", []),
        ([PLAIN, PLAIN], {}, None, ["plain", "plain"]),
    ],
)
def test_which_variations_fit(variations, slots, channel, texts) -> None:
    assert [variation["text"] for variation in suitable(variations, slots, channel)] == texts


DOMAIN = read_domain(
    [(Path("d.yml"), parse_yaml("responses: {utter_a: [{text: a}, {text: b}, {text: c}], utter_s: [{text: only}]}"))]
)


def test_never_the_same_variation_twice_in_a_row() -> None:
    responses, tracker = Responses(DOMAIN, 7), Tracker(DOMAIN)
    said = [responses.render("utter_a", tracker)["text"] for _ in range(50)]
    assert set(said) == {"a", "b", "c"}
    assert all(one != other for one, other in itertools.pairwise(said))
    again = Responses(DOMAIN, 7)
    assert [again.render("utter_a", tracker)["text"] for _ in range(50)] == said


def test_one_variation_is_said_always_and_none_never() -> None:
    responses, tracker = Responses(DOMAIN), Tracker(DOMAIN)
    assert [responses.render("utter_s", tracker) for _ in range(2)] == [{"text": "only"}] * 2
    assert responses.render("utter_missing", tracker) is None


def test_messages_pass_through_events_unharmed() -> None:
    message = BotMessage(
        text="Two for you",
        buttons=(Button("More", "/more"),),
        cards=(Card("p1", "Shoe", price=9.5, buttons=(Button("Buy", "/buy"),)),),
        sources=(Source("Returns", "/a/1"),),
        image="http://x/y.png",
        custom={"a": 1},
        metadata={"utter_action": "utter_x"},
    )
    assert message_of_event(event_of_message(message)) == message


def test_the_form_of_rasas_rest_channel() -> None:
    event = event_of_response(
        {
            "text": "One\n\nTwo",
            "image": "http://i",
            "custom": {"a": 1},
            "elements": [{"title": "T", "subtitle": "S"}],
            "utter_action": "utter_x",
            "id": "7",
        }
    )
    assert event["metadata"] == {"utter_action": "utter_x", "id": "7"}
    assert event["data"]["attachment"] == "http://i"
    assert rest_payload([message_of_event(event)], "ada") == [
        {"recipient_id": "ada", "text": "One"},
        {"recipient_id": "ada", "text": "Two"},
        {"recipient_id": "ada", "custom": {"a": 1}},
        {"recipient_id": "ada", "image": "http://i"},
        {"recipient_id": "ada", "text": "T : S", "buttons": []},
    ]


def test_buttons_keep_what_a_channel_knows_of_them() -> None:
    raw = [{"title": "Site", "type": "web_url", "url": "http://s"}]
    message = message_of_event(event_of_response({"text": "a\n\nb", "buttons": raw}))
    assert message.buttons == (Button("Site", "http://s"),)
    assert rest_payload([message], "ada") == [{"recipient_id": "ada", "text": "a\n\nb", "buttons": raw}]


def test_cards_and_sources_go_with_the_first_part() -> None:
    message = BotMessage("a\n\nb", cards=(Card("p", "P"),), sources=(Source("S", "u"),))
    first, second = rest_payload([message], "ada")
    assert (first["cards"][0]["id"], first["sources"], second) == (
        "p",
        ({"title": "S", "url": "u"},),
        {"recipient_id": "ada", "text": "b"},
    )


def test_slots_fill_responses() -> None:
    domain = read_domain(
        [
            (
                Path("d.yml"),
                parse_yaml("slots: {a: {type: text, mappings: []}}\nresponses: {utter_a: [{text: '{a} {b}'}]}"),
            )
        ]
    )
    tracker = Tracker(domain, events=[slot_set("a", "x")])
    assert Responses(domain).render("utter_a", tracker, {"b": "y"}) == {"text": "x y"}
