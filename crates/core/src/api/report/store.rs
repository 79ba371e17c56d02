//! The events that have been reported and not yet taken by the collector: one SQLite database for the whole client, apart
//! from what applets keep, so that closing and clearing them leaves it alone. What a function has returned is on the disk.

use super::otlp::{Event, record};
use crate::api::storage::{Database, Fault, Files, Layout};
use crate::ids::AppletId;
use crate::limits::Limits;
use rusqlite::{Transaction, params, params_from_iter};
use serde_json::value::RawValue;
use std::collections::HashMap;

const LAYOUT: Layout = Layout {
    application: 0x6669_6e72,
    version: 1,
    tables: "
        CREATE TABLE origin (id TEXT NOT NULL) STRICT;
        INSERT INTO origin (id) VALUES (lower(hex(randomblob(16))));
        CREATE TABLE event (
            number INTEGER PRIMARY KEY AUTOINCREMENT, applet TEXT NOT NULL, size INTEGER NOT NULL,
            checksum INTEGER NOT NULL, record TEXT NOT NULL
        ) STRICT;
        CREATE INDEX event_of_applet ON event (applet, number, size);",
};

type Result<T> = std::result::Result<T, Fault>;

/// What waits, in events and bytes.
#[derive(Clone, Copy, Default)]
struct Sum {
    events: usize,
    bytes: usize,
}

impl Sum {
    fn add(&mut self, bytes: usize) {
        self.events += 1;
        self.bytes += bytes;
    }

