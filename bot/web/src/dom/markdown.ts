// The subset of markdown that answers and articles use: bold, links, lists, line breaks. Everything else stays text.

import { h } from "./element";
import { safeLink } from "./links";

const INLINE =
  /\*\*(?<bold>[^*\n]+)\*\*|\[(?<label>[^\]\n]+)\]\((?<href>[^)\s]+)\)|(?<bare>https?:\/\/[^\s<>"'，。；：！？、（）【】《》]+)/gu;
const ITEM = /^\s*(?:[-•*]|(?<number>\d{1,3})[.)、])\s+(?<text>.*)$/u;

export function markdown(text: string, base: string): DocumentFragment {
  const out = document.createDocumentFragment();
  for (const block of text.trim().split(/\n\s*\n/u)) out.append(...blockOf(block, base));
  return out;
}

function blockOf(block: string, base: string): HTMLElement[] {
  const out: HTMLElement[] = [];
  for (const line of block.split("\n")) {
    const item = ITEM.exec(line)?.groups;
    const last = out.at(-1);
    if (item) {
      const tag = item["number"] ? "ol" : "ul";
      const list = last?.localName === tag ? last : h(tag, item["number"] ? { start: item["number"] } : {});
      if (list !== last) out.push(list);
      list.append(h("li", {}, inline(item["text"] ?? "", base)));
    } else if (last?.localName === "p") {
      last.append(h("br"), inline(line, base));
    } else {
      out.push(h("p", {}, inline(line, base)));
    }
  }
  return out;
}

function inline(line: string, base: string): DocumentFragment {
  const out = document.createDocumentFragment();
  let done = 0;
  for (const match of line.matchAll(INLINE)) {
    out.append(line.slice(done, match.index), piece(match, base));
    done = match.index + match[0].length;
  }
  out.append(line.slice(done));
  return out;
}

function piece({ 0: whole, groups = {} }: RegExpMatchArray, base: string): Node | string {
  if (groups["bold"]) return h("strong", {}, groups["bold"]);
  const bare = groups["bare"]?.replace(/[.,;:!?)]+$/u, "");
  const href = safeLink(groups["href"] ?? bare ?? "", base);
  if (!href) return whole;
  const link = h("a", { href, target: "_blank", rel: "noopener noreferrer" }, groups["label"] ?? bare);
  if (!bare || bare.length === whole.length) return link;
  const both = document.createDocumentFragment();
  both.append(link, whole.slice(bare.length));
  return both;
}
