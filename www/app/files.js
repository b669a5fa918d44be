// Files of visitors: points as a law, networks as their links. A file that was given to an earlier link is not used.
import { bytesOf } from '../ui/files.js';
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
    this.session.store.tell(words);
  }

  /** A file was given to an earlier link. @param {string} name */
  #tooLate(name) {
    this.#tell(`${name} was not used: another link was opened meanwhile. Load it again.`);
  }

  /**
   * Opens what a file holds: a network as its link; points in the drawing where one is open, else as a law.
   * @param {File[]} files @param {import('./stage.js').Own} own  what the open lab keeps @param {(points: string) => Home} home
   */
  async open([file, ...others], own, home) {
    if (!file) return;
    const { session } = this;
    const { opens } = session;
    try {
      const bytes = await bytesOf(file);
      const content = await session.client.call('recognise', file.name, bytes);
      if (content.kind === 'network') {
        if (await this.#loadNetwork(file.name, bytes, opens)) own.leave?.();
      } else if (!own.take?.(content)) await this.#usePoints(file.name, content, opens, home(content.points));
      if (others.length) this.#tell(`${file.name} was opened alone: of ${others.length + 1} files the first.`);
    } catch (e) {
      const fault = { ...asFault(e), kind: 'file' };
      if (!own.refuse?.(fault)) session.store.patch({ fault });
    }
  }

  /**
   * Takes points as the law.
   * @param {string} name  of their file
   * @param {import('../../pkg/cpu/scorefield.js').PointsTable} table
   * @param {number} opens  as it was when the file was given
   * @param {Home} home
   */
  async #usePoints(name, { points, count, note }, opens, { lab, keys }) {
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
  async #loadNetwork(name, bytes, opens) {
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
