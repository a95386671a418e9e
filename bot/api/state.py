"""What the routers need, built once by `bot.app` and found on `app.state.daogou`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from bot.api.limits import RateLimit
from bot.api.sessions import Sessions
from bot.assistant import Assistant
from bot.channels.base import Channel
from bot.core import Core
from bot.hub import Hub
from bot.settings import Settings
from bot.stores.operators import Operators

if TYPE_CHECKING:
    from bot.actions.services import Services


@dataclass(frozen=True)
class State:
    core: Core
    assistant: Assistant
    hub: Hub
    sessions: Sessions
    operators: Operators
    channels: Mapping[str, Channel]
    per_conversation: RateLimit
    per_address: RateLimit

    @property
    def settings(self) -> Settings:
        return self.core.settings

    @property
    def runtime(self) -> Any:
        return self.core.runtime

    @property
    def has_shop(self) -> bool:
        return self.core.services is not None

    @property
    def services(self) -> Services:
        """The shop's; a plain project has no shop to ask."""
        if self.core.services is None:
            raise HTTPException(404, "the project that is served has no shop")
        return self.core.services


def state(connection: HTTPConnection) -> State:
    found: State = connection.app.state.daogou
    return found


Shop = Annotated[State, Depends(state)]
