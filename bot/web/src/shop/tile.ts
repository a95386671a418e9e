// A product in the grid, and the words for its stock.

import { h } from "../dom/element";
import { money } from "../dom/format";
import { safeImage } from "../dom/links";
import type { Brief } from "./api";
import { words } from "./words";

const FEW = 5;

export function tile(product: Brief, currency: string, show: (id: string) => void): HTMLElement {
  const href = `/?product=${encodeURIComponent(product.product_id)}`;
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab or window was asked for
    event.preventDefault();
    show(product.product_id);
  };
  return h(
    "li",
    {},
    h(
      "a",
      { class: "tile", href, onclick: open },
      h("span", { class: "picture" }, picture(product), stockBadge(product.stock)),
      h("span", { class: "kind" }, product.category_name),
      h("span", { class: "name" }, product.name),
      priceLine(product, currency),
    ),
  );
}

export function picture(product: Brief): HTMLElement | false {
  const src = safeImage(product.image, location.href);
  return src !== null && h("img", { src, alt: "", loading: "lazy", decoding: "async" });
}

export function priceLine({ price, list_price, rating }: Brief, currency: string): HTMLElement {
  return h(
    "span",
    { class: "price" },
    h("strong", {}, money(price, currency)),
    list_price !== null && list_price > price && h("s", {}, money(list_price, currency)),
    rating !== null && h("span", { class: "rating", "aria-label": `${words().rating} ${rating}` }, `★ ${rating.toFixed(1)}`),
  );
}

/** Nothing is said while there is plenty. */
export function stockBadge(stock: number, { always = false } = {}): HTMLElement | false {
  const { soldOut, left, inStock } = words();
  if (stock > FEW) return always && h("span", { class: "stock good" }, inStock);
  return h("span", { class: `stock ${stock ? "few" : "out"}` }, stock ? left(stock) : soldOut);
}
