"""Events and messages of any kind, over HTTP: each is taken or refused with a sentence, and none is lost."""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import EVENT_NAMES

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
NAMES = st.sampled_from(
    ["color", "size", "tags", "age", "ok", "f", "utter_hi", "action_listen", "action_restart", "nope"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ENTITY = st.fixed_dictionaries({"entity": st.sampled_from(["color", "city"]), "value": JSON}, optional={"role": JSON})
PARSE = st.fixed_dictionaries(
    {
        "intent": st.fixed_dictionaries(
            {"name": st.sampled_from(["hi", "inform", "book", None])}, optional={"confidence": JSON}
        )
    },
    optional={"entities": st.lists(ENTITY | JSON, max_size=2), "intent_ranking": JSON, "text": JSON},
)
FIELDS = {
    "name": NAMES | JSON,
    "value": JSON,
    "text": st.text(max_size=10) | JSON,
    "parse_data": PARSE | JSON,
    "metadata": JSON,
    "data": JSON,
    "timestamp": st.floats(0, 2e9) | JSON,
    "policy": JSON,
    "confidence": JSON,
    "action_text": JSON,
    "hide_rule_turn": JSON,
    "entities": st.lists(ENTITY, max_size=2) | JSON,
    "is_interrupted": JSON,
    "validate": JSON,
    "use_text_for_featurization": JSON,
    "intent": st.sampled_from(["hi", "book"]) | JSON,
    "date_time": st.datetimes().map(lambda at: at.isoformat()) | JSON,
    "kill_on_user_msg": JSON,
    "input_channel": JSON,
    "message_id": JSON,
}
EVENT = st.fixed_dictionaries({"event": st.sampled_from(sorted(EVENT_NAMES))}, optional=FIELDS)
# Those that a client would send: with the right fields, so that most are taken.
SOUND = st.one_of(
    st.builds(lambda name, value: {"event": "slot", "name": name, "value": value}, NAMES, JSON),
    st.builds(lambda name: {"event": "action", "name": name}, NAMES),
    st.builds(lambda name: {"event": "active_loop", "name": name}, st.sampled_from(["f", None, "nope"])),
    st.builds(lambda parse: {"event": "user", "text": "x", "parse_data": parse}, PARSE),
    st.builds(lambda name: {"event": "followup", "name": name}, NAMES),
    st.sampled_from([{"event": name} for name in ("restart", "rewind", "undo", "pause", "resume", "reset_slots")]),
    st.builds(lambda name: {"event": "action_execution_rejected", "name": name}, NAMES),
)
MESSAGE = st.sampled_from(
    ["/hi", "/book", "/stop", '/inform{"color": "red"}', '/inform{"color": {"a": [1]}}', "m", "/restart"]
)
STEP = st.one_of(
    st.lists(SOUND, min_size=1, max_size=3).map(lambda events: ("events", events)),
    st.lists(EVENT, min_size=1, max_size=2).map(lambda events: ("events", events)),
    (EVENT | JSON).map(lambda body: ("events", body)),
    (MESSAGE | st.text(max_size=8)).map(lambda text: ("message", text)),
    st.builds(lambda text, parse: ("heard", {"text": text, "sender": "user", "parse_data": parse}), JSON, PARSE | JSON),
    st.builds(
        lambda name, entities: ("trigger", {"name": name, "entities": entities}),
        st.sampled_from(["hi", "book"]) | JSON,
        JSON,
    ),
    st.builds(
        lambda name, body: ("execute", {"name": name, **body}),
        NAMES | JSON,
        st.dictionaries(st.sampled_from(["policy", "confidence"]), JSON),
    ),
    st.just(("predict", {})),
)


def send(client: TestClient, sender: str, what: str, body: Any) -> Any:
    paths = {"events": "tracker/events", "heard": "messages", "trigger": "trigger_intent"}
    path = f"/conversations/{sender}/{paths.get(what, what)}"
    if what == "message":
        path, body = "/webhooks/rest/webhook", {"sender": sender, "message": body}
    content = json.dumps(body).encode("utf-8", "surrogatepass")
    return client.post(path, content=content, headers={"Content-Type": "application/json"})


def recorded(client: TestClient, sender: str) -> list[Any]:
    answer = client.get(f"/conversations/{sender}/tracker", params={"include_events": "ALL"})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["events"])


@settings(max_examples=EXAMPLES)
@given(steps=st.lists(STEP, min_size=1, max_size=6))
def test_every_step_is_taken_or_refused_and_nothing_is_lost(client: TestClient, steps: list[Any]) -> None:
    sender = uuid.uuid4().hex
    before: list[Any] = []
    for what, body in steps:
        answer = send(client, sender, what, body)
        assert answer.status_code < 500 or (what, answer.json().get("reason")) == ("execute", "ConversationError")
        assert "Traceback" not in answer.text
        after = recorded(client, sender)
        if before:
            assert after[: len(before)] == before
        taken = answer.status_code == 200
        if what == "events" and taken and before:
            given_events = body if isinstance(body, list) else [body]
            assert len(after) == len(before) + len(given_events)
        if what == "message" and taken and str(body).strip():
            assert str(body).strip() in [
                event.get("text") for event in after[len(before) :] if event["event"] == "user"
            ]
        before = after if client.get(f"/conversations/{sender}/story").status_code == 200 else []
    assert client.get(f"/conversations/{sender}/tracker?include_events=APPLIED").status_code == 200
