//! Everything a host can do, from many threads at once and in random order, against the simplest model there is: every
//! call has one end, every start one answer, every run one close. Used by the suite (short) and by the soak (long).

use finapp_core::bridge::{ApiOptions, Handler, HostCall, Payload};
use finapp_core::host::{LogLevel, LogSink};
use finapp_core::{
    AppletRequest, CloseReason, Config, Error, FinAppClient, LifeCycleEvent, Limits, MemoryLevel, Platform,
};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The mini-program of the model: it makes calls when told to, and keeps its own account of their ends.
pub const SCRIPT: &str = "
    ft.loadExtApi([{name: 'work'}, {name: 'workSync', sync: true}, {name: 'account'}, {name: 'sometimes'}]);
    let made = 0, ended = 0, wrong = 0;
    const call = api => {
        let ends = 0, completes = 0;
        made++;
        const end = () => { ends++; if (completes) wrong++ };
        ft[api]({success: end, fail: end, progress() { if (ends) wrong++ },
            complete() { completes++; ended++; if (ends !== 1 || completes !== 1) wrong++ }});
    };
    ft.onCustomEvent(e => {
        if (e.account) return ft.account({made, ended, wrong});
        for (let n = 0; n < e.calls; n++) call(n % 4 ? 'work' : 'sometimes');
        if (e.sync && typeof ft.workSync().errMsg !== 'string') wrong++;
        if (e.later) setTimeout(() => call('work'), 4);
    });";

const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const PATIENCE: Duration = Duration::from_secs(60);

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub threads: u64,
    pub steps: u64,
}

/// What happened, once it has been found to be right.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub calls: u64,
    pub runs: u64,
}

/// Runs the plan with the package in `package`.
///
/// # Errors
/// Says what did not come out even.
pub fn run(plan: Plan, package: &Path) -> Result<Figures, String> {
    let limits = Limits { live_applets: 4, turn_foreground_ms: 60_000, ..Limits::default() };
    let config = Config { limits, evict_background: true, ..Config::default() };
    let platform = Platform { log: Arc::new(Silent), ..Platform::default() };
    let client = FinAppClient::init(config, platform).map_err(|error| error.to_string())?;
    let world = Arc::new(World::new(client, package));
    world.open_for_business().map_err(|error| error.to_string())?;
    std::thread::scope(|scope| {
        for thread in 0..plan.threads {
            let world = &world;
            scope.spawn(move || {
                let mut random = Random::new(plan.seed.wrapping_mul(0x9E37_79B9).wrapping_add(thread));
                for _ in 0..plan.steps {
                    world.step(&mut random);
                    // Now and then the applets get a chance to catch up.
                    if random.below(16) == 0 {
                        drop(world.client.start_applet_and_wait(world.request(random.id())));
                    }
                }
            });
        }
    });
    world.settle()?;
    world.client.shutdown();
    world.answer_all();
    world.client.wait_until_closed(PATIENCE).map_err(|error| format!("closing: {error}"))?;
    world.check()
}

/// A log for clients whose warnings are no news.
pub struct Silent;

impl LogSink for Silent {
    fn write(&self, _: LogLevel, _: &str, _: &str) {}
}

/// Small, fast and the same everywhere for the same seed.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }

    fn id(&mut self) -> &'static str {
        let at = self.below(IDS.len() as u64);
        IDS.get(usize::try_from(at).unwrap_or_default()).copied().unwrap_or("a")
    }
}

/// The two ways in which a call can end for the host: its answer was taken, or its cancel hook ran.
struct Open {
    call: HostCall,
    ends: Arc<AtomicU64>,
}

#[derive(Default)]
struct Ledger {
    begun: AtomicU64,
    ended: AtomicU64,
    twice: AtomicU64,
    asked: AtomicU64,
    answered: AtomicU64,
}

struct World {
    client: FinAppClient,
    package: std::path::PathBuf,
    ledger: Arc<Ledger>,
    open: Arc<Mutex<Vec<Open>>>,
    accounts: Arc<Mutex<HashMap<String, Account>>>,
    /// Per applet: whether it is open, and what went wrong with its life.
    lives: Arc<Mutex<Lives>>,
}

