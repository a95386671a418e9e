// The field to write in: grows with the text, Enter sends, Shift+Enter breaks the line, input methods are left alone.

import { h, icon } from "../dom/element";
import { SEND } from "../dom/icons";
import type { Words } from "./words";

const LIMIT = 2000; // characters the server takes in one message
const SHOW_COUNT_FROM = 1800;
const TYPING_EVERY = 3000; // milliseconds

export class Composer {
  readonly element: HTMLFormElement;
  readonly #field: HTMLTextAreaElement;
  readonly #button: HTMLButtonElement;
  readonly #count: HTMLOutputElement;
  readonly #words: Words;
  #typedAt = 0;

  constructor(words: Words, send: (text: string) => void, typing: () => void) {
    this.#words = words;
    this.#field = h("textarea", { rows: 1, placeholder: words.placeholder, "aria-label": words.input, enterkeyhint: "send", autocomplete: "off" });
    this.#button = h("button", { class: "send", type: "submit", "aria-label": words.send, disabled: true }, icon(...SEND));
    this.#count = h("output", { class: "count", hidden: true });
    this.element = h("form", { class: "composer" }, this.#field, this.#count, this.#button);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#button.disabled) return;
      send(this.#field.value.trim());
      this.text = "";
    });
    this.#field.addEventListener("keydown", (event) => {
      // keyCode 229: Safari ends a composition before it reports the Enter that ended it
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
    this.#field.addEventListener("input", () => {
      this.#fit();
      if (this.#field.value && Date.now() - this.#typedAt > TYPING_EVERY) {
        this.#typedAt = Date.now();
        typing();
      }
    });
  }

  get text(): string {
    return this.#field.value;
  }

  set text(text: string) {
    this.#field.value = text;
    this.#fit();
  }

  focus(): void {
    this.#field.focus({ preventScroll: true });
  }

  #fit(): void {
    const length = [...this.#field.value].length;
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
    this.#count.hidden = length < SHOW_COUNT_FROM;
    this.#count.classList.toggle("over", length > LIMIT);
    this.#count.value = length > LIMIT ? this.#words.tooLong(length, LIMIT) : `${length} / ${LIMIT}`;
    this.#button.disabled = length > LIMIT || !this.#field.value.trim();
  }
}
