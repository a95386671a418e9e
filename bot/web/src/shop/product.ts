// One product in full: what it is, what there is of it, and a way to ask about it.

import { h } from "../dom/element";
import type { Widget } from "../widget/main";
import { get, type Product, type Variant } from "./api";
import { Sheet } from "./sheet";
import { picture, priceLine, stockBadge } from "./tile";
import { words } from "./words";

export async function showProduct(id: string, currency: string, chat: Widget, closed: () => void): Promise<void> {
  const product = await get<Product>(`/api/products/${encodeURIComponent(id)}`);
  const sheet = new Sheet("product", product.name, closed);
  fill(sheet, product, currency, chat);
}

function fill(sheet: Sheet, product: Product, currency: string, chat: Widget): void {
  const say = words();
  const picked: { color?: string; size?: string } = {};
  const stock = h("div", { class: "availability", role: "status" });
  const actions = h("div", { class: "deal" });

  const refresh = () => {
    const available = matching(product.variants, picked).reduce((sum, { available }) => sum + available, 0);
    stock.replaceChildren(stockBadge(available, { always: true }) || "");
    const buy = available
      ? h("button", { type: "button", class: "primary", onclick: () => chat.say(payload(product, picked), `${say.addToCart}: ${described(product, picked)}`) }, say.addToCart)
      : h("button", { type: "button", class: "primary", onclick: () => chat.say(say.noticeText) }, say.notice);
    actions.replaceChildren(buy, h("button", { type: "button", onclick: () => chat.say(say.askText) }, say.ask));
  };

  const choice = (key: "color" | "size") => {
    const values = [...new Set(product.variants.map((variant) => variant[key]).filter(Boolean))];
    if (!values.length) return null;
    if (values.length === 1 && values[0]) picked[key] = values[0];
    const buttons = values.map((value) => {
      const none = !product.variants.some((variant) => variant[key] === value && variant.available > 0);
      return h("button", { type: "button", class: none ? "none" : "", title: none ? say.soldOut : null, "aria-pressed": String(picked[key] === value) }, value);
    });
    buttons.forEach((button, index) =>
      button.addEventListener("click", () => {
        const value = values[index];
        if (value === undefined || picked[key] === value) delete picked[key];
        else picked[key] = value;
        buttons.forEach((other, at) => other.setAttribute("aria-pressed", String(picked[key] === values[at])));
        refresh();
      }),
    );
    return h("div", { class: "choice", role: "group", "aria-label": say[key] }, h("span", {}, say[key]), h("div", {}, ...buttons));
  };

  sheet.body.append(
    h(
      "div",
      { class: "look" },
      h("div", { class: "picture" }, picture(product)),
      h("ul", { class: "tags" }, ...product.attributes.map((attribute) => h("li", {}, attribute))),
    ),
    h(
      "div",
      { class: "facts" },
      h("p", { class: "kind" }, `${product.brand} · ${product.category_name}`),
      h("h2", {}, product.name),
      priceLine(product, currency),
      h("p", { class: "reviews" }, say.reviews(product.reviews)),
      h("p", { class: "description" }, product.description),
      choice("color"),
      choice("size"),
      stock,
      actions,
      h("dl", {}, ...product.specs.flatMap(({ label, value }) => [h("dt", {}, label), h("dd", {}, value)])),
    ),
  );
  refresh();
}

function matching(variants: Variant[], picked: { color?: string; size?: string }): Variant[] {
  return variants.filter((v) => (!picked.color || v.color === picked.color) && (!picked.size || v.size === picked.size));
}

/** The intent with what was chosen; what was not, the assistant asks for. */
function payload(product: Product, picked: { color?: string; size?: string }): string {
  const color = product.variants.find((variant) => variant.color === picked.color)?.color_id;
  const entities = { product_id: product.product_id, ...(picked.color && color ? { color } : {}), ...(picked.size ? { size: picked.size } : {}) };
  return `/add_to_cart${JSON.stringify(entities)}`;
}

function described(product: Product, picked: { color?: string; size?: string }): string {
  const chosen = [picked.color, picked.size].filter(Boolean).join(" ");
  return chosen ? `${product.name} (${chosen})` : product.name;
}