/// What an applet says of its own calls.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Account {
    made: u64,
    ended: u64,
    wrong: u64,
}

#[derive(Default)]
struct Lives {
    open: HashMap<String, bool>,
    runs: u64,
    faults: Vec<String>,
}

impl Lives {
    fn hear(&mut self, event: &LifeCycleEvent) {
        let open = self.open.entry(event.app_id().to_owned()).or_default();
        match event {
            LifeCycleEvent::Opened { app_id } if std::mem::replace(open, true) => {
                self.faults.push(format!("{app_id} opened twice"));
            }
            LifeCycleEvent::Closed { app_id, reason } => {
                *open = false;
                self.runs += 1;
                if let CloseReason::Failed(error) = reason {
                    self.faults.push(format!("{app_id} failed: {error}"));
                }
            }
            LifeCycleEvent::Error { app_id, error } => self.faults.push(format!("script of {app_id}: {error}")),
            _ => {}
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger {
    fn end(&self, ends: &AtomicU64) {
        let counter = if ends.fetch_add(1, Ordering::Relaxed) == 0 { &self.ended } else { &self.twice };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

fn body(text: &str) -> Payload {
    Payload::parse(text.to_owned(), Vec::new(), &Limits::default()).unwrap_or_default()
}

impl World {
    fn new(client: FinAppClient, package: &Path) -> Self {
        Self {
            client,
            package: package.to_owned(),
            ledger: Arc::default(),
            open: Arc::default(),
            accounts: Arc::default(),
            lives: Arc::default(),
        }
    }

    fn open_for_business(self: &Arc<Self>) -> Result<(), Error> {
        let lives = self.lives.clone();
        self.client.on_life_cycle(Some(Arc::new(move |event| locked(&lives).hear(event))));
        let accounts = self.accounts.clone();
        self.client.register_custom_api("account", move |call: HostCall| {
            if let Ok(account) = serde_json::from_str(call.params.text()) {
                locked(&accounts).insert(call.info.caller.applet().to_string(), account);
            }
            call.reply.success(Payload::none());
        })?;
        let sync = ApiOptions { sync: true, timeout: Some(Duration::from_millis(5)), ..ApiOptions::default() };
        self.client.register("workSync", self.handler(), sync)?;
        self.client.register("work", self.handler(), ApiOptions::default())
    }

    /// Takes a call into the books; every eighth is used for something rash, on the applet's own thread.
    fn handler(self: &Arc<Self>) -> Handler {
        let world = Arc::downgrade(self);
        Handler::Host(Arc::new(move |call: HostCall| {
            let Some(world) = world.upgrade() else { return };
            let number = world.ledger.begun.fetch_add(1, Ordering::Relaxed);
            let ends = Arc::<AtomicU64>::default();
            let (ledger, own) = (world.ledger.clone(), ends.clone());
            call.reply.on_cancel(move |_| ledger.end(&own));
            let open = Open { call, ends };
            let mut random = Random::new(number.wrapping_mul(0x2545_F491_4F6C_DD1D));
            match random.below(8) {
                0 => world.step(&mut random),
                1 | 2 => return world.answer(open, &mut random),
                _ => {}
            }
            locked(&world.open).push(open);
        }))
    }

    fn answer(&self, open: Open, random: &mut Random) {
        let reply = &open.call.reply;
        let taken = match random.below(4) {
            0 => reply.fail(body(r#"{"errMsg":"no"}"#)),
            1 => reply.cancel(Payload::none()),
            2 => reply.threw("on purpose"),
            _ => reply.success(body(r#"{"r":[1,2,3]}"#)),
        };
        if taken {
            self.ledger.end(&open.ends);
        }
        if random.below(4) == 0 && reply.success(Payload::none()) {
            self.ledger.end(&open.ends);
        }
    }

    fn take_open(&self, random: &mut Random) -> Option<Open> {
        let mut open = locked(&self.open);
        let count = open.len() as u64;
        if count == 0 {
            return None;
        }
        Some(open.swap_remove(usize::try_from(random.below(count)).unwrap_or_default()))
    }

    fn answer_all(&self) {
        let open = std::mem::take(&mut *locked(&self.open));
        for open in open {
            self.answer(open, &mut Random::new(1));
        }
    }

    fn start(&self, id: &str) {
        let ledger = self.ledger.clone();
        ledger.asked.fetch_add(1, Ordering::Relaxed);
        self.client.start_applet(self.request(id), move |_| {
            ledger.answered.fetch_add(1, Ordering::Relaxed);
        });
    }

    fn request(&self, id: &str) -> AppletRequest {
        AppletRequest::local(id, &self.package)
    }

    /// One random thing. Refusals are as good as successes here: what counts are the books.
    fn step(&self, random: &mut Random) {
        let (id, client) = (random.id(), &self.client);
        match random.below(32) {
            0..=5 => self.start(id),
            6 => drop(client.close_applet(id)),
            7 => drop(client.set_background(id)),
            8 => drop(client.set_foreground(id)),
            9..=15 => drop(client.send_custom_event(id, body(r#"{"calls":5,"later":true}"#))),
            16 => drop(client.send_custom_event(id, body(r#"{"calls":1,"sync":true}"#))),
            17 => drop(client.send_custom_event_to_all(body(r#"{"calls":2}"#))),
            18..=26 => {
                for _ in 0..4 {
                    if let Some(open) = self.take_open(random) {
                        self.answer(open, random);
                    }
                }
            }
            27 => {
                if let Some(open) = self.take_open(random) {
                    open.call.reply.progress(body(r#"{"half":true}"#));
                    locked(&self.open).push(open);
                }
            }
            28 => drop(client.register_for(id, "sometimes", answers(), ApiOptions::default())),
            29 => drop(client.unregister_for(id, "sometimes")),
            30 => client.set_memory_level(if random.below(8) == 0 { MemoryLevel::Critical } else { MemoryLevel::Low }),
            _ => {
                drop(client.counters(id));
                drop(client.running_applets());
            }
        }
    }

    /// Answers what is open until every running applet's own account is even.
    fn settle(&self) -> Result<(), String> {
        let mut uneven = None;
        for _ in 0..PATIENCE.as_millis() {
            self.answer_all();
            locked(&self.accounts).clear();
            let asked = self.client.send_custom_event_to_all(body(r#"{"account":true}"#));
            let expected = asked.map_err(|error| error.to_string())?;
            std::thread::park_timeout(Duration::from_millis(1));
            let accounts = locked(&self.accounts).clone();
            if let Some((id, account)) = accounts.iter().find(|(_, account)| account.wrong > 0) {
                return Err(format!("{id}: a call ended twice or out of order: {account:?}"));
            }
            let open = accounts.iter().find(|(_, account)| account.made != account.ended);
            if open.is_none() && accounts.len() == expected && locked(&self.open).is_empty() {
                return Ok(());
            }
            uneven = open.map(|(id, account)| (id.clone(), *account));
        }
        Err(format!("calls never end: {uneven:?}"))
    }

    fn check(&self) -> Result<Figures, String> {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let ledger = &self.ledger;
        let (begun, ended, twice) = (read(&ledger.begun), read(&ledger.ended), read(&ledger.twice));
        if begun != ended || twice != 0 {
            return Err(format!("{begun} calls reached a handler, {ended} ended, {twice} more than once"));
        }
        let (asked, answered) = (read(&ledger.asked), read(&ledger.answered));
        if asked != answered {
            return Err(format!("{asked} starts were asked for, {answered} answered"));
        }
        let lives = locked(&self.lives);
        if let Some(fault) = lives.faults.first() {
            return Err(format!("{fault} (and {} more)", lives.faults.len() - 1));
        }
        match lives.open.iter().find(|(_, open)| **open) {
            Some((id, _)) => Err(format!("{id} never closed")),
            None => Ok(Figures { calls: begun, runs: lives.runs }),
        }
    }
}

fn answers() -> Handler {
    Handler::Host(Arc::new(|call: HostCall| {
        call.reply.success(Payload::none());
    }))
}
