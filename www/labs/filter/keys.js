// Lab filter: the keys that say what moves and what is observed of it. All others say how the observations are used.

export const SETTING = [
  'wells', 'noise-x', 'states', 'forcing', 'model-noise', 'truth.wells', 'truth.noise-x', 'truth.forcing', 'cycles', 'interval', 'dt',
  'initial', 'burn-in', 'operator', 'mask', 'coordinates', 'observed', 'every', 'noise-y', 'y', 'truth-seed',
];
