// What the storefront asks the server.

import { language } from "./words";

export interface Brief {
  product_id: string;
  name: string;
  category: string;
  category_name: string;
  price: number;
  list_price: number | null;
  rating: number | null;
  stock: number;
  image: string;
}

export interface Variant {
  sku: string;
  color: string;
  color_id?: string;
  size: string;
  available: number;
}

export interface Product extends Brief {
  description: string;
  brand: string;
  reviews: number;
  attributes: string[];
  specs: { label: string; value: string }[];
  variants: Variant[];
}

export interface Department {
  id: string;
  name: string;
  count: number;
  categories: { id: string; name: string; count: number }[];
}

export interface Shop {
  name_zh: string;
  name_en: string;
  currency: string;
  demo_customers: { customer_id: string; name: string; language: string }[];
}

export interface Cart {
  lines: { product_id: string; name: string; sku: string; quantity: number; price: number }[];
  total: number;
}

export interface Order {
  number: string;
  status: string;
  placed_at: number;
  total: number;
  items: string[];
}

export interface Article {
  title: string;
  text: string;
  updated: string;
}

/** A GET in the page's language; with a session it is answered for that visitor. Rejects with the status. */
export async function get<T>(path: string, query: Record<string, string | number> = {}, session?: string): Promise<T> {
  const url = new URL(path, location.href);
  for (const [key, value] of Object.entries({ lang: language(), ...query })) url.searchParams.set(key, String(value));
  const response = await fetch(url, session ? { headers: { "X-Session": session } } : {});
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return (await response.json()) as T;
}

export async function post(path: string, body: unknown): Promise<Response> {
  const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response;
}
