// Links to try in the lab toy1d. Made from src/labs/**/gallery/*.toml by
// `UPDATE_GALLERY=1 cargo test --release --test gallery`: change the entries there, not this file.

/** Name, link, one sentence. @type {[string, string, string][]} */
export const TRIES = [
  [
    'Too few steps',
    'v=1&lab=toy1d&steps=8&seed=0',
    'DDPM’s sampler with 8 steps in place of 100.',
  ],
  [
    'The same in EDM',
    'v=1&lab=toy1d&process=edm&sampler=heun&steps=18&seed=0',
    'A much wider start, a deterministic path, 35 calls.',
  ],
  [
    'Exact beside trained',
    'v=1&lab=toy1d&process=edm&sampler=heun&steps=18&b.score=net&seed=0',
    'The same run with the exact score and with a network, same noise: the difference is what the network has not learned.',
  ],
  [
    'EDM and VP, trained',
    'v=1&lab=toy1d&process=vp&sampler=euler&steps=8&score=net&b.process=edm&b.sampler=heun&seed=0',
    'EDM against VP, with one network for both processes.',
  ],
  [
    'What the network costs',
    'v=1&lab=toy1d&process=edm&sampler=heun&steps=18&score=net&view=sweep&seed=0',
    'Error against N: the network’s, and the same sampler’s with the exact score.',
  ],
  [
    'Where errors come from',
    'v=1&lab=toy1d&process=edm&sampler=heun&steps=18&score=net&view=errors&seed=0',
    'Network, steps and the luck of the draw: three parts that bound the whole.',
  ],
  [
    'What memorising does',
    'v=1&lab=toy1d&score=empirical&m=20&seed=0',
    'The score of 20 data points returns those 20 points.',
  ],
  [
    'Who wins at 8 steps?',
    'v=1&lab=toy1d&process=vp&sampler=euler&steps=8&b.process=edm&b.sampler=heun&seed=0',
    'VP with Euler against EDM with Heun, same noise. With the exact score the simple one wins here.',
  ],
  [
    'How error falls with N',
    'v=1&lab=toy1d&process=vp&sampler=dpmpp2m&steps=32&view=sweep&seed=0',
    'Every sampler on one process, from few steps to many.',
  ],
  [
    'The flow itself',
    'v=1&lab=toy1d&target=mixture&process=fm&sampler=heun&steps=20&view=flow&seed=0',
    'Flow matching to two bumps: its paths are straight for each pair of noise and data, the flow of the whole law is not.',
  ],
  [
    'Wrong noise level',
    'v=1&lab=toy1d&sampler=langevin&steps=400&level=0.3&b.level=0.02&seed=0',
    'Langevin at one noise level: too high, and the interval is blurred; too low, and particles do not arrive.',
  ],
  [
    'A mode lost',
    'v=1&lab=toy1d&target=mixture&weights=0.9,0.1&sampler=langevin&steps=400&b.sampler=ancestral&seed=0',
    'Nine tenths of the data are in one bump: Langevin fills both alike, because a score does not know weights; diffusion with as many calls does.',
  ],
];
