"""Examines an installation: the program, its settings, what it has learned, what it needs from others.

Nothing is changed, no secret is said, and no check stops the others: what a broken installation raises is a finding.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.doctor import artifacts, configuration, database, installation, services
from bot.doctor.findings import Finding, described, safely
from bot.settings import OUR_PROJECT, Settings

if TYPE_CHECKING:
    from bot.dialogue.project import Project

Check = Callable[[], Iterator[Finding]]
_USER = re.compile(r"://[^/@\s]+@")  # of an address: name and password
_KEYS = ("password", "token", "secret")
_TELLING = 4
"""Characters from which on a secret is looked for in sentences."""


def diagnose(project: Path | None = None) -> list[Finding]:
    """All that was found, of the project given or else that of the settings. Never raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries and of project files; `daogou check` tells the latter
        found, secrets = _diagnose(project)
    return [replace(one, message=_discreet(one.message, secrets)) for one in found]


def _diagnose(folder: Path | None) -> tuple[list[Finding], list[str]]:
    """The findings, and what must not be said in them."""
    found = _all(
        {
            "python": installation.python,
            "packages": installation.packages,
            "gpu": installation.gpu,
        }
    )
    settings, wrong = configuration.read(folder)
    found += wrong
    if settings is None:
        return [
            *found,
            Finding("the rest", "warning", "waits until the settings can be read: run `daogou doctor` again"),
        ], []
    project, shop, unread = _opened(settings)
    found += unread
    checks: dict[str, Check] = {
        "settings": partial(configuration.values, settings, shop),
        "secrets": partial(configuration.secrets, settings, shop),
        "home": partial(installation.home, settings),
        "port": partial(services.port, settings),
        "database": partial(database.database, settings, shop),
    }
    if shop:
        checks |= {
            "understanding": partial(artifacts.shop_understanding, settings),
            "products": partial(artifacts.products, settings),
            "recommender": partial(artifacts.recommender, settings),
            "offers": partial(artifacts.offers, settings),
            "articles": partial(artifacts.articles, settings),
        }
    elif project is not None:
        checks |= {
            "understanding": partial(artifacts.project_understanding, settings, project),
            "endpoints": partial(services.endpoints, project),
            "tracker_store": partial(services.sql, project, "tracker_store"),
            "event_broker": partial(services.sql, project, "event_broker"),
            "lock_store": partial(services.locks, project),
        }
    checks |= {
        "connectors": partial(services.connectors, settings, {} if shop or project is None else project.credentials),
        "rasa": partial(services.rasa, settings),
    }
    found += _all(checks)
    return found, [*configuration.secret_values(settings), *_passwords(project.endpoints if project else {})]


def _all(checks: Mapping[str, Check]) -> list[Finding]:
    return [one for name, check in checks.items() for one in safely(name, check)]


def _opened(settings: Settings) -> tuple[Project | None, bool, list[Finding]]:
    """The project, whether it is the shop's, and what cannot be read of it."""
    ours = settings.project.resolve() == OUR_PROJECT
    try:
        from bot.core import is_shop
        from bot.dialogue.errors import ProjectError
        from bot.dialogue.project import Project
    except ImportError as err:
        return None, ours, [Finding("project", "problem", f"cannot be checked: {described(err)}")]
    try:
        project = Project.load(settings.project)
        shop = is_shop(project)
    except ProjectError as err:
        return None, ours, [Finding("project", "problem", " ".join(str(one).split())) for one in err.problems]
    except Exception as err:  # noqa: BLE001 - whatever it is, the rest can be looked at
        return None, ours, [Finding("project", "problem", f"cannot be read: {described(err)}")]
    what = f"{len(project.domain.intents)} intents, {len(project.stories)} rules and stories"
    return project, shop, [Finding("project", "ok", f"{settings.project}: {what}; `daogou check` looks closer")]


def _passwords(value: Any, key: str = "") -> list[str]:
    """What stands in a file under a name such as password."""
    if isinstance(value, Mapping):
        return [one for name, inner in value.items() for one in _passwords(inner, str(name))]
    if isinstance(value, list):
        return [one for inner in value for one in _passwords(inner, key)]
    return [str(value)] if value and any(word in key.lower() for word in _KEYS) else []


def _discreet(text: str, secrets: Sequence[str]) -> str:
    for secret in sorted({s for s in secrets if len(s) >= _TELLING}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return _USER.sub("://***@", text)
