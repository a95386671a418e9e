"""The settings: whether each value is possible and does something, and whether the secrets are any."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource, SettingsError

from bot.doctor.findings import Finding, Status, described
from bot.settings import Settings

SHORTEST = 32
"""Characters of a secret that signs; guessing a shorter one pays."""
SHORTEST_TOKEN = 16
"""Characters of one that is only compared, at the server's pace."""
_PREFIX = "daogou_"
_OF_OTHERS = frozenset(("daogou_url",))  # read by a real Rasa server's endpoints.yml
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ORIGIN = re.compile(r"https?://[^/\s?#@*]+")
_PLACEHOLDER = re.compile(
    r"change.?(me|this)|replace.?me|example|placeholder|your[-_ ]|secret.?key|password|123456|^(.)\2*$", re.I
)


def read(project: Path | None) -> tuple[Settings | None, list[Finding]]:
    """The settings, or what is wrong with them; values of secrets and addresses with passwords are not repeated."""
    given: dict[str, Any] = {} if project is None else {"project": project}
    try:
        settings = Settings(**given)
    except ValidationError as err:
        found = []
        for one in err.errors(include_url=False):
            name = str(one["loc"][0]) if one["loc"] else "settings"
            said = one["msg"].removeprefix("Value error, ")
            value = "" if one["type"] == "value_error" or _is_secret(name) else f"{one['input']!r:.60}: "
            found.append(Finding(_variable(name), "problem", f"{value}{said}"))
        return None, found
    except SettingsError as err:
        field = re.search(r'field "(\w+)"', str(err))
        variable = _variable(field[1]) if field else "settings"
        return None, [Finding(variable, "problem", 'cannot be read; write a list as JSON, e.g. ["first","second"]')]
    except Exception as err:  # noqa: BLE001 - a .env that cannot be read, and whatever else
        return None, [Finding("settings", "problem", f"cannot be read: {described(err)}")]
    return settings, []


def values(settings: Settings, shop: bool) -> Iterator[Finding]:
    """Values that can be read, but break or do nothing later."""
    wrong = [*_unknown(), *_wrong(settings, shop)]
    yield from wrong
    if not wrong:
        given = len(settings.model_fields_set)
        yield Finding("settings", "ok", f"{given} set, all others as they are by default")


def secrets(settings: Settings, shop: bool) -> Iterator[Finding]:
    """Only servers that others reach need good ones; on this machine alone a weak one is a warning."""
    public = is_public(settings)
    weak: Status = "problem" if public else "warning"
    there = [(_variable(name), text, least) for name, text, least in _given(settings)]
    told = False
    for name, text, least in there:
        if len(text) < least or _PLACEHOLDER.search(text):
            told = True
            why = f"has {len(text)} characters, {least} are needed" if len(text) < least else "looks like a placeholder"
            yield Finding(name, weak, f"{why}; make one: python -c 'import secrets; print(secrets.token_hex(32))'")
    for finding in (*_doors(settings, public), *_session_key(settings)):
        told = True
        yield finding
    if shop and public and not settings.identity_secrets:
        told = True
        yield Finding(
            "DAOGOU_IDENTITY_SECRETS",
            "warning",
            "is not set: your shop's server cannot sign its customers in, and no order is paid",
        )
    if not told:
        where = "reachable from other machines" if public else "on this machine only"
        yield Finding("secrets", "ok", f"{len(there)} set, none of them weak; the server is {where}")


def secret_values(settings: Settings) -> list[str]:
    """What must not be said, whoever says it."""
    own = [text for _, text, _ in _given(settings)]
    own += [urlsplit(url).password or "" for url in (settings.database_url, settings.rasa_url)]
    return [*own, settings.telegram_token.get_secret_value() if settings.telegram_token else ""]


def is_public(settings: Settings) -> bool:
    """Can others reach the server, or are they meant to?"""
    return settings.host not in _LOOPBACK or bool(settings.public_url)


def _given(settings: Settings) -> Iterator[tuple[str, str, int]]:
    """The secrets that are set, with the length that each needs. Telegram gives its token out, so that is not judged."""
    for one in settings.identity_secrets:
        yield "identity_secrets", one.get_secret_value(), SHORTEST
    single: list[tuple[str, SecretStr | None, int]] = [
        ("api_token", settings.api_token, SHORTEST_TOKEN),
        ("jwt_secret", settings.jwt_secret, SHORTEST),
        ("rasa_token", settings.rasa_token, SHORTEST_TOKEN),
        ("telegram_secret", settings.telegram_secret, SHORTEST_TOKEN),
    ]
    for name, secret, least in single:
        if secret is not None:
            yield name, secret.get_secret_value(), least
    password = urlsplit(settings.database_url).password
    if password is not None:
        yield "database_url", password, 8


