// Questions that no article answered: what to write next.

import { h } from "../dom/element";
import { moment } from "../dom/format";
import type { Gap } from "./api";
import { language, words } from "./words";

export function gapTable(gaps: Gap[]): HTMLElement {
  if (!gaps.length) return h("p", { class: "nothing" }, words.noGaps);
  const head = [words.question, words.nearest, words.score, words.when].map((title) => h("th", { scope: "col" }, title));
  const rows = gaps.map(({ question, language: spoken, nearest, score, time }) =>
    h("tr", {}, h("td", { lang: spoken }, question), h("td", {}, nearest || "–"), h("td", { class: "number" }, score.toFixed(2)), h("td", {}, moment(time, language))),
  );
  return h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows));
}
