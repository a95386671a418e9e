// Runs before the first paint: the page's language from the address, the last visit, or the browser.
{
  const inPath = location.pathname.match(/^\/articles\/(zh|en)\//)?.[1];
  let stored = null;
  try {
    stored = localStorage.getItem("shop.language");
  } catch {} // storage is forbidden: the browser's language decides
  const asked = inPath ?? new URLSearchParams(location.search).get("lang") ?? stored ?? navigator.language;
  document.documentElement.lang = /^zh/i.test(asked) ? "zh" : "en";
}
