// The open conversation: its transcript, who has the word, and the reply.

import { h } from "../dom/element";
import type { Said } from "../widget/protocol";
import * as api from "./api";
import type { Detail, Operator, Row } from "./api";
import { nameOf, state } from "./list";
import { side } from "./side";
import { said } from "./transcript";
import { words } from "./words";

const NEAR = 80; // pixels from the end that still count as reading the end

export class Talk {
  readonly element: HTMLElement;
  readonly aside = h("aside", {});
  readonly id: string;
  readonly #me: Operator;
  readonly #title = h("header", {});
  readonly #list = h("ol", { class: "transcript", role: "log", "aria-live": "polite", tabindex: 0 });
  readonly #foot = h("footer", {});
  readonly #problem = h("p", { class: "problem", role: "alert", hidden: true });
  readonly #known = new Set<number>();
  readonly #field: HTMLTextAreaElement;
  readonly #form: HTMLFormElement;

  constructor(detail: Detail, me: Operator) {
    this.id = detail.sender_id;
    this.#me = me;
    this.#field = h("textarea", { rows: 2, maxlength: 4000, placeholder: words.reply, "aria-label": words.reply });
    this.#form = h("form", {}, this.#field, h("button", { type: "submit", class: "primary" }, words.send));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#reply();
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.element = h("section", { class: "talk", "aria-label": nameOf(detail) }, this.#title, this.#list, this.#problem, this.#foot);
    this.show(detail);
  }

  /** Everything as the server has it now. */
  show(detail: Detail): void {
    for (const one of detail.history) this.add(one);
    this.aside.replaceChildren(...side(detail));
    this.row(detail);
  }

  add(one: Said): void {
    if (this.#known.has(one.id)) return;
    this.#known.add(one.id);
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    const follow = scrollHeight - scrollTop - clientHeight < NEAR;
    this.#list.append(said(one));
    if (follow) this.toEnd();
  }

  toEnd(): void {
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  row(row: Row): void {
    this.#title.replaceChildren(h("h2", {}, nameOf(row)), h("span", { class: `mode ${row.mode}` }, words.modes[row.mode]), row.mode === "bot" ? "" : state(row, this.#me.name), this.#doing(row));
    const mine = row.mode === "human" && row.operator === this.#me.name;
    if (mine) {
      if (!this.#form.isConnected) this.#foot.replaceChildren(this.#form);
    } else {
      const why = this.#me.role === "viewer" ? words.readOnly : row.mode === "human" ? words.othersHave(row.operator) : words.takeFirst;
      this.#foot.replaceChildren(h("p", { class: "dim" }, why));
    }
  }

  #doing(row: Row): HTMLElement | string {
    if (this.#me.role === "viewer") return "";
    if (row.mode !== "human") return h("button", { type: "button", class: "primary", onclick: () => void this.#try(() => api.take(this.id), true) }, words.take);
    return row.operator === this.#me.name ? h("button", { type: "button", onclick: () => void this.#try(() => api.handBack(this.id)) }, words.back) : "";
  }

  async #try(act: () => Promise<Row>, answering = false): Promise<void> {
    if (await this.#safely(async () => this.row(await act()))) answering && this.#field.focus();
  }

  async #reply(): Promise<void> {
    const text = this.#field.value.trim();
    if (!text) return;
    this.#field.value = "";
    if (!(await this.#safely(async () => this.add(await api.reply(this.id, text))))) this.#field.value ||= text;
    this.toEnd();
  }

  async #safely(act: () => Promise<void>): Promise<boolean> {
    this.#problem.hidden = true;
    try {
      await act();
      return true;
    } catch (error) {
      this.#problem.textContent = words.failed + (error instanceof Error ? error.message : String(error));
      this.#problem.hidden = false;
      return false;
    }
  }
}
