// A layer over the page: a product in the middle, or a drawer at the side. The chat stays usable above it.

import { h, icon } from "../dom/element";
import { CLOSE } from "../dom/icons";
import { words } from "./words";

let current: Sheet | null = null;

export class Sheet {
  readonly body: HTMLElement;
  readonly #element: HTMLElement;
  readonly #from = document.activeElement;
  readonly #closed: () => void;

  /** Opens at once, in place of any other. `closed` is called however it ends. */
  constructor(kind: "product" | "drawer", label: string, closed: () => void = () => undefined) {
    current?.close({ restore: false });
    current = this;
    this.#closed = closed;
    this.body = h("div", { class: "content" });
    const close = h("button", { class: "shut", type: "button", "aria-label": words().close, onclick: () => this.close() }, icon(...CLOSE));
    const dialog = h("section", { class: `sheet ${kind}`, role: "dialog", "aria-modal": "false", "aria-label": label, tabindex: -1 }, close, this.body);
    this.#element = h("div", { class: "layer", onclick: (event: MouseEvent) => event.target === this.#element && this.close() }, dialog);
    document.body.insertBefore(this.#element, document.querySelector("daogou-chat"));
    page().inert = true;
    document.addEventListener("keydown", this.#escape);
    dialog.focus({ preventScroll: true });
  }

  close({ restore = true } = {}): void {
    if (current !== this) return;
    current = null;
    document.removeEventListener("keydown", this.#escape);
    this.#element.remove();
    page().inert = false;
    if (restore && this.#from instanceof HTMLElement) this.#from.focus({ preventScroll: true });
    this.#closed();
  }

  readonly #escape = (event: KeyboardEvent): void => {
    if (event.key === "Escape") this.close();
  };
}

export function closeSheet(): void {
  current?.close();
}

function page(): HTMLElement {
  return document.getElementById("page") as HTMLElement;
}
