// Links to try in the lab lgssm. Made from src/labs/**/gallery/*.toml by
// `UPDATE_GALLERY=1 cargo test --release --test gallery`: change the entries there, not this file.

/** Name, link, one sentence. @type {[string, string, string][]} */
export const TRIES = [
  [
    'Sparse observations',
    'v=1&lab=lgssm&every=16&seed=0',
    'Three observations of 33 states: the exact band opens between them, and the samples fill it.',
  ],
  [
    'Exact against SDA',
    'v=1&lab=lgssm&b.guidance=sda&b.gamma=0.1&seed=0',
    'One number in place of a covariance: narrower than the exact posterior, and off its mean.',
  ],
  [
    'DPS',
    'v=1&lab=lgssm&b.guidance=dps&seed=0',
    'A pull of fixed size towards the observations, against the exact rule.',
  ],
  [
    'Independent states?',
    'v=1&lab=lgssm&n=4000&b.guidance=pigdm&seed=0',
    'ΠGDM is right for a prior N(0, I). On a chain its mean is off, by thirty times the luck of the draw; the widths of its bands are right to 6 %.',
  ],
  [
    'Replacing what is observed',
    'v=1&lab=lgssm&every=8&b.guidance=replace&seed=0',
    'The observed states are set, their neighbours see only a noised value.',
  ],
  [
    'Where a blanket is wrong',
    'v=1&lab=lgssm&score=blanket&k=1&guidance=none&view=score-error&seed=0',
    'Exact at zero and at infinite noise; in between the score is off by up to 31 %.',
  ],
  [
    'What a network adds',
    'v=1&lab=lgssm&score=net&guidance=none&view=score-error&seed=0',
    'Where a window of five knows enough the network is as good as its exact score; towards the data it is not, and the samples hardly feel it.',
  ],
  [
    'What corrections bring back',
    'v=1&lab=lgssm&sampler=ddim&steps=256&score=blanket&k=1&guidance=none&view=covariance&b.sampler=pc&b.corrections=4&seed=0',
    'A blanket of one neighbour forgets too soon along the chain; Langevin corrections mend most of it, for five times the calls.',
  ],
  [
    'What guidance costs',
    'v=1&lab=lgssm&view=cost&b.guidance=sda&b.gamma=0.1&seed=0',
    'The exact rule pays in products with the Jacobian.',
  ],
  [
    'Why do they differ?',
    'v=1&lab=lgssm&every=16&b.method=ar&seed=0',
    'All at once, the observations at 16 and 32 pull on every state before them; in segments each reaches only the one in which it lies. The one smooths, the other filters: both scores are right, for two different laws.',
  ],
  [
    'Where they agree',
    'v=1&lab=lgssm&observed=0,4,8&view=cost&b.method=ar&seed=0',
    'With no observation to come one state of context says all there is (Markov): the same law for four times the calls, with a quarter of the numbers held.',
  ],
  [
    'A spring from its position',
    'v=1&lab=lgssm&model=damped-spring&view=phase&seed=0',
    'Only the position is observed; the velocity follows from the motion.',
  ],
  [
    'A blanket too small',
    'v=1&lab=lgssm&score=blanket&k=1&guidance=none&view=covariance&b.score=full&seed=0',
    'Chains from windows of three states, beside those of the full score: each window is plausible, and the chain forgets too soon.',
  ],
  [
    'Biased guidance',
    'v=1&lab=lgssm&length=1&observed=0&y=1.5&guidance=sda&n=4000&b.guidance=exact&seed=0',
    'One number, one measurement: SDA counts the measurement again at every level, so its posterior is far too narrow and beyond the right place.',
  ],
];
