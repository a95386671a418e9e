// The conversation as it scrolls: bubbles kept in step with the entries, pauses, quick replies, typing dots.

import { h, icon } from "../dom/element";
import { DOWN } from "../dom/icons";
import { bubble, pause, type BubbleActions } from "./bubble";
import type { Entry } from "./conversation";
import type { Words } from "./words";

const PAUSE = 15 * 60; // seconds of silence after which the time is shown in a line of its own
const GROUP = 3 * 60; // seconds within which bubbles of one author share their avatar and time
const NEAR = 80; // pixels from the end that still count as reading the end

interface Drawn {
  element: HTMLElement;
  look: string;
}

export class Log {
  readonly element: HTMLElement;
  readonly #list: HTMLElement;
  readonly #hello: HTMLElement;
  readonly #typing: HTMLElement;
  readonly #latest: HTMLButtonElement;
  #drawn = new Map<Entry, Drawn>();

  constructor(words: Words) {
    this.#hello = h("div", { class: "hello" });
    this.#list = h("div", { class: "entries", role: "log", "aria-live": "polite", "aria-label": words.title });
    this.#typing = h("div", { class: "typing", role: "status", hidden: true }, h("span", { class: "for-readers" }, words.typing), h("i"), h("i"), h("i"));
    this.#latest = h("button", { class: "latest", type: "button", hidden: true, onclick: () => this.toEnd() }, icon(...DOWN), words.latest);
    const scroller = h("div", { class: "scroller", tabindex: -1 }, this.#hello, this.#list, this.#typing);
    this.element = h("div", { class: "log" }, scroller, this.#latest);
    scroller.addEventListener("scroll", () => this.#atEnd && (this.#latest.hidden = true), { passive: true });
  }

  get #scroller(): HTMLElement {
    return this.element.firstElementChild as HTMLElement;
  }

  get #atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#latest.hidden = true;
  }

  typing(on: boolean): void {
    const follow = this.#atEnd;
    this.#typing.hidden = !on;
    if (on && follow) this.toEnd();
  }

  /** What an empty conversation shows: a greeting and a few ways to begin. */
  greet(text: string, starters: string[], start: (text: string) => void): void {
    const buttons = starters.map((starter) => h("button", { type: "button", onclick: () => start(starter) }, starter));
    this.#hello.replaceChildren(h("p", {}, text), h("div", { class: "starters" }, ...buttons));
  }

  /** Brings the page in step. Bulk changes (a history) are not read aloud. */
  draw(entries: Entry[], actions: BubbleActions, { bulk = false } = {}): void {
    const follow = bulk || this.#atEnd || entries.at(-1)?.id === null;
    this.#hello.hidden = entries.length > 0;
    this.#list.setAttribute("aria-busy", String(bulk));
    const lastAsked = entries.findLastIndex(({ author }) => author === "customer");
    const before = this.#drawn;
    this.#drawn = new Map();
    const wanted: HTMLElement[] = [];
    entries.forEach((entry, index) => {
      const previous = entries[index - 1];
      const next = entries[index + 1];
      if (entry.time - (previous?.time ?? 0) > PAUSE && (previous || Date.now() / 1000 - entry.time > PAUSE)) wanted.push(pause(entry.time, actions.language));
      const drawn = this.#element(entry, before.get(entry), actions);
      drawn.classList.toggle("follows", together(previous, entry));
      drawn.classList.toggle("followed", together(entry, next));
      drawn.classList.toggle("answered", index < lastAsked);
      wanted.push(drawn);
    });
    place(this.#list, wanted);
    this.#list.setAttribute("aria-busy", "false");
    if (follow) this.toEnd();
    else if (entries.length > before.size) this.#latest.hidden = false;
  }

  #element(entry: Entry, drawn: Drawn | undefined, actions: BubbleActions): HTMLElement {
    const look = JSON.stringify([entry.id === null, entry.error, entry.data, actions.language]);
    const element = drawn?.look === look ? drawn.element : bubble(entry, actions);
    if (drawn && drawn.element !== element) drawn.element.replaceWith(element);
    this.#drawn.set(entry, { element, look });
    return element;
  }
}

function together(a: Entry | undefined, b: Entry | undefined): boolean {
  return a !== undefined && b !== undefined && a.author === b.author && b.time - a.time < GROUP && a.error === undefined;
}

/** Makes `wanted` the children of `list` and moves only what is out of place, so that focus and scroll positions stay. */
function place(list: HTMLElement, wanted: HTMLElement[]): void {
  const keep = new Set<Element>(wanted);
  for (const child of [...list.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
}
