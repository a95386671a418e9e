// What crosses the wire between the widget and the server.

export interface Button {
  title: string;
  payload: string;
}

export interface Card {
  id: string;
  title: string;
  subtitle?: string;
  image?: string;
  price?: number | null;
  list_price?: number | null;
  currency?: string;
  price_note?: string;
  stock?: string;
  reason?: string;
  rating?: number | null;
  url?: string;
  buttons?: Button[];
}

export interface Source {
  title: string;
  url: string;
}

export interface Content {
  text?: string;
  buttons?: Button[];
  cards?: Card[];
  sources?: Source[];
  image?: string;
}

export type Author = "customer" | "bot" | "agent" | "system";
export type Mode = "bot" | "waiting" | "human";

/** One bubble. `ref` is the id under which the customer's page sent it. */
export interface Said {
  type: "said";
  id: number;
  author: Author;
  time: number;
  data: Content;
  ref?: string;
}

export type ServerFrame =
  | { type: "welcome"; mode: Mode; history: Said[] }
  | Said
  | { type: "typing"; on: boolean }
  | { type: "mode"; mode: Mode }
  | { type: "error"; text: string; ref?: string }
  | { type: "pong" };

/** `text` is what was typed, or a button's payload; `title` is what the customer sees instead of a payload. */
export interface Outgoing {
  type: "message";
  id: string;
  text: string;
  title?: string;
}

export type ClientFrame = Outgoing | { type: "typing" } | { type: "ping" } | { type: "page"; product_id: string };

export interface Identity {
  user_id: string;
  expires: number;
  signature: string;
}

export interface Session {
  session: string;
  sender_id: string;
  customer: { name: string; customer_id?: string } | null;
}
