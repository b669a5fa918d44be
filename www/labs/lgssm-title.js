// Lab lgssm: a configuration in a line.

/** @typedef {Record<string, string>} Values */

const RULE = /** @type {Values} */ ({ none: 'no guidance', dps: 'DPS', diagonal: 'diagonal', finzi: 'Finzi', lambda: 'λ', sda: 'SDA', pigdm: 'ΠGDM', exact: 'exact guidance', replace: 'replace' });

/** Keys that a part below says, or that both sides of a comparison have in common. */
const SAID = new Set(['guidance', 'zeta', 'strength', 'lambda', 'gamma', 'method', 'context', 'horizon', 'score', 'k', 'process', 'sampler', 'steps', 'lab', 'view', 'at', 'engine', 'fp', 'v']);

/** Keys that say something even where the other side has none. */
const ALONE = new Set(['observed', 'every', 'y', 'grid', 'init']);

/** What a configuration is, part by part. @param {import('../store.js').Side} info */
function parts({ values: v, title }) {
  if (v.method === 'exact') return ['exact draws'];
  const number = { dps: `ζ = ${v.zeta}`, finzi: `strength ${v.strength}`, lambda: `= ${v.lambda}`, sda: `γ = ${v.gamma}` }[v.guidance];
  const method = v.method === 'ar' ? `in segments ${v.context} + ${v.horizon}` : '';
  const score = { blanket: `blanket k = ${v.k}`, net: `network k = ${v.k}` }[v.score] ?? '';
  return [method, [RULE[v.guidance] ?? v.guidance, number].filter(Boolean).join(' '), score, ...title.split(' · ').filter((part) => part !== 'network')].filter(Boolean);
}

/** A value in a few letters. @param {string} value */
const brief = (value) => {
  const text = value.replaceAll(',', ', ').replaceAll(';', '; ').replace(/-(?=[.\d])/g, '−');
  return text.length > 24 ? `${text.slice(0, 24).replace(/[,;][^,;]*$/, '')} …` : text;
};

/** The keys in which a configuration is another one, beside those of its parts. @param {Values} v @param {Values} w */
function differences(v, w) {
  const said = Object.keys(v).filter((key) => !SAID.has(key) && v[key] && v[key] !== w[key] && (w[key] || ALONE.has(key)));
  const words = said.map((key) => (/^[a-z]/i.test(v[key]) ? brief(v[key]) : `${key} = ${brief(v[key])}`));
  return w.y && !v.y ? [...words, 'y of the simulated chain'] : words;
}

/**
 * A configuration by its rule and score, then as the link names it; in a comparison what the other is not comes first.
 * @param {import('../store.js').Side} info
 * @param {import('../store.js').Side|null} [other]
 */
export function titleOf(info, other) {
  const own = parts(info);
  if (!other) return own.join(' · ');
  const theirs = new Set(parts(other));
  return [...differences(info.values, other.values), ...own.filter((part) => !theirs.has(part)), ...own.filter((part) => theirs.has(part))].join(' · ');
}
