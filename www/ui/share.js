// The share panel: link, embed, picture, data, command line.
import { prose } from '../plots/prose.js';
import { dialog, h } from './dom.js';

/**
 * A configuration. checked: the link carries its fingerprint; own: its run is the link's own, no network from a file, no training that
 * was stopped.
 * @typedef {{ checked: boolean, own: boolean }} Of
 */

/**
 * @typedef {object} Shared
 * @property {string} link  with the fingerprint where the run is done
 * @property {string} page  the page's address without query and hash
 * @property {Of[]} sides  one, or two that are compared
 * @property {string} title
 * @property {() => Promise<Blob|null>} picture
 * @property {(() => Promise<string>)|null} csv
 */

/** @param {Shared} what */
export function openShare(what) {
  const url = `${what.page}#${what.link}`;
  const embedUrl = `${what.page}?embed=1#${what.link}`;
  const [source, title] = [embedUrl.replace(/&/g, '&amp;'), what.title.replace(/"/g, '&quot;')];
  const embed = prose`<iframe src="${source}" title="${title}" loading="lazy" sandbox="allow-scripts allow-popups" width="100%" height="480"
    style="border:0"></iframe>`;
  const status = h('p.quietly', { role: 'status' });
  const save = (/** @type {string} */ name, /** @type {Blob} */ blob) => {
    download(name, blob);
    status.textContent = `${name} saved.`;
  };
  return dialog('Share',
    part('Link', linkHelp(what), field(url, 'Link', status)),
    part('Embed', 'One line for a web page; it works in a sandbox and waits until it is on screen.', field(embed, 'Embed code', status)),
    part('Command line', 'The same run, natively, with its numbers as JSON.', field(`scorefield run '${what.link}'`, 'Command', status)),
    h('section.part', {}, h('h3', {}, 'Picture and data'), h('p.row', {},
      h('button.chip', { type: 'button', onclick: async () => {
        const blob = await what.picture();
        if (blob) save('scorefield.png', blob);
        else status.textContent = 'The picture of this link is not there yet: try again when it is drawn.';
      } }, 'Picture (PNG)'),
      what.csv && h('button.chip', { type: 'button', onclick: async () => {
        const text = await what.csv?.().catch(() => null);
        if (text) save('scorefield.csv', new Blob([text], { type: 'text/csv' }));
        else status.textContent = 'The samples of this run are no longer held. Run it again.';
      } }, 'Samples (CSV)'))),
    status);
}

/** @param {Shared} what */
function linkHelp({ sides: [a, b] }) {
  if (a.checked && b?.checked) return 'Opens this comparison and checks that the results of both configurations come out the same.';
  if (a.checked && b)
    return prose`Opens this comparison and checks that the result of configuration A comes out the same.
      (${lacking(b, ' of configuration B')} so the link carries no fingerprint of it.)`;
  if (a.checked) return 'Opens this experiment and checks that the result comes out the same.';
  return `Opens this experiment. (${lacking(a, b ? ' of configuration A' : '')} so the link carries no fingerprint of the result.${
    a.own ? '' : ' Train it here first.'})`;
}

/** Why there is no fingerprint. @param {Of} side @param {string} of */
const lacking = ({ own }, of) => (own ? `The run${of} is not done yet,` : `The network of the run${of} was not trained here to its end,`);

/** @param {string} title @param {string} help @param {HTMLElement} body */
function part(title, help, body) {
  return h('section.part', {}, h('h3', {}, title), h('p.help', {}, help), body);
}

/** A text to copy. @param {string} text @param {string} name @param {HTMLElement} status */
function field(text, name, status) {
  const input = h('input.copy', { type: 'text', readonly: true, value: text, 'aria-label': name, onfocus: () => input.select() });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = `${name} copied.`;
    } catch {
      input.focus();
      input.select();
      status.textContent = `${name} selected: copy it with the keyboard.`;
    }
  };
  return h('div.copyrow', {}, input, h('button.chip', { type: 'button', onclick: copy }, 'Copy'));
}

/** @param {string} name @param {Blob} blob */
export function download(name, blob) {
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