    fn take(&mut self, bytes: usize) {
        self.events = self.events.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// Some of the oldest events, to be sent.
pub(super) struct Batch {
    /// The number of the last of them.
    pub(super) last: i64,
    pub(super) records: Vec<Box<RawValue>>,
}

/// The open store.
pub(super) struct Store {
    database: Database,
    limits: Limits,
    /// This store's own name, in the id of each event.
    origin: String,
    /// This opening's own name.
    session: String,
    /// The number of the next event. Never one that was given before, also when its event was not stored after all.
    next: i64,
    applets: HashMap<String, Sum>,
    all: Sum,
}

impl Store {
    /// Opens the store in these files, or makes it; without files, one in memory. Nobody else can while it is open.
    pub(super) fn open(files: Option<&Files>, limits: &Limits) -> Result<Self> {
        let mut database = Database::open(files, &LAYOUT)?;
        // Two senders of one store would send everything twice.
        database.connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        database.change()?.commit()?;
        let connection = &database.connection;
        let origin = connection.query_row("SELECT id FROM origin", [], |row| row.get(0))?;
        let session = connection.query_row("SELECT lower(hex(randomblob(8)))", [], |row| row.get(0))?;
        let last =
            "SELECT max(ifnull((SELECT seq FROM sqlite_sequence), 0), ifnull((SELECT max(number) FROM event), 0))";
        let last: i64 = connection.query_row(last, [], |row| row.get(0))?;
        let mut store = Self {
            database,
            limits: limits.clone(),
            origin,
            session,
            next: last + 1,
            applets: HashMap::new(),
            all: Sum::default(),
        };
        store.count()?;
        Ok(store)
    }

    /// Closes it in order.
    pub(super) fn close(self) {
        self.database.close();
    }

    /// Gives back memory.
    pub(super) fn shrink(&self) {
        self.database.shrink();
    }

    /// How many events wait.
    pub(super) fn waiting(&self) -> usize {
        self.all.events
    }

    /// Keeps all of these, or none. The oldest give way when there are too many; gives how many did.
    pub(super) fn add(&mut self, events: &[Event]) -> Result<u64> {
        let added = self.try_to_add(events);
        if added.is_err() {
            // The sums may have moved with a transaction that was taken back.
            self.count()?;
        }
        added
    }

    fn try_to_add(&mut self, events: &[Event]) -> Result<u64> {
        let Self { database, limits, origin, session, next, applets, all } = self;
        let transaction = database.change()?;
        let mut dropped = 0;
        for event in events {
            let (number, applet) = (*next, event.caller.applet());
            *next += 1;
            let text = record(event, &format!("{origin}-{number}"), session);
            transaction
                .prepare_cached(
                    "INSERT INTO event (number, applet, record, size, checksum) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![number, applet.as_str(), text, text.len(), checksum(number, &text)])?;
            let own = applets.entry(applet.to_string()).or_default();
            own.add(text.len());
            all.add(text.len());
            while own.events > limits.reports_kept || own.bytes > limits.reports_kept_bytes {
                dropped += drop_oldest(&transaction, Some(applet), |_, bytes| {
                    own.take(bytes);
                    all.take(bytes);
                })?;
            }
            while all.bytes > limits.reports_kept_bytes_total {
                dropped += drop_oldest(&transaction, None, |applet, bytes| {
                    applets.entry(applet).or_default().take(bytes);
                    all.take(bytes);
                })?;
            }
        }
        transaction.commit()?;
        Ok(dropped)
    }

    /// The oldest events: at most `most`, and no more than `bytes` unless it is one. None when there are none.
    pub(super) fn batch(&self, most: usize, bytes: usize) -> Result<Option<Batch>> {
        let mut statement = self
            .database
            .connection
            .prepare_cached("SELECT number, record, checksum FROM event ORDER BY number LIMIT ?1")?;
        let mut rows = statement.query([most])?;
        let mut batch = Batch { last: 0, records: Vec::new() };
        let mut size = 0;
        while let Some(row) = rows.next()? {
            let (number, text, sum): (i64, String, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if checksum(number, &text) != sum {
                return Err(Fault::Damaged);
            }
            size += text.len();
            if !batch.records.is_empty() && size > bytes {
                break;
            }
            batch.last = number;
            batch.records.push(RawValue::from_string(text).map_err(|_| Fault::Damaged)?);
        }
        Ok((!batch.records.is_empty()).then_some(batch))
    }

    /// Forgets a batch. Events get ever higher numbers, so none that came meanwhile is among them.
    pub(super) fn done(&mut self, last: i64) -> Result<()> {
        let transaction = self.database.change()?;
        transaction.prepare_cached("DELETE FROM event WHERE number <= ?1")?.execute([last])?;
        transaction.commit()?;
        self.count()
    }

    fn count(&mut self) -> Result<()> {
        self.applets.clear();
        self.all = Sum::default();
        let mut statement =
            self.database.connection.prepare_cached("SELECT applet, count(*), sum(size) FROM event GROUP BY applet")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let sum = Sum { events: row.get(1)?, bytes: row.get(2)? };
            self.all.events += sum.events;
            self.all.bytes += sum.bytes;
            self.applets.insert(row.get(0)?, sum);
        }
        Ok(())
    }
}

/// Removes the oldest event, of one applet or of all, and says whose it was and how large. Gives how many that were.
fn drop_oldest(
    transaction: &Transaction<'_>,
    applet: Option<&AppletId>,
    mut gone: impl FnMut(String, usize),
) -> Result<u64> {
    let mut statement = transaction.prepare_cached(match applet {
        Some(_) => {
            "DELETE FROM event WHERE number = (SELECT min(number) FROM event WHERE applet = ?1) RETURNING applet, size"
        }
        None => "DELETE FROM event WHERE number = (SELECT min(number) FROM event) RETURNING applet, size",
    })?;
    let mut rows = statement.query(params_from_iter(applet.map(AppletId::as_str)))?;
    // What the sums count must be there.
    let row = rows.next()?.ok_or(Fault::Damaged)?;
    gone(row.get(0)?, row.get(1)?);
    Ok(1)
}

fn checksum(number: i64, text: &str) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_le_bytes());
    hasher.update(text.as_bytes());
    hasher.finalize()
}

#[cfg(test)]
mod tests;
