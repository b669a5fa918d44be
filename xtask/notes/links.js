// The texts that links are found by.

/**
 * A link's pairs in the order of the alphabet, without its version and its fingerprint. Two links of one experiment that list their keys in
 * another order are one text.
 * @param {string} link  the text after `#`
 */
export function linkText(link) {
  const pairs = link.replace(/^#/, '').split('&').filter((pair) => pair && !/^(v|fp)=/.test(pair));
  return pairs.sort().join('&');
}
