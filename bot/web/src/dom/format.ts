// Money and moments as a reader of the language expects them.

export type Language = "zh" | "en";

const SIGNS: Record<string, string> = { CNY: "¥", USD: "$", EUR: "€", GBP: "£", JPY: "¥", HKD: "HK$", TWD: "NT$" };

/** 1299 → ¥1,299; 49.5 → ¥49.5 */
export function money(amount: number, currency = "CNY"): string {
  const sign = SIGNS[currency] ?? `${currency} `;
  return sign + amount.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

/** 15:04 today, else 11月22日 15:04 / 22 Nov, 15:04. `seconds` since 1970. */
export function moment(seconds: number, language: Language, now = new Date()): string {
  const then = new Date(seconds * 1000);
  const hour = clock(seconds);
  return then.toDateString() === now.toDateString() ? hour : `${day(then, language)}${language === "zh" ? " " : ", "}${hour}`;
}

/** 15:04 */
export function clock(seconds: number): string {
  const then = new Date(seconds * 1000);
  return [then.getHours(), then.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** 11月22日 / 22 Nov */
export function day(then: Date, language: Language): string {
  if (language === "zh") return `${then.getMonth() + 1}月${then.getDate()}日`;
  return then.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}
