// <score-field link="lab=…&…">: an experiment of Scorefield in any page (docs/embed.md). It shows a still until the reader starts it; then
// the page of Scorefield runs in a sandboxed frame. Three run at a time on a page: another one turns the least recently used into a still.
(() => {
  const MOST = 3; // that run at a time
  const REST_MS = 300; // in view, before one starts by itself: nothing starts while the reader scrolls past
  const PATIENCE_MS = 20_000; // until the frame is shown although it has said nothing: then it says itself what is missing
  const TALLEST = 4000; // CSS pixels
  const WAYS = ['link', 'still', 'title', 'theme', 'ui', 'hide', 'show', 'start'];
  /** @typedef {import('./score-field.d.ts').Event} News */
  /** @typedef {import('./score-field.d.ts').State} State */

  /** This script: the page of Scorefield and its stills stand beside it. */
  const script = /** @type {HTMLScriptElement|null} */ (document.currentScript
    ?? [...document.scripts].find(({ src }) => /\/score-field\.js([?#]|$)/.test(src)) ?? null);
  const base = new URL('.', script?.src || document.baseURI).href;

  /** The elements that run, the least recently used first. @type {ScoreField[]} */
  const live = [];
  /** The gallery's stills by their links, once they are asked for. @type {Promise<Record<string, string>>|null} */
  let stills = null;
  const bringStills = () => (stills ??= fetch(`${base}stills.json`).then((answer) => (answer.ok ? answer.json() : {})).catch(() => ({})));

  /** A link as stills.json names it. @param {string} link */
  const plain = (link) => link.replace(/^#/, '').split('&').filter((pair) => pair && !/^(v|fp)=/.test(pair)).sort().join('&');

  const STYLE = `
:host { display: block; margin: 1em 0; font: 16px/1.45 system-ui, sans-serif; }
:host([hidden]) { display: none; }
figure { margin: 0; position: relative; }
.stage { display: grid; position: relative; border: 1px solid rgb(128 128 128 / 45%); border-radius: 8px; overflow: hidden; }
.still { grid-area: 1 / 1; display: block; position: relative; width: 100%; padding: 0; border: 0; background: none; color: inherit; font: inherit; cursor: pointer; }
.still:focus-visible { outline: 3px solid #0072b2; outline-offset: -3px; }
.still img { display: block; width: 100%; height: auto; }
.still .card { display: grid; place-content: center; min-height: 14rem; padding: 1rem 1rem 4rem; font-weight: 600; text-align: center; overflow-wrap: anywhere; }
.run { position: absolute; left: 50%; bottom: .8rem; translate: -50%; padding: .4rem 1.1rem; border-radius: 99px; background: #0072b2; color: #fff; font-weight: 600; white-space: nowrap; }
.still:hover .run { background: #005a8e; }
iframe { position: absolute; inset: 0; display: block; width: 100%; height: 100%; border: 0; opacity: 0; pointer-events: none; }
.live iframe { position: static; opacity: 1; pointer-events: auto; }
.live .still { display: none; }
figcaption { display: flex; flex-wrap: wrap; gap: .2rem 1rem; justify-content: space-between; margin-top: .3rem; font-size: .86em; }
figcaption span { overflow-wrap: anywhere; }
figcaption a { color: inherit; }
@media print {
  iframe, .run { display: none; }
  .live .still { display: block; }
  :host, .stage { break-inside: avoid; }
  .still .card { min-height: 0; padding: 1rem; }
  figcaption { display: block; }
  figcaption a { overflow-wrap: anywhere; text-decoration: none; display: block; }
  figcaption a::after { content: ": " attr(href); }
}`;
  const sheet = new CSSStyleSheet(); // a style element would need the permission of the page's policy
  sheet.replaceSync(STYLE);

  /**
   * @template {keyof HTMLElementTagNameMap} K
   * @param {K} name @param {Record<string, string>} [attributes] @param {...(Node|string)} children
   * @returns {HTMLElementTagNameMap[K]}
   */
  const make = (name, attributes = {}, ...children) => {
    const el = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) el.setAttribute(key, value);
    el.append(...children);
    return el;
  };

  class ScoreField extends HTMLElement {
    static observedAttributes = WAYS;

    #card = make('span', { class: 'card' });
    #picture = make('img', { alt: '', decoding: 'async', loading: 'lazy' });
    #run = make('span', { class: 'run' });
    #still = make('button', { class: 'still', type: 'button', part: 'still' }, this.#card, this.#run);
    #stage = make('div', { class: 'stage', part: 'stage' }, this.#still);
    #words = make('span');
    #open = make('a', { target: '_blank', rel: 'noopener' }, 'Open in Scorefield');
    /** @type {HTMLIFrameElement|null} */
    #frame = null;
    /** What was asked and is not answered yet. @type {Map<number, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
    #asked = new Map();
    #serial = 0;
    /** Resolves when the frame is ready. @type {Promise<State>|null} */
    #ready = null;
    /** @type {{ resolve: (state: State) => void, reject: (error: Error) => void }|null} */
    #starting = null;
    #height = 0; // that the frame would like to have
    #last = ''; // the link that the frame shows: a reader may have changed it
    #timer = 0; // until it starts by itself
    #late = 0; // until the frame is shown in any case
    #heard = false; // the frame has said something: it reads messages
    #seen = false;
    #hear = (/** @type {MessageEvent} */ e) => {
      if (this.#frame && e.source === this.#frame.contentWindow && e.data?.scorefield === 1) this.#take(e.data);
    };
    #watch = new IntersectionObserver((entries) => {
      this.#seen = entries[entries.length - 1].isIntersecting;
      if (this.#seen) this.#used();
      clearTimeout(this.#timer);
      if (this.#seen && this.getAttribute('start') === 'visible') this.#timer = setTimeout(() => this.#itself(), REST_MS);
    }, { threshold: 0.3 });
    #used = () => {
      const at = live.indexOf(this);
      if (at >= 0) live.push(...live.splice(at, 1));
    };
    #left = () => { // a click into the frame is seen by the focus alone
      if (document.activeElement === this) this.#used();
    };
    #print = () => (this.#picture.loading = 'eager');

    constructor() {
      super();
      const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
      root.adoptedStyleSheets = [sheet];
      root.append(make('figure', { part: 'figure' }, this.#stage, make('figcaption', { part: 'caption' }, this.#words, this.#open)));
      this.#still.addEventListener('click', () => this.start().catch((e) => console.warn(String(e))));
      this.#picture.addEventListener('error', () => this.#show(''));
    }

    connectedCallback() {
      addEventListener('message', this.#hear);
      addEventListener('blur', this.#left);
      addEventListener('beforeprint', this.#print);
      this.addEventListener('pointerenter', this.#used);
      this.#watch.observe(this);
      this.#draw();
    }

    disconnectedCallback() {
      this.stop();
      this.#watch.disconnect();
      clearTimeout(this.#timer);
      removeEventListener('message', this.#hear);
      removeEventListener('blur', this.#left);
      removeEventListener('beforeprint', this.#print);
    }

    /** @param {string} name @param {string|null} old @param {string|null} now */
    attributeChangedCallback(name, old, now) {
      if (!this.isConnected || old === now) return;
      this.#draw();
      if (name === 'link') {
        this.#last = '';
        if (this.#frame) this.set(now ?? '').catch((e) => console.warn(String(e)));
      } else if (name === 'start') {
        this.#watch.unobserve(this); // so that it is told again whether it is in view
        this.#watch.observe(this);
      } else if (this.#frame && ['theme', 'ui', 'hide', 'show'].includes(name)) {
        this.stop();
        this.start().catch((e) => console.warn(String(e)));
      } else if (this.#frame && name === 'title') this.#frame.title = this.#name();
    }

    // ── the still ──────────────────────────────────────────────────────────────────────────────
    #link() {
      return (this.getAttribute('link') ?? '').replace(/^#/, '');
    }

    #name() {
      return this.getAttribute('title') || `Scorefield: ${plain(this.#link()).replaceAll('&', ', ') || 'the first experiment'}`;
    }

    #draw() {
      const name = this.#name();
      this.#card.textContent = this.#picture.alt = name;
      this.#words.textContent = this.getAttribute('title') ?? '';
      this.#run.textContent = '▶ Run';
      this.#open.href = `${base}#${this.#last || this.#link()}`;
      const own = this.getAttribute('still');
      this.#show(own ? new URL(own, document.baseURI).href : '');
      if (own) return;
      const link = plain(this.#link());
      bringStills().then((all) => {
        const still = Object.hasOwn(all, link) ? all[link] : '';
        if (still && link === plain(this.#link()) && !this.getAttribute('still')) this.#show(new URL(still, base).href);
      });
    }

    /** A picture, or the card where there is none. @param {string} address */
    #show(address) {
      if (address && this.#picture.src !== address) this.#picture.src = address;
      const wanted = address ? this.#picture : this.#card;
      if (this.#still.firstChild !== wanted) this.#still.firstChild?.replaceWith(wanted);
    }

    // ── the frame ──────────────────────────────────────────────────────────────────────────────
    get live() {
      return this.#frame !== null;
    }

    /** Starts by itself, where no other that is in view has to give way. */
    #itself() {
      if (live.length < MOST || !live[0].#seen) this.start().catch((e) => console.warn(String(e)));
    }

    start() {
      if (this.#ready) {
        this.#used();
        return this.#ready;
      }
      if (!this.isConnected) return Promise.reject(new Error('The element is not in the page.'));
      if (live.length >= MOST) live[0].stop();
      live.push(this);
      this.#run.textContent = 'Loading …';
      const frame = make('iframe', { sandbox: 'allow-scripts', loading: 'lazy', title: this.#name(), part: 'frame', src: this.#address() });
      this.#frame = frame;
      this.#ready = new Promise((resolve, reject) => (this.#starting = { resolve, reject }));
      this.#ready.catch(() => {}); // told to whoever asked
      this.#late = setTimeout(() => {
        if (!this.#heard) this.#failed(`The frame has said nothing for ${PATIENCE_MS / 1000} s. Does the host of Scorefield let other origins read its files (Access-Control-Allow-Origin: *)?`);
        this.#reveal();
      }, PATIENCE_MS);
      this.#stage.append(frame);
      return this.#ready;
    }

    stop() {
      if (!this.#frame) return;
      const focus = this.shadowRoot?.activeElement === this.#frame;
      live.splice(live.indexOf(this), 1);
      clearTimeout(this.#late);
      this.#frame.remove();
      this.#frame = null;
      this.#heard = false;
      this.#stage.classList.remove('live');
      this.#height = 0;
      const gone = new Error('The element shows its still again.');
      this.#starting?.reject(gone);
      for (const { reject } of this.#asked.values()) reject(gone);
      this.#asked.clear();
      this.#ready = this.#starting = null;
      this.#draw();
      if (focus) this.#still.focus({ preventScroll: true });
      this.dispatchEvent(new CustomEvent('still'));
    }

    #address() {
      const query = new URLSearchParams({ embed: '1' });
      const theme = this.getAttribute('theme');
      query.set('theme', theme && theme !== 'auto' ? theme : hostTheme(this));
      for (const name of ['ui', 'show']) if (this.getAttribute(name)) query.set(name, this.getAttribute(name) ?? '');
      query.set('hide', ['open', this.getAttribute('hide')].filter(Boolean).join());
      return `${base}?${query}#${this.#last || this.#link()}`;
    }

    #reveal() {
      clearTimeout(this.#late);
      if (!this.#frame || this.#stage.classList.contains('live')) return;
      this.#frame.style.height = `${this.#height || Math.max(this.#still.offsetHeight, 320)}px`;
      this.#stage.classList.add('live');
    }

    /** Tells those who wait for the frame why it is not ready. @param {string} message */
    #failed(message) {
      this.#starting?.reject(new Error(message));
    }

    /** @param {News} news */
    #take(news) {
      const { event: what, id } = news;
      this.#heard = true;
      const asked = typeof id === 'number' ? this.#asked.get(id) : undefined;
      if (asked) {
        this.#asked.delete(/** @type {number} */ (id));
        if (what === 'error') asked.reject(new Error(news.message));
        else asked.resolve(news);
      }
      if (what === 'height' && this.#frame && Number.isFinite(news.height)) {
        this.#height = Math.min(TALLEST, Math.max(120, news.height));
        if (this.#stage.classList.contains('live')) this.#frame.style.height = `${this.#height}px`;
      }
      if (what === 'ready' || what === 'state') {
        this.#last = news.link;
        this.#open.href = `${base}#${news.link}`;
      }
      if (what === 'ready') {
        this.#starting?.resolve(news);
        this.#ready = Promise.resolve(news); // also after a link that did not open
        this.#reveal();
      }
      if (what === 'error' && id === null) { // the frame says what is wrong
        this.#failed(news.message);
        this.#reveal();
      }
      this.dispatchEvent(new CustomEvent(what, { detail: news }));
    }

    /** @param {Record<string, unknown>} command @returns {Promise<any>} */
    async #ask(command) {
      await this.start().catch((e) => {
        if (!this.#heard) throw e; // a frame with a link that does not open still takes another one
      });
      return new Promise((resolve, reject) => {
        const id = ++this.#serial;
        this.#asked.set(id, { resolve, reject });
        this.#frame?.contentWindow?.postMessage({ scorefield: 1, id, ...command }, '*'); // a sandboxed frame has no origin to name
      });
    }

    /** @param {string|Record<string, string|number|boolean>} what */
    set(what) {
      return this.#ask({ do: 'set', ...(typeof what === 'string' ? { link: what.replace(/^#/, '') } : { keys: what }) });
    }

    play() { return this.#ask({ do: 'play' }); }
    pause() { return this.#ask({ do: 'pause' }); }
    step(by = 1) { return this.#ask({ do: 'step', by }); }
    /** @param {number} at */
    seek(at) { return this.#ask({ do: 'seek', at }); }
    reset() { return this.#ask({ do: 'reset' }); }
    state() { return this.#ask({ do: 'state' }); }
    numbers() { return this.#ask({ do: 'numbers' }); }
  }

  /** The colours of the page around an element, as its style says. @param {Element} el */
  function hostTheme(el) {
    const scheme = getComputedStyle(el).colorScheme;
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    return /\bdark\b/.test(scheme) && (dark || !/\blight\b/.test(scheme)) ? 'dark' : 'light';
  }

  if (!customElements.get('score-field')) customElements.define('score-field', ScoreField);
})();
