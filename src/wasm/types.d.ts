export interface Opened {
  /** Canonical link, to stand after '#'. */
  link: string;
  lab: string;
  view: string;
  at: number;
  engine: "auto" | "cpu" | "webgpu";
  fp: string | null;
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
export interface Axis {
  kind: "linear" | "asinh";
  lo: number;
  hi: number;
  scale: number;
  bins: number;
}
/** What the exact picture of every lab has. Frame 0 is noise, the last frame the end of the grid. */
export interface Timeline {
  lab: "toy1d" | "toy2d" | "torus" | "lgssm";
  steps: number;
  nfe: number;
  clock: "time" | "iteration";
  frames: number;
  level_index: Uint32Array;
  t: Float64Array;
  alpha: Float64Array;
  sigma: Float64Array;
  /** Names of the arrays that a run records, and the numbers of each in a frame. */
  record: Record<string, number>;
  /** What is not right about a run of it though it can be done, each with its remedy. */
  warnings: string[];
}
/** toy1d; a run records `hist` (density of the bins) and `paths` (traced particles). */
export interface Scene extends Timeline {
  lab: "toy1d";
  axis: Axis;
  edges: Float64Array;
  xs: Float64Array;
  density: Float32Array;
  /** Columns of `map`, evenly from frame 0 to the last. */
  columns: number;
  /** p_t at xs, [columns * xs]: smooth whatever the number of steps. */
  map: Float32Array;
  mean: Float64Array;
  sd: Float64Array;
  paths: number;
  /** Empty where clock is "iteration". */
  forward: Float32Array;
}
/**
 * toy2d and torus. A run records `points` [shown × dim], interleaved, NaN where there is no particle; toy2d
 * with more particles than `shown` also `counts` [cells × cells] (row 0 at the bottom); torus `theta`
 * and `phi` [bins], densities over (−π, π) of the angles of all particles.
 * The picture is drawn in x_t/scale: `scale` of a frame is √(α² + σ²/v), v the variance of the data, so
 * that the cloud keeps its size from noise to data.
 */
export interface SpaceScene extends Timeline {
  lab: "toy2d" | "torus";
  dim: 2 | 3;
  n: number;
  /** Particles in every frame: the first of n. */
  shown: number;
  scale: Float64Array;
  /** The picture is [−reach, reach] in every coordinate of x_t/scale, for all frames and both sides. */
  reach: number;
  /** Cells of the raster along each side. */
  cells: number;
  /** torus: the radii, and the exact densities of the angles of the data on `bins` bin centres. */
  major: number;
  minor: number;
  bins: number;
  theta: Float32Array;
  phi: Float32Array;
}
/**
 * lgssm: chains x₀ … x_{L−1} of p numbers each, interleaved by index: [index × p]. A run records `chains`
 * [shown × L·p] (x_t/scale of the first ones), `mean` and `sd` [L·p] and `bands` [4 × L·p] (the quantiles 2.5,
 * 25, 75 and 97.5 % over all chains), all of x_t/scale.
 */
export interface ChainScene extends Timeline {
  lab: "lgssm";
  length: number;
  states: number;
  /** Numbers of one observation. */
  rows: number;
  n: number;
  shown: number;
  /** √(α² + σ²/v) of a frame, v the stationary variance (mean over the coordinates). */
  scale: Float64Array;
  /** T, [p × p] by rows. */
  transition: Float64Array;
  /** The simulated chain, [L × p]. */
  truth: Float64Array;
  /** Indices that are observed, and the values y, [observed × rows]. */
  observed: Uint32Array;
  y: Float64Array;
  operator: "linear" | "window" | "saturating";
  width: number;
  /** O, [rows × states] by rows. */
  observation: Float64Array;
  /**
   * The places [observed × rows] of numbers that see one coordinate of one state, on that coordinate's axis: y/c
   * (saturating: the inverse); NaN where there is none. A row's coordinate (−1: it sees several) and the
   * deviation of its noise there, [rows] each.
   */
  marks: Float64Array;
  seen: Int32Array;
  noise: Float64Array;
  /** What the samples are held against, with its mean and deviation [L × p]; empty for "none". */
  reference: "posterior" | "prior" | "none";
  mean: Float64Array;
  sd: Float64Array;
  /** Half the height of a picture that holds everything, for all frames and both sides. */
  reach: number;
  /** Cost: evaluations of the score a chain, the same with Jacobian products, and the largest state held, in numbers. */
  score_calls: number;
  state_floats: number;
}
/** The reference for other observations (while one is dragged). */
export interface ChainPosterior {
  mean: Float64Array;
  sd: Float64Array;
}
/** Covariance matrices [size × size] over the whole chain: of the reference, and of the samples at the end. */
export interface ChainCovariance {
  size: number;
  exact: Float32Array;
  sample: Float32Array | null;
}
/** The relative error of scores of windows over σ/α, one curve a half-window k; of exact ones, and of a network's. */
export interface ChainScoreErrors {
  curves: { k: number; learned: boolean; ratio: Float64Array; error: Float64Array; most: number }[];
}
export interface Flow {
  t: Float64Array;
  x: Float64Array;
  v: Float32Array;
  ct: Float64Array;
  quantiles: Float64Array;
  curves: Float32Array;
  density: Float32Array;
  axis: Axis;
}
export interface PlanTable {
  columns: string[];
  rows: (number | "")[][];
  note: string;
}
export interface Progress {
  done: boolean;
  frame: number;
  evaluations: number;
  total: number;
}
export interface Frames {
  from: number;
  to: number;
  /** By the names of the scene's `record`, `[(to − from) × numbers]`. */
  arrays: Record<string, Float32Array>;
}
export interface Metrics {
  frame: number;
  t: number;
  final: boolean;
  nfe: number;
  rows: {
    key: "w1" | "ks" | "mean" | "var" | "energy_distance" | "sliced_w2" | "surface_rms" | "mean_err" | "cov_err" | "w2" | "lag1" | "score_err";
    label: string;
    value: number | null;
    reference: number;
    error: number | null;
    reference_label: string;
    help: string;
  }[];
}
export interface Check {
  /** edited: the link is not the one that was shared; unread: its fingerprint cannot be read. */
  verdict: "exact" | "close" | "different" | "edited" | "unread";
  difference: number;
  tolerance: number;
  message: string;
}
export interface SweepPlan {
  series: { id: string; side: "a" | "b"; sampler: string; label: string; main: boolean }[];
  steps: number[];
  edges: Float64Array;
  axis: Axis;
  xs: Float64Array;
  exact: Float32Array;
  iid: number;
  /** Where 95 % of independent samples of n have their W1. */
  chance: [number, number];
  n: number;
}
export interface SweepPoint {
  series: string;
  steps: number;
  nfe: number;
  w1: number;
  ks: number;
  hist: Float32Array;
}
/** Where the error of a network's samples comes from; `distance` names d (see src/labs/errors.rs). */
export interface ErrorPlan {
  sides: {
    side: "a" | "b";
    distance: string;
    n: number;
    own: number;
    fine: number;
    stochastic: boolean;
    /** Noise ratios σ/α, and there √(E‖x̂ − x̂_exact‖²/dim) and √(E‖x̂_exact − x₀‖²/dim). */
    ratio: Float64Array;
    x_hat: Float64Array;
    spread: Float64Array;
  }[];
}
/** total ≤ score + discretisation + floor; where the sampler draws noise, total ≤ score + exact. */
export interface ErrorPoint {
  side: "a" | "b";
  steps: number;
  nfe: number;
  total: number;
  exact: number;
  score: number;
  discretisation: number | null;
  floor: number;
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
