// Prose in the source is wrapped; on the page a paragraph is one line.

/**
 * A wrapped template literal as one line: a line break and the indent after it are one space.
 * @param {TemplateStringsArray} strings
 * @param {...(string|number)} values
 */
export function prose(strings, ...values) {
  return strings.map((part, i) => part.replace(/\s*\n\s*/g, ' ') + (i < values.length ? values[i] : '')).join('').trim();
}

/**
 * The same for a formula, in which a backslash is one.
 * @param {TemplateStringsArray} strings
 * @param {...(string|number)} values
 */
export function formula(strings, ...values) {
  return strings.raw.map((part, i) => part.replace(/\s*\n\s*/g, ' ') + (i < values.length ? values[i] : '')).join('').trim();
}

/** Sentences one after the other; what is empty is left out. @param {...(string|false|null|undefined)} all */
export const sentences = (...all) => all.filter(Boolean).join(' ');
