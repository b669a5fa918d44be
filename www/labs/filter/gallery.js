// Links to try in the lab filter. Made from src/labs/**/gallery/*.toml by
// `UPDATE_GALLERY=1 cargo test --release --test gallery`: change the entries there, not this file.

/** Name, link, one sentence. @type {[string, string, string][]} */
export const TRIES = [
  [
    'The exact density behind the members',
    'v=1&lab=filter&method=pf&seed=0',
    'A particle in a double well, observed with noise: the map is the exact law of its place, dots are particles.',
  ],
  [
    'A score carries no weight',
    'v=1&lab=filter&n=100&langevin-steps=30&anneal=1&b.method=pf&seed=0',
    'Langevin steps from the forecast, beside a particle filter: a particle that is moved by a score does not carry its mode’s weight.',
  ],
  [
    'What annealing brings back',
    'v=1&lab=filter&n=100&langevin-steps=30&anneal=1&b.langevin-steps=50&b.anneal=10&seed=0',
    'Kernels that begin wide let members find the other well.',
  ],
  [
    'The sign is not seen',
    'v=1&lab=filter&operator=abs&noise-y=0.2&method=pf&n=100&b.method=ssls&seed=0',
    'Only |x| is observed: both wells stay equally likely, resampling drifts away from one of them, Langevin steps do not.',
  ],
  [
    'A linear update',
    'v=1&lab=filter&method=enkf&n=100&b.method=pf&seed=0',
    'The ensemble Kalman filter knows mean and covariance only: of two wells it makes one.',
  ],
  [
    'One update in slow motion',
    'v=1&lab=filter&view=density&at=0.25&seed=0',
    'Forecast above, analysis below, and between them the Langevin steps of nine members.',
  ],
  [
    'A guessed likelihood',
    'v=1&lab=filter&model=ar1&cycles=400&method=ensf&pairing=own&steps=100&eps-a=0.5&implicit=no&b.method=exact&seed=0',
    'The ensemble score filter as published, on a linear model, beside Kalman’s: its guess of the likelihood on the way makes it far too wide.',
  ],
  [
    'What a finite step costs',
    'v=1&lab=filter&model=ar1&cycles=400&prior=gauss&langevin-steps=200&langevin-step=0.5&langevin=ula&b.langevin=ou&seed=0',
    'Unadjusted Langevin steps of .5 are too wide by 1/(1 − h/2) in variance; with the right noise the same steps are exact.',
  ],
  [
    'The posterior bends',
    'v=1&lab=filter&model=lorenz63&cycles=1000&burn-in=50&method=enkf&n=100&b.method=pf&b.n=800&seed=0',
    'Lorenz-63: a Gaussian update cannot follow a posterior that bends; 800 particles can.',
  ],
  [
    'Localise',
    'v=1&lab=filter&model=lorenz96&method=enkf&n=20&inflation=1.04&b.locality=7.28&seed=0',
    'Twenty members for forty coordinates: covariances of distant places are chance, and the filter loses the truth, unless they are taken away.',
  ],
  [
    'The curse of dimension',
    'v=1&lab=filter&model=static&states=1&cycles=1&noise-y=1&truth-seed=78&method=pf&n=1000&view=accuracy&b.states=20&seed=0',
    'One update of a normal law by 1,000 particles: in one coordinate about 700 carry weight, in twenty 5. Each coordinate takes a third of them.',
  ],
  [
    'Half of it is seen',
    'v=1&lab=filter&model=lorenz96&coordinates=2&method=letkf&n=20&b.method=ensf&b.eps-b=0.025&seed=0',
    'Every second place is observed: the local transform filter carries what it sees to what it does not, the ensemble score filter does not.',
  ],
  [
    'Stiff likelihoods need implicit steps',
    'v=1&lab=filter&model=lorenz96&cycles=200&interval=0.1&dt=0.01&operator=arctan&noise-y=0.05&method=ensf&n=20&eps-b=0.025&implicit=no&scale=none&b.implicit=yes&seed=0',
    'An instrument that saturates, with little noise: explicit steps of the ensemble score filter overshoot, implicit ones are stable.',
  ],
  [
    'An unstable Langevin step',
    'v=1&lab=filter&prior=ism&n=100&b.langevin-step=0.2&seed=0',
    'Twice the step of a polynomial score: members are thrown outwards, and with a step of 0.25 they overflow.',
  ],
  [
    'A filter that diverges',
    'v=1&lab=filter&model=lorenz96&method=enkf&n=20&inflation=1.04&view=accuracy&seed=0',
    'The error grows to that of the climate while the spread says that all is well: the filter no longer listens to what it observes.',
  ],
  [
    'A race of all methods',
    'v=1&lab=filter&n=100&view=race&seed=0',
    'All methods on one truth: the distance W₁ from the exact law is .063 with a particle filter, .102 with annealed Langevin steps, .25 with an EnKF. Luck with the truth is left in the error, not in W₁.',
  ],
];
