// Beside the talk: why it came here, who it is, what they ordered, what the assistant has understood.

import { h, type Child } from "../dom/element";
import { day, money } from "../dom/format";
import type { Detail, Profile } from "./api";
import { moodDot, nameOf } from "./list";
import { language, words } from "./words";

export function side(detail: Detail): HTMLElement[] {
  const facts: [string, string][] = [
    [words.channel, detail.channel],
    [words.level, detail.customer?.level ?? ""],
  ];
  const slots = Object.entries(detail.slots).map(([key, value]): [string, string] => [words.slots[key] ?? key, readable(value)]);
  return [
    detail.reason ? block(words.reason, h("p", {}, detail.reason)) : null,
    detail.summary ? block(words.summary, h("p", { class: "summary" }, detail.summary)) : null,
    block(words.customer, h("p", { class: "person" }, moodDot(detail.mood), h("strong", {}, nameOf(detail))), pairs(facts)),
    detail.profile ? block(words.profile, ...profile(detail.profile)) : null,
    block(words.orders, detail.orders.length ? h("ul", { class: "orders" }, ...detail.orders.map(order)) : h("p", { class: "dim" }, words.noOrders)),
    slots.length ? block(words.known, pairs(slots)) : null,
  ].filter((part) => part !== null);
}

function block(title: string, ...content: Child[]): HTMLElement {
  return h("section", {}, h("h3", {}, title), ...content);
}

function pairs(rows: [string, string][]): HTMLElement {
  return h("dl", {}, ...rows.filter(([, value]) => value).flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)]));
}

function profile(known: Profile): HTMLElement[] {
  const tags = [words.segments[known.segment] ?? known.segment, known.high_potential ? words.potential : ""].filter(Boolean);
  const risk = known.churn_risk === null ? "" : `${Math.round(known.churn_risk * 100)} %`;
  const shares = (names: string[], parts: [string, number][]) =>
    names.map((name, place) => `${name} ${Math.round((parts[place]?.[1] ?? 0) * 100)} %`).join(language === "zh" ? "、" : ", ");
  const bought = known.recency_days === null ? "" : words.bought(known.purchases, money(known.spent), Math.round(known.recency_days));
  return [
    h("p", { class: "tags" }, ...tags.map((tag) => h("span", {}, tag))),
    pairs([
      [words.purchases, bought],
      [words.likes, shares(language === "zh" ? known.categories_zh : known.categories_en, known.categories)],
      [words.brands, shares(language === "zh" ? known.brands_zh : known.brands_en, known.brands)],
      [words.prices, known.recency_days === null ? "" : (words.priceTastes[known.price_taste] ?? "")],
      [words.churn, risk],
    ]),
  ];
}

function order({ number, status, total, placed_at }: Detail["orders"][number]): HTMLElement {
  return h(
    "li",
    {},
    h("span", { class: "number" }, number),
    h("span", {}, money(total)),
    h("span", { class: "dim" }, words.status[status] ?? status),
    h("time", { class: "dim" }, day(new Date(placed_at * 1000), language)),
  );
}

/** {price: {max: 300}, color: ["black"]} → "price max 300; color black" */
function readable(value: unknown): string {
  if (typeof value === "number") return String(Math.round(value * 100) / 100);
  if (Array.isArray(value)) return value.map(readable).join(", ");
  if (value === null || typeof value !== "object") return String(value ?? "");
  const shown = Object.entries(value).filter(([key, inner]) => key !== "why" && key !== "seen" && inner !== null && readable(inner) !== "");
  return shown.map(([key, inner]) => `${key} ${readable(inner)}`).join("; ");
}
