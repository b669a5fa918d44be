// Links to try in the lab toy2d. Made from src/labs/**/gallery/*.toml by
// `UPDATE_GALLERY=1 cargo test --release --test gallery`: change the entries there, not this file.

/** Name, link, one sentence. @type {[string, string, string][]} */
export const TRIES = [
  [
    'Too few steps',
    'v=1&lab=toy2d&steps=6&seed=0',
    'Six steps of Heun in place of 40: the right squares, filled in the wrong places.',
  ],
  [
    'EDM against flow matching',
    'v=1&lab=toy2d&target=moons&steps=5&view=trajectories&b.process=fm&seed=0',
    'Five steps each from the same noise: the straighter road needs fewer.',
  ],
  [
    'What memorising does',
    'v=1&lab=toy2d&target=moons&score=empirical&m=30&seed=0',
    'The score of 30 data points gives back those 30 points, and nothing between them.',
  ],
  [
    'Network against exact',
    'v=1&lab=toy2d&b.score=net&seed=0',
    'The same run with the exact score and with a small network, same noise: what lies outside the squares is what it has not learned.',
  ],
  [
    'Train one here',
    'v=1&lab=toy2d&target=rings&score=trained&seed=0',
    'A network learns the rings in seconds, in this page: its loss, and its samples getting better.',
  ],
  [
    'Where errors come from',
    'v=1&lab=toy2d&score=net&view=errors&seed=0',
    'What the network, the steps and the luck of the draw cost on the checkerboard.',
  ],
  [
    'Langevin gets stuck',
    'v=1&lab=toy2d&target=rings&sampler=langevin&steps=400&level=0.05&b.sampler=heun&b.steps=20&seed=0',
    'At one low noise level a particle stays at the ring it starts near, and the outer one keeps too many; from high noise both get their share.',
  ],
  [
    'The flow itself',
    'v=1&lab=toy2d&target=swissroll&view=flow&seed=0',
    'Arrows that point inwards, until the separate parts of the distribution appear.',
  ],
];
