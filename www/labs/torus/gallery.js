// Links to try in the lab torus. Made from src/labs/**/gallery/*.toml by
// `UPDATE_GALLERY=1 cargo test --release --test gallery`: change the entries there, not this file.

/** Name, link, one sentence. @type {[string, string, string][]} */
export const TRIES = [
  [
    'Too few steps',
    'v=1&lab=torus&steps=6&view=angles&seed=0',
    'After six steps every particle is on the surface, but far too many on its outer side.',
  ],
  [
    'EDM against flow matching',
    'v=1&lab=torus&steps=12&b.process=fm&seed=0',
    'Twelve steps each from the same noise: one is nearer to the surface, the other nearer in distribution.',
  ],
  [
    'What memorising does',
    'v=1&lab=torus&score=empirical&m=60&seed=0',
    'The score of 60 data points returns those 60 points of the surface.',
  ],
  [
    'Network against exact',
    'v=1&lab=torus&b.score=net&seed=0',
    'The same run with the exact score and with a small network: what is off the surface is what it has not learned.',
  ],
  [
    'Where errors come from',
    'v=1&lab=torus&score=net&view=errors&seed=0',
    'What the network, the steps and the luck of the draw cost on the torus.',
  ],
  [
    'More area outside',
    'v=1&lab=torus&minor=0.8&view=angles&seed=0',
    'On a thick torus the outer side has far more particles than the inner one.',
  ],
  [
    'Noise on every step',
    'v=1&lab=torus&process=vp&sampler=em&steps=200&seed=0',
    'The reverse SDE samples the right distribution, but particles lie slightly off the surface.',
  ],
];
