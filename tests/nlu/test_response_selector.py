from pathlib import Path

import pytest

from nlu.encoders import HashingEncoder
from nlu.errors import NluError
from nlu.response_selector import ResponseSelector
from nlu.training_data import Sentence

SENTENCES = [
    *(Sentence(t, "faq", "ask_hours") for t in ("when are you open", "opening hours please", "are you open on sunday")),
    *(Sentence(t, "faq", "ask_place") for t in ("where is the shop", "what is your address", "how do I find the shop")),
    *(Sentence(t, "chitchat", "ask_name") for t in ("what is your name", "who are you", "your name please")),
    Sentence("hello", "greet"),
]
ENCODER = HashingEncoder()
FEATURES = ENCODER.features([s.text for s in SENTENCES])
RESPONSES = {"utter_faq/ask_hours": [{"text": "9 to 5"}], "utter_faq/ask_place": [{"text": "Main Street"}]}


def test_the_answer_is_chosen_in_rasas_form() -> None:
    selector = ResponseSelector.fit(FEATURES, SENTENCES, retrieval_intent="faq")
    text = "are you open on sunday"
    chosen = selector.select(ENCODER.features([text]), text, RESPONSES)
    confidence = chosen["response"]["confidence"]
    assert selector.name == "faq"
    assert chosen["response"] == {
        "responses": [{"text": "9 to 5"}],
        "confidence": confidence,
        "intent_response_key": "faq/ask_hours",
        "utter_action": "utter_faq/ask_hours",
    }
    assert [pair["intent_response_key"] for pair in chosen["ranking"]] == ["faq/ask_hours", "faq/ask_place"]
    assert chosen["ranking"][0]["confidence"] == confidence > 0.5


def test_one_for_all_retrieval_intents_and_one_without_a_choice(tmp_path: Path) -> None:
    whole = ResponseSelector.fit(FEATURES, SENTENCES)
    assert (whole.name, whole.keys) == ("default", ("chitchat/ask_name", "faq/ask_hours", "faq/ask_place"))
    lone = ResponseSelector.fit(FEATURES, SENTENCES, retrieval_intent="chitchat")
    chosen = lone.select(FEATURES[:1], "whatever", RESPONSES)
    assert chosen["response"]["utter_action"] == "utter_chitchat/ask_name"
    assert chosen["response"]["responses"] == [{"text": "chitchat/ask_name"}]  # the domain has none, as Rasa then says
    for i, selector in enumerate((whole, lone)):
        selector.save(tmp_path, i)
        loaded = ResponseSelector.load(tmp_path, i)
        assert loaded.keys == selector.keys
        text = SENTENCES[0].text
        shown, again = (one.select(FEATURES[:1], text, RESPONSES) for one in (selector, loaded))
        assert again["response"]["utter_action"] == shown["response"]["utter_action"]
        assert again["response"]["confidence"] == pytest.approx(shown["response"]["confidence"], abs=0.02)
    with pytest.raises(NluError, match="train it again"):
        ResponseSelector.load(tmp_path, 2)


def test_without_retrieval_intents_nothing_is_chosen() -> None:
    chosen = ResponseSelector.fit(FEATURES[-1:], SENTENCES[-1:]).select(FEATURES[-1:], "hello", {})
    assert chosen["ranking"] == []
    assert chosen["response"]["intent_response_key"] is None
