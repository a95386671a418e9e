// The page of one article: where the source links of answers lead.

import { h } from "./dom/element";
import { markdown } from "./dom/markdown";
import { get, type Article, type Shop } from "./shop/api";
import { language, words } from "./shop/words";

async function begin(): Promise<void> {
  const place = document.getElementById("article") as HTMLElement;
  (document.getElementById("back") as HTMLElement).textContent = words().back;
  const naming = get<Shop>("/api/shop").then((shop) => {
    (document.getElementById("shop-name") as HTMLElement).textContent = language() === "zh" ? shop.name_zh : shop.name_en;
  });
  try {
    const { title, text, updated } = await get<Article>(`/api${location.pathname}`);
    document.title = title;
    const date = updated ? h("p", { class: "updated" }, `${words().updated} ${updated}`) : "";
    place.replaceChildren(h("h1", {}, title), markdown(text, location.href), date);
  } catch {
    place.replaceChildren(h("h1", {}, words().noArticle));
  }
  await naming;
}

void begin();
