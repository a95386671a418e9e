// The demo storefront: a shop front with the chat on it.

import { h } from "../dom/element";
import type { Identity } from "../widget/protocol";
import type { Widget } from "../widget/main";
import { get, post, type Brief, type Cart, type Department, type Shop } from "./api";
import { showCart, showOrders } from "./drawers";
import { showProduct } from "./product";
import { closeSheet } from "./sheet";
import { shelves } from "./shelves";
import { tile } from "./tile";
import { language, words } from "./words";

const chat = (window as unknown as { daogou: Widget }).daogou;
const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const grid = find("grid");
const visitor = find<HTMLSelectElement>("visitor");
const searchField = document.querySelector<HTMLInputElement>("#search input") as HTMLInputElement;

let shop: Shop;
let departments: Department[] = [];
let page = 1;
let loading = 0;

/** What is looked at lives in the address, so that it can be shared and gone back to. */
const address = {
  get: (key: "category" | "q" | "product") => new URLSearchParams(location.search).get(key) ?? "",
  set(values: Partial<Record<"category" | "q" | "product", string>>, { push = true } = {}) {
    const query = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(values)) {
      if (value) query.set(key, value);
      else query.delete(key);
    }
    const url = query.size ? `/?${query}` : "/";
    if (url === location.pathname + location.search) return;
    if (push) history.pushState(null, "", url);
    else history.replaceState(null, "", url);
  },
};

async function begin(): Promise<void> {
  [shop] = await Promise.all([get<Shop>("/api/shop"), translate()]);
  nameShop();
  await Promise.all([loadProducts(), offerVisitors(), countCart(), openAddressed()]);
}

function nameShop(): void {
  const name = language() === "zh" ? shop.name_zh : shop.name_en;
  find("shop-name").textContent = name;
  document.title = shop.name_zh === shop.name_en ? name : `${shop.name_zh} ${shop.name_en}`;
}

/** Puts the page's words in place; lists in the page's language come from the server. */
async function translate(): Promise<void> {
  const say = words();
  const text = (key: string | undefined) => String(say[key as keyof typeof say]);
  for (const element of document.querySelectorAll<HTMLElement>("[data-say]")) element.textContent = text(element.dataset["say"]);
  for (const element of document.querySelectorAll<HTMLElement>("[data-say-label]")) element.setAttribute("aria-label", text(element.dataset["sayLabel"]));
  for (const element of document.querySelectorAll<HTMLElement>("[data-say-placeholder]")) element.setAttribute("placeholder", text(element.dataset["sayPlaceholder"]));
  for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset["language"] === language()));
  find("asks").replaceChildren(...say.asks.map((ask) => h("button", { type: "button", onclick: () => chat.say(ask) }, ask)));
  departments = await get<Department[]>("/api/categories");
  drawChips();
}

function drawChips(): void {
  const category = address.get("category");
  const inside = departments.find(({ id, categories }) => id === category || categories.some((own) => own.id === category));
  const chip = (id: string, name: string, on: boolean) => h("button", { type: "button", "aria-pressed": String(on), onclick: () => browse({ category: id }) }, name);
  find("departments").replaceChildren(
    chip("", words().all, !inside),
    ...departments.filter(({ count }) => count).map(({ id, name }) => chip(id, name, inside?.id === id)),
  );
  const row = find("categories");
  const own = inside?.categories.filter(({ count }) => count) ?? [];
  row.hidden = own.length < 2;
  row.replaceChildren(...own.map(({ id, name }) => chip(id === category ? (inside?.id ?? "") : id, name, id === category)));
}

function browse(values: { category?: string; q?: string }): void {
  address.set({ ...values, product: "" });
  drawChips();
  void loadProducts();
}

