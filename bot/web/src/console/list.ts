// The conversations: those who wait first, then one's own, then the newest.

import { h } from "../dom/element";
import { moment } from "../dom/format";
import type { Row } from "./api";
import { language, words } from "./words";

export const nameOf = (row: Row): string => row.customer?.name ?? `${words.guest} ${row.sender_id.slice(0, 4)}`;

export function ordered(rows: Iterable<Row>, me: string): Row[] {
  const rank = (row: Row) => (row.mode === "waiting" ? 0 : row.mode === "human" && row.operator === me ? 1 : 2);
  return [...rows].sort((a, b) => rank(a) - rank(b) || (rank(a) === 0 ? waitedSince(a) - waitedSince(b) : b.updated_at - a.updated_at));
}

export function item(row: Row, me: string, { open, unread, choose }: { open: boolean; unread: boolean; choose: () => void }): HTMLElement {
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: `row ${row.mode}${unread ? " unread" : ""}`, "aria-current": open ? "true" : null, "data-sender": row.sender_id, onclick: choose },
      moodDot(row.mood),
      h("span", { class: "name" }, nameOf(row)),
      state(row, me),
      h("span", { class: "last" }, row.last.replaceAll("**", "")),
    ),
  );
}

/** Who has the word, or how long nobody has had it. */
export function state(row: Row, me: string): HTMLElement {
  if (row.mode === "waiting") return h("span", { class: "state" }, words.waited(span(Date.now() / 1000 - waitedSince(row))));
  if (row.mode === "human") return h("span", { class: "state" }, row.operator === me ? words.yours : words.by(row.operator));
  return h("time", { class: "state" }, moment(row.updated_at, language));
}

/** `mood` runs from −1 to 1; its colour is named for readers too. */
export function moodDot(mood: number): HTMLElement {
  const level = mood < -0.3 ? "bad" : mood > 0.3 ? "good" : "even";
  return h("span", { class: `mood ${level}`, role: "img", "aria-label": words.mood[level], title: words.mood[level] });
}

function waitedSince(row: Row): number {
  return row.waiting_since ?? row.updated_at;
}

function span(seconds: number): string {
  if (seconds < 60) return words.seconds(Math.max(0, Math.floor(seconds)));
  return seconds < 5400 ? words.minutes(Math.round(seconds / 60)) : words.hours(Math.round(seconds / 3600));
}
