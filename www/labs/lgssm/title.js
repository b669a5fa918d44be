// Lab lgssm: a configuration in a line.
import { number } from '../../plots/kit.js';

/** @typedef {Record<string, string>} Values */
/** @typedef {import('../../app/store.js').Side} Info */

/** The name of a choice in the menus. @param {Info} info @param {string} key */
export function named({ controls, values }, key) {
  const choices = controls.find((c) => c.key === key)?.choices ?? [];
  return choices.find((c) => c.value === values[key])?.label ?? values[key];
}

/** Guidance by its name, as a phrase. @param {Info} info */
function rule(info) {
  const { guidance, operator } = info.values;
  if (guidance === 'none') return 'No guidance';
  if (guidance !== 'exact') return named(info, 'guidance');
  // With an operator that is not linear the rule takes a derivative in its place.
  return `${named(info, 'guidance')} guidance${operator === 'saturating' ? ', linearised' : ''}`;
}

/** A rule's own number. @param {Info} info */
function numberOf({ facts }) {
  if (!facts.rule?.number) return '';
  const [symbol, value] = facts.rule.number;
  return ` ${symbol.length > 1 ? symbol : `${symbol} =`} ${number(value, 4)}`;
}

/** Keys that a part below says, or that both sides of a comparison have in common. */
const SAID = new Set([
  ...'guidance zeta strength lambda gamma method context horizon score k process sampler steps lab view at engine fp v'.split(' '),
]);

/** Keys that say something even where the other side has none. */
const ALONE = new Set(['observed', 'every', 'y', 'grid', 'init']);

/** @param {Info} info @param {string} key */
const labelOf = ({ controls }, key) => controls.find((c) => c.key === key)?.label ?? key;

/** What a configuration is, part by part. @param {Info} info */
function parts(info) {
  const { values: v, title } = info;
  if (v.method === 'exact') return [named(info, 'method')];
  const method = v.method === 'ar' ? `${named(info, 'method')} ${v.context} + ${v.horizon}` : '';
  const score = v.k && v.score !== 'exact' ? `${named(info, 'score')} k = ${v.k}` : '';
  const guidance = rule(info) + numberOf(info);
  return [method, guidance, score, ...title.split(' · ').filter((part) => part !== named(info, 'score'))].filter(Boolean);
}

/** A value in a few letters. @param {string} value */
const brief = (value) => {
  const text = value.replaceAll(',', ', ').replaceAll(';', '; ').replace(/-(?=[.\d])/g, '−');
  return text.length > 24 ? `${text.slice(0, 24).replace(/[,;][^,;]*$/, '')} …` : text;
};

/** What in a configuration is another one, beside its parts. @param {Info} info @param {Values} w */
function differences(info, w) {
  const { values: v } = info;
  const said = Object.keys(v).filter((key) => !SAID.has(key) && v[key] && v[key] !== w[key] && (w[key] || ALONE.has(key)));
  const words = said.map((key) => (/^[a-z]/i.test(v[key]) ? named(info, key) : `${labelOf(info, key)} = ${brief(v[key])}`));
  return w.y && !v.y ? [...words, 'Observed values of the simulated chain'] : words;
}

/**
 * A configuration by its rule and score, then as the link names it; in a comparison what the other is not comes first.
 * @param {Info} info
 * @param {Info|null} [other]
 */
export function titleOf(info, other) {
  const own = parts(info);
  if (!other) return own.join(' · ');
  const theirs = new Set(parts(other));
  const shared = own.filter((part) => theirs.has(part));
  return [...differences(info, other.values), ...own.filter((part) => !theirs.has(part)), ...shared].join(' · ');
}
