"""The domain: everything a project's conversations can be made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.dialogue.slots import Slot

LISTEN = "action_listen"
RESTART = "action_restart"
SESSION_START = "action_session_start"
DEFAULT_FALLBACK = "action_default_fallback"
DEACTIVATE_LOOP = "action_deactivate_loop"
REVERT_FALLBACK_EVENTS = "action_revert_fallback_events"
ASK_AFFIRMATION = "action_default_ask_affirmation"
ASK_REPHRASE = "action_default_ask_rephrase"
TWO_STAGE_FALLBACK = "action_two_stage_fallback"
UNLIKELY_INTENT = "action_unlikely_intent"
BACK = "action_back"
RULE_SNIPPET = "..."
EXTRACT_SLOTS = "action_extract_slots"
VALIDATE_SLOT_MAPPINGS = "action_validate_slot_mappings"

# In Rasa's order: among equal probabilities the first action wins.
DEFAULT_ACTIONS = (
    LISTEN,
    RESTART,
    SESSION_START,
    DEFAULT_FALLBACK,
    DEACTIVATE_LOOP,
    REVERT_FALLBACK_EVENTS,
    ASK_AFFIRMATION,
    ASK_REPHRASE,
    TWO_STAGE_FALLBACK,
    UNLIKELY_INTENT,
    BACK,
    RULE_SNIPPET,
    EXTRACT_SLOTS,
)
FALLBACK_INTENT = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
DEFAULT_INTENTS = ("restart", "back", OUT_OF_SCOPE, "session_start", FALLBACK_INTENT)


@dataclass(frozen=True, slots=True)
class Form:
    required_slots: tuple[str, ...] = ()
    ignored_intents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Domain:
    """`intents` maps a name to the entities (with `entity#role` labels) that its turns feed to the policies.
    `custom_actions` are those of the actions key; `data` is the domain as written, for action servers; `places` says
    where each (key, name) of it is written."""

    intents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    entities: frozenset[str] = frozenset()
    slots: Mapping[str, Slot] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    responses: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    custom_actions: tuple[str, ...] = ()
    action_texts: tuple[str, ...] = ()
    retrieval_intents: frozenset[str] = frozenset()
    actions_needing_domain: frozenset[str] = frozenset()
    session_minutes: float = 60
    carry_over_slots: bool = True
    data: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[tuple[str, str], tuple[Path, int]] = field(default_factory=dict)

    @cached_property
    def user_actions(self) -> frozenset[str]:
        return frozenset(self.custom_actions) | frozenset(self.responses)

    @cached_property
    def action_names(self) -> tuple[str, ...]:
        """All actions in Rasa's order: defaults, custom, responses, forms, end-to-end texts."""
        custom = [name for name in dict.fromkeys(self.custom_actions) if name not in DEFAULT_ACTIONS]
        known = frozenset(self.custom_actions)
        responses = [name for name in sorted(self.responses) if name not in known and name not in DEFAULT_ACTIONS]
        forms = [name for name in self.forms if name not in known]
        return (*DEFAULT_ACTIONS, *custom, *responses, *forms, *self.action_texts)

    @cached_property
    def action_index(self) -> Mapping[str, int]:
        return {name: index for index, name in reversed(list(enumerate(self.action_names)))}

    def is_default(self, action: str) -> bool:
        """A default action that the project has not put one of its own in the place of."""
        return action in DEFAULT_ACTIONS and action not in self.user_actions and action not in self.forms

    def is_form(self, action: str) -> bool:
        return action in self.forms and action not in self.user_actions

    def is_retrieval(self, action: str) -> bool:
        return action.startswith("utter_") and action.removeprefix("utter_") in self.retrieval_intents
