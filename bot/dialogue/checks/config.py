"""config.yml: what is not known, not followed, or has no counterpart here."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from bot.dialogue.checks.finding import Finding, warning
from bot.dialogue.checks.uses import Uses
from bot.dialogue.pipeline_config import UNMAPPED, component, entries
from bot.dialogue.project import Project

_KEYS = ("recipe", "language", "assistant_id", "pipeline", "policies", "version", "importers", "spaces")
_MEMORY = ("name", "priority", "max_history", "use_nlu_confidence_as_score", "enable_feature_string_compression")
_POLICIES = {
    "MemoizationPolicy": _MEMORY,
    "AugmentedMemoizationPolicy": _MEMORY,
    "RulePolicy": (
        *("name", "priority", "core_fallback_threshold", "core_fallback_action_name", "enable_fallback_prediction"),
        *("restrict_rules", "check_for_contradictions", "use_nlu_confidence_as_score"),
    ),
}
PLACEHOLDER = "placeholder_default"  # what `rasa init` writes as assistant_id


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    file = project.path / "config.yml"
    config = project.config
    lines: dict[str, int] = getattr(config, "lines", {})
    if not config:
        yield warning("no-config", (file, 0), "there is no config.yml, or nothing in it; write pipeline and policies.")
        return
    for key in config:
        close = difflib.get_close_matches(key, _KEYS, 1, 0.75)
        if key not in _KEYS and close and close[0] not in config:
            yield warning(
                "unknown-key", (file, lines.get(key, 0)), f"the key {key!r} has no effect; write {close[0]!r}."
            )
    if config.get("assistant_id") in (None, PLACEHOLDER):
        state = "missing" if config.get("assistant_id") is None else f"still {PLACEHOLDER!r}"
        message = f"assistant_id is {state}; write a name of its own."
        yield warning("no-assistant-id", (file, lines.get("assistant_id", 0)), message)
    if config.get("language") is None:
        yield warning("no-language", (file, 0), "language is missing; write e.g. `language: en`.")
    yield from _policies(project)
    for name, entry in entries(config):
        if component(name) is None:
            short = name.rpartition(".")[2]
            why = UNMAPPED.get(short, "it is not Rasa's own, so what it does is left out")
            yield warning(
                "unmapped-component", (file, getattr(entry, "line", 0)), f"{name} has no counterpart here: {why}."
            )


def _policies(project: Project) -> Iterator[Finding]:
    file = project.path / "config.yml"
    seen: set[str] = set()
    for entry in project.config.get("policies") or ():
        name = str(entry["name"]).rpartition(".")[2]
        line = getattr(entry, "line", 0)
        if name in seen:
            yield warning("duplicate-policy", (file, line), f"{name} is listed twice; keep one.")
        seen.add(name)
        if name == "UnexpecTEDIntentPolicy":
            message = f"{name} is not run: unlikely intents are answered as any other. It can be removed."
            yield warning("policy-not-run", (file, line), message)
        for key in entry:
            known = _POLICIES.get(name)
            if known is not None and key not in known:
                close = difflib.get_close_matches(key, known, 1, 0.7)
                remedy = f"write {close[0]!r}" if close else f"it knows {', '.join(known[1:])}"
                yield warning(
                    "unknown-parameter",
                    (file, entry.lines.get(key, line)),
                    f"{name} has no parameter {key!r}; {remedy}.",
                )
