// Questions of views, put to the operations that the worker has today.

/** @typedef {import('../engine/client.js').Client} Client */

/** @param {Client} client @returns {Client} */
export function bridged(client) {
  /** @type {Record<string, (link: string, side: import('./store.js').SideId, args: any) => Promise<any>>} */
  const asks = {
    flow: (link, side) => client.flow(link, side),
    density: (link, side, { frame }) => client.density(link, side, frame),
    velocity: (link, side, { frame, count }) => client.velocity(link, side, frame, count),
    follow: (link, side, { frame, y }) => client.follow(link, side, frame, y),
    posterior: (link, side, { y }) => client.chainPosterior(link, side, y),
    covariance: (link, side) => client.chainCovariance(link, side),
    'score-errors': (link, side) => client.chainScores(link, side),
  };
  return Object.assign(Object.create(client), {
    /** @type {Client['ask']} */
    ask: (link, side, question, args) => asks[question](link, side, args),
    /** @type {Client['askRun']} */
    askRun: async (id) => (await client.covariance(id)) ?? new Float32Array(0),
  });
}
