// The widget's own words. What the assistant says comes from the server.

import type { Language } from "../dom/format";

const zh = {
  title: "在线客服",
  open: "打开客服对话",
  close: "收起",
  menu: "更多",
  restart: "新会话",
  person: "转人工客服",
  personText: "转人工客服",
  bot: "智能导购",
  agent: "人工客服",
  you: "我",
  botReady: "智能导购，随时在",
  waiting: "正在为您转接同事…",
  human: "同事正在为您服务",
  connecting: "连接中…",
  lost: "网络断开了，正在重连。您发的消息会在连上后送出。",
  placeholder: "输入消息…",
  input: "消息",
  send: "发送",
  sending: "发送中",
  failed: "没发出去",
  retry: "重试",
  typing: "正在输入",
  sources: "来源：",
  rating: "评分",
  listPrice: "原价",
  products: "商品",
  earlier: "往前",
  later: "往后",
  latest: "有新消息",
  tooLong: (length: number, limit: number) => `${length} / ${limit}，请分几条发`,
  unread: (count: number) => `${count} 条未读消息`,
  hello: "您好，想找点什么，还是有订单要问？",
  helloName: (name: string) => `${name}，您好！想找点什么，还是有订单要问？`,
  starters: ["有什么推荐", "查一下我的订单", "退换货怎么办", "转人工客服"],
};

const en: typeof zh = {
  title: "Customer service",
  open: "Open the chat",
  close: "Close",
  menu: "More",
  restart: "New conversation",
  person: "Talk to a person",
  personText: "I'd like to talk to a person",
  bot: "Shop assistant",
  agent: "Support team",
  you: "You",
  botReady: "Shop assistant, always here",
  waiting: "Finding a colleague for you…",
  human: "A colleague is with you",
  connecting: "Connecting…",
  lost: "The connection is gone; trying again. What you send now goes out as soon as it is back.",
  placeholder: "Write a message…",
  input: "Message",
  send: "Send",
  sending: "Sending",
  failed: "Not sent",
  retry: "Try again",
  typing: "Typing",
  sources: "Source: ",
  rating: "Rating",
  listPrice: "List price",
  products: "Products",
  earlier: "Back",
  later: "Forward",
  latest: "New message",
  tooLong: (length, limit) => `${length} / ${limit}, please split it`,
  unread: (count) => `${count} unread message${count === 1 ? "" : "s"}`,
  hello: "Hi! Looking for something, or is it about an order?",
  helloName: (name) => `Hi ${name}! Looking for something, or is it about an order?`,
  starters: ["Recommend something", "Where is my order?", "How do returns work?", "Talk to a person"],
};

export type Words = typeof zh;
export const WORDS: Record<Language, Words> = { zh, en };

/** The page's language where it says one, else the browser's; Chinese in any script is zh, all else English. */
export function pageLanguage(script: HTMLScriptElement | null): Language {
  const tag = script?.dataset["language"] || document.documentElement.lang || navigator.language;
  return /^(zh|yue|cmn)\b/iu.test(tag) ? "zh" : "en";
}
