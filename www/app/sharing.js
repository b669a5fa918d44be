// The share panel of the open link: its fingerprint where the run is done, and the panel goes where another link comes.
import { rare } from './rare.js';
import { current, isOwn, runKey } from './store.js';

/**
 * @typedef {import('./store.js').SideId} SideId
 * @typedef {NonNullable<import('./store.js').State['opened']>} Opened
 * @typedef {import('./session.js').Session} Session
 * @typedef {{ titles: (opened: Opened) => string[], picture: () => Promise<Blob|null>, tries: () => string[] }} Page  tries: links of
 *   the open lab
 */

/** What the runs of a link depend on. @param {Opened|null} opened */
function runsOf(opened) {
  return opened ? [runKey('a', opened), opened.b ? runKey('b', opened) : ''].join() : '';
}

export class Sharing {
  /** @param {Session} session @param {Page} page */
  constructor(session, page) {
    this.session = session;
    this.page = page;
    /** The panel that was opened, and the runs that it is of. @type {{ runs: string, dialog: HTMLDialogElement }|null} */
    this.shared = null;
  }

  /** Closes the panel where its buttons would give another link's. @param {import('./store.js').State} s */
  update({ opened, unopened }) {
    if (!this.shared || !(unopened || this.shared.runs !== runsOf(opened))) return;
    this.shared.dialog.close();
    this.shared = null;
  }

  /**
   * A link whose results are WebGPU's names it, so that they are compared with ones of their kind.
   * @param {Opened} opened @param {(import('./store.js').SideState|null)[]} sides  where their runs are those of the link
   */
  async #named(opened, sides) {
    const { client } = this.session;
    const ofWebgpu = sides.every((side) => side?.run.state === 'done' && side.run.engine === 'webgpu' && !side.run.lost);
    if (opened.engine !== 'auto' || !ofWebgpu) return opened.link;
    const named = await client.call('edit_link', opened.link, 'a', 'engine', 'webgpu').catch(() => null);
    return named?.link ?? opened.link;
  }

  async open() {
    const { session, page } = this;
    const { client, address, store: { state } } = session;
    const ready = [session.arrival.catch(() => {}), session.line]; // the link that is shared is the one of the address
    const [parts] = await Promise.all([rare(session.store, 'The share panel'), ...ready]);
    const { opened } = state;
    if (!parts || !opened || state.unopened) return;
    const there = /** @type {SideId[]} */ (opened.b ? ['a', 'b'] : ['a']).map((id) => current(state, id));
    const [a] = there;
    const sides = there.map((side) => {
      const own = isOwn(side);
      return { own, lost: Boolean(side?.run.lost), fp: side?.run.state === 'done' && own ? side.run.fingerprint : null };
    });
    const [first, second] = sides.map(({ fp }) => fp);
    const link = await this.#named(opened, there);
    const proved = first && await client.call('share_link', link, first, second ?? undefined).catch(() => null);
    const dialog = parts.openShare({
      link: proved || link, page: address.full('').replace(/#$/, ''),
      sides: sides.map(({ own, lost, fp }) => ({ own, lost, checked: Boolean(proved && fp) })),
      title: `Scorefield: ${page.titles(opened).join(' against ')}`, picture: page.picture,
      csv: a?.run.state === 'done' ? () => client.csv(a.run.id) : null,
      controls: opened.a.controls.filter((c) => c.group !== 'display').map((c) => [c.key, c.label]),
      views: (opened.a.controls.find((c) => c.key === 'view')?.choices ?? []).map((c) => [c.value, c.label]),
      tries: page.tries(),
    });
    this.shared = { runs: runsOf(opened), dialog };
  }
}
