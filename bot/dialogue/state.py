"""The state that policies see at one moment, and the moment it is read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.dialogue.domain import LISTEN, Domain
from bot.dialogue.slots import Feature

User = tuple[str | None, str | None, tuple[str, ...]]  # intent, text, featurised entity labels
NO_USER: User = (None, None, ())


class State(NamedTuple):
    """What one prediction sees. `user` is None where nobody has spoken; `action_text` names end-to-end replies."""

    user: User | None = None
    slots: tuple[tuple[str, Feature | str], ...] = ()
    action: str | None = None
    action_text: str | None = None
    loop: str | None = None

    @property
    def has_action(self) -> bool:
        return self.action is not None or self.action_text is not None

    @property
    def is_listening(self) -> bool:
        return self.action == LISTEN

    def as_dict(self) -> dict[str, Any]:
        """Rasa's form of a state, whose JSON text decides between rules."""
        state: dict[str, Any] = {}
        if self.user is not None:
            intent, text, entities = self.user
            user = {"intent": intent, "text": text, "entities": list(entities) or None}
            state["user"] = {key: value for key, value in user.items() if value}
        if self.slots:
            state["slots"] = {name: value if isinstance(value, str) else list(value) for name, value in self.slots}
        if self.action is not None:
            state["prev_action"] = {"action_name": self.action}
        elif self.action_text is not None:
            state["prev_action"] = {"action_text": self.action_text}
        if self.loop is not None:
            state["active_loop"] = {"name": self.loop}
        return state


class Message:
    """A user message as the fold keeps it. Whether its text or its intent counts is settled by a later event, for
    every moment that shares the message, so this is the one thing here that changes."""

    __slots__ = ("_user", "entities", "event", "use_text")

    def __init__(self, event: Mapping[str, Any]) -> None:
        self.event = event
        parse = event.get("parse_data") or {}
        self.entities: list[Mapping[str, Any]] = [e for e in parse.get("entities") or [] if isinstance(e, Mapping)]
        self.use_text: bool | None = None
        if self.text and not self.intent:
            self.use_text = True
        elif self.intent and not self.text:
            self.use_text = False
        self._user: tuple[bool | None, int, User | None] | None = None

    @property
    def text(self) -> str | None:
        text = self.event.get("text")
        return None if text is None else str(text)

    @property
    def parse(self) -> Mapping[str, Any]:
        return {**(self.event.get("parse_data") or {}), "entities": list(self.entities)}

    @property
    def intent(self) -> str | None:
        """The intent's name; None or "" where none was understood."""
        name = ((self.event.get("parse_data") or {}).get("intent") or {}).get("name")
        return None if name is None else str(name)

    @property
    def confidence(self) -> float:
        return float(((self.event.get("parse_data") or {}).get("intent") or {}).get("confidence", 1.0))

    def values(self, entity: str | None, role: str | None, group: str | None) -> list[Any]:
        """Values of the entity, in order, whose role and group are exactly these (None: neither)."""
        return [
            found.get("value")
            for found in self.entities
            if found.get("entity") == entity and found.get("role") == role and found.get("group") == group
        ]

    def user(self, domain: Domain) -> User | None:
        if self._user is None or self._user[:2] != (self.use_text, len(self.entities)):
            self._user = (self.use_text, len(self.entities), self._read(domain))
        return self._user[2]

    def _read(self, domain: Domain) -> User | None:
        if not self.text and not self.intent and not self.entities:
            return None
        intent = None if self.use_text else self.intent or None
        text = self.text or None if self.use_text or self.use_text is None else None
        entities = () if self.use_text else self._labels(domain)
        return (intent, text, entities) if intent or text or entities else None

    def _labels(self, domain: Domain) -> tuple[str, ...]:
        labels: set[str] = set()
        for found in self.entities:
            name = found.get("entity")
            labels.add(str(name))
            labels.update(f"{name}#{found[key]}" for key in ("role", "group") if key in found)
        wanted = domain.intents.get(self.intent or "")
        return tuple(sorted(labels if wanted is None else labels & wanted))
