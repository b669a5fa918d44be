//! The lab `filter`: nonlinear systems observed in time. A truth is simulated and observed; filters that know the model and
//! the observations, not the truth, walk from cycle to cycle, beside the exact filter where there is one.

mod course;
mod energy;
mod entrants;
mod experiment;
mod film;
mod kept;
mod keys;
mod method_keys;
mod model_keys;
mod numbers;
mod part;
mod past;
mod race;
mod reference;
mod run;
mod scene;
mod score_keys;
mod setup;
mod team;
mod twin;
mod way;
mod words;

pub use course::FilterExact;
pub use energy::FilterEnergy;
pub use entrants::RaceUnfit;
pub use experiment::LAB;
pub use kept::FilterUpdate;
pub use race::{RaceEntrant, RacePlan, RaceRow};
pub use reference::{FilterReference, FilterReferencePlan};
pub use scene::FilterScene;
pub use words::{FilterView, Implicit};
