"""What the routers need, built once by `bot.app` and found on `app.state.daogou`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from bot.actions.services import Services
from bot.api.limits import RateLimit
from bot.api.sessions import Sessions
from bot.assistant import Assistant
from bot.channels.base import Channel
from bot.hub import Hub
from bot.settings import Settings
from bot.stores.operators import Operators


@dataclass(frozen=True)
class State:
    settings: Settings
    assistant: Assistant
    services: Services
    hub: Hub
    sessions: Sessions
    operators: Operators
    channels: Mapping[str, Channel]
    per_conversation: RateLimit
    per_address: RateLimit
    runtime: Any


def state(connection: HTTPConnection) -> State:
    found: State = connection.app.state.daogou
    return found


Shop = Annotated[State, Depends(state)]