def _doors(settings: Settings, public: bool) -> Iterator[Finding]:
    """What stands open for want of a secret."""
    if settings.enable_api and settings.api_token is None and settings.jwt_secret is None and public:
        yield Finding(
            "DAOGOU_ENABLE_API",
            "problem",
            "opens all conversations to everybody; set DAOGOU_API_TOKEN or DAOGOU_JWT_SECRET",
        )
    key = settings.jwt_secret.get_secret_value() if settings.jwt_secret else None
    if key is not None and not settings.jwt_method.startswith("HS") and "PUBLIC KEY" not in key:
        yield Finding("DAOGOU_JWT_SECRET", "problem", f"is no PEM public key, which {settings.jwt_method} needs")
    if (
        settings.runtime == "rasa"
        and settings.rasa_token is None
        and urlsplit(settings.rasa_url).hostname not in _LOOPBACK
    ):
        yield Finding(
            "DAOGOU_RASA_TOKEN",
            "problem",
            "is not set; a Rasa server on another machine may not call our actions without",
        )


def _session_key(settings: Settings) -> Iterator[Finding]:
    """Sessions and console cookies are signed with it."""
    path = settings.home / "session.key"
    try:
        if not path.exists():
            return
        good = len(bytes.fromhex(path.read_text().strip())) >= SHORTEST
    except OSError as err:
        yield Finding("session.key", "problem", f"{path} cannot be read ({err.strerror}); give it to the server's user")
        return
    except ValueError:
        good = False
    if not good:
        yield Finding("session.key", "problem", f"{path} is damaged; delete it, and everybody signs in anew")
    elif os.name == "posix" and path.stat().st_mode & 0o077:
        yield Finding("session.key", "warning", f"{path} can be read by other users of this machine: chmod 600 {path}")


def _unknown() -> Iterator[Finding]:
    """Misspelt names, which nothing reads."""
    sources = (EnvSettingsSource(Settings), DotEnvSettingsSource(Settings))
    names = {name.lower() for source in sources for name in source.env_vars}
    known = {f"{_PREFIX}{name}" for name in Settings.model_fields}
    for name in sorted(n for n in names - known - _OF_OTHERS if n.startswith(_PREFIX)):
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"; did you mean {near[0].upper()}?" if near else "; remove it"
        yield Finding(name.upper(), "warning", f"is no setting, nothing reads it{meant}")


def _wrong(settings: Settings, shop: bool) -> Iterator[Finding]:
    if settings.today and not _is_date(settings.today):
        yield Finding("DAOGOU_TODAY", "problem", f"{settings.today!r} is no date; write e.g. 2026-01-31, or nothing")
    elif settings.today and is_public(settings):
        yield Finding(
            "DAOGOU_TODAY", "warning", f"the shop's day stays {settings.today}; unset it outside of demonstrations"
        )
    if settings.public_url and not settings.public_url.startswith(("http://", "https://")):
        yield Finding("DAOGOU_PUBLIC_URL", "problem", f"{settings.public_url!r} is no address; write https://…")
    for origin in settings.allowed_origins:
        if not _ORIGIN.fullmatch(origin):
            said = f"{origin!r} matches no page; write scheme and host alone, e.g. https://shop.example"
            yield Finding("DAOGOU_ALLOWED_ORIGINS", "problem", said)
    for proxy in settings.trusted_proxies:
        if not _is_address(proxy):
            said = f"{proxy!r} matches no proxy; write single addresses, e.g. 10.0.0.2"
            yield Finding("DAOGOU_TRUSTED_PROXIES", "problem", said)
    if settings.runtime == "rasa" and settings.enable_api:
        yield Finding("DAOGOU_ENABLE_API", "problem", "Rasa's HTTP API is at the Rasa server itself; unset it")
    if shop:
        yield from _shop_files(settings)


def _shop_files(settings: Settings) -> Iterator[Finding]:
    import yaml

    from bot.policies import Policies

    remedy = "DAOGOU_SHOP names a folder with taxonomy.yml and policies.yml"
    try:
        Policies.load(settings.shop / "policies.yml")
    except (OSError, ValueError) as err:
        yield Finding("policies", "problem", f"{described(err)}; {remedy}")
    try:
        taxonomy = yaml.safe_load((settings.shop / "taxonomy.yml").read_text("utf-8"))
        if not isinstance(taxonomy, dict) or not isinstance(taxonomy.get("categories"), dict):
            yield Finding("taxonomy", "problem", f"{settings.shop / 'taxonomy.yml'} has no categories; {remedy}")
    except (OSError, ValueError, yaml.YAMLError) as err:
        yield Finding("taxonomy", "problem", f"{described(err)}; {remedy}")


def _variable(field: str) -> str:
    return f"{_PREFIX}{field}".upper()


def _is_secret(field: str) -> bool:
    known = Settings.model_fields.get(field)
    return known is None or "SecretStr" in str(known.annotation) or field in ("database_url", "rasa_url")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
