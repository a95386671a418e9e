// What has been said, in order, each bubble once; and what this page has sent that the server has not yet confirmed.

import type { Content, Mode, Outgoing, Said } from "./protocol";

/** A bubble. `id` is null until the server has it; `outgoing` is there for bubbles that were sent from this page. */
export interface Entry {
  id: number | null;
  author: Said["author"];
  time: number;
  data: Content;
  outgoing?: Outgoing;
  /** For an unconfirmed bubble: the id it stands behind. */
  after?: number;
  error?: string;
}

export class Conversation {
  entries: Entry[] = [];
  mode: Mode = "bot";

  get lastId(): number {
    return Math.max(0, ...this.entries.map((entry) => entry.id ?? 0));
  }

  /** Sent, not confirmed and not refused: to be sent again on the next connection (the server takes each id once). */
  get unconfirmed(): Entry[] {
    return this.entries.filter((entry) => entry.id === null && entry.outgoing && entry.error === undefined);
  }

  send(outgoing: Outgoing): Entry {
    const text = outgoing.title ?? outgoing.text;
    const entry: Entry = { id: null, author: "customer", time: Date.now() / 1000, data: { text }, outgoing, after: this.lastId };
    this.entries.push(entry);
    return entry;
  }

  /** Takes a bubble in; false when it was known. */
  add(said: Said): boolean {
    if (this.entries.some((entry) => entry.id === said.id)) return false;
    const mine = said.author === "customer" ? this.#sentAs(said) : undefined;
    if (mine) {
      Object.assign(mine, { id: said.id, time: said.time, data: said.data });
      delete mine.error;
    } else {
      this.entries.push({ id: said.id, author: said.author, time: said.time, data: said.data });
    }
    this.entries.sort((a, b) => place(a) - place(b));
    return !mine;
  }

  /** The server's own account of the conversation; of ours only what it has not yet seen stays. */
  replace(history: Said[]): void {
    const known = new Set(history.map((said) => said.id));
    this.entries = this.entries.filter((entry) => entry.id === null || known.has(entry.id));
    for (const said of history) this.add(said);
  }

  /** Marks a bubble as refused; false when none was sent under this id. */
  fail(ref: string | undefined, text: string): boolean {
    const entry = this.entries.find(({ outgoing }) => outgoing && outgoing.id === ref);
    if (entry) entry.error = text;
    return entry !== undefined;
  }

  /** Our bubble that a confirmation belongs to. A stored history carries no `ref`: there the same text decides. */
  #sentAs(said: Said): Entry | undefined {
    const open = this.entries.filter((entry) => entry.id === null && entry.outgoing);
    if (said.ref) return open.find((entry) => entry.outgoing?.id === said.ref);
    return open.find((entry) => entry.data.text?.trim() === said.data.text?.trim());
  }
}

function place(entry: Entry): number {
  return entry.id ?? (entry.after ?? 0) + 0.5;
}
