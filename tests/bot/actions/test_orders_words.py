"""The wording: both languages for everything, the same facts in both, and nothing said that is not written down."""

import re
from pathlib import Path

import pytest
import yaml

import bot
from bot.actions import account, complaints
from bot.actions.order_tasks import TASKS

ROOT = Path(bot.__file__).parent
DOMAIN = ROOT / "project" / "domain"
OURS = yaml.safe_load((DOMAIN / "responses.orders.yml").read_text("utf-8"))["responses"]
PLACE = re.compile(r"\{([a-z_]+)\}")
# Said in one language only where the grammar of the other takes it from elsewhere.
LEEWAY = {"utter_pay_on_delivery": {"regions"}, "utter_membership": {"next"}}


def texts(name: str) -> tuple[list[str], list[str]]:
    zh = [v["text"] for v in OURS[name] if "condition" in v]
    en = [v["text"] for v in OURS[name] if "condition" not in v]
    return zh, en


@pytest.mark.parametrize("name", sorted(OURS))
def test_both_languages_tell_the_same_facts(name):
    zh, en = texts(name)
    assert zh
    assert en
    facts = {frozenset(PLACE.findall(text)) - LEEWAY.get(name, set()) - {"goods", "number", "day"} for text in zh + en}
    assert len(facts) == 1, facts


@pytest.mark.parametrize("name", sorted(OURS))
def test_replies_are_short_and_in_their_language(name):
    zh, en = texts(name)
    for text in zh:
        assert re.search(r"[一-鿿]", text)
        assert len(text) <= 130
    for text in en:
        assert not re.search(r"[一-鿿]", text)
        assert len(text.split()) <= 60


def test_everything_said_is_written_down():
    written = {
        name for file in DOMAIN.glob("*.yml") for name in yaml.safe_load(file.read_text("utf-8")).get("responses", {})
    }
    said = set()
    for file in (ROOT / "actions").glob("*.py"):
        code = file.read_text("utf-8")
        for call in re.findall(r"(?:turn\.say|Reply)\(\s*((?:\"[a-z_]+\"(?: if [^,]+? else )?)+)", code):
            said.update(re.findall(r'"([a-z_]+)"', re.sub(r" if .+? else ", " ", call)))
    said |= {f"sorry_{task}" for task in TASKS}
    said |= {f"account_{topic}" for topic, _ in (*account._TOPICS, ("sign_in", ""))}
    said |= {f"complaint_{topic}" for topic in [*(t for t, _ in complaints._TOPICS), "other", "person", "next"]}
    said |= {f"delivery_{kind}" for kind in ("mainland", "remote", "overseas")}
    said |= {f"refund_{state}" for state in ("return_requested", "returned", "refunded")}
    said |= {"order_noted_late", "order_noted_trace", "server_away"}  # the last by bot.dialogue.rasa
    assert {name for name in said if f"utter_{name}" not in written} == set()
    assert {name for name in OURS if name.removeprefix("utter_") not in said} == set()
