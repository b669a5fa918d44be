// A configuration in a line, beside another one.

/** @typedef {Record<string, string>} Values */
/** @typedef {import('./store.js').Side} Info */

/** The name of a choice in the menus. @param {Info} info @param {string} key */
export function named({ controls, values }, key) {
  const choices = controls.find((c) => c.key === key)?.choices ?? [];
  return choices.find((c) => c.value === values[key])?.label ?? values[key];
}

/** A value in a few letters. @param {string} value */
const brief = (value) => {
  const text = value.replaceAll(',', ', ').replaceAll(';', '; ').replace(/-(?=[.\d])/g, '−');
  return text.length > 24 ? `${text.slice(0, 24).replace(/[,;][^,;]*$/, '')} …` : text;
};

/** Keys that say something even where the other side has none. */
const ALONE = new Set(['observed', 'every', 'y', 'grid', 'init']);

/**
 * What in a configuration is another one, in the words of the controls.
 * @param {Info} info @param {Values} w  the values of the other @param {Set<string>} said  keys that are told elsewhere
 */
export function differences(info, w, said) {
  const { values: v } = info;
  const controls = info.controls.filter(({ key }) => !said.has(key) && v[key] && v[key] !== w[key] && (w[key] || ALONE.has(key)));
  return controls.map(({ key, label, choices }) => (choices.length ? named(info, key) : `${label} = ${brief(v[key])}`));
}

/** Keys that are not of one side. */
const SHARED = new Set(['lab', 'view', 'at', 'engine', 'fp']);

/** A configuration in a line; where the other one has the same, with what is different. @param {Info} info @param {Info|null} [other] */
export function contrast(info, other) {
  if (!other || other.title !== info.title) return info.title;
  return [...differences(info, other.values, SHARED), info.title].join(' · ');
}

/** The keys of what is sampled. */
const LAW_KEYS = ['target', 'model'];

/**
 * Law and sampler; two configurations have their titles above their pictures.
 * @param {{ a: Info, b: Info|null }} opened @param {string[]} titles @param {string} lab  its name, where no key names a law
 */
export function headOf({ a, b }, titles, lab) {
  const laws = [a, b].map((side) => {
    const key = LAW_KEYS.find((name) => side?.values[name]);
    return side && key ? named(side, key) : lab;
  });
  const law = b && laws[0] !== laws[1] ? laws.join(' against ') : laws[0];
  const [title] = titles;
  return b || title.includes(law) ? (b ? law : title) : `${law} · ${title}`;
}
