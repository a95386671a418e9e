// One WebSocket that comes back by itself; plain requests carry the messages where no WebSocket gets through.

import type { ClientFrame, Outgoing, Said, ServerFrame, Session } from "./protocol";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const PING_EVERY = 25_000;
const PONG_WITHIN = 10_000;
const TRIES_BEFORE_FALLBACK = 2;

export type State = "idle" | "connecting" | "open" | "lost";

export interface Listener {
  joined(session: Session): void;
  frame(frame: ServerFrame): void;
  state(state: State): void;
}

export class Connection {
  readonly #server: string;
  readonly #join: () => Promise<Session>;
  readonly #listener: Listener;
  #socket: WebSocket | null = null;
  #session: Session | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #everOpen = false;
  #attempt = 0;

  constructor(server: string, join: () => Promise<Session>, listener: Listener) {
    this.#server = server;
    this.#join = join;
    this.#listener = listener;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#hurry());
  }

  get started(): boolean {
    return this.#attempt > 0;
  }

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connects, or connects again as whoever the session says now. */
  start(): void {
    this.#drop();
    this.#failures = 0;
    void this.#connect();
  }

  /** False when the frame could not leave; the caller keeps what must not be lost. */
  send(frame: ClientFrame): boolean {
    if (this.open) this.#socket?.send(JSON.stringify(frame));
    else if (frame.type === "message" && this.#fallback) void this.#post(frame);
    else return false;
    return true;
  }

  get #fallback(): boolean {
    return !this.#everOpen && this.#failures >= TRIES_BEFORE_FALLBACK && this.#session !== null;
  }

  async #connect(): Promise<void> {
    const attempt = ++this.#attempt;
    this.#listener.state(this.#failures ? "lost" : "connecting");
    let session: Session;
    try {
      session = await this.#join();
    } catch {
      if (attempt === this.#attempt) this.#again();
      return;
    }
    if (attempt !== this.#attempt) return;
    this.#session = session;
    this.#listener.joined(session);
    const url = new URL("/ws", this.#server);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("session", session.session);
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => attempt === this.#attempt && this.#receive(String(data));
    socket.onclose = () => attempt === this.#attempt && this.#again();
  }

  #receive(data: string): void {
    const frame = JSON.parse(data) as ServerFrame;
    if (frame.type === "welcome") {
      this.#failures = 0;
      this.#everOpen = true;
      this.#listener.state("open");
    }
    this.#alive();
    if (frame.type !== "pong") this.#listener.frame(frame);
  }

  /** Every frame is a sign of life; after a silence we ask for one, and without an answer the line is dead. */
  #alive(): void {
    clearTimeout(this.#beat);
    this.#beat = setTimeout(() => {
      this.send({ type: "ping" });
      this.#beat = setTimeout(() => this.#again(), PONG_WITHIN);
    }, PING_EVERY);
  }

  #again(): void {
    this.#drop();
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++) * (0.75 + Math.random() / 2);
    this.#listener.state("lost");
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      void this.#connect();
    }, wait);
  }

  #hurry(): void {
    if (!this.#retry) return;
    this.#drop();
    void this.#connect();
  }

  #drop(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#beat);
    this.#retry = this.#beat = undefined;
    this.#attempt++;
    this.#socket?.close();
    this.#socket = null;
  }

  async #post(frame: Outgoing): Promise<void> {
    const fail = (text: string) => this.#listener.frame({ type: "error", text, ref: frame.id });
    try {
      const { id, text, title } = frame;
      const response = await fetch(new URL("/api/messages", this.#server), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ session: this.#session?.session, id, text, title }),
        credentials: "omit",
      });
      const answer = (await response.json()) as { said?: Said[]; detail?: unknown };
      if (!response.ok) return fail(typeof answer.detail === "string" ? answer.detail : `HTTP ${response.status}`);
      const own = answer.said?.find((said) => said.author === "customer");
      for (const said of answer.said ?? []) this.#listener.frame(said === own ? { ...said, ref: id } : said);
    } catch (error) {
      fail(String(error));
    }
  }
}
