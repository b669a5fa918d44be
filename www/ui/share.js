// The share panel: link, embed, picture, data, command line.
import { prose } from '../plots/prose.js';
import { builder } from './builder.js';
import { dialog, h } from './dom.js';
import { download } from './download.js';

/**
 * A configuration. checked: the link carries its fingerprint; own: its run is the link's own, no network from a file, no training that
 * was stopped; lost: its graphics card was lost on the way.
 * @typedef {{ checked: boolean, own: boolean, lost: boolean }} Of
 */

/**
 * @typedef {object} Shared
 * @property {string} link  with the fingerprint where the run is done
 * @property {string} page  the page's address without query and hash
 * @property {Of[]} sides  one, or two that are compared
 * @property {string} title
 * @property {() => Promise<Blob|null>} picture
 * @property {(() => Promise<string>)|null} csv
 * @property {import('./builder.js').Names} controls  of the open lab
 * @property {import('./builder.js').Names} views
 * @property {string[]} tries  links of the open lab
 */

/** @param {string} text */
const quoted = (text) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');

/** @param {Shared} what */
export function openShare(what) {
  const status = h('p.quietly', { role: 'status' });
  const save = (/** @type {string} */ name, /** @type {Blob} */ blob) => {
    download(name, blob);
    status.textContent = `${name} saved.`;
  };
  const link = field('Link', status);
  const frame = field('Embed code', status);
  const element = field('Element code', status);
  const told = (/** @type {URLSearchParams} */ flags) => {
    const query = flags.toString();
    link.set(`${what.page}${query && '?'}${query}#${what.link}`);
    const source = quoted(`${what.page}?embed=1${query && '&'}${query}#${what.link}`);
    frame.set(prose`<iframe src="${source}" title="${quoted(what.title)}" loading="lazy" sandbox="allow-scripts allow-popups" width="100%"
      height="480" style="border:0"></iframe>`);
    const attributes = [...flags].map(([key, value]) => ` ${key}="${quoted(value)}"`).join('');
    element.set(prose`<script src="${new URL('score-field.js', what.page).href}"></script> <score-field link="${quoted(what.link)}"
      title="${quoted(what.title)}"${attributes}></score-field>`);
  };
  told(new URLSearchParams());
  const { page, controls, views } = what;
  return dialog('Share',
    part('Link', linkHelp(what), link.el),
    part('Embed', 'A frame: one line for a web page; it works in a sandbox and waits until it is on screen.', frame.el),
    h('p.help', {}, 'Or an element: a still that the reader starts, as high as its content; three run at a time.'), element.el,
    builder({ page, link: what.link, controls, views, told }),
    part('Present', 'Links in large type, one after the other, by the keys of a presenter. One link a line.', presentation(what, status)),
    part('Command line', 'The same run, natively, with its numbers as JSON.', field('Command', status, `scorefield run '${what.link}'`).el),
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
const lacking = ({ own, lost }, of) => {
  if (lost) return `The run${of} lost its graphics card on the way,`;
  return own ? `The run${of} is not done yet,` : `The network of the run${of} was not trained here to its end,`;
};

/** @param {string} title @param {string} help @param {HTMLElement} body */
function part(title, help, body) {
  return h('section.part', {}, h('h3', {}, title), h('p.help', {}, help), body);
}

/** A list of links and the address that presents them. @param {Shared} what @param {HTMLElement} status */
function presentation({ link, tries, page }, status) {
  const address = field('Address of the presentation', status);
  const open = h('a.chip', { target: '_blank', rel: 'noopener' }, 'Present');
  const write = () => {
    const slides = list.value.split('\n').map((line) => line.trim().replace(/^.*#/, '')).filter(Boolean);
    open.href = `${page}?present=1${slides.map((slide) => `&slide=${encodeURIComponent(slide)}`).join('')}#${slides[0] ?? link}`;
    address.set(open.href);
  };
  const list = h('textarea', { rows: 4, 'aria-label': 'Experiments to present, one a line', spellcheck: 'false', oninput: write });
  list.value = [link, ...tries].join('\n');
  write();
  return h('div', {}, list, address.el, h('p.row', {}, open));
}

/** A text to copy. @param {string} name @param {HTMLElement} status @param {string} [text] */
function field(name, status, text = '') {
  const input = h('input.copy', { type: 'text', readonly: true, value: text, 'aria-label': name, onfocus: () => input.select() });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(input.value);
      status.textContent = `${name} copied.`;
    } catch {
      input.focus();
      input.select();
      status.textContent = `${name} selected: copy it with the keyboard.`;
    }
  };
  const el = h('div.copyrow', {}, input, h('button.chip', { type: 'button', 'aria-label': `Copy: ${name}`, onclick: copy }, 'Copy'));
  return { el, set: (/** @type {string} */ now) => (input.value = now) };
}
