//! Every interleaving of threads that end, cancel, begin and close calls, by loom (cases C4 and D10):
//! `RUSTFLAGS="--cfg finapp_loom" cargo test -p finapp-core --lib --target-dir target/loom interleavings`
#![cfg(finapp_loom)]

use super::*;
use crate::host::MonotonicClock;
use loom::thread;
use once_cell::sync::Lazy;
use tokio::runtime::{Builder, Runtime};

/// Nothing here has a deadline, but a scope wants to know where deadlines run.
static RUNTIME: Lazy<Runtime> = Lazy::new(|| Builder::new_current_thread().enable_time().build().unwrap());

/// Counts ends. Its lock is loom's, so that the order of ends is explored as well.
#[derive(Default)]
struct Ends(Mutex<Vec<CallId>>);

impl Ends {
    fn count(&self) -> usize {
        lock(&self.0).len()
    }
}

impl CallSink for Ends {
    fn settled(&self, id: CallId, _: bool, _: Outcome) {
        lock(&self.0).push(id);
    }

    fn progress(&self, _: CallId, _: Payload) -> bool {
        true
    }
}

fn stage() -> (Arc<Ends>, Arc<CallScope>, Arc<AtomicUsize>) {
    let (ends, total) = (Arc::<Ends>::default(), Arc::<AtomicUsize>::default());
    let clock = Arc::new(MonotonicClock::new());
    let deadlines = Deadlines::new(RUNTIME.handle().clone());
    let scope = CallScope::new(ends.clone(), Arc::default(), clock, Arc::default(), deadlines, total.clone(), None);
    (ends, scope, total)
}

fn explore(model: impl Fn() + Send + Sync + 'static) {
    Lazy::force(&RUNTIME);
    loom::model(model);
}

#[test]
fn h_c4_two_answers_and_a_cancel_end_a_call_once() {
    explore(|| {
        let (ends, scope, _) = stage();
        let (call, reply) = scope.begin(false, None).unwrap();
        let reply = Arc::new(reply);
        let (answer, other) = (reply.clone(), reply.clone());
        let threads = [
            thread::spawn(move || answer.success(Payload::none())),
            thread::spawn(move || other.fail(Payload::none())),
        ];
        let cancelled = call.abort(&ErrorCode::Closed.into());
        let won = threads.map(|thread| thread.join().unwrap());
        assert_eq!(usize::from(cancelled) + won.iter().filter(|won| **won).count(), 1);
        assert_eq!(ends.count(), 1);
        assert!(!reply.is_open());
    });
}

#[test]
fn h_c4_a_cancel_hook_runs_exactly_when_the_call_was_cancelled() {
    explore(|| {
        let (_, scope, _) = stage();
        let (call, reply) = scope.begin(false, None).unwrap();
        let ran = Arc::new(AtomicUsize::new(0));
        let cancel = thread::spawn(move || call.abort(&ErrorCode::Closed.into()));
        let own = ran.clone();
        let answered = thread::spawn(move || {
            reply.on_cancel(move |_| {
                own.fetch_add(1, Ordering::Relaxed);
            });
            reply.success(Payload::none())
        });
        let (cancelled, answered) = (cancel.join().unwrap(), answered.join().unwrap());
        assert_ne!(cancelled, answered);
        assert_eq!(ran.load(Ordering::Relaxed), usize::from(cancelled));
    });
}

#[test]
fn h_d10_a_call_that_begins_while_its_scope_closes_is_refused_or_ended() {
    explore(|| {
        let (ends, scope, total) = stage();
        let own = scope.clone();
        let beginner = thread::spawn(move || own.begin(false, None).map(|(_, reply)| reply.success(Payload::none())));
        scope.close(&ErrorCode::Closed.into());
        let begun = beginner.join().unwrap();
        assert_eq!(ends.count(), usize::from(begun.is_ok()));
        assert_eq!((scope.in_flight(), total.load(Ordering::Relaxed)), (0, 0));
        assert!(scope.begin(false, None).is_err());
    });
}

#[test]
fn h_d10_a_slot_is_given_back_once_and_never_to_the_id_it_had() {
    explore(|| {
        let (_, scope, total) = stage();
        let (old, reply) = scope.begin(false, None).unwrap();
        reply.success(Payload::none());
        let id = old.id();
        let threads = [scope.clone(), scope.clone()].map(|scope| {
            thread::spawn(move || {
                let released = scope.release(id);
                let begun = scope.begin(false, None).map(|(call, reply)| (call.id(), reply));
                (released, begun)
            })
        });
        let done = threads.map(|thread| thread.join().unwrap());
        assert_eq!(done.iter().filter(|(released, _)| *released).count(), 1);
        let ids: Vec<CallId> = done.iter().filter_map(|(_, begun)| begun.as_ref().ok().map(|(id, _)| *id)).collect();
        assert_eq!(ids.len(), 2);
        assert!(ids[0] != ids[1] && !ids.contains(&id));
        assert_eq!((scope.in_flight(), total.load(Ordering::Relaxed)), (2, 2));
    });
}
