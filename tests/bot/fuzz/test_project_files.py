"""Whatever stands in a project's files: it is read, and then talks, or it is refused with a sentence that names the file."""

from __future__ import annotations

import asyncio
import copy
import os
import signal
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.errors import ProjectError
from bot.dialogue.project import Project
from bot.dialogue.store import MemoryTrackerStore
from bot.messages import UserMessage

SECONDS = 20  # for one small project; nothing takes that long but what never ends

FILES: dict[str, Any] = {
    "domain.yml": {
        "version": "3.1",
        "intents": ["greet", {"inform": {"use_entities": ["city"]}}, {"bye": {"ignore_entities": []}}, "faq"],
        "entities": ["color", {"city": {"roles": ["from", "to"], "groups": ["1"]}}],
        "slots": {
            "city": {
                "type": "text",
                "influence_conversation": True,
                "mappings": [{"type": "from_entity", "entity": "city", "role": "to", "not_intent": ["bye"]}],
            },
            "size": {
                "type": "categorical",
                "values": ["s", "m"],
                "mappings": [{"type": "from_text", "conditions": [{"active_loop": "f", "requested_slot": "size"}]}],
            },
            "age": {"type": "float", "min_value": 0, "max_value": 9, "initial_value": 1.5, "mappings": []},
            "tags": {"type": "list", "mappings": [{"type": "from_intent", "intent": "greet", "value": ["x"]}]},
            "ok": {"type": "bool", "mappings": [{"type": "custom", "action": "act"}]},
        },
        "forms": {"f": {"required_slots": ["city", "size"], "ignored_intents": ["bye"]}},
        "responses": {
            "utter_greet": [
                {"text": "hi {city}", "buttons": [{"title": "a", "payload": "/bye"}], "channel": "rest"},
                {"text": "hey", "condition": [{"type": "slot", "name": "ok", "value": True}]},
                {"image": "https://x/y.png", "custom": {"a": ["{city}"]}},
            ],
            "utter_ask_size": [{"text": "size?"}],
            "utter_faq/ask": [{"text": "so"}],
        },
        "actions": ["act", {"send": {"send_domain": True}}, "validate_f"],
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    },
    "config.yml": {
        "recipe": "default.v1",
        "language": "en",
        "pipeline": [
            {"name": "WhitespaceTokenizer"},
            {"name": "DIETClassifier", "epochs": 3},
            {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
        ],
        "policies": [
            {"name": "MemoizationPolicy", "max_history": 3},
            {"name": "AugmentedMemoizationPolicy"},
            {"name": "RulePolicy", "core_fallback_threshold": 0.3, "enable_fallback_prediction": True},
        ],
    },
    "endpoints.yml": {
        "action_endpoint": {"url": "http://127.0.0.1:9/webhook", "token": "t", "basic_auth": {"username": "u"}},
        "nlg": {"url": "http://127.0.0.1:9/nlg"},
        "tracker_store": {"type": "in_memory"},
    },
    "credentials.yml": {"rest": None},
    "data/nlu.yml": {
        "version": "3.1",
        "nlu": [
            {"intent": "greet", "examples": "- hi\n- hello [x](color)\n- to [Rome](city:rome)\n"},
            {"intent": "inform", "examples": '- in [X]{"entity": "city", "role": "to", "value": "x"}\n'},
            {"intent": "faq/ask", "examples": [{"text": "why", "metadata": {"a": 1}}]},
            {"synonym": "rome", "examples": "- Roma\n"},
            {"regex": "code", "examples": "- \\d+\n"},
            {"lookup": "color", "examples": "- red\n"},
        ],
    },
    "data/stories.yml": {
        "version": "3.1",
        "rules": [
            {"rule": "greet", "steps": [{"intent": "greet"}, {"action": "utter_greet"}]},
            {"rule": "f", "steps": [{"intent": "inform"}, {"action": "f"}, {"active_loop": "f"}]},
            {
                "rule": "f ends",
                "condition": [{"active_loop": "f"}, {"slot_was_set": [{"size": "s"}]}],
                "steps": [{"action": "f"}, {"active_loop": None}, {"action": "act"}],
                "wait_for_user_input": False,
            },
        ],
        "stories": [
            {
                "story": "one",
                "steps": [
                    {"intent": "bye", "entities": [{"color": "red"}, "city"]},
                    {"slot_was_set": [{"city": "x"}, "size"]},
                    {"action": "send"},
                    {"checkpoint": "c"},
                ],
            },
            {
                "story": "two",
                "steps": [
                    {"checkpoint": "c", "slot_was_set": [{"size": "m"}]},
                    {"or": [{"intent": "greet"}, {"user": "hi [x](color)"}]},
                    {"bot": "so"},
                ],
            },
        ],
    },
}

JUNK = st.one_of(
    st.sampled_from(
        [None, True, 0, -1, 1.5, float("nan"), float("inf"), 10**40, "", " ", "x", "greet", "f", "null", "{city}", "{"]
    ),
    st.sampled_from(
        [[], [[]], [None], {}, {"": ""}, {"x": {"y": []}}, {1: 2}, {None: None}, ["greet", "greet"], "/", "a/b/c"]
    ),
    st.sampled_from(["slots", "from_text", "list", "[x](", "- a\n- b", "3.2", "2.0", "\u0000", "\ud83d", "é" * 300]),
    st.recursive(
        st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
        max_leaves=6,
    ),
)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


@st.composite
def changed(draw: st.DrawFn) -> dict[str, str]:
    """The files' texts, with a few places of them changed: replaced, left out, repeated, renamed, moved."""
    files = copy.deepcopy(FILES)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(files)))
        path = draw(st.sampled_from(list(places(files[name]))))
        value = copy.deepcopy(draw(JUNK))  # sampled values are shared, and may be changed next
        if not path:
            files[name] = value
            continue
        holder = files[name]
        for key in path[:-1]:
            holder = holder[key]
        how = draw(st.sampled_from(["replace", "replace", "leave out", "wrap", "rename", "repeat"]))
        if how == "replace":
            holder[path[-1]] = value
        elif how == "wrap":
            holder[path[-1]] = draw(st.sampled_from([[holder[path[-1]]], {"x": holder[path[-1]]}]))
        elif how == "repeat" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[path[-1]]))
        elif how == "rename" and isinstance(holder, dict):
            holder[draw(st.sampled_from(["x", "intent", "text", "type", "name"]))] = holder.pop(path[-1])
        elif how == "leave out":
            del holder[path[-1]]
    return {name: yaml.safe_dump(data, allow_unicode=True) for name, data in files.items()}


