// One entry of the conversation as an element.

import { h, icon } from "../dom/element";
import { clock, moment, type Language } from "../dom/format";
import { BOOK, LANTERN, PERSON } from "../dom/icons";
import { safeImage, safeLink } from "../dom/links";
import { markdown } from "../dom/markdown";
import { cardRow, type CardActions } from "./card";
import type { Entry } from "./conversation";
import type { Source } from "./protocol";

const HAN = /\p{Script=Han}/u;

export interface BubbleActions extends CardActions {
  language: Language;
  retry(entry: Entry): void;
}

export function bubble(entry: Entry, actions: BubbleActions): HTMLElement {
  const { author, data } = entry;
  const { words, server, press } = actions;
  if (author === "system") return h("div", { class: "entry system" }, h("p", {}, data.text));
  const name = { customer: words.you, bot: words.bot, agent: words.agent }[author];
  const image = data.image ? safeImage(data.image, server) : null;
  return h(
    "div",
    { class: `entry ${author}` },
    author !== "customer" && h("span", { class: "avatar" }, icon(...(author === "bot" ? LANTERN : PERSON))),
    h(
      "div",
      { class: "body" },
      author === "agent" ? h("span", { class: "name" }, name) : h("span", { class: "for-readers" }, `${name}: `),
      data.text && h("div", { class: HAN.test(data.text) ? "text" : "text latin" }, author === "customer" ? data.text : markdown(data.text, server)),
      image && h("img", { class: "image", src: image, alt: "", loading: "lazy" }),
      data.cards?.length ? cardRow(data.cards, actions) : null,
      data.sources?.length ? sources(data.sources, actions) : null,
      data.buttons?.length
        ? h("div", { class: "replies" }, ...data.buttons.map((b) => h("button", { type: "button", onclick: () => press(b) }, b.title)))
        : null,
      footer(entry, actions),
    ),
  );
}

function footer(entry: Entry, { words, retry }: BubbleActions): HTMLElement {
  if (entry.error !== undefined) {
    const again = h("button", { type: "button", onclick: () => retry(entry) }, words.retry);
    return h("div", { class: "problem", role: "alert" }, h("span", {}, entry.error || words.failed), again);
  }
  if (entry.id === null) return h("div", { class: "meta sending" }, words.sending);
  return h("div", { class: "meta" }, h("time", { datetime: new Date(entry.time * 1000).toISOString() }, clock(entry.time)));
}

function sources(list: Source[], { words, server }: BubbleActions): HTMLElement {
  const links = list.map(({ title, url }) => {
    const href = safeLink(url, server);
    return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, title) : h("span", {}, title);
  });
  return h("p", { class: "sources" }, icon(...BOOK), h("span", {}, words.sources), ...links);
}

/** A line with the time, where the talk paused. */
export function pause(seconds: number, language: Language): HTMLElement {
  return h("div", { class: "pause" }, moment(seconds, language));
}
