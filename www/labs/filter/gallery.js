/** Name, link, one sentence. @type {[string, string, string][]} */
export const TRIES = [];
