//! Pages and components, run in a real engine whose package is in memory.
#![cfg(feature = "components")]

mod elements;
mod hostile;
mod life;
mod scripts;
mod stage;
