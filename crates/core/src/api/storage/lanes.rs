//! Who may touch the files of an applet, one after the other: a run of the applet, the next run, the clearing of its
//! data. A place in the lane is taken at once, on any thread; waiting for it is for threads that may wait.

use crate::lock::lock;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

/// The lanes of all folders.
#[derive(Default)]
pub(crate) struct Lanes(Mutex<HashMap<PathBuf, Receiver<()>>>);

/// A place in a lane, until it is dropped.
pub(crate) struct Place {
    before: Option<Receiver<()>>,
    // Nothing is ever sent: the next in the lane hears that it is gone.
    _held: Sender<()>,
}

impl Lanes {
    /// Takes the next place for a folder.
    pub(crate) fn queue(&self, folder: &Path) -> Place {
        let (held, next) = channel();
        let mut lanes = lock(&self.0);
        // A lane whose last place has been given up is empty.
        lanes.retain(|_, last| last.try_recv() != Err(TryRecvError::Disconnected));
        let before = lanes.insert(folder.to_owned(), next);
        Place { before, _held: held }
    }
}

impl Place {
    /// Waits until all who came before are gone.
    pub(crate) fn wait(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing comes; it ends when the sender is gone.
            while before.recv().is_ok() {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lane_of_one_folder_is_in_order_and_others_are_not_held_up() {
        let lanes = Lanes::default();
        let first = lanes.queue(Path::new("a"));
        let mut second = lanes.queue(Path::new("a"));
        lanes.queue(Path::new("b")).wait();
        let (sender, receiver) = channel();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                second.wait();
                sender.send("second").unwrap();
            });
            assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
            drop(first);
            assert_eq!(receiver.recv(), Ok("second"));
        });
        lanes.queue(Path::new("c")).wait();
        assert_eq!(lock(&lanes.0).len(), 1);
    }
}
