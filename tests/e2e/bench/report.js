// Writes what a bench found into its place in docs/speed.md, with the command, the day, the commit and the machine.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

const FILE = new URL('../../../docs/speed.md', import.meta.url);

/** Processor, browser and load. @param {import('playwright-core').Browser} browser */
export function machine(browser) {
  const all = cpus();
  return `${all[0]?.model ?? 'an unknown processor'}, ${all.length} threads, Chromium ${browser.version()}, headless; load ${loadavg()[0].toFixed(1)}`;
}

/** The commit of this checkout, and whether it has changes that are in none; without git nothing is known. */
export function commit() {
  const cwd = new URL('.', FILE);
  const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':/', ':(top,exclude)docs/speed.md');
    return `commit ${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`;
  } catch {
    return 'an unknown commit';
  }
}

/**
 * What a dist is, whatever it is called: its folders are named by hashes of what is in them.
 * @param {string} page  its index.html
 */
export function distOf(page) {
  const names = ['www', 'cpu'].map((name) => new RegExp(`\\b${name}-[0-9a-f]{10}\\b`).exec(page)?.[0]);
  if (!names.every(Boolean)) throw new Error('This index.html names no www-HASH and cpu-HASH: give the folder that `cargo xtask dist` made.');
  return names.join(', ');
}

/** @param {'peers'|'webgpu'|'start'|'engine'|'shares'} part @param {string} command @param {string} where @param {string} text */
export function write(part, command, where, text) {
  const [begin, end] = [`<!-- begin ${part} -->`, `<!-- end ${part} -->`];
  const page = readFileSync(FILE, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/speed.md has no place for “${part}”`);
  const day = new Date().toISOString().slice(0, 10);
  const told = `${begin}\n\`${command}\`, ${day}, ${commit()}; ${where}\n\n${text}\n${end}`;
  writeFileSync(FILE, page.slice(0, from) + told + page.slice(to + end.length));
}

/** @param {string[][]} rows  the first is the head */
export const markdown = ([head, ...rows]) => [head, head.map((_, i) => (i ? '--:' : '---')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
