// Lessons: Markdown files in lessons/, each a title, an introduction and stops. A stop is a question, a figure and a conclusion with the
// numbers of the figure. tests/lessons.rs runs every figure and compares its numbers.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { Fault, markdown } from './markdown.js';

/**
 * @typedef {import('markdown-it').Token} Token
 * @typedef {{ value: number, tolerance: number }} Stated
 * @typedef {{ link: string, title: string, numbers: Map<string, Stated> }} Figure
 * @typedef {{ id: string, question: string, before: string, beside: string, figure: Figure, after: string }} Stop
 * @typedef {{ file: string, name: string, title: string, about: string, intro: string, stops: Stop[] }} Lesson
 */

/**
 * All lessons, in the order of their files' numbers.
 * @param {string} root  the checkout
 * @returns {Lesson[]}
 */
export function lessons(root) {
  const files = readdirSync(join(root, 'lessons')).filter((name) => name.endsWith('.md')).sort();
  return files.map((file) => lesson(`lessons/${file}`, readFileSync(join(root, 'lessons', file), 'utf8')));
}

/**
 * Reads one lesson. An error names the file, the line, the cause and what is valid.
 * @param {string} file  its path below the checkout
 * @param {string} text
 * @returns {Lesson}
 */
export function lesson(file, text) {
  try {
    return read(file, text);
  } catch (error) {
    const line = error instanceof Fault ? error.line : 1;
    throw new Error(`${file}:${line}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** @param {string} file @param {string} text @returns {Lesson} */
function read(file, text) {
  const name = /^lessons\/\d\d-([a-z0-9-]+)\.md$/.exec(file)?.[1];
  if (!name) throw new Fault(1, 'a lesson is called lessons/NN-name.md, NN its place');
  const tokens = markdown.parse(text, {});
  const [first] = tokens;
  if (first?.type !== 'heading_open' || first.tag !== 'h1') throw new Fault(1, 'a lesson begins with its title: “# Title”');
  const starts = tokens.flatMap((token, i) => (token.type === 'heading_open' && i > 0 ? [i] : []));
  for (const i of starts) {
    if (tokens[i].tag !== 'h2') throw new Fault(lineOf(tokens[i]), `a heading of ${tokens[i].tag}; a stop begins with “## Question?”`);
  }
  if (starts.length === 0) throw new Fault(1, 'there is no stop; begin one with “## Question?”');
  const intro = tokens.slice(3, starts[0]);
  const about = intro.find((token) => token.type === 'inline');
  if (!about) throw new Fault(1, 'a lesson needs a paragraph below its title that says what it is about');
  return {
    file, name, title: first && tokens[1].content, about: plain(about), intro: html(intro, null),
    stops: starts.map((start, i) => stop(tokens.slice(start, starts[i + 1]), i)),
  };
}

/** @param {Token[]} tokens @param {number} place @returns {Stop} */
function stop(tokens, place) {
  const question = tokens[1].content;
  const line = lineOf(tokens[0]);
  if (!question.endsWith('?')) throw new Fault(line, `“${question}” is no question; end it with ?`);
  const figures = tokens.flatMap((token, i) => (token.type === 'fence' ? [i] : []));
  if (figures.length !== 1) throw new Fault(line, `“${question}” has ${figures.length} figures; give it one, a block \`\`\`figure`);
  const [at] = figures;
  const shown = figure(tokens[at]);
  const { main, aside } = apart(tokens.slice(3, at));
  if (main.length === 0) throw new Fault(line, `“${question}” goes straight to its figure; say first what to look for`);
  const after = tokens.slice(at + 1);
  const used = after.flatMap((token) => token.children ?? []).filter((token) => token.type === 'number');
  if (used.length === 0) throw new Fault(lineOf(tokens[at]), `“${question}” has no conclusion with a number of its figure, as {${[...shown.numbers.keys()][0]}}`);
  return { id: `stop-${place + 1}`, question, before: html(main, shown), beside: html(aside, shown), figure: shown, after: html(after, shown) };
}

/** Quoted blocks stand beside the text: formulas and their words. @param {Token[]} tokens */
function apart(tokens) {
  /** @type {Token[]} */
  const main = [];
  /** @type {Token[]} */
  const aside = [];
  let inside = false;
  for (const token of tokens) {
    if (token.type === 'blockquote_open') inside = true;
    else if (token.type === 'blockquote_close') inside = false;
    else (inside ? aside : main).push(token);
  }
  return { main, aside };
}

/** @param {Token} fence @returns {Figure} */
function figure(fence) {
  const line = lineOf(fence);
  if (fence.info.trim() !== 'figure') throw new Fault(line, `a block of “${fence.info}”; a figure is a block \`\`\`figure`);
  /** @type {any} */
  let written;
  try {
    written = parse(fence.content);
  } catch (error) {
    const at = /** @type {{ line?: number }} */ (error).line ?? 0;
    throw new Fault(line + at, `the figure is no TOML: ${String(/** @type {Error} */ (error).message).split('\n')[0]}`);
  }
  const { link, title, number = [] } = written;
  for (const [key, value] of Object.entries({ link, title })) {
    if (typeof value !== 'string' || !value) throw new Fault(line, `the figure has no ${key}; write ${key} = "…"`);
  }
  /** @type {Map<string, Stated>} */
  const numbers = new Map();
  for (const { key, value, tolerance } of number) if (typeof value === 'number') numbers.set(key, { value, tolerance });
  return { link, title, numbers };
}

/**
 * Tokens as HTML, with the numbers of a figure in their places.
 * @param {Token[]} tokens @param {Figure|null} figure
 */
function html(tokens, figure) {
  let line = 1;
  for (const token of tokens) {
    line = token.map ? lineOf(token) : line;
    for (const child of token.children ?? []) if (child.type === 'number') child.content = filled(child.content, figure, line);
  }
  try {
    return markdown.renderer.render(tokens, markdown.options, {});
  } catch (error) {
    if (error instanceof Fault) throw error;
    const fault = tokens.find((token) => wrong(token));
    throw new Fault(fault ? lineOf(fault) : line, `a formula is wrong: ${String(/** @type {Error} */ (error).message).split('\n')[0]}`);
  }
}

/** Whether a token cannot be rendered. @param {Token} token */
function wrong(token) {
  try {
    markdown.renderer.render([token], markdown.options, {});
    return false;
  } catch {
    return true;
  }
}

/**
 * The text of `{key}`, or of the ratio `{key/key}`.
 * @param {string} text @param {Figure|null} figure @param {number} line
 */
function filled(text, figure, line) {
  const values = text.split('/').map((key) => {
    const value = figure?.numbers.get(key);
    if (value !== undefined) return value;
    const known = [...(figure?.numbers.keys() ?? [])].join(', ') || 'none';
    throw new Fault(line, `{${text}} names no value that the figure states; it states ${known}`);
  });
  if (values.length === 1) return shown(values[0]);
  const ratio = values[0].value / values[1].value;
  return shown({ value: ratio, tolerance: ratio / 200 });
}

/** A number as people write it, with the digits that its tolerance leaves it. @param {Stated} stated */
export function shown({ value, tolerance }) {
  const power = value === 0 || Math.abs(value) >= 1e-4 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const digits = tolerance === 0 ? 0 : Math.max(0, power - Math.ceil(Math.log10(tolerance)));
  const text = (value / 10 ** power).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace('-', '−');
  return power ? `${text} · 10<sup>${String(power).replace('-', '−')}</sup>` : text;
}

/** The text of a paragraph without its marks. @param {Token} inline */
function plain(inline) {
  return (inline.children ?? []).map((token) => (token.type === 'softbreak' ? ' ' : token.content)).join('');
}

/** @param {Token} token */
function lineOf(token) {
  return (token.map?.[0] ?? 0) + 1;
}
