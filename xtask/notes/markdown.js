// Markdown with formulas: $…$ in a line, $$…$$ in lines of their own, both written as MathML; {key} stands for a number of the figure.

import MarkdownIt from 'markdown-it';
import temml from 'temml';

/** @typedef {import('markdown-it').Token} Token */

/** A fault of a lesson's text, at a line of its file. */
export class Fault extends Error {
  /** @param {number} line @param {string} message */
  constructor(line, message) {
    super(message);
    this.line = line;
  }
}

/**
 * A formula as MathML. Its inline styles, which the page's policy forbids, are in www/notes/notes.css.
 * @param {string} tex @param {boolean} displayMode
 */
export function mathml(tex, displayMode) {
  return temml.renderToString(tex, { displayMode, strict: true, throwOnError: true }).replace(/ style="[^"]*"/g, '');
}

/** The reader of lessons. Raw HTML is text. */
export const markdown = new MarkdownIt({ html: false, typographer: false });

markdown.inline.ruler.before('escape', 'math', (state, silent) => {
  if (state.src[state.pos] !== '$') return false;
  const end = state.src.indexOf('$', state.pos + 1);
  if (end <= state.pos + 1) return false;
  if (!silent) state.push('math', 'math', 0).content = state.src.slice(state.pos + 1, end);
  state.pos = end + 1;
  return true;
});

markdown.inline.ruler.before('escape', 'number', (state, silent) => {
  const found = /^\{([\w./-]+)\}/.exec(state.src.slice(state.pos));
  if (!found) return false;
  if (!silent) state.push('number', '', 0).content = found[1];
  state.pos += found[0].length;
  return true;
});

markdown.block.ruler.before('fence', 'display', (state, from, to, silent) => {
  const line = (/** @type {number} */ n) => state.src.slice(state.bMarks[n] + state.tShift[n], state.eMarks[n]).trim();
  if (!line(from).startsWith('$$')) return false;
  if (silent) return true;
  let last = from;
  const closed = () => line(last).endsWith('$$') && (last > from || line(from).length > 3);
  while (last < to && !closed()) last++;
  if (last >= to) throw new Fault(from + 1, 'a formula begins with $$ and does not end; close it with $$');
  const token = state.push('display', 'math', 0);
  token.content = Array.from({ length: last - from + 1 }, (_, i) => line(from + i)).join('\n').slice(2, -2);
  token.map = [from, last + 1];
  state.line = last + 1;
  return true;
}, { alt: ['paragraph', 'blockquote'] });

markdown.renderer.rules.math = (tokens, i) => mathml(tokens[i].content, false);
markdown.renderer.rules.display = (tokens, i) => `<div class="formula" tabindex="0">${mathml(tokens[i].content, true)}</div>\n`;
markdown.renderer.rules.number = (tokens, i) => `<b class="n">${tokens[i].content}</b>`;