@st.composite
def scratched(draw: st.DrawFn) -> dict[str, str]:
    """The files' texts, one of them damaged as text: cut, doubled, indented, with foreign signs."""
    files = {name: yaml.safe_dump(data, sort_keys=False) for name, data in FILES.items()}
    name = draw(st.sampled_from(sorted(files)))
    text = files[name]
    start = draw(st.integers(0, len(text)))
    end = min(len(text), start + draw(st.integers(0, 12)))
    signs = st.sampled_from(
        [
            "\t",
            ":",
            "- ",
            "&a ",
            "*a",
            "<<: ",
            "!!python/object:os.system ",
            "{",
            "]",
            "'",
            '"',
            "#",
            "\n",
            "|",
            "%",
            "@",
            "---\n",
            "\x00",
            "\ufeff",
            "\u2028",
            "${HOME}",
            "${NOT SET",
        ]
    )
    files[name] = text[:start] + "".join(draw(st.lists(signs, max_size=3))) + text[end:]
    return files


@contextmanager
def in_time() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError(f"took more than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def read_and_talk(files: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), in_time():
        warnings.simplefilter("ignore")
        root = Path(folder)
        (root / "data").mkdir()
        for name, text in files.items():
            (root / name).write_text(text, encoding="utf-8", errors="surrogatepass")
        sentence, runtime = "", None
        try:
            project = Project.load(root, environment={})
            client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(500)))
            runtime = EmbeddedRuntime(
                project, parse=nothing, actions={}, store=MemoryTrackerStore(), seed=1, client=client
            )
        except ProjectError as err:
            sentence = str(err)
        if runtime is not None:
            asyncio.run(talk(runtime))
        else:
            assert folder in sentence, "the sentence names no file"


async def nothing(*_: Any) -> Mapping[str, Any]:
    return {}


async def talk(runtime: EmbeddedRuntime) -> None:
    for text in ("/greet", '/inform{"city": "Rome"}', "some text", "/bye", "/restart"):
        turn = await runtime.turn(UserMessage(text, "ada"))
        assert turn.events
    await runtime.close()


FEW = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "40")))


def test_the_files_as_they_are_are_read_and_talk() -> None:
    read_and_talk({name: yaml.safe_dump(data) for name, data in FILES.items()})


@FEW
@given(changed())
def test_changed_files(files: dict[str, str]) -> None:
    read_and_talk(files)


@FEW
@given(scratched())
def test_scratched_files(files: dict[str, str]) -> None:
    read_and_talk(files)
