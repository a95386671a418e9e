// The front of the shop: a row of products from each department, filled when it comes near the screen.

import { h } from "../dom/element";
import { get, type Brief, type Department } from "./api";
import { tile } from "./tile";
import { words } from "./words";

const IN_ROW = 6;

export interface ShelfActions {
  currency: string;
  show(productId: string): void;
  browse(department: string): void;
}

export function shelves(departments: Department[], actions: ShelfActions): HTMLElement[] {
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        void fill(target as HTMLElement, actions);
      }
    },
    { rootMargin: "400px" },
  );
  return departments
    .filter(({ count }) => count)
    .map(({ id, name, count }) => {
      const all = h("button", { type: "button", "aria-label": `${name}: ${words().seeAll(count)}`, onclick: () => actions.browse(id) }, words().seeAll(count));
      const shelf = h("section", { class: "shelf", "data-department": id }, h("h2", {}, h("span", {}, name), all), h("ul", { class: "grid" }));
      near.observe(shelf);
      return shelf;
    });
}

async function fill(shelf: HTMLElement, { currency, show }: ShelfActions): Promise<void> {
  const { items } = await get<{ items: Brief[] }>("/api/products", { category: shelf.dataset["department"] ?? "" });
  shelf.querySelector("ul")?.replaceChildren(...spread(items).map((product) => tile(product, currency, show)));
}

/** A few that are as far apart in the list as can be: neighbours tend to be alike. */
function spread(items: Brief[]): Brief[] {
  const step = Math.max(1, items.length / IN_ROW);
  return Array.from({ length: Math.min(IN_ROW, items.length) }, (_, i) => items[Math.floor(i * step)]).filter((item) => item !== undefined);
}
