// Files of visitors: points as a law, networks as their links. A file that was given to an earlier link is not used.
import { SIDES, asFault } from './store.js';

/** @typedef {import('./session.js').Session} Session */

/** Where points are a law: a lab, and the keys that give it them. @typedef {{ lab: string, keys: [string, string][] }} Home */

export class Files {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
  }

  /** @param {string} words */
  #tell(words) {
    const { store } = this.session;
    store.patch({ notices: [...store.state.notices, words] });
  }

  /** A file was given to an earlier link. @param {string} name */
  #tooLate(name) {
    this.#tell(`${name} was not used: another link was opened meanwhile. Load it again.`);
  }

  /**
   * Takes points as the law.
   * @param {string} name  of their file
   * @param {import('../../pkg/cpu/scorefield.js').PointsTable} table
   * @param {number} opens  as it was when the file was given
   * @param {Home} home
   */
  async usePoints(name, { points, count, note }, opens, { lab, keys }) {
    const { session } = this;
    if (session.opens !== opens) return this.#tooLate(name);
    const { opened, tab } = session.state;
    const text = [['v', '1'], ['lab', lab], ...keys, ['seed', opened?.a.values.seed ?? '0']].map((pair) => pair.join('=')).join('&');
    const refused = opened?.lab === lab ? await session.editKeys(opened.b ? tab : 'a', keys) : await session.follow(text);
    if (refused) throw refused;
    if (!SIDES.some((id) => session.state.opened?.[id]?.values.points === points)) return this.#tooLate(name);
    this.#tell(`${count} points were read from ${name}. ${note}`.trim());
  }

  /**
   * Opens the link of a network's file; resolves to whether it could.
   * @param {string} name @param {Uint8Array} bytes @param {number} opens  as it was when the file was given
   */
  async loadNetwork(name, bytes, opens) {
    const { session } = this;
    try {
      const loaded = await session.client.call('load_network', name, bytes, session.state.opened?.link ?? '');
      if (session.opens !== opens) {
        this.#tooLate(name);
        return false;
      }
      session.trainings.take(loaded, name, bytes);
      session.jobs.forget();
      const key = loaded.opened.a.training?.key;
      for (const id of SIDES) if (session.state[id]?.info.training?.key === key) session.sides.release(id);
      await session.adopt(loaded.opened);
      return true;
    } catch (e) {
      session.store.patch({ fault: { ...asFault(e), kind: 'file', remedy: 'Nothing else has changed.' } });
      return false;
    }
  }
}
