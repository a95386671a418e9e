"""All settings, and the only place that reads the environment (prefix `DAOGOU_`, or a `.env` file)."""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).parent
OUR_PROJECT = (HERE / "project").resolve()


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DAOGOU_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Path("var")
    """SQLite, Chroma and trained models live here."""
    project: Path = HERE / "project"
    """A Rasa 3 project; ours by default."""
    shop: Path = HERE / "demo"
    """The folder with the shop's `taxonomy.yml` and `policies.yml`."""
    encoder: Path | None = None
    """A folder of `python -m nlu finetune` that the shop's understanding is trained on and served with; none: the bundled
    encoder, or the one that the trained model brings along."""
    database_url: str = ""
    """Empty: SQLite under `home`. Else `postgresql+psycopg://…`."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = ""
    """Where customers reach this server; needed by connectors and for absolute links in cards."""
    log_level: str = "INFO"
    today: str = ""
    """A fixed ISO date for demonstrations and tests; empty: the real one."""
    refit_at: str = "04:00"
    """When the recommender is fitted anew every night, in the shop's time zone; empty: never (`daogou refit` does it)."""

    identity_secrets: tuple[SecretStr, ...] = ()
    """The shop's server signs customers with the first; all are accepted (rotation)."""
    allowed_origins: tuple[str, ...] = ()
    """Pages that may embed the widget, besides this server's own."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded-For is believed."""
    messages_per_minute: int = Field(default=30, ge=1)
    """Per conversation; four times as many per address."""
    message_length: int = Field(default=2000, ge=1)

    api_token: SecretStr | None = None
    """Asked of callers of Rasa's HTTP API, and of the shop's REST channel, when it is set."""
    jwt_secret: SecretStr | None = None
    """Callers of Rasa's HTTP API may instead sign a JWT with it: {"user": {"username", "role": "admin" | "user"}}. For an
    RS or ES method, the public key."""
    jwt_method: Literal["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"] = "HS256"
    enable_api: bool = False
    """Serves Rasa's HTTP API (trackers, events …), as `rasa run --enable-api` does."""

    runtime: Literal["embedded", "rasa"] = "embedded"
    """Who decides in a dialogue: this process, or a real Rasa 3 server."""
    rasa_url: str = "http://127.0.0.1:5005"
    """That server; it asks us back at `/model/parse` and `/webhook`."""
    rasa_token: SecretStr | None = None
    """Shared by both servers, in both directions. Without it, only a Rasa server on this machine may call our actions."""

    telegram_token: SecretStr | None = None
    telegram_secret: SecretStr | None = None

    @field_validator("rasa_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError(f"{value!r} is no address; write e.g. http://127.0.0.1:5005")
        return value

    @field_validator("refit_at")
    @classmethod
    def _hour(cls, value: str) -> str:
        if value:
            try:
                datetime.strptime(value, "%H:%M")
            except ValueError:
                raise ValueError(f"{value!r} is no time of day; write e.g. 04:00, or nothing") from None
        return value

    @field_validator("shop", "project")
    @classmethod
    def _folder(cls, value: Path) -> Path:
        if not value.is_dir():
            raise ValueError(f"{str(value)!r} is no folder")
        return value

    @property
    def rasa_secret(self) -> str | None:
        return self.rasa_token.get_secret_value() if self.rasa_token else None

    @property
    def engine_url(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'daogou.db'}"

    def project_home(self, project: Path) -> Path:
        """Where a project that is not the shop's keeps its conversations and models, apart from those of others."""
        path = project.resolve()
        return self.home / "projects" / f"{path.name}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"

    def project_url(self, project: Path) -> str:
        """The database of such a project."""
        return self.database_url or f"sqlite:///{self.project_home(project) / 'daogou.db'}"

    @property
    def chroma(self) -> Path:
        return self.home / "chroma"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def recommenders(self) -> Path:
        """The versions of the fitted recommender."""
        return self.home / "recommenders"

    @cached_property
    def session_secret(self) -> bytes:
        """Signs widget sessions and console cookies. Made once and kept under `home`, readable by its owner only."""
        path = self.home / "session.key"
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_hex(32))
            try:
                os.link(fresh, path)  # atomic: the first of several workers wins
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return bytes.fromhex(path.read_text().strip())
