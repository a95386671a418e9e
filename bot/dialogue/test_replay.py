"""Test stories as `rasa test core --e2e` runs them: what would the policies do, were all before as it is written?

No action runs: slots and loops are those of the story, and after a wrong prediction the story goes on as written. An
entity that the story does not mark is wrong.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from bot.dialogue.conversation import MAX_ACTIONS
from bot.dialogue.domain import LISTEN, UNLIKELY_INTENT
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.policies.prediction import Prediction
from bot.dialogue.stories import ActionStep, BotStep, LoopStep, SlotStep, Step, Story, UserStep
from bot.dialogue.test_results import Acted, Outcome, Problem, StoryResult, response_key, spoken
from bot.dialogue.test_stories import understanding
from bot.dialogue.tracker import Tracker
from bot.dialogue.training import slots_of_entities
from bot.events import Event, action_executed, action_rejected, active_loop, slot_set, user_uttered
from bot.messages import UserMessage

__test__ = False  # the name is the product's, not pytest's

TOO_MANY = "circuit breaker tripped"  # Rasa's word for more actions than one turn may have


async def replay_each(stories: list[Story], runtime: EmbeddedRuntime) -> AsyncIterator[StoryResult]:
    """Predictions for one story after the other."""
    for story in stories:
        yield await _Replay(story, runtime).run()


class _Replay:
    def __init__(self, story: Story, runtime: EmbeddedRuntime) -> None:
        self._story = story
        self._runtime = runtime
        self._tracker = Tracker(runtime.domain, story.name, [action_executed(LISTEN)])
        self._outcomes: list[Outcome] = []
        self._problems: list[Problem] = []
        self._parse: dict[str, object] = {}
        self._said = ""
        self._last: tuple[int, int] = (0, story.line)

    async def run(self) -> StoryResult:
        steps = self._story.steps
        for at, step in enumerate(steps):
            if isinstance(step, UserStep):
                self._listen()
                await self._hear(at, step)
            elif isinstance(step, ActionStep | BotStep):
                self._act(at, step.line, step.name if isinstance(step, ActionStep) else step.text, step)
            for event in _events(step, self._runtime):
                self._tracker.update(event)
            self._last = (at, step.line)
        self._listen()
        turns = sum(isinstance(step, UserStep) for step in steps)
        return StoryResult(self._story, turns, tuple(self._problems), tuple(self._outcomes))

    async def _hear(self, at: int, step: UserStep) -> None:
        self._said = spoken(step)
        self._parse = {"intent": {"name": step.intent, "confidence": 1.0}, "entities": list(step.entities)}
        if step.text is not None:
            self._parse = dict(await self._runtime.parse(UserMessage(step.text, self._tracker.sender_id)))
        seen, wrong = understanding(at, step, self._parse, only_marked=False)
        self._outcomes.append(seen)
        self._problems += wrong

    def _listen(self) -> None:
        latest = self._tracker.events[-1]
        if latest["event"] != "action" or latest.get("name") != LISTEN:
            self._act(*self._last, LISTEN, None)

    def _act(self, at: int, line: int, target: str, step: Step | None) -> None:
        name, prediction = self._predict(target)
        unlikely = name == UNLIKELY_INTENT and target != UNLIKELY_INTENT
        if unlikely:
            self._tracker.update(action_executed(UNLIKELY_INTENT, policy=prediction.policy))
            name, prediction = self._predict(target)
        self._outcomes.append(Acted(at, target, name, prediction.policy, prediction.confidence, step is None, unlikely))
        if name != target:
            self._problems.append(Problem(line, self._said, "actions", target, name))
        self._tracker.update(
            action_executed(
                None if isinstance(step, BotStep) else target,
                policy=prediction.policy,
                confidence=prediction.confidence,
                text=target if isinstance(step, BotStep) else None,
            )
        )

    def _predict(self, target: str) -> tuple[str, Prediction]:
        name, prediction = self._next(target)
        loop = self._tracker.loop_name
        if prediction.policy and name not in (target, TOO_MANY) and name == loop and loop in self._runtime.domain.forms:
            # The story knows that the form refuses what was said; only running it would show.
            self._tracker.update(action_rejected(loop))
            name, prediction = self._next(target)
        return name, prediction

    def _next(self, target: str) -> tuple[str, Prediction]:
        if self._actions_since_listening() >= MAX_ACTIONS:
            return TOO_MANY, Prediction(None, 1, {})
        domain = self._runtime.domain
        followup = self._tracker.take_followup()
        if followup and followup in domain.action_index:
            return followup, Prediction("followup_action", 1, {followup: 1.0})
        prediction = self._runtime.predict(self._tracker)
        name = prediction.best(domain.action_index)
        if name != target and target.startswith(f"{name}/"):
            key = response_key(self._parse, name.removeprefix("utter_"))
            name = f"utter_{key}" if key else name
        return name, prediction

    def _actions_since_listening(self) -> int:
        count = 0
        for event in reversed(self._tracker.events):
            if event["event"] == "action":
                if event.get("name") == LISTEN:
                    break
                count += 1
        return count


def _events(step: Step, runtime: EmbeddedRuntime) -> Iterator[Event]:
    """What a step leaves in the conversation, actions aside."""
    if isinstance(step, UserStep):
        intent = {"name": step.intent, "confidence": 1.0}
        yield user_uttered(step.text, {"intent": intent, "entities": list(step.entities)})
        yield from slots_of_entities(step.entities, runtime.domain)
    elif isinstance(step, LoopStep):
        yield active_loop(step.name)
    elif isinstance(step, SlotStep):
        kind = runtime.domain.slots[step.name].type if step.name in runtime.domain.slots else None
        filled = {"text": "filled", "list": ["filled"]}.get(kind or "") if step.bare else step.value
        yield slot_set(step.name, filled)
