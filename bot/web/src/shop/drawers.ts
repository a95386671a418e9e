// The basket and the orders of the visitor, at the side.

import { h } from "../dom/element";
import { day, money } from "../dom/format";
import type { Widget } from "../widget/main";
import { get, type Cart, type Order } from "./api";
import { Sheet } from "./sheet";
import { language, words } from "./words";

const UNDER_WAY = new Set(["paid", "packed", "dispatched"]);

export async function showCart(chat: Widget, currency: string, show: (id: string) => void): Promise<void> {
  const say = words();
  const cart = await get<Cart>("/api/cart", {}, await chat.session());
  const sheet = new Sheet("drawer", say.cart);
  const lines = cart.lines.map(({ product_id, name, quantity, price }) =>
    h(
      "li",
      {},
      h("img", { src: `/shop/images/${encodeURIComponent(product_id)}.svg`, alt: "" }),
      h("button", { type: "button", class: "name", onclick: () => show(product_id) }, name),
      h("span", { class: "amount" }, money(price * quantity, currency), h("small", {}, say.quantity(quantity))),
    ),
  );
  const checkout = () => {
    sheet.close();
    chat.say(say.checkoutText);
  };
  sheet.body.append(
    h("h2", {}, say.cart),
    lines.length ? h("ul", { class: "lines" }, ...lines) : h("p", { class: "empty" }, say.cartEmpty),
    lines.length
      ? h("div", { class: "sum" }, h("span", {}, say.total), h("strong", {}, money(cart.total, currency)), h("button", { type: "button", class: "primary", onclick: checkout }, say.checkout))
      : "",
  );
}

export async function showOrders(chat: Widget, currency: string): Promise<void> {
  const say = words();
  const orders = await get<Order[]>("/api/orders", {}, await chat.session());
  const sheet = new Sheet("drawer", say.orders);
  const ask = (number: string) => {
    sheet.close();
    chat.say(say.trackText(number));
  };
  const rows = orders.map((order) =>
    h(
      "li",
      {},
      h("p", { class: "state" }, h("strong", {}, say.status[order.status] ?? order.status), h("time", {}, day(new Date(order.placed_at * 1000), language()))),
      h("p", { class: "items" }, order.items.join(language() === "zh" ? "、" : ", ")),
      h("p", { class: "number" }, h("span", {}, order.number), h("span", {}, money(order.total, currency))),
      UNDER_WAY.has(order.status) && h("button", { type: "button", onclick: () => ask(order.number) }, say.track),
    ),
  );
  sheet.body.append(h("h2", {}, say.orders), rows.length ? h("ul", { class: "orders" }, ...rows) : h("p", { class: "empty" }, say.ordersEmpty));
}
