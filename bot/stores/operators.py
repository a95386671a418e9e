"""The support team: names, argon2 passwords, roles, and what each one did."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Engine, func, insert, select

from bot.stores.schema import audit, operators

ROLES = ("viewer", "agent", "editor", "admin")


@dataclass(frozen=True, slots=True)
class Operator:
    name: str
    role: str

    @property
    def may_answer(self) -> bool:
        return self.role != "viewer"


class Operators:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(8))

    def first_password(self) -> str | None:
        """Makes the first operator `admin` when there is none, and returns the password, once."""
        with self._engine.connect() as connection:
            if connection.execute(select(func.count()).select_from(operators)).scalar_one():
                return None
        password = secrets.token_urlsafe(12)
        self.add("admin", password, "admin")
        return password

    def add(self, name: str, password: str, role: str) -> None:
        if role not in ROLES:
            raise ValueError(f"role {role!r} is unknown; allowed are {', '.join(ROLES)}")
        if len(password) < 10:
            raise ValueError("a password needs at least 10 characters")
        with self._engine.begin() as connection:
            connection.execute(operators.delete().where(operators.c.name == name))
            connection.execute(insert(operators).values(name=name, password=self._hasher.hash(password), role=role))

    def sign_in(self, name: str, password: str) -> Operator | None:
        """None for a wrong name or password; both take the same time."""
        with self._engine.connect() as connection:
            row = connection.execute(select(operators).where(operators.c.name == name)).first()
        try:
            self._hasher.verify(row.password if row else self._nobody, password)
        except (VerifyMismatchError, InvalidHashError):
            return None
        return Operator(row.name, row.role) if row else None

    def get(self, name: str) -> Operator | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(operators.c.name, operators.c.role).where(operators.c.name == name)).first()
        return Operator(row.name, row.role) if row else None

    def did(self, name: str, action: str, subject: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(audit).values(operator=name, action=action, subject=subject, time=time.time()))
