"""The pages in a real browser: against a server made of this test's own answers (`stage`), or the real one (`server`)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, WebSocketRoute, sync_playwright
from tests_support import missing

STATIC = Path(__file__).parents[3] / "bot" / "web" / "static"
CHROMIUM = Path("/usr/bin/chromium")
PAGES = {"/": "index.html", "/console": "console.html", "/widget.js": "widget.js"}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><rect width="4" height="3" fill="teal"/></svg>'
PRODUCT = {
    "product_id": "P1",
    "name": "Lamp",
    "category": "lamps",
    "category_name": "lamps",
    "price": 99.0,
    "list_price": 120.0,
    "rating": 4.5,
    "stock": 3,
    "image": "/shop/images/P1.svg",
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing("Chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


class Stage:
    """Answers what the pages ask. `api` maps paths to JSON, or to a function of the request's body that gives it."""

    url = "http://shop.test"

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.history: list[dict[str, Any]] = []
        self.received: list[dict[str, Any]] = []
        self.sockets: list[WebSocketRoute] = []
        self.mode = "bot"
        self.up = True
        self.echo = True
        self.asked: list[tuple[str, Any]] = []
        self.errors: list[str] = []
        self.api: dict[str, Any] = {
            "/api/session": self._session,
            "/api/shop": {"name_zh": "灯下", "name_en": "Lantern Lane", "currency": "CNY", "demo_customers": []},
            "/api/categories": [{"id": "home", "name": "home", "count": 1, "categories": []}],
            "/api/products": {"items": [PRODUCT], "total": 1},
            "/api/products/P1": PRODUCT
            | {"description": "Light.", "brand": "B", "reviews": 2, "attributes": [], "specs": [], "variants": []},
            "/api/cart": {"lines": [], "total": 0},
            "/api/orders": [],
            "/api/events": None,
        }
        self._sessions = 0
        self._waiting: list[tuple[str, Callable[[WebSocketRoute], None]]] = []
        context.route("**/*", self._answer)
        context.route_web_socket("**/ws*", self._connect)

    def page(self, path: str = "/", **viewport: int) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        if viewport:
            page.set_viewport_size({"width": viewport["width"], "height": viewport["height"]})
        page.goto(self.url + path)
        return page

    def say(self, author: str, data: dict[str, Any], ref: str | None = None) -> dict[str, Any]:
        """A bubble enters the conversation and goes to every page that listens."""
        said = {"type": "said", "id": len(self.history) + 1, "author": author, "time": time.time(), "data": data}
        self.history.append(said | {"sender_id": "s1"})
        self.push(said | {"sender_id": "s1"} | ({"ref": ref} if ref else {}))
        return said

    def push(self, frame: dict[str, Any]) -> None:
        for socket in self.sockets:
            socket.send(json.dumps(frame))

    def drop(self) -> None:
        """Every connection breaks; new ones fail until `up` again."""
        self.up = False
        for socket in self.sockets:
            socket.close()
        self.sockets.clear()

    def messages(self, page: Page, count: int) -> list[dict[str, Any]]:
        """The messages that have arrived; waits until there are `count`."""
        self.until(page, lambda: len(self._messages()) >= count)
        return self._messages()

    def until(self, page: Page, holds: Callable[[], bool]) -> None:
        """What a page sends arrives while Playwright is at work: lets it work until something holds."""
        end = time.monotonic() + 5
        while not holds() and time.monotonic() < end:
            page.wait_for_timeout(10)
        assert holds(), f"received {self.received}, asked {self.asked}"

    def _messages(self) -> list[dict[str, Any]]:
        return [frame for frame in self.received if frame["type"] == "message"]

    def _session(self, body: dict[str, Any]) -> dict[str, Any]:
        token = body["token"]
        if not token:
            self._sessions += 1
            token = f"t{self._sessions}"
        return {"session": token, "sender_id": f"s{token[1:]}", "customer": None}

    def _connect(self, socket: WebSocketRoute) -> None:
        if not self.up:
            socket.close()
            return
        self.sockets.append(socket)
        socket.on_message(lambda text: self._hear(socket, json.loads(text)))
        if "/console/" not in socket.url:
            socket.send(json.dumps({"type": "welcome", "mode": self.mode, "history": self.history}))

    def _hear(self, socket: WebSocketRoute, frame: dict[str, Any]) -> None:
        self.received.append(frame)
        if frame["type"] == "ping":
            socket.send(json.dumps({"type": "pong"}))
        if frame["type"] == "message" and self.echo:
            self.say("customer", {"text": frame.get("title") or frame["text"]}, ref=frame["id"])

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if not route.request.url.startswith(self.url):
            self.errors.append(f"a request to {route.request.url}")
            route.abort()
        elif path.startswith(("/static/", "/articles/")) or path in PAGES:
            route.fulfill(
                path=STATIC / PAGES.get(path, path.removeprefix("/static/") if "." in path else "article.html")
            )
        elif path.startswith("/shop/images/"):
            route.fulfill(body=SVG, content_type="image/svg+xml")
        elif path in self.api:
            body = route.request.post_data_json if route.request.post_data else None
            self.asked.append((f"{route.request.method} {path}", body))
            answer = self.api[path]
            route.fulfill(json=answer(body) if callable(answer) else answer)
        else:
            route.fulfill(status=404, json={"detail": f"no {path}"})


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    context = browser.new_context(locale="zh-CN", reduced_motion="reduce")
    context.set_default_timeout(5000)
    made = Stage(context)
    yield made
    context.close()
    assert made.errors == []
