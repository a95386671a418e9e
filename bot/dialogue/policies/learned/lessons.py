"""Stories as sequences to learn from: themselves, several after one another, and ones that end in nonsense."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.dialogue.domain import LISTEN, Domain
from bot.dialogue.state import State
from bot.dialogue.training import Track, examples

MAX_JOINED = 500  # as many as Rasa makes by default
NONSENSE_PER_STORY = 6
MAX_NONSENSE = 1000

Context = tuple[str | None, str | None, str]  # what the bot said last, the active loop, what the user says


class Story(NamedTuple):
    """`actions[t]` follows `states[t]`; None where nothing is to be learnt from what follows."""

    name: str
    track: Track
    states: tuple[State, ...]
    actions: tuple[str | None, ...]


class Lesson(NamedTuple):
    """A story, or what its states look like after others: `parts` are the stories' numbers, its own the last. A lesson
    in `nonsense` ends with an intent where no action is known to fit."""

    states: tuple[State, ...]
    actions: tuple[str | None, ...]
    parts: tuple[int, ...]
    nonsense: Context | None = None


def read_stories(tracks: Sequence[Track], domain: Domain) -> list[Story]:
    """The stories among the tracks, each up to the first turn that is told in words instead of an intent."""
    found: list[Story] = []
    for track in tracks:
        learnt = [] if track.is_rule else examples(track, domain)
        if not learnt:
            continue
        states = learnt[-1][0]
        actions: list[str | None] = [None] * len(states)
        for seen, action in learnt:
            actions[len(seen) - 1] = action
        length = next((i for i, state in enumerate(states) if _is_words(state)), len(states))
        if any(actions[:length]):
            found.append(Story(track.name, track, tuple(states[:length]), tuple(actions[:length])))
    return found


def _is_words(state: State) -> bool:
    return state.user is not None and state.user[1] is not None and not state.user[0]


def contexts(story: Story) -> Iterator[tuple[Context, str | None]]:
    """Every user turn of a story and the action it gets."""
    said: str | None = None
    for state, action in zip(story.states, story.actions, strict=True):
        if state.is_listening and state.user is not None and state.user[0]:
            yield (said, state.loop, state.user[0]), action
        elif not state.is_listening:
            said = state.action or state.action_text


class Plausible:
    """Which intents are at home where. One that gets the same answer in several places is at home everywhere."""

    def __init__(self, stories: Sequence[Story]) -> None:
        places: dict[str, set[tuple[str | None, str | None]]] = defaultdict(set)
        answers: dict[str, set[str | None]] = defaultdict(set)
        self._known: set[Context] = set()
        for story in stories:
            for (said, loop, intent), action in contexts(story):
                self._known.add((said, loop, intent))
                places[intent].add((said, loop))
                answers[intent].add(action)
        self._anywhere = {intent for intent in places if len(places[intent]) > 1 and len(answers[intent]) == 1}

    def __contains__(self, context: Context) -> bool:
        return context in self._known or context[2] in self._anywhere


def lessons(stories: Sequence[Story], domain: Domain, *, history: int, factor: int, seed: int) -> list[Lesson]:
    """Every story; beginnings of stories in mid-talk, after one or two others (as Rasa's augmentation makes them); and
    beginnings that go on with something no story has there."""
    draw = random.Random(seed)
    found = [Lesson(story.states, story.actions, (number,)) for number, story in enumerate(stories)]
    found += _joined(stories, domain, history, min(factor * len(stories), MAX_JOINED), draw)
    return [*found, *_nonsense(stories, draw)]


def pieces(found: Sequence[Lesson], history: int) -> list[Lesson]:
    """Long lessons cut to twice `history` states, each piece beginning with those that its first action to learn looks
    back to."""
    cut: list[Lesson] = []
    room = 2 * history
    for lesson in found:
        starts = range(0, max(1, len(lesson.states) - history + 1), room - history + 1)
        for start in starts:
            states, actions = lesson.states[start : start + room], lesson.actions[start : start + room]
            if start:
                actions = (*(None,) * (history - 1), *actions[history - 1 :])
            last = start == starts[-1]
            cut.append(lesson._replace(states=states, actions=actions, nonsense=lesson.nonsense if last else None))
    return cut


def _joined(
    stories: Sequence[Story], domain: Domain, history: int, count: int, draw: random.Random
) -> Iterator[Lesson]:
    openers = [number for number, story in enumerate(stories) if _is_whole(story)]
    followers = [number for number, story in enumerate(stories) if story.track.unpredictable is None]
    for _ in range(count if openers and followers else 0):
        *before, last = [*(draw.choice(openers) for _ in range(draw.randint(1, 2))), draw.choice(followers)]
        events = [event for number in before for event in stories[number].track.events[:-1]]
        passed = sum(len(stories[number].states) - 1 for number in before)
        track = stories[last].track
        whole = read_stories([Track("", (*events, *track.events), False, track.path, 0)], domain)
        if whole:
            # What was further back is either out of sight or as good as forgotten.
            start, end = max(0, passed - draw.randint(2, max(2, history))), passed + history
            hidden = (None,) * (passed - start)
            states, actions = whole[0].states[start:end], whole[0].actions[passed:end]
            yield Lesson(states, (*hidden, *actions), (*before, last))


def _is_whole(story: Story) -> bool:
    """Whether another story can follow: this one has ended with the user's turn and no form open."""
    last = story.track.events[-1]
    return last.get("name") == LISTEN and story.actions[-1] == LISTEN and story.states[-1].loop is None


def _nonsense(stories: Sequence[Story], draw: random.Random) -> Iterator[Lesson]:
    intents = sorted({context[2] for story in stories for context, _ in contexts(story)})
    each = max(1, min(NONSENSE_PER_STORY, MAX_NONSENSE // max(1, len(stories))))
    for number, story in enumerate(stories):
        turns = [t for t, state in enumerate(story.states) if state.is_listening and state.user and state.user[0]]
        for _ in range(each if turns else 0):
            turn, intent = draw.choice(turns), draw.choice(intents)
            state = story.states[turn]
            said = story.states[turn - 1] if turn else None
            place = (said.action or said.action_text if said is not None else None, state.loop, intent)
            states = (*story.states[:turn], state._replace(user=(intent, None, ())))
            yield Lesson(states, (None,) * (turn + 1), (number,), nonsense=place)
