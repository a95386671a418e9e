// The chat widget: one script tag on a shop's page. The page may set `window.daogou` before and use its methods after.

import { Connection, type State } from "./connection";
import { Conversation, type Entry } from "./conversation";
import { Panel } from "./panel";
import type { BubbleActions } from "./bubble";
import type { Button, Identity, Outgoing, ServerFrame } from "./protocol";
import { SessionKeeper } from "./session";
import style from "./style.css";
import { pageLanguage, WORDS } from "./words";

/** `window.daogou`: what the page tells the widget, and what it can ask of it. */
export interface Page {
  /** Who is signed in, signed by the shop's server. */
  identity?: Identity;
  /** What the visitor is looking at. */
  page?: { product_id?: string };
  title?: string;
  starters?: string[];
  /** Shows a product on the page when its card is tapped. */
  show?: (productId: string) => void;
}

export interface Widget extends Page {
  open(): void;
  close(): void;
  /** Sends a message in the customer's name; `title` is what is seen instead of a payload. */
  say(text: string, title?: string): void;
  visit(productId: string | null): void;
  identify(identity: Identity | null): Promise<void>;
  session(): Promise<string>;
}

const TYPING_LASTS = 30_000; // milliseconds; the dots go when the server never says that typing ended

const script = document.currentScript as HTMLScriptElement | null;
const server = new URL(script?.src || location.href).origin;

function start(page: Page): Widget {
  const keeper = new SessionKeeper(server, page.identity ?? null);
  const conversation = new Conversation();
  const host = document.createElement("daogou-chat");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];

  let language = pageLanguage(script);
  let state: State = "idle";
  let product = page.page?.product_id ?? null;
  let told = "";
  let dots: ReturnType<typeof setTimeout> | undefined;
  let panel = build();

  const connection = new Connection(server, () => keeper.open(), {
    joined({ customer }) {
      greet(customer?.name);
      tell("session");
    },
    frame: receive,
    state(now) {
      state = now;
      panel.show(conversation.mode, state);
    },
  });

  function build(): Panel {
    const words = WORDS[language];
    return new Panel(words, page.title || script?.dataset["title"] || words.title, {
      send: (text) => say(text),
      typing: () => connection.send({ type: "typing" }),
      restart: () => rejoin(() => keeper.forget()),
      person: () => say(words.personText),
      opened() {
        if (!connection.started) connection.start();
        look();
      },
    });
  }

  function greet(name = keeper.current?.customer?.name): void {
    const words = WORDS[language];
    panel.log.greet(name ? words.helloName(name) : words.hello, page.starters ?? words.starters, (text) => say(text));
  }

  function actions(): BubbleActions {
    return { server, language, words: WORDS[language], press, retry, show: page.show ?? null };
  }

  function draw(bulk = false): void {
    panel.log.draw(conversation.entries, actions(), { bulk });
    look();
  }

  /** What is on the screen has been seen; what is not counts as unread. */
  function look(): void {
    if (panel.isOpen && document.visibilityState === "visible") keeper.seen = conversation.lastId;
    const news = conversation.entries.filter(({ id, author }) => id !== null && id > keeper.seen && (author === "bot" || author === "agent"));
    panel.unread(panel.isOpen ? 0 : news.length);
  }

  function receive(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        conversation.mode = frame.mode;
        conversation.replace(frame.history);
        panel.show(conversation.mode, state);
        draw(true);
        tellProduct();
        for (const { outgoing } of conversation.unconfirmed) if (outgoing) connection.send(outgoing);
        break;
      case "said":
        conversation.add(frame);
        draw();
        tell("said");
        break;
      case "typing":
        clearTimeout(dots);
        panel.log.typing(frame.on);
        if (frame.on) dots = setTimeout(() => panel.log.typing(false), TYPING_LASTS);
        break;
      case "mode":
        conversation.mode = frame.mode;
        panel.show(conversation.mode, state);
        break;
      case "error":
        if (conversation.fail(frame.ref, frame.text)) draw();
        else panel.notice(frame.text);
        break;
    }
  }

  function say(text: string, title?: string): void {
    if (!text) return;
    if (!connection.started) connection.start();
    const outgoing: Outgoing = { type: "message", id: freshId(), text, ...(title && title !== text ? { title } : {}) };
    conversation.send(outgoing);
    draw();
    connection.send(outgoing);
  }

  function press({ payload, title }: Button): void {
    say(payload, title);
    panel.composer.focus();
  }

  function retry(entry: Entry): void {
    delete entry.error;
    draw();
    if (entry.outgoing) connection.send(entry.outgoing);
  }

  function rejoin(change: () => void): void {
    change();
    conversation.entries = [];
    conversation.mode = "bot";
    panel.log.typing(false);
    draw(true);
    connection.start();
  }

  /** Once for each product: telling it again would turn the talk back to it. */
  function tellProduct(): void {
    const news = `${keeper.current?.sender_id} ${product}`;
    if (product && news !== told && connection.send({ type: "page", product_id: product })) told = news;
  }

  /** The page hears of changes through events on `document`, with nothing of what was said in them. */
  function tell(what: "session" | "said"): void {
    document.dispatchEvent(new CustomEvent(`daogou:${what}`));
  }

  function speak(): void {
    const now = pageLanguage(script);
    if (now === language) return;
    language = now;
    const { isOpen } = panel;
    const draft = panel.composer.text;
    const old = panel.element;
    panel = build();
    old.replaceWith(panel.element);
    panel.composer.text = draft;
    greet();
    panel.show(conversation.mode, state);
    draw(true);
    if (isOpen) panel.open();
  }

  root.append(panel.element);
  document.body.append(host);
  greet();
  panel.show(conversation.mode, state);
  new MutationObserver(speak).observe(document.documentElement, { attributeFilter: ["lang"] });
  document.addEventListener("visibilitychange", look);
  keeper.onElsewhere(() => rejoin(() => undefined));
  if (keeper.known || page.identity) connection.start();

  return Object.assign(page, {
    open: () => panel.open(),
    close: () => panel.close(),
    say: (text: string, title?: string) => {
      panel.open();
      say(text, title);
    },
    visit(productId: string | null) {
      product = productId;
      tellProduct();
    },
    async identify(identity: Identity | null) {
      rejoin(() => keeper.identify(identity));
      await keeper.open();
    },
    session: async () => (keeper.current ?? (await keeper.open())).session,
  });
}

/** 128 random bits; `crypto.randomUUID` is missing on pages without https. */
function freshId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const holder = window as { daogou?: Page };
const begin = () => (holder.daogou = start(holder.daogou ?? {}));
if (document.body) begin();
else addEventListener("DOMContentLoaded", begin);