async function loadProducts({ more = false } = {}): Promise<void> {
  const turn = ++loading;
  const q = address.get("q");
  const category = address.get("category");
  const front = !q && !category;
  searchField.value = q;
  find("found").hidden = grid.hidden = front;
  find("shelves").replaceChildren(...(front ? shelves(departments, { currency: shop.currency, show: openProduct, browse: (id) => browse({ category: id }) }) : []));
  if (front) {
    find("more").hidden = true;
    return;
  }
  page = more ? page + 1 : 1;
  grid.setAttribute("aria-busy", "true");
  try {
    const found = await get<{ items: Brief[]; total: number }>("/api/products", { q, category, page });
    if (turn !== loading) return; // a newer search has overtaken this one
    const tiles = found.items.map((product) => tile(product, shop.currency, openProduct));
    if (more) grid.append(...tiles);
    else grid.replaceChildren(...tiles);
    find("more").hidden = grid.children.length >= found.total;
    describe(found.total, q);
  } catch {
    if (turn === loading) find("found").replaceChildren(words().failed, " ", h("button", { type: "button", onclick: () => void loadProducts() }, words().retry));
  } finally {
    if (turn === loading) grid.removeAttribute("aria-busy");
  }
}

function describe(total: number, q: string): void {
  const say = words();
  const text = total ? (q ? say.foundFor(total, q) : say.found(total)) : q ? say.none(q) : say.noneHere;
  find("found").replaceChildren(text, q ? h("button", { type: "button", onclick: () => chat.say(q) }, say.askInstead(q)) : "");
}

function openProduct(id: string): void {
  address.set({ product: id });
  void openAddressed();
}

async function openAddressed(): Promise<void> {
  const id = address.get("product");
  if (!id) return closeSheet();
  chat.visit(id);
  const closed = () => {
    if (address.get("product") !== id) return; // another product has taken its place
    address.set({ product: "" });
    chat.visit(null);
  };
  await showProduct(id, shop.currency, chat, closed).catch(closed);
  await post("/api/events", { session: await chat.session(), kind: "view", product_id: id });
}

async function offerVisitors(): Promise<void> {
  visitor.closest("label")?.toggleAttribute("hidden", !shop.demo_customers.length);
  visitor.replaceChildren(
    h("option", { value: "" }, words().guest),
    ...shop.demo_customers.map(({ customer_id, name }) => h("option", { value: customer_id }, name)),
  );
  visitor.value = read("shop.visitor");
}

async function visitAs(id: string): Promise<void> {
  write("shop.visitor", id);
  const identity = id ? ((await (await post("/api/demo/identity", { customer_id: id })).json()) as Identity) : null;
  const spoken = shop.demo_customers.find(({ customer_id }) => customer_id === id)?.language;
  await chat.identify(identity);
  if (spoken === "zh" || spoken === "en") await speak(spoken);
  await countCart();
}

async function speak(to: "zh" | "en"): Promise<void> {
  if (to === language()) return;
  write("shop.language", to);
  document.documentElement.lang = to;
  nameShop();
  await translate();
  await Promise.all([loadProducts(), offerVisitors()]);
}

async function countCart(): Promise<void> {
  const { lines } = await get<Cart>("/api/cart", {}, await chat.session());
  const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const badge = find("cart-count");
  badge.textContent = String(count);
  badge.hidden = count === 0;
}

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage is forbidden: the choice lasts as long as the page
  }
}

for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
  button.addEventListener("click", () => void speak(button.dataset["language"] as "zh" | "en"));
}
visitor.addEventListener("change", () => void visitAs(visitor.value));
find("cart").addEventListener("click", () => void showCart(chat, shop.currency, openProduct));
find("orders").addEventListener("click", () => void showOrders(chat, shop.currency));
find("more").addEventListener("click", () => void loadProducts({ more: true }));
find("search").addEventListener("submit", (event) => {
  event.preventDefault();
  browse({ q: searchField.value.trim(), category: "" });
});
searchField.addEventListener("search", () => searchField.value || browse({ q: "" }));
document.addEventListener("daogou:said", () => void countCart());
addEventListener("popstate", () => {
  drawChips();
  void loadProducts();
  void openAddressed();
});
chat.show = openProduct;
void begin();
