// The signed session: kept in the browser, renewed at every visit, shared by all tabs of the page's origin.

import type { Identity, Session } from "./protocol";

const TOKEN = "daogou.session";
const SENDER = "daogou.sender";
const SEEN = "daogou.seen";

export class SessionKeeper {
  readonly #server: string;
  #identity: Identity | null;
  #current: Session | null = null;
  #opening: Promise<Session> | null = null;

  constructor(server: string, identity: Identity | null) {
    this.#server = server;
    this.#identity = identity;
  }

  get current(): Session | null {
    return this.#current;
  }

  /** Has this browser talked before? */
  get known(): boolean {
    return read(TOKEN) !== null;
  }

  /** Renews the stored session or opens a new one. Rejects when the server cannot be reached or refuses. */
  open(): Promise<Session> {
    if (this.#opening) return this.#opening;
    const opening = this.#ask().then((session) => {
      if (this.#opening !== opening) return this.open(); // who we are changed meanwhile
      this.#opening = null;
      return this.#keep(session);
    });
    opening.catch(() => this.#opening === opening && (this.#opening = null));
    this.#opening = opening;
    return opening;
  }

  /** From here on for this customer; null is a guest with a new conversation. */
  identify(identity: Identity | null): void {
    this.#identity = identity;
    this.#opening = null;
    if (!identity) this.forget();
  }

  /** The next `open` starts a new conversation. */
  forget(): void {
    this.#opening = null;
    this.#current = null;
    for (const key of [TOKEN, SENDER, SEEN]) write(key, null);
  }

  /** Calls back when another tab has moved on to another conversation. */
  onElsewhere(moved: () => void): void {
    addEventListener("storage", ({ key, newValue }) => {
      if (key === SENDER && newValue && newValue !== this.#current?.sender_id) moved();
    });
  }

  /** The id of the newest bubble this customer has looked at. */
  get seen(): number {
    return Number(read(SEEN) ?? 0);
  }

  set seen(id: number) {
    if (id > this.seen) write(SEEN, String(id));
  }

  async #ask(): Promise<Session> {
    const body = { token: read(TOKEN) ?? "", ...(this.#identity ? { identity: this.#identity } : {}) };
    const response = await fetch(new URL("/api/session", this.#server), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
    });
    if (!response.ok) throw new Error(`the chat server answered ${response.status}`);
    return (await response.json()) as Session;
  }

  #keep(session: Session): Session {
    if (session.sender_id !== read(SENDER)) write(SEEN, null);
    write(TOKEN, session.session);
    write(SENDER, session.sender_id);
    this.#current = session;
    return session;
  }
}

// A page may forbid storage; then the conversation lasts as long as the page.
const memory = new Map<string, string>();

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    if (value === null) memory.delete(key);
    else memory.set(key, value);
  }
}
