//! The table of calls and the end of a call, driven directly. `interleavings.rs` has the same properties under every
//! order of threads.
#![cfg(not(finapp_loom))]

use super::*;
use crate::host::MonotonicClock;
use std::sync::mpsc::channel;
use std::sync::{Barrier, Mutex as StdMutex};
use std::thread;
use tokio::runtime::{Builder, Runtime};

/// Keeps what callers would hear.
#[derive(Default)]
struct Heard(StdMutex<Vec<(CallId, Outcome)>>);

impl Heard {
    fn take(&self) -> Vec<(CallId, Outcome)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl CallSink for Heard {
    fn settled(&self, id: CallId, _: bool, outcome: Outcome) {
        self.0.lock().unwrap().push((id, outcome));
    }

    fn progress(&self, _: CallId, _: Payload) -> bool {
        true
    }
}

struct Stage {
    heard: Arc<Heard>,
    scope: Arc<CallScope>,
    total: Arc<AtomicUsize>,
    runtime: Runtime,
}

impl Stage {
    fn new(change: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = Limits::default();
        change(&mut limits);
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let (heard, total) = (Arc::<Heard>::default(), Arc::<AtomicUsize>::default());
        let scope = scope(&heard, limits, &total, &runtime);
        Self { heard, scope, total, runtime }
    }

    fn begin(&self) -> Result<(Arc<PendingCall>, Reply), Error> {
        self.scope.begin(false, None)
    }
}

fn scope(heard: &Arc<Heard>, limits: Limits, total: &Arc<AtomicUsize>, runtime: &Runtime) -> Arc<CallScope> {
    let deadlines = Deadlines::new(runtime.handle().clone());
    let clock = Arc::new(MonotonicClock::new());
    CallScope::new(heard.clone(), Arc::new(limits), clock, Arc::default(), deadlines, total.clone(), None)
}

fn code_of(outcome: &Outcome) -> Option<ErrorCode> {
    match outcome {
        Outcome::Failure { error: Some(error), .. } => Some(error.code()),
        _ => None,
    }
}

fn refusal<T>(result: Result<T, Error>) -> Option<ErrorCode> {
    result.err().map(|error| error.code())
}

#[test]
fn a_call_over_a_cap_is_busy_until_a_slot_is_given_back() {
    let stage = Stage::new(|limits| (limits.calls_in_flight, limits.calls_in_flight_total) = (2, 3));
    let other = scope(&stage.heard, stage.scope.limits().as_ref().clone(), &stage.total, &stage.runtime);
    let (first, reply) = stage.begin().unwrap();
    let _second = stage.begin().unwrap();
    assert_eq!(refusal(stage.begin()), Some(ErrorCode::Busy), "two in one scope");
    let _third = other.begin(false, None).unwrap();
    assert_eq!(refusal(other.begin(false, None)), Some(ErrorCode::Busy), "three in all");
    assert!(reply.success(Payload::none()));
    assert_eq!(refusal(stage.begin()), Some(ErrorCode::Busy), "an end that was not received keeps its slot");
    assert!(stage.scope.release(first.id()));
    stage.begin().unwrap();
}

#[test]
fn h_a16_a_stale_or_forged_id_finds_nobody_and_is_counted() {
    let stage = Stage::new(|_| {});
    let (old, reply) = stage.begin().unwrap();
    assert!(reply.success(Payload::none()) && stage.scope.release(old.id()));
    let (new, _reply) = stage.begin().unwrap();
    assert_eq!((new.id().slot, new.id().turn), (old.id().slot, old.id().turn + 1), "the slot is used again");
    let forged = [old.id(), CallId { slot: 7, turn: 0 }, CallId { slot: u32::MAX, turn: u32::MAX }];
    for id in forged {
        assert!(!stage.scope.release(id), "{id:?}");
    }
    assert_eq!(stage.scope.counters().snapshot().unknown_replies, 3);
    assert_eq!(stage.scope.in_flight(), 1);
}

#[test]
fn h_a17_a_slot_whose_turns_are_used_up_is_never_used_again() {
    let stage = Stage::new(|_| {});
    let (first, _reply) = stage.begin().unwrap();
    assert!(stage.scope.release(first.id()));
    lock(&stage.scope.table).slots[0].turn = u32::MAX;
    let (last, _reply) = stage.begin().unwrap();
    assert_eq!(last.id(), CallId { slot: 0, turn: u32::MAX });
    assert!(stage.scope.release(last.id()));
    let (next, _reply) = stage.begin().unwrap();
    assert_eq!(next.id(), CallId { slot: 1, turn: 0 });
}

#[test]
fn a_reply_that_is_dropped_unanswered_fails_its_call() {
    let stage = Stage::new(|_| {});
    let (call, reply) = stage.begin().unwrap();
    drop(reply);
    let heard = stage.heard.take();
    assert_eq!(heard.len(), 1);
    assert_eq!((heard[0].0, code_of(&heard[0].1)), (call.id(), Some(ErrorCode::Handler)));
}

#[test]
fn a_cancel_hook_runs_once_for_a_cancelled_call_and_never_for_an_answered_one() {
    let stage = Stage::new(|_| {});
    let (sender, ran) = channel();
    let hook = |name: &'static str| {
        let sender = sender.clone();
        move |reason: &Error| sender.send((name, reason.code())).unwrap()
    };
    let (_, answered) = stage.begin().unwrap();
    answered.on_cancel(hook("answered before"));
    assert!(answered.success(Payload::none()));
    answered.on_cancel(hook("answered after"));
    let (call, cancelled) = stage.begin().unwrap();
    cancelled.on_cancel(hook("before"));
    assert!(call.abort(&ErrorCode::PageGone.into()));
    assert!(!call.abort(&ErrorCode::Closed.into()));
    cancelled.on_cancel(hook("after"));
    assert_eq!(ran.try_iter().collect::<Vec<_>>(), [("before", ErrorCode::PageGone), ("after", ErrorCode::PageGone)]);
}

