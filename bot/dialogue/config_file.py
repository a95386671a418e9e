"""What config.yml must look like, so that policies and understanding can be built from it."""

from __future__ import annotations

from pathlib import Path

from bot.dialogue.entry import Entry
from bot.dialogue.errors import ProjectError
from bot.dialogue.yaml_file import Block

_FLAGS = ("enable_fallback_prediction", "restrict_rules", "check_for_contradictions", "use_nlu_confidence_as_score")


def refuse_config(config: Block, path: Path) -> None:
    """Raises ProjectError for values of a wrong kind or out of range, where they decide something here."""
    whole = Entry("the file", config, path, 1)
    for key in ("recipe", "language", "assistant_id"):
        whole.text(key)
    if whole.data.get("recipe", "default.v1") != "default.v1":
        raise whole.error("recipe", "only default.v1 can be read; write out its pipeline and policies")
    for entry in _entries(whole, "policies"):
        _refuse_policy(entry)
    for entry in _entries(whole, "pipeline"):
        if str(entry.data["name"]).rpartition(".")[2] == "FallbackClassifier":
            entry.number("threshold", 0.3, low=0, high=1)
            entry.number("ambiguity_threshold", 0.1, low=0, high=1)


def _entries(whole: Entry, key: str) -> list[Entry]:
    items = whole.items(key)
    found = []
    for item, line in zip(items, getattr(items, "lines", [whole.line_of(key)] * len(items)), strict=True):
        entry = Entry(f"an entry of {key}", item, whole.path, line, "write `- name: …`")
        if not entry.text("name"):
            raise ProjectError(f"an entry of {key} has no name; write `- name: …`.", whole.path, line)
        entry.what = str(entry.data["name"])
        found.append(entry)
    return found


def _refuse_policy(entry: Entry) -> None:
    for key in ("priority", "max_history"):
        if entry.number(key, 1, low=0) != int(entry.number(key, 1)):
            raise entry.error(key, "it must be a whole number")
    entry.number("core_fallback_threshold", 0.3, low=0, high=1)
    entry.text("core_fallback_action_name")
    for key in _FLAGS:
        entry.flag(key, False)
