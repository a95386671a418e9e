"""What an examination of the installation says: one sentence for each thing that was looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`message` says what there is and, unless it is ok, what to do."""

    name: str
    status: Status
    message: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def safely(name: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What the check finds; and where it breaks, that it did."""
    try:
        yield from check()
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as err:  # noqa: BLE001 - extensions in other languages raise more than Exception
        yield Finding(name, "problem", f"cannot be checked: {described(err)}")


def described(err: BaseException) -> str:
    """An error in one line of at most 300 characters; an import that failed names the package."""
    if isinstance(err, ModuleNotFoundError) and err.name:
        return f"the package {err.name.partition('.')[0]} is missing"
    text = " ".join(str(err).split()) or ("no answer in time" if isinstance(err, TimeoutError) else "")
    return f"{type(err).__name__}: {text}"[:300] if text else type(err).__name__
