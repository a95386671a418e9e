// The support team's page: sign in, see who waits, read, take over, answer, hand back.

import { h, type Child } from "../dom/element";
import * as api from "./api";
import { Refused, type News, type Operator, type Row } from "./api";
import { gapTable } from "./gaps";
import { item, ordered } from "./list";
import { Talk } from "./talk";
import { words } from "./words";

const TICK = 10_000; // milliseconds between two looks at the waiting times

const page = document.getElementById("console") as HTMLElement;

function signInPage(): void {
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const name = h("input", { name: "name", autocomplete: "username", required: true, value: "admin" });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const form = h("form", { class: "sign-in" }, logo(), label(words.name, name), label(words.password, password), problem, h("button", { type: "submit", class: "primary" }, words.signIn));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    api.signIn(name.value, password.value).then(workplace, (error: unknown) => {
      problem.textContent = error instanceof Refused && error.status === 401 ? words.wrong : String(error instanceof Error ? error.message : error);
      problem.hidden = false;
      password.select();
    });
  });
  document.title = words.title;
  page.replaceChildren(form);
  password.focus();
}

function logo(): HTMLElement {
  return h("p", { class: "logo" }, h("img", { src: "/static/lantern.svg", alt: "", width: 28, height: 28 }), words.title);
}

function label(text: string, input: HTMLInputElement): HTMLElement {
  return h("label", {}, h("span", {}, text), input);
}

function workplace(me: Operator): void {
  const rows = new Map<string, Row>();
  const unread = new Set<string>();
  const list = h("ul", { class: "list" });
  const nothing = h("p", { class: "nothing" }, words.none);
  const middle = h("div", { class: "middle" }, h("p", { class: "nothing" }, words.choose));
  const work = h("main", { class: "work" }, h("nav", { "aria-label": words.conversations }, list, nothing), middle);
  const gaps = h("main", { class: "gaps", hidden: true });
  const count = h("span", { class: "count", hidden: true });
  const notice = h("p", { class: "notice", role: "status", hidden: true }, words.lost);
  let talk: Talk | null = null;
  let asked = "";

  const tab = (name: string, place: HTMLElement, ...extra: Child[]) =>
    h("button", { type: "button", role: "tab", "aria-selected": String(!place.hidden), onclick: () => choose(place) }, name, ...extra);
  const tabs = [tab(words.conversations, work, count), tab(words.gaps, gaps)];

  function choose(place: HTMLElement): void {
    [work, gaps].forEach((main, index) => {
      main.hidden = main !== place;
      tabs[index]?.setAttribute("aria-selected", String(main === place));
    });
    if (place === gaps) void guarded(async () => gaps.replaceChildren(gapTable(await api.gaps())));
  }

  function draw(): void {
    const waiting = [...rows.values()].filter(({ mode }) => mode === "waiting").length;
    count.textContent = words.waitingCount(waiting);
    count.hidden = waiting === 0;
    document.title = waiting ? `(${waiting}) ${words.title}` : words.title;
    nothing.hidden = rows.size > 0;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["sender"] : undefined;
    list.replaceChildren(
      ...ordered(rows.values(), me.name).map((row) =>
        item(row, me.name, { open: row.sender_id === talk?.id, unread: unread.has(row.sender_id), choose: () => void open(row.sender_id) }),
      ),
    );
    if (focused) list.querySelector<HTMLElement>(`[data-sender="${CSS.escape(focused)}"]`)?.focus();
  }

  async function open(id: string): Promise<void> {
    asked = id;
    await guarded(async () => {
      const detail = await api.conversation(id);
      if (asked !== id) return; // another one has been chosen meanwhile
      unread.delete(id);
      rows.set(id, detail);
      if (talk?.id === id) talk.show(detail);
      else {
        talk = new Talk(detail, me);
        middle.replaceChildren(talk.element, talk.aside);
        talk.toEnd();
      }
      history.replaceState(null, "", `#${id}`);
      draw();
    });
  }

  async function refresh(): Promise<void> {
    await guarded(async () => {
      const now = await api.conversations();
      rows.clear();
      for (const row of now) rows.set(row.sender_id, row);
      draw();
      const wanted = talk?.id ?? location.hash.slice(1);
      if (rows.has(wanted)) await open(wanted);
    });
  }

  function hear(news: News): void {
    const row = rows.get(news.sender_id);
    if (news.type === "conversation") {
      rows.set(news.sender_id, news);
      if (talk?.id === news.sender_id) void open(news.sender_id);
    } else if (!row) {
      void refresh();
      return;
    } else {
      Object.assign(row, { last: news.data.text ?? row.last, updated_at: news.time });
      if (talk?.id === news.sender_id) talk.add(news);
      else if (news.author === "customer" && row.mode !== "bot") unread.add(news.sender_id);
    }
    draw();
  }

  async function guarded(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return leave();
      notice.textContent = words.failed + (error instanceof Error ? error.message : String(error));
      notice.hidden = false;
    }
  }

  function leave(): void {
    stop();
    clearInterval(ticking);
    signInPage();
  }

  const signOut = () => void api.signOut().then(leave, leave);
  page.replaceChildren(
    h("header", { class: "top" }, logo(), h("div", { role: "tablist" }, ...tabs), h("p", { class: "me" }, me.name, h("button", { type: "button", onclick: signOut }, words.signOut))),
    notice,
    work,
    gaps,
  );
  const joined = () => {
    notice.hidden = true;
    void refresh();
  };
  const lost = () => {
    notice.textContent = words.lost;
    notice.hidden = false;
    // A closed line may mean an ended shift; when the server cannot be asked, it is only the line.
    api.whoAmI().then((still) => still ?? leave(), () => undefined);
  };
  const stop = api.listen(hear, joined, lost);
  const ticking = setInterval(draw, TICK);
}

async function begin(): Promise<void> {
  const me = await api.whoAmI();
  if (me) workplace(me);
  else signInPage();
}

void begin();
