// The round button and the window it opens.

import { h, icon } from "../dom/element";
import { CHAT, CLOSE, DOWN, LANTERN, MORE, PERSON } from "../dom/icons";
import type { Mode } from "./protocol";
import type { State } from "./connection";
import { Composer } from "./composer";
import { Log } from "./log";
import type { Words } from "./words";

export interface PanelActions {
  send(text: string): void;
  typing(): void;
  restart(): void;
  person(): void;
  opened(): void;
}

export class Panel {
  readonly element: HTMLElement;
  readonly log: Log;
  readonly composer: Composer;
  readonly #launcher: HTMLButtonElement;
  readonly #badge: HTMLElement;
  readonly #window: HTMLElement;
  readonly #status: HTMLElement;
  readonly #notice: HTMLElement;
  readonly #menu: HTMLElement;
  readonly #menuButton: HTMLButtonElement;
  readonly #words: Words;
  readonly #actions: PanelActions;

  constructor(words: Words, title: string, actions: PanelActions) {
    this.#words = words;
    this.#actions = actions;
    this.log = new Log(words);
    this.composer = new Composer(words, actions.send, actions.typing);
    this.#badge = h("span", { class: "badge", hidden: true });
    this.#launcher = h(
      "button",
      { class: "launcher", type: "button", "aria-label": words.open, "aria-expanded": "false", onclick: () => this.toggle() },
      h("span", { class: "closed" }, icon(...CHAT)),
      h("span", { class: "opened" }, icon(...DOWN)),
      this.#badge,
    );
    this.#status = h("p", { class: "status", role: "status" });
    this.#notice = h("div", { class: "notice", role: "status", hidden: true });
    const item = (text: string, act: () => void) =>
      h("button", { type: "button", role: "menuitem", onclick: () => (this.#showMenu(false), act(), this.composer.focus()) }, text);
    this.#menu = h("div", { class: "menu", role: "menu", hidden: true }, item(words.person, actions.person), item(words.restart, actions.restart));
    this.#menuButton = h(
      "button",
      { class: "tool dots", type: "button", "aria-label": words.menu, "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => this.#showMenu(Boolean(this.#menu.hidden)) },
      icon(...MORE),
    );
    this.#window = h(
      "section",
      { class: "window", role: "dialog", "aria-label": title, hidden: true },
      h(
        "header",
        {},
        h("span", { class: "face" }, h("span", { class: "bot" }, icon(...LANTERN)), h("span", { class: "agent" }, icon(...PERSON))),
        h("div", { class: "who" }, h("h2", {}, title), this.#status),
        this.#menuButton,
        h("button", { class: "tool", type: "button", "aria-label": words.close, onclick: () => this.close() }, icon(...CLOSE)),
        this.#menu,
      ),
      this.#notice,
      this.log.element,
      this.composer.element,
    );
    this.element = h("div", { class: "root" }, this.#window, this.#launcher);
    this.#window.addEventListener("keydown", (event) => this.#key(event));
    this.#window.addEventListener("click", ({ target }) => {
      if (target instanceof Node && !this.#menu.contains(target) && !this.#menuButton.contains(target)) this.#showMenu(false);
    });
    this.#followKeyboard();
  }

  get isOpen(): boolean {
    return !this.#window.hidden;
  }

  toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  open(): void {
    if (!this.isOpen) {
      this.#window.hidden = false;
      this.element.classList.add("open");
      this.#launcher.setAttribute("aria-expanded", "true");
      this.#launcher.setAttribute("aria-label", this.#words.close);
      this.#actions.opened();
      this.log.toEnd();
    }
    this.composer.focus();
  }

  close(): void {
    if (!this.isOpen) return;
    this.#showMenu(false);
    this.#window.hidden = true;
    this.element.classList.remove("open");
    this.#launcher.setAttribute("aria-expanded", "false");
    this.unread(0);
    this.#launcher.focus({ preventScroll: true });
  }

  unread(count: number): void {
    this.#badge.hidden = count === 0;
    this.#badge.textContent = count > 99 ? "99+" : String(count);
    const name = this.isOpen ? this.#words.close : this.#words.open;
    this.#launcher.setAttribute("aria-label", count ? `${name}, ${this.#words.unread(count)}` : name);
  }

  show(mode: Mode, state: State): void {
    const words = this.#words;
    this.element.dataset["mode"] = mode;
    this.element.dataset["state"] = state;
    const text = state === "connecting" ? words.connecting : { bot: words.botReady, waiting: words.waiting, human: words.human }[mode];
    if (this.#status.textContent !== text) this.#status.textContent = text;
    this.notice(state === "lost" ? words.lost : "");
  }

  notice(text: string): void {
    this.#notice.textContent = text;
    this.#notice.hidden = !text;
  }

  #showMenu(on: boolean): void {
    if (this.#menu.hidden === !on) return;
    this.#menu.hidden = !on;
    this.#menuButton.setAttribute("aria-expanded", String(on));
    if (on) (this.#menu.firstElementChild as HTMLElement).focus();
    else this.#menuButton.focus({ preventScroll: true });
  }

  #key(event: KeyboardEvent): void {
    const items = [...this.#menu.children] as HTMLElement[];
    if (event.key === "Escape") {
      event.stopPropagation();
      if (this.#menu.hidden) this.close();
      else this.#showMenu(false);
    } else if (!this.#menu.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const root = this.element.getRootNode() as ShadowRoot;
      const at = items.indexOf(root.activeElement as HTMLElement);
      items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length]?.focus();
    }
  }

  /** On a phone the window ends where the on-screen keyboard begins. */
  #followKeyboard(): void {
    const view = window.visualViewport;
    if (!view) return;
    const follow = () => {
      this.#window.style.setProperty("--view-height", `${view.height}px`);
      this.#window.style.setProperty("--view-top", `${view.offsetTop}px`);
    };
    view.addEventListener("resize", follow);
    view.addEventListener("scroll", follow);
    follow();
  }
}
