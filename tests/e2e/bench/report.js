// Writes what a bench found into its place in docs/speed.md, with the command, the day and the machine.

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

const FILE = new URL('../../../docs/speed.md', import.meta.url);

/** Processor, browser and load. @param {import('playwright-core').Browser} browser */
export function machine(browser) {
  const all = cpus();
  return `${all[0]?.model ?? 'an unknown processor'}, ${all.length} threads, Chromium ${browser.version()}, headless; load ${loadavg()[0].toFixed(1)}`;
}

/** @param {'peers'|'webgpu'|'start'|'engine'|'shares'} part @param {string} command @param {string} where @param {string} text */
export function write(part, command, where, text) {
  const [begin, end] = [`<!-- begin ${part} -->`, `<!-- end ${part} -->`];
  const page = readFileSync(FILE, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/speed.md has no place for “${part}”`);
  const day = new Date().toISOString().slice(0, 10);
  const told = `${begin}\n\`${command}\`, ${day}; ${where}\n\n${text}\n${end}`;
  writeFileSync(FILE, page.slice(0, from) + told + page.slice(to + end.length));
}

/** @param {string[][]} rows  the first is the head */
export const markdown = ([head, ...rows]) => [head, head.map((_, i) => (i ? '--:' : '---')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
