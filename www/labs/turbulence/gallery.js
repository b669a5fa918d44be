// Links to try in the lab turbulence. Made from src/labs/**/gallery/*.toml by
// `UPDATE_GALLERY=1 cargo test --release --test gallery`: change the entries there, not this file.

/** Name, link, one sentence. @type {[string, string, string][]} */
export const TRIES = [
  [
    'What a network knows',
    'v=1&lab=turbulence&score=small&b.score=gaussian&seed=0',
    'The same pixels and the same noise: a network that has learned windows of five frames is twice as near to the truth as the score that knows covariances alone.',
  ],
  [
    'A flow from few pixels',
    'v=1&lab=turbulence&score=gaussian&seed=0',
    '512 noisy numbers for a film of 16,384: a sample by guided diffusion, with the exact score of the normal law of the flow.',
  ],
  [
    'More weights',
    'v=1&lab=turbulence&score=large&b.score=small&seed=0',
    'The large network beside the small one, from the same pixels and the same noise: a sixth of the error gone, for more than twice the time.',
  ],
  [
    'A network, and the flow map',
    'v=1&lab=turbulence&score=small&view=accuracy&b.physics=defect&seed=0',
    'The network has never seen an equation. Guided by the defect of the solver as well, its film is nearer to the truth and closer to a solution.',
  ],
  [
    'In half the time',
    'v=1&lab=turbulence&corrections=0&score=small&gamma=0.003&physics=residual&b.physics=none&seed=0',
    'No corrections, a stronger pull, and the residual of the equations: half the calls of the network, and still nearer than every linear answer.',
  ],
  [
    'What the equations add',
    'v=1&lab=turbulence&score=gaussian&b.physics=residual&seed=0',
    'The same score and the same noise, and beside it films are drawn towards solving the equations: no network, and a fifth of the error gone.',
  ],
  [
    'The flow map itself',
    'v=1&lab=turbulence&score=gaussian&physics=defect&view=accuracy&b.physics=residual&seed=0',
    'Guidance by what the solver makes of each frame reaches further than guidance by the equation at each frame.',
  ],
  [
    'The best linear answer',
    'v=1&lab=turbulence&method=posterior&view=accuracy&b.method=interpolate&seed=0',
    'The exact mean of a normal law, in a tenth of a second, beside interpolation: covariances in space and time are worth little more here.',
  ],
  [
    'The bar of an expert',
    'v=1&lab=turbulence&method=enkf&view=accuracy&b.method=posterior&seed=0',
    'An ensemble Kalman filter that knows the equations: it sees the past only, so its first frames are bad and its last ones good.',
  ],
  [
    'A mean is no flow',
    'v=1&lab=turbulence&score=gaussian&view=spectrum&b.method=posterior&seed=0',
    'A sample has the enstrophy of the flow at every wave number and the larger error; the mean is nearer the truth and too smooth by powers of ten.',
  ],
  [
    'The right spectrum, and no flow',
    'v=1&lab=turbulence&task=prior&score=gaussian&view=residual&seed=0',
    'A film drawn from the normal law has the covariances of the flow, and six times the residual of a true one.',
  ],
  [
    'A film of the network',
    'v=1&lab=turbulence&frames=5&task=prior&score=small&view=residual&b.score=gaussian&seed=0',
    'A window that the network draws from nothing looks like the flow, with less than half the residual of the normal law, and yet several times that of a true film: a sample is no solution.',
  ],
  [
    'A forecast',
    'v=1&lab=turbulence&task=forecast&method=free&n=32&view=accuracy&b.method=ar&b.score=gaussian&b.n=4&seed=0',
    'Two known frames, then members that the equations move, beside segments drawn with a score that knows covariances alone.',
  ],
  [
    'Segments, or all at once',
    'v=1&lab=turbulence&task=forecast&method=ar&score=small&view=accuracy&b.method=aao&seed=0',
    'Two frames are known. Segments that are given the last frames of the one before follow the flow for long; all frames at once hardly hear of what is known.',
  ],
  [
    'Too weak a pull',
    'v=1&lab=turbulence&score=gaussian&b.guidance=diagonal&seed=0',
    'The rule that knows no prior takes the film given its noisy self to be far wider than it is: the observations hardly pull.',
  ],
  [
    'A coarse instrument',
    'v=1&lab=turbulence&layout=blocks&score=gaussian&physics=residual&b.layout=grid&seed=0',
    'Means over blocks of 4 × 4 pixels, beside single pixels of the same number: which of them tell more of the film?',
  ],
  [
    'From your own vortices',
    'v=1&lab=turbulence&vortices=zEwAYJm5ZqZmpjMzmTlmxg&spacing=3&method=enkf&n=32&seed=0',
    'Four vortices that turn left and right by turns, carried by the solver; the filter knows other flows only when it starts. Place more by a click.',
  ],
];
