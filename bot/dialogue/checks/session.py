"""How long a conversation lasts should be written, not left to a default."""

from __future__ import annotations

from collections.abc import Iterator

from bot.dialogue.checks.finding import Finding, warning
from bot.dialogue.checks.uses import Uses, place_of


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    if not any(key == "session_config" for key, _ in project.domain.places):
        place = place_of(project, "session_config", "")
        message = (
            "there is no session_config: a session ends after 60 minutes and hands its slots on; write what you want."
        )
        yield warning("no-session-config", place, message)
