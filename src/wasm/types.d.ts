export interface Opened {
  /** Canonical link, to stand after '#'. */
  link: string;
  lab: string;
  view: string;
  at: number;
  engine: "auto" | "cpu" | "webgpu";
  fp: string | null;
  /** The names of the keys that no run depends on. */
  display: string[];
  a: Side;
  b: Side | null;
  /** The pretrained networks that the runs need, and their files. */
  networks: { name: string; file: string; bytes: number; sha256: string }[];
  /** What had to be undone to read the text, a sentence each; empty for a link as it is written. */
  changes: string[];
  clamps: { key: string; given: string; used: string; message: string }[];
  dropped: { key: string; value: string; message: string }[];
}
export interface Side {
  controls: Control[];
  values: Record<string, string>;
  title: string;
  /** What the sampler, the process and the rule say of themselves. */
  facts: {
    /** Whether the sampler follows the probability flow without noise of its own. */
    ode: boolean;
    /** Its order of convergence to the flow; none of a sampler that adds noise. */
    order: number | null;
    /** Calls of the denoiser in a step that ends at σ > 0. */
    calls: number;
    /** Whether it walks at one noise level instead of through time (langevin). */
    one_level: boolean;
    fewest_steps: number;
    /** The grid in use: the process's own where the link says "default". */
    grid: "uniform-t" | "karras" | "log-snr";
    /** The rule of guidance in TeX, whether it is a covariance V, and its number: symbol and value. */
    rule: { formula: string; covariance: boolean; number: [string, number] | null } | null;
  };
  /** The training that score=trained asks for: its name (law and recipe as text), in words, its length. */
  training: { key: string; what: string; steps: number } | null;
}
export interface Control {
  key: string;
  label: string;
  help: string;
  group: "main" | "more" | "display";
  kind: "choice" | "int" | "real" | "reals" | "matrix" | "ints" | "seed";
  choices: { value: string; label: string; help: string }[];
  min: number | undefined;
  max: number | undefined;
  log: boolean;
  value: string;
  default: string;
  shared: boolean;
}
export interface SpecRow {
  key: string;
  label: string;
  help: string;
  group: string;
  type: string;
  choices: string[];
  min: number | null;
  max: number | null;
  default: string | null;
  needs: string;
  compare: boolean;
}
/** Thrown by everything that reads a link. */
export interface LinkError {
  kind: "link";
  key: string | null;
  value: string | null;
  message: string;
  choices: string[];
  nearest: string;
  nearest_label: string;
  /** All that `nearest` changes, a sentence each. */
  changes: string[];
  /** A valid link for each of the first of `choices` (values, or keys that may have been meant), and what it changes. */
  choice_links: string[];
  choice_changes: string[][];
}
/** Thrown by a run: what this engine cannot, guidance that breaks down and models that are none, by their kind. */
export interface RunError {
  kind: "run" | "unsupported" | "guidance" | "model" | "memory";
  message: string;
  remedy: string;
}
export interface Progress {
  done: boolean;
  frame: number;
  evaluations: number;
  total: number;
}
export interface Check {
  /** edited: the link is not the one that was shared; unread: its fingerprint cannot be read. */
  verdict: "exact" | "close" | "different" | "edited" | "unread";
  difference: number;
  tolerance: number;
  message: string;
}
export interface BenchResult {
  engine_ms: number;
  scalar_ms: number;
  ratio: number;
  difference: number;
}
export interface TrainingProgress {
  done: boolean;
  step: number;
  steps: number;
  /** Running mean of the loss; 1 before the first step. */
  loss: number;
  /** The loss of the exact denoiser: no network can stay below it. */
  floor: number;
}
export interface TrainingNews {
  /** The running mean of the loss at each new step. */
  losses: Float32Array;
  /** Which of the sides that `aim` named the preview shows: 0 is the first. */
  view: number | null;
  /** All frames of a small run with the network as it stood, in the layout of that side's run. */
  preview: Frames | null;
}
/** Points that were read from a table, as text for the key `points`, and what was passed over or changed. */
export interface PointsTable {
  points: string;
  count: number;
  note: string;
}
/** What a file holds. */
export type FileContent = { kind: "network" } | ({ kind: "points" } & PointsTable);
export interface LoadedNetwork {
  opened: Opened;
  /** The step at which the training in the file was stopped, where it was before its end. */
  stopped: number | null;
}
