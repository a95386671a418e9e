"""A product wish as plain JSON, from the entities of one message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nlu.extractors.entity import Entity

_LISTS = ("category", "brand", "color", "material", "attribute", "size")
_SINGLE = ("recipient", "occasion")


def constraints_of(entities: Iterable[Entity], *, departments: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The wish that `entities` state; keys absent when not said, lists sorted.

    Keys: category, brand, color, material, attribute, size (lists), price {min, max, about, currency}, quantity,
    recipient, occasion, exclude {kind: list}. `departments` maps a category to its department: a department is dropped
    when one of its categories is named as well (unless
    its id is a category's too: phones). The old side of a change (role `from`) is no wish.
    """
    wanted: dict[str, list[set[str]]] = {}
    refused: dict[str, set[str]] = {}
    wish: dict[str, Any] = {}
    for entity in entities:
        kind, role = entity.entity, entity.role
        if role in {"from", "relative"}:
            continue
        if kind in _LISTS:
            ids = set(entity.value) if isinstance(entity.value, tuple | list) else {entity.value}
            if role == "exclude":
                refused.setdefault(kind, set()).update(ids)
            else:
                _add(wanted.setdefault(kind, []), ids)
        elif kind in _SINGLE:
            wish.setdefault(kind, entity.value)
        elif kind == "price":
            wish["price"] = wish.get("price", {}) | entity.value
        elif kind == "quantity" and (role == "to" or "quantity" not in wish):
            wish["quantity"] = entity.value
    for kind, groups in wanted.items():
        ids = set().union(*groups)
        if kind == "category" and departments:
            ids -= {departments[i] for i in ids if i in departments} - departments.keys()
        if ids := ids - refused.get(kind, set()):
            wish[kind] = sorted(ids)
    if refused:
        wish["exclude"] = {kind: sorted(ids) for kind, ids in sorted(refused.items())}
    return wish


def _add(groups: list[set[str]], ids: set[str]) -> None:
    """Broad and narrow words for one thing narrow each other (耳机 … 头戴的); different things add up."""
    for group in groups:
        if group & ids:
            group &= ids
            return
    groups.append(ids)
