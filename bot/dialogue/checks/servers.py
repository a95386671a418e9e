"""endpoints.yml and credentials.yml: keys that are not known, and kinds of servers and channels that we do not have."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from bot.dialogue.checks.finding import Finding, error, warning
from bot.dialogue.checks.uses import Uses
from bot.dialogue.errors import ProjectError
from bot.dialogue.project import Project

_URLS = ("action_endpoint", "nlu", "nlg")
# The kinds that are served here, by key; "" stands for none given.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "tracker_store": ("", "in_memory", "inmemory", "sql"),
    "lock_store": ("", "in_memory", "redis"),
    "event_broker": ("file", "sql"),
}
_IGNORED = {"models": "models are trained and kept here; `daogou train` takes the place of a model server"}
_CHANNELS = ("rest", "telegram")
_SILENT = ("rasa", "cmdline")  # Rasa's own tools; nothing to connect


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    yield from _endpoints(project)
    yield from _channels(project)


def _endpoints(project: Project) -> Iterator[Finding]:
    file = project.path / "endpoints.yml"
    lines: dict[str, int] = getattr(project.endpoints, "lines", {})
    known = (*_URLS, *_KINDS, *_IGNORED)
    for key, entry in project.endpoints.items():
        place = (file, lines.get(key, 0))
        if key in _URLS:
            try:
                project.endpoint(key)
            except ProjectError as problem:
                yield error("broken-endpoint", place, problem.message)
        elif key in _KINDS:
            yield from _kind(key, entry, place[1], project)
        elif key in _IGNORED:
            yield warning("not-served", place, f"{key} has no effect: {_IGNORED[key]}.")
        else:
            close = difflib.get_close_matches(key, known, 1, 0.75)
            remedy = f"write {close[0]!r}" if close else f"use {', '.join(known)}"
            yield warning("unknown-key", place, f"the key {key!r} has no effect; {remedy}.")


def _kind(key: str, entry: object, line: int, project: Project) -> Iterator[Finding]:
    place = (project.path / "endpoints.yml", line)
    if entry is None:
        return
    if not isinstance(entry, Mapping):
        yield error("broken-endpoint", place, f"{key} is {entry!r:.60}; it must be a mapping with a type.")
        return
    kind = str(entry.get("type") or "")
    if kind.lower() not in _KINDS[key]:
        served = " or ".join(name for name in dict.fromkeys(_KINDS[key]) if name not in ("", "inmemory"))
        message = f"{key} of type {kind!r} is not served here; use {served}."
        yield (warning if key == "event_broker" else error)("not-served", place, message)


def _channels(project: Project) -> Iterator[Finding]:
    file = project.path / "credentials.yml"
    lines: dict[str, int] = getattr(project.credentials, "lines", {})
    for name in project.credentials:
        if name not in _CHANNELS and name not in _SILENT:
            close = difflib.get_close_matches(name, _CHANNELS, 1, 0.75)
            remedy = (
                f"did you mean {close[0]!r}?" if close else f"there are {', '.join(_CHANNELS)} and the chat widget."
            )
            yield warning("no-channel", (file, lines.get(name, 0)), f"the channel {name!r} is not connected; {remedy}")
