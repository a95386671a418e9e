"""Serving a project."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import typer

from bot.cli_options import ProjectOption, err, out, settings_of
from bot.settings import Settings


def serve(
    project: ProjectOption = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535)] = None,
    host: Annotated[str | None, typer.Option(help="0.0.0.0 to be reached from other machines.")] = None,
    workers: Annotated[int, typer.Option(min=1)] = 1,
    runtime: Annotated[
        Literal["embedded", "rasa"] | None, typer.Option(help="Who decides in a dialogue; rasa: DAOGOU_RASA_URL.")
    ] = None,
    enable_api: Annotated[bool, typer.Option(help="Also serve Rasa's HTTP API.")] = False,
    auth_token: Annotated[str | None, typer.Option(help="Asked of callers of Rasa's HTTP API, as ?token=.")] = None,
    jwt_secret: Annotated[
        str | None, typer.Option(help="Checks their JWT; for RS and ES methods the public key.")
    ] = None,
    jwt_method: Annotated[str | None, typer.Option(help="HS256 by default.")] = None,
) -> None:
    """Serves the widget, the console, the REST channel and the connectors."""
    import uvicorn

    from bot.app import create_app

    if workers > 1:
        raise typer.BadParameter(
            "one process serves for now; its locks and live console are in memory", param_hint="--workers"
        )
    access = {"api_token": auth_token, "jwt_secret": jwt_secret, "jwt_method": jwt_method}
    settings = settings_of(project, port=port, host=host, runtime=runtime, enable_api=enable_api or None, **access)
    if settings.runtime == "rasa":
        asyncio.run(_greet_rasa(settings))
    out.print(f"http://{settings.host}:{settings.port}  (console: /console)", highlight=False)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        ws_max_size=65536,
    )


async def _greet_rasa(settings: Settings) -> None:
    """It may come later; but another version will never do."""
    from bot.dialogue.rasa_server import RasaServer, RasaUnavailableError

    server = RasaServer(settings.rasa_url, token=settings.rasa_secret)
    try:
        out.print(f"Rasa {await server.check()} decides, at {settings.rasa_url}", highlight=False)
    except RasaUnavailableError as problem:
        err.print(f"[yellow]{problem} Until it does, customers are told to wait.[/yellow]", highlight=False)
    finally:
        await server.close()
