// Types of what a page and an embed of Scorefield say to each other, and of the element <score-field>. See docs/embed.md.

/** Which of two compared configurations. */
export type Side = 'a' | 'b';

/** What a page asks of an embed. Each message is answered by one with its `id`: `state`, `numbers` or `error`. */
export type Command = { scorefield: 1; id?: string | number } & (
  | { do: 'set'; link: string; keys?: undefined }
  | { do: 'set'; keys: Record<string, string | number | boolean>; link?: undefined }
  | { do: 'play' | 'pause' | 'reset' | 'state' | 'numbers' }
  | { do: 'step'; by?: number }
  | { do: 'seek'; at: number }
);

/** What is shown. */
export interface State {
  /** The whole experiment as text: what stands after `#`. */
  link: string;
  /** The configurations in a line each. */
  titles: string[];
  lab: string;
  view: string;
  /** Position of the slider: 0 noise, 1 data. */
  at: number;
  /** The frame that is shown, from 0. */
  frame: number;
  frames: number;
  /** The time of the frame; null where the run does not go through noise. */
  t: number | null;
  playing: boolean;
  run: 'booting' | 'running' | 'done' | 'cancelled' | 'error';
  engine: 'cpu' | 'webgpu';
  /** Of each configuration whose run is done, else null. */
  fingerprints: (string | null)[];
}

/** What came of `set` or `reset`. */
export interface Changed extends State {
  /** What was changed to read it, a sentence each: a number that was out of range, a key that does not go with the others. */
  changes: string[];
  /** A later `set` or `reset` had come before this one was shown. It was read and did not run: what is told is the state after the later one. */
  passed: boolean;
}

/** One number of a run. */
export interface Row {
  key: string;
  label: string;
  /** null where it is not there at this frame. */
  value: number | null;
  /** What it should be. */
  reference: number | null;
  /** exact: the exact value; perfect: what a perfect sampler has on average; draws: what another set of exact draws has. */
  held: 'exact' | 'perfect' | 'draws';
  /** Standard error of the reference, where it has one. */
  error: number | null;
}

/** The numbers of one configuration at the frame that is shown. */
export interface Numbers {
  side: Side;
  title: string;
  frame: number;
  /** Whether it is the end, where the numbers are those of the whole run. */
  final: boolean;
  /** Calls of the denoiser, a particle, until this frame; null where none are counted. */
  nfe: number | null;
  rows: Row[];
}

/** What an embed says. `id` is that of the message that is answered, null where the embed speaks by itself. */
export type Event = { scorefield: 1; id: string | number | null } & (
  | ({ event: 'ready' } & State)
  | ({ event: 'state' } & State & Partial<Changed>)
  | { event: 'frame'; at: number; frame: number; frames: number; t: number | null; playing: boolean }
  | { event: 'done'; link: string; fingerprints: (string | null)[] }
  | { event: 'numbers'; link: string; sides: Numbers[] }
  | { event: 'height'; height: number }
  | { event: 'error'; message: string; remedy: string | null }
);

/** `<score-field>`. A method starts the element if it shows its still. */
export interface ScoreFieldElement extends HTMLElement {
  /** Whether the experiment runs here; else the still is shown. */
  readonly live: boolean;
  start(): Promise<State>;
  /** Back to the still. */
  stop(): void;
  /** Another link, or some keys of the link. */
  set(what: string | Record<string, string | number | boolean>): Promise<Changed>;
  play(): Promise<State>;
  pause(): Promise<State>;
  step(by?: number): Promise<State>;
  seek(at: number): Promise<State>;
  reset(): Promise<Changed>;
  state(): Promise<State>;
  numbers(): Promise<{ link: string; sides: Numbers[] }>;
}

declare global {
  interface HTMLElementTagNameMap {
    'score-field': ScoreFieldElement;
  }
}
