// What every page beside the playground has: head, policy, navigation.

/** @param {string} text */
export function escaped(text) {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);
}

/** Nothing of a page is inline, and a figure is a frame of the same host. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'";
const ICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%2300204d'/%3E%3Cpath d='M5 6C14 8 12 13 27 13M5 26C14 24 12 19 27 19M5 16H27' stroke='%2356b4e9' stroke-width='2.6' fill='none' stroke-linecap='round'/%3E%3C/svg%3E";

/**
 * @typedef {object} Page
 * @property {string} title
 * @property {string} about  one sentence for search and previews
 * @property {string} up  from the page to the root of the site: `../`
 * @property {'gallery'|'lessons'} place
 * @property {string[]} styles  below the root
 * @property {string} early  the script that runs before anything is drawn
 * @property {string[]} scripts  below the root
 * @property {string} body
 * @property {{ url: string, image: string }} [card]  whole addresses
 */

/** The whole page. @param {Page} page */
export function whole({ title, about, up, place, styles, early, scripts, body, card }) {
  const at = (/** @type {string} */ name) => (name === place ? ' aria-current="true"' : '');
  const meta = card
    ? [
      ['property', 'og:type', 'article'], ['property', 'og:site_name', 'Scorefield'], ['property', 'og:title', title],
      ['property', 'og:description', about], ['property', 'og:url', card.url], ['property', 'og:image', card.image],
      ['property', 'og:image:type', 'image/webp'], ['name', 'twitter:card', 'summary_large_image'], ['name', 'twitter:title', title],
      ['name', 'twitter:description', about], ['name', 'twitter:image', card.image],
    ].map(([kind, key, value]) => `<meta ${kind}="${key}" content="${escaped(value)}">\n`).join('') + `<link rel="canonical" href="${escaped(card.url)}">\n`
    : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · Scorefield</title>
<meta name="description" content="${escaped(about)}">
<meta name="color-scheme" content="light dark">
${meta}<link rel="icon" href="${ICON}">
<script src="${up}${early}"></script>
${styles.map((file) => `<link rel="stylesheet" href="${up}${file}">\n`).join('')}${scripts.map((file) => `<script src="${up}${file}" defer></script>\n`).join('')}</head>
<body>
<header class="top">
  <a class="name" href="${up}">Scorefield</a>
  <nav aria-label="Site"><a href="${up}lessons/"${at('lessons')}>Lessons</a> <a href="${up}gallery/"${at('gallery')}>Gallery</a></nav>
</header>
<main class="notes ${place}">
${body}
</main>
</body>
</html>
`;
}
