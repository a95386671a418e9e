"""Examples that are written twice, or that belong to two intents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bot.dialogue.checks.finding import Finding, warning
from bot.dialogue.checks.uses import Uses
from bot.dialogue.nlu_data import Example


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    known: dict[str, Example] = {}
    repeated: dict[tuple[Path, str], list[tuple[Example, Example]]] = defaultdict(list)
    for example in project.nlu.examples:
        first = known.setdefault(example.text, example)
        if first is example:
            continue
        place = (example.path or project.path, example.line)
        if _label(example) != _label(first):
            labels = f"of {_label(example)!r} here and of {_label(first)!r} in {_where(first)}"
            yield warning("example-of-two-intents", place, f"{example.text!r} is an example {labels}; keep one.")
        elif example.entities != first.entities:
            message = f"{example.text!r} is annotated differently here and in {_where(first)}; keep one."
            yield warning("annotated-differently", place, message)
        elif example.path == first.path:  # a file for each language may stand for itself
            repeated[place[0], _label(example)].append((example, first))
    for (path, label), pairs in repeated.items():
        example, first = pairs[0]
        more = f" and {len(pairs) - 1} more" if len(pairs) > 1 else ""
        message = f"intent {label!r} repeats {example.text!r} of {_where(first)}{more}; remove what is written twice."
        yield warning("duplicate-example", (path, example.line), message)


def _where(example: Example) -> str:
    return f"{example.path.name}:{example.line}" if example.path else f"line {example.line}"


def _label(example: Example) -> str:
    return f"{example.intent}/{example.response}" if example.response else example.intent
