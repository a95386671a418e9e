// What was said, as the team reads it: cards as lines, buttons as a note, nothing that can be pressed by mistake.

import { h } from "../dom/element";
import { moment, money } from "../dom/format";
import { safeLink } from "../dom/links";
import { markdown } from "../dom/markdown";
import type { Card, Said, Source } from "../widget/protocol";
import { language, words } from "./words";

export function said({ id, author, time, data }: Said): HTMLElement {
  return h(
    "li",
    { class: `said ${author}`, "data-id": id },
    h("p", { class: "author" }, h("span", {}, words.authors[author]), h("time", {}, moment(time, language))),
    h(
      "div",
      { class: "text" },
      data.text ? (author === "customer" || author === "agent" ? data.text : markdown(data.text, location.href)) : null,
      data.cards?.length ? h("ul", { class: "cards" }, ...data.cards.map(card)) : null,
      data.sources?.length ? h("p", { class: "note" }, words.sources, ...data.sources.map(source)) : null,
    ),
    data.buttons?.length ? h("p", { class: "note" }, words.offered, data.buttons.map(({ title }) => title).join(" | ")) : null,
  );
}

function card({ title, price, currency, stock, reason }: Card): HTMLElement {
  const facts = [typeof price === "number" ? money(price, currency) : "", stock, reason].filter(Boolean).join(" · ");
  return h("li", {}, h("strong", {}, title), h("span", {}, facts));
}

function source({ title, url }: Source): HTMLElement {
  const href = safeLink(url, location.href);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, title) : h("span", {}, title);
}
