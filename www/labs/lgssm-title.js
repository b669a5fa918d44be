// Lab lgssm: a configuration in a line.

/** @typedef {Record<string, string>} Values */

/** The name of a choice in the menus. @param {import('../app/store.js').Side} info @param {string} key */
export function named({ controls, values }, key) {
  const choices = controls.find((c) => c.key === key)?.choices ?? [];
  return choices.find((c) => c.value === values[key])?.label ?? values[key];
}

/** Guidance by its name, as a phrase. @param {import('../app/store.js').Side} info */
function rule(info) {
  const { guidance } = info.values;
  return guidance === 'none' ? 'No guidance' : guidance === 'exact' ? `${named(info, 'guidance')} guidance` : named(info, 'guidance');
}

/** Keys that a part below says, or that both sides of a comparison have in common. */
const SAID = new Set(['guidance', 'zeta', 'strength', 'lambda', 'gamma', 'method', 'context', 'horizon', 'score', 'k', 'process', 'sampler', 'steps', 'lab', 'view', 'at', 'engine', 'fp', 'v']);

/** Keys that say something even where the other side has none. */
const ALONE = new Set(['observed', 'every', 'y', 'grid', 'init']);

/** What a configuration is, part by part. @param {import('../app/store.js').Side} info */
function parts(info) {
  const { values: v, title } = info;
  if (v.method === 'exact') return [named(info, 'method')];
  const number = { dps: `ζ = ${v.zeta}`, finzi: `strength ${v.strength}`, lambda: `λ = ${v.lambda}`, sda: `γ = ${v.gamma}` }[v.guidance];
  const method = v.method === 'ar' ? `${named(info, 'method')} ${v.context} + ${v.horizon}` : '';
  const score = ['blanket', 'net', 'trained'].includes(v.score) ? `${named(info, 'score')} k = ${v.k}` : '';
  return [method, [rule(info), number].filter(Boolean).join(' '), score, ...title.split(' · ').filter((part) => part !== named(info, 'score'))].filter(Boolean);
}

/** A value in a few letters. @param {string} value */
const brief = (value) => {
  const text = value.replaceAll(',', ', ').replaceAll(';', '; ').replace(/-(?=[.\d])/g, '−');
  return text.length > 24 ? `${text.slice(0, 24).replace(/[,;][^,;]*$/, '')} …` : text;
};

/** What in a configuration is another one, beside its parts. @param {import('../app/store.js').Side} info @param {Values} w */
function differences(info, w) {
  const { values: v, controls } = info;
  const labelOf = (/** @type {string} */ key) => controls.find((c) => c.key === key)?.label ?? key;
  const said = Object.keys(v).filter((key) => !SAID.has(key) && v[key] && v[key] !== w[key] && (w[key] || ALONE.has(key)));
  const words = said.map((key) => (/^[a-z]/i.test(v[key]) ? named(info, key) : `${labelOf(key)} = ${brief(v[key])}`));
  return w.y && !v.y ? [...words, 'Observed values of the simulated chain'] : words;
}

/**
 * A configuration by its rule and score, then as the link names it; in a comparison what the other is not comes first.
 * @param {import('../app/store.js').Side} info
 * @param {import('../app/store.js').Side|null} [other]
 */
export function titleOf(info, other) {
  const own = parts(info);
  if (!other) return own.join(' · ');
  const theirs = new Set(parts(other));
  return [...differences(info, other.values), ...own.filter((part) => !theirs.has(part)), ...own.filter((part) => theirs.has(part))].join(' · ');
}
