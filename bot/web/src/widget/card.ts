// Products as cards in a row that scrolls sideways.

import { h, icon } from "../dom/element";
import { money } from "../dom/format";
import { safeImage, safeLink } from "../dom/links";
import type { Button, Card } from "./protocol";
import type { Words } from "./words";

export interface CardActions {
  server: string;
  words: Words;
  press(button: Button): void;
  /** Shows a product on the page itself; null where the page does not offer that. */
  show: ((productId: string) => void) | null;
}

export function cardRow(cards: Card[], actions: CardActions): HTMLElement {
  const row = h("ul", { class: "cards", tabindex: 0, "aria-label": actions.words.products }, ...cards.map((card) => cardItem(card, actions)));
  if (cards.length < 2) return row;
  const move = (way: number) => () => row.scrollBy({ left: way * (row.firstElementChild?.clientWidth ?? 200), behavior: "smooth" });
  const back = h("button", { class: "shift back", type: "button", tabindex: -1, "aria-label": actions.words.earlier, onclick: move(-1) }, icon("M14 6l-6 6 6 6"));
  const on = h("button", { class: "shift on", type: "button", tabindex: -1, "aria-label": actions.words.later, onclick: move(1) }, icon("M10 6l6 6-6 6"));
  const ends = () => {
    back.hidden = row.scrollLeft < 8;
    on.hidden = row.scrollLeft + row.clientWidth > row.scrollWidth - 8;
  };
  row.addEventListener("scroll", ends, { passive: true });
  new ResizeObserver(ends).observe(row);
  return h("div", { class: "carousel" }, row, back, on);
}

function cardItem(card: Card, { server, words, press, show }: CardActions): HTMLElement {
  const image = card.image ? safeImage(card.image, server) : null;
  const href = card.url ? safeLink(card.url, server) : null;
  return h(
    "li",
    { class: "card" },
    h("div", { class: "picture" }, image && h("img", { src: image, alt: "", loading: "lazy", decoding: "async" }), stockBadge(card.stock)),
    h("h3", {}, title(card, href, show)),
    card.subtitle && h("p", { class: "subtitle" }, card.subtitle),
    h(
      "p",
      { class: "price" },
      typeof card.price === "number" && h("strong", {}, money(card.price, card.currency)),
      card.price_note ? h("small", {}, card.price_note) : false,
      typeof card.list_price === "number" && h("s", { "aria-label": `${words.listPrice} ${money(card.list_price, card.currency)}` }, money(card.list_price, card.currency)),
      typeof card.rating === "number" && h("span", { class: "rating", "aria-label": `${words.rating} ${card.rating}` }, `★ ${card.rating.toFixed(1)}`),
    ),
    card.reason && h("p", { class: "reason" }, card.reason),
    h(
      "div",
      { class: "actions" },
      ...(card.buttons ?? []).slice(0, 2).map((button) =>
        h("button", { type: "button", "aria-label": `${button.title}: ${card.title}`, onclick: () => press(button) }, button.title),
      ),
    ),
  );
}

function title(card: Card, href: string | null, show: CardActions["show"]): Node | string {
  if (show) return h("button", { type: "button", class: "title", onclick: () => show(card.id) }, card.title);
  if (href) return h("a", { class: "title", href, target: "_blank", rel: "noopener noreferrer" }, card.title);
  return card.title;
}

function stockBadge(phrase = ""): HTMLElement | false {
  if (!phrase) return false;
  // The phrase is written for the reader; its colour only repeats what it says.
  const level = /缺货|售罄|sold out|out of stock/iu.test(phrase) ? "out" : /仅剩|只剩|only/iu.test(phrase) ? "few" : "good";
  return h("span", { class: `stock ${level}` }, phrase);
}
