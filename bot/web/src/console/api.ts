// What the console asks the server. Every write carries the token that the sign-in gave.

import type { Mode, Said } from "../widget/protocol";

export interface Operator {
  name: string;
  role: string;
  csrf: string;
}

export interface Row {
  sender_id: string;
  channel: string;
  customer_id: string | null;
  customer: { name: string; level?: string } | null;
  mode: Mode;
  mood: number;
  language: string;
  reason: string;
  summary: string;
  operator: string;
  waiting_since: number | null;
  updated_at: number;
  last: string;
}

export interface Detail extends Row {
  history: Said[];
  slots: Record<string, unknown>;
  orders: { number: string; status: string; total: number; placed_at: number }[];
  profile?: Profile | null;
}

/** What kind of customer it is; the shares of `categories` and `brands` go with the names of the same place. */
export interface Profile {
  segment: string;
  recency_days: number | null;
  purchases: number;
  spent: number;
  price_taste: string;
  categories: [string, number][];
  brands: [string, number][];
  categories_zh: string[];
  categories_en: string[];
  brands_zh: string[];
  brands_en: string[];
  churn_risk: number | null;
  high_potential: boolean;
}

export interface Gap {
  id: number;
  question: string;
  language: string;
  nearest: string;
  score: number;
  time: number;
}

export type News = (Said & { sender_id: string }) | ({ type: "conversation" } & Row);

/** The server's refusal, with its own words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

let csrf = "";

export async function whoAmI(): Promise<Operator | null> {
  try {
    return known(await call<Operator>("GET", "api/me"));
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null;
    throw error;
  }
}

export async function signIn(name: string, password: string): Promise<Operator> {
  return known(await call<Operator>("POST", "login", { name, password }));
}

export const signOut = () => call<null>("POST", "logout");
export const conversations = () => call<Row[]>("GET", "api/conversations");
export const conversation = (id: string) => call<Detail>("GET", `api/conversations/${encodeURIComponent(id)}`);
export const take = (id: string) => call<Row>("POST", `api/conversations/${encodeURIComponent(id)}/take`);
export const handBack = (id: string) => call<Row>("POST", `api/conversations/${encodeURIComponent(id)}/return`);
export const reply = (id: string, text: string) => call<Said>("POST", `api/conversations/${encodeURIComponent(id)}/reply`, { text });
export const gaps = () => call<Gap[]>("GET", "api/gaps");

function known(operator: Operator): Operator {
  csrf = operator.csrf;
  return operator;
}

async function call<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { "X-CSRF": csrf };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(`/console/${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const detail = (answer as { detail?: unknown } | null)?.detail;
  throw new Refused(response.status, typeof detail === "string" ? detail : `HTTP ${response.status}`);
}

/** News of all conversations, live; comes back by itself. `joined` runs at each connection: read again what was missed. */
export function listen(hear: (news: News) => void, joined: () => void, lost: () => void): () => void {
  let socket: WebSocket;
  let failures = 0;
  let retry: ReturnType<typeof setTimeout>;
  let over = false;
  const connect = () => {
    const url = new URL("/console/ws", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    socket = new WebSocket(url);
    socket.onopen = () => {
      failures = 0;
      joined();
    };
    socket.onmessage = ({ data }) => hear(JSON.parse(String(data)) as News);
    socket.onclose = () => {
      if (over) return;
      lost();
      retry = setTimeout(connect, Math.min(15_000, 500 * 2 ** failures++));
    };
  };
  connect();
  return () => {
    over = true;
    clearTimeout(retry);
    socket.close();
  };
}
