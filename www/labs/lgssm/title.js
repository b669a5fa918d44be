// Lab lgssm: a configuration in a line.
import { differences, named } from '../../app/title.js';
import { number } from '../../plots/kit.js';

/** @typedef {import('../../app/store.js').Side} Info */

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

/** What a configuration is, part by part. @param {Info} info */
function parts(info) {
  const { values: v, title } = info;
  if (v.method === 'exact') return [named(info, 'method')];
  const method = v.method === 'ar' ? `${named(info, 'method')} ${v.context} + ${v.horizon}` : '';
  const score = v.k && v.score !== 'exact' ? `${named(info, 'score')} k = ${v.k}` : '';
  const guidance = rule(info) + numberOf(info);
  return [method, guidance, score, ...title.split(' · ').filter((part) => part !== named(info, 'score'))].filter(Boolean);
}

/** What in a configuration is another one, beside its parts. @param {Info} info @param {Record<string, string>} w */
function told(info, w) {
  const words = differences(info, w, SAID);
  return w.y && !info.values.y ? [...words, 'Observed values of the simulated chain'] : words;
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
  return [...told(info, other.values), ...own.filter((part) => !theirs.has(part)), ...shared].join(' · ');
}
