// The one clock: moves the scrub position from noise to data, never past what has been computed.
import { reducedMotion } from './session.js';
import { CORES_MS, comes, onAllCores, played } from './store.js';

const SECONDS = 6; // noise to data at speed ×1
const LONGEST = 0.12; // s that the clock goes on in one picture

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').State} State
 */

export class Player {
  /**
   * @param {Store} store
   * @param {() => void} onRest  the visitor has stopped somewhere
   */
  constructor(store, onRest) {
    this.store = store;
    this.onRest = onRest;
    this.visible = true;
    this.last = 0;
    this.rest = 0;
    store.listen((s) => {
      if (s.playing) this.#wake();
    });
    document.addEventListener('visibilitychange', () => this.#wake());
  }

  /** @param {boolean} visible  the plot is on screen */
  see(visible) {
    this.visible = visible;
    this.#wake();
  }

  #wake() {
    if (this.last || !this.store.state.playing || !this.visible || document.hidden) return;
    this.last = performance.now();
    requestAnimationFrame((now) => this.#tick(now));
  }

  /** @param {number} now */
  #tick(now) {
    const s = this.store.state;
    if (!s.playing || !this.visible || document.hidden) {
      this.last = 0;
      return;
    }
    const seconds = Math.min(LONGEST, Math.max(0, (now - this.last) / 1000));
    this.last = now;
    const { end, grows } = reachedOf(s);
    const at = Math.min(end, s.at + (seconds * s.speed) / SECONDS);
    const playing = at < end || grows;
    if (at !== s.at || !playing) this.store.patch({ at, playing });
    if (!playing) this.last = 0;
    else if (onAllCores(s)) setTimeout(() => this.#tick(performance.now()), CORES_MS); // the picture waits for its animation frame
    else requestAnimationFrame((t) => this.#tick(t));
  }

  toggle() {
    const s = this.store.state;
    if (s.playing) this.pause();
    else {
      const { end, grows } = reachedOf(s);
      if (end === 0 && !grows) return; // nothing was computed, and nothing will be
      this.store.patch({ playing: true, at: s.at >= end && (end === 1 || !grows) ? 0 : s.at });
    }
  }

  pause() {
    this.store.patch({ playing: false });
    this.#settle();
  }

  /** From noise. */
  restart() {
    if (reducedMotion()) this.store.patch({ at: 0, playing: false });
    else this.store.patch({ at: 0, playing: true });
  }

  /** @param {number} at */
  scrub(at) {
    this.store.patch({ at: Math.max(0, Math.min(1, at)), playing: false });
    this.#settle();
  }

  /** One frame on or back. @param {number} by */
  step(by) {
    const side = this.store.state.a;
    if (!side) return;
    const last = side.scene.frames - 1;
    this.scrub((Math.round(this.store.state.at * last) + by) / last);
  }

  #settle() {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      if (!this.store.state.playing) this.onRest(); // another link may play by now
    }, 400);
  }
}

/** How far the frames have come, on the scrub scale, and whether more are to come. @param {State} s */
function reachedOf(s) {
  let end = s.a ? 1 : 0;
  let grows = !s.a;
  for (const side of played(s)) {
    if (side.run.state === 'done') continue;
    end = Math.min(end, Math.max(0, side.run.reached - 1) / (side.scene.frames - 1));
    grows ||= comes(side.run);
  }
  return { end, grows };
}
