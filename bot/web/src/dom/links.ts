// Addresses that come out of text or data are followed only when they are harmless.

const SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);

/** The absolute address, or null for any scheme but http, https, mailto and tel. */
export function safeLink(address: string, base: string): string | null {
  const url = parsed(address, base);
  return url && SCHEMES.has(url.protocol) ? url.href : null;
}

/** The absolute address of a picture, or null unless it comes from `base`'s own origin. */
export function safeImage(address: string, base: string): string | null {
  const url = parsed(address, base);
  return url && url.origin === new URL(base).origin ? url.href : null;
}

function parsed(address: string, base: string): URL | null {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}