#[test]
fn h_d7_closing_ends_every_call_once_although_a_hook_panics() {
    let stage = Stage::new(|_| {});
    let calls: Vec<_> = (0..5).map(|_| stage.begin().unwrap()).collect();
    calls[1].1.on_cancel(|_| panic!("a hook that panics"));
    assert!(calls[2].1.success(Payload::none()));
    stage.scope.close(&ErrorCode::Closed.into());
    stage.scope.close(&ErrorCode::Closed.into());
    let heard = stage.heard.take();
    assert_eq!(heard.len(), 5);
    assert_eq!(heard.iter().filter(|(_, outcome)| code_of(outcome) == Some(ErrorCode::Closed)).count(), 4);
    assert_eq!((stage.scope.in_flight(), stage.total.load(Ordering::Relaxed)), (0, 0));
    assert_eq!(refusal(stage.begin()), Some(ErrorCode::Closed));
    let counters = stage.scope.counters().snapshot();
    assert_eq!((counters.panics, counters.late_answers), (1, 0));
    assert!(calls.iter().all(|(_, reply)| !reply.success(Payload::none())));
}

#[test]
fn a_deadline_ends_the_call_that_nobody_answered_and_no_other() {
    let stage = Stage::new(|_| {});
    let (_, answered) = stage.scope.begin(false, Some(Duration::from_millis(1))).unwrap();
    assert!(answered.success(Payload::none()));
    let (call, reply) = stage.scope.begin(false, Some(Duration::from_millis(1))).unwrap();
    let (sender, cancelled) = tokio::sync::oneshot::channel();
    reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
    assert_eq!(stage.runtime.block_on(cancelled), Ok(ErrorCode::Timeout));
    let heard = stage.heard.take();
    assert_eq!(heard.len(), 2);
    assert_eq!((heard[1].0, code_of(&heard[1].1)), (call.id(), Some(ErrorCode::Timeout)));
    assert_eq!(stage.scope.counters().snapshot().timed_out, 1);
}

#[test]
fn h_c4_of_many_threads_that_end_one_call_exactly_one_does() {
    let stage = Stage::new(|limits| limits.calls_in_flight = 1);
    for _ in 0..500 {
        let (call, reply) = stage.begin().unwrap();
        let (sender, hooked) = channel();
        let start = Barrier::new(4);
        let ends: Vec<bool> = thread::scope(|scope| {
            let (call, reply, start) = (&call, &reply, &start);
            let threads = [
                scope.spawn(move || (start.wait(), reply.success(Payload::none())).1),
                scope.spawn(move || (start.wait(), reply.threw("on purpose")).1),
                scope.spawn(move || (start.wait(), call.abort(&ErrorCode::Closed.into())).1),
            ];
            start.wait();
            reply.on_cancel(move |_| sender.send(()).unwrap());
            threads.map(|thread| thread.join().unwrap()).to_vec()
        });
        assert_eq!(ends.iter().filter(|ended| **ended).count(), 1);
        assert_eq!(hooked.try_iter().count(), usize::from(ends[2]), "told exactly if it was cancelled");
        assert_eq!(stage.heard.take().len(), 1);
        assert!(stage.scope.release(call.id()));
    }
}
