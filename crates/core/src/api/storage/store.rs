//! One store: a SQLite database for one user and applet. What a function has returned is on the disk.
//! Each row carries a checksum, and all are looked at when a store is opened: damage is found then, and not years later.

use super::database::{Database, Fault, Layout, Result};
use super::files::Files;
use super::value::Stored;
use crate::error::ErrorCode;
use crate::limits::Limits;
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use std::collections::HashMap;

/// The layout below, and what marks a database as one of these stores.
const LAYOUT: Layout = Layout { application: 0x6669_6e61, version: 1, tables: TABLES };
/// What an entry takes besides its key and value.
const ENTRY_BYTES: usize = 32;

const TABLES: &str = "
    CREATE TABLE entry (
        owner TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, binaries BLOB,
        size INTEGER NOT NULL, checksum INTEGER NOT NULL, UNIQUE (owner, key)
    ) STRICT;
    CREATE TABLE total (owner TEXT NOT NULL PRIMARY KEY, entries INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;";

/// What `getStorageInfo` tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Info {
    pub(super) keys: Vec<String>,
    pub(super) bytes: usize,
}

/// An open store.
pub(super) struct Store {
    database: Database,
    most_bytes: usize,
    most_value_bytes: usize,
}

impl Store {
    /// A store that ends with this value.
    pub(super) fn in_memory(limits: &Limits) -> Result<Self> {
        Ok(Self::over(Database::open(None, &LAYOUT)?, limits))
    }

    /// Opens the store in these files, or makes it.
    pub(super) fn open(files: &Files, limits: &Limits) -> Result<Self> {
        let database = Database::open(Some(files), &LAYOUT)?;
        check(&database.connection)?;
        Ok(Self::over(database, limits))
    }

    fn over(database: Database, limits: &Limits) -> Self {
        Self { database, most_bytes: limits.storage_bytes, most_value_bytes: limits.storage_value_bytes }
    }

    /// Closes it in order.
    pub(super) fn close(self) {
        self.database.close();
    }

    /// Gives back memory.
    pub(super) fn shrink(&self) {
        self.database.shrink();
    }

    /// Keeps all of these, or none.
    pub(super) fn set(&mut self, owner: &str, entries: &[(String, Stored)]) -> Result<()> {
        if entries.iter().any(|(_, value)| value.size() > self.most_value_bytes) {
            return Err(ErrorCode::StorageFull.into());
        }
        let most = self.most_bytes;
        self.change(owner, |change| {
            for (key, value) in entries {
                change.put(key, value)?;
            }
            // Judged at the end: what a batch replaces makes room for what it adds.
            if change.bytes > most { Err(ErrorCode::StorageFull.into()) } else { Ok(()) }
        })
    }

    /// Removes one key, if it is there.
    pub(super) fn remove(&mut self, owner: &str, key: &str) -> Result<()> {
        self.change(owner, |change| change.remove(key))
    }

    /// Removes all keys of this owner.
    pub(super) fn clear(&mut self, owner: &str) -> Result<()> {
        self.change(owner, |change| {
            change.transaction.prepare_cached("DELETE FROM entry WHERE owner = ?1")?.execute([owner])?;
            (change.entries, change.bytes) = (0, 0);
            Ok(())
        })
    }

    /// What a key holds.
    pub(super) fn get(&self, owner: &str, key: &str) -> Result<Option<Stored>> {
        let mut statement = self.database.connection.prepare_cached(
            "SELECT owner, key, kind, text, binaries, size, checksum FROM entry WHERE owner = ?1 AND key = ?2",
        )?;
        let entry = statement.query_row([owner, key], Entry::read).optional()?;
        entry.map(Entry::value).transpose()
    }

    /// The keys in the order in which they were first set, and what all of it takes.
    pub(super) fn info(&self, owner: &str) -> Result<Info> {
        let mut statement =
            self.database.connection.prepare_cached("SELECT key FROM entry WHERE owner = ?1 ORDER BY rowid")?;
        let keys = statement.query_map([owner], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
        let (_, bytes) = total(&self.database.connection, owner)?;
        Ok(Info { keys, bytes })
    }

    fn change(&mut self, owner: &str, make: impl FnOnce(&mut Change<'_>) -> Result<()>) -> Result<()> {
        let done = self.try_change(owner, make);
        done.map_err(|fault| self.database.explained(fault, self.most_value_bytes))
    }

    fn try_change(&mut self, owner: &str, make: impl FnOnce(&mut Change<'_>) -> Result<()>) -> Result<()> {
        let transaction = self.database.change()?;
        let (entries, bytes) = total(&transaction, owner)?;
        let mut change = Change { transaction, owner, entries, bytes };
        make(&mut change)?;
        let Change { transaction, entries, bytes, .. } = change;
        transaction
            .prepare_cached("INSERT OR REPLACE INTO total (owner, entries, bytes) VALUES (?1, ?2, ?3)")?
            .execute((owner, entries, bytes))?;
        Ok(transaction.commit()?)
    }
}

/// A transaction, and what its owner will have when it is done.
struct Change<'a> {
    transaction: Transaction<'a>,
    owner: &'a str,
    entries: usize,
    bytes: usize,
}

impl Change<'_> {
    fn put(&mut self, key: &str, value: &Stored) -> Result<()> {
        let size = key.len() + value.size() + ENTRY_BYTES;
        self.forget(key)?;
        self.entries += 1;
        self.bytes += size;
        let binaries = value.packed_binaries()?;
        let checksum = checksum([self.owner, key, &value.kind, &value.text], binaries.as_deref());
        self.transaction
            .prepare_cached(
                "INSERT INTO entry (owner, key, kind, text, binaries, size, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (owner, key) DO UPDATE SET kind = excluded.kind, text = excluded.text,
                 binaries = excluded.binaries, size = excluded.size, checksum = excluded.checksum",
            )?
            .execute((self.owner, key, &value.kind, &value.text, binaries, size, checksum))?;
        Ok(())
    }

    fn remove(&mut self, key: &str) -> Result<()> {
        self.forget(key)?;
        self.transaction
            .prepare_cached("DELETE FROM entry WHERE owner = ?1 AND key = ?2")?
            .execute([self.owner, key])?;
        Ok(())
    }

    /// Takes the entry that is there off the sums.
    fn forget(&mut self, key: &str) -> Result<()> {
        let mut statement = self.transaction.prepare_cached("SELECT size FROM entry WHERE owner = ?1 AND key = ?2")?;
        if let Some(size) = statement.query_row([self.owner, key], |row| row.get::<_, usize>(0)).optional()? {
            self.entries = self.entries.checked_sub(1).ok_or(Fault::Damaged)?;
            self.bytes = self.bytes.checked_sub(size).ok_or(Fault::Damaged)?;
        }
        Ok(())
    }
}

/// A row as it stands in the table.
struct Entry {
    owner: String,
    key: String,
    kind: String,
    text: String,
    binaries: Option<Vec<u8>>,
    size: usize,
    checksum: u32,
}

impl Entry {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            owner: row.get(0)?,
            key: row.get(1)?,
            kind: row.get(2)?,
            text: row.get(3)?,
            binaries: row.get(4)?,
            size: row.get(5)?,
            checksum: row.get(6)?,
        })
    }

    fn check(&self) -> Result<()> {
        let is = checksum([&self.owner, &self.key, &self.kind, &self.text], self.binaries.as_deref());
        if is == self.checksum { Ok(()) } else { Err(Fault::Damaged) }
    }

    fn value(self) -> Result<Stored> {
        self.check()?;
        let binaries = match &self.binaries {
            Some(packed) => Stored::unpack_binaries(packed).ok_or(Fault::Damaged)?,
            None => Vec::new(),
        };
        Ok(Stored { kind: self.kind, text: self.text, binaries })
    }
}

fn checksum(texts: [&str; 4], binaries: Option<&[u8]>) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for bytes in texts.iter().map(|text| text.as_bytes()).chain(binaries) {
        // The length keeps what moves from one column to the next from going unseen.
        hasher.update(&bytes.len().to_le_bytes());
        hasher.update(bytes);
    }
    hasher.finalize()
}

fn total(connection: &Connection, owner: &str) -> Result<(usize, usize)> {
    let mut statement = connection.prepare_cached("SELECT entries, bytes FROM total WHERE owner = ?1")?;
    let total = statement.query_row([owner], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(total.unwrap_or_default())
}

/// Looks at each row, and the sums.
fn check(connection: &Connection) -> Result<()> {
    let mut counted: HashMap<String, (usize, usize)> = HashMap::new();
    let mut statement = connection.prepare("SELECT owner, key, kind, text, binaries, size, checksum FROM entry")?;
    for entry in statement.query_map([], Entry::read)? {
        let entry = entry?;
        entry.check()?;
        let (entries, bytes) = counted.entry(entry.owner).or_default();
        *entries += 1;
        *bytes += entry.size;
    }
    let mut statement = connection.prepare("SELECT owner, entries, bytes FROM total WHERE entries > 0")?;
    let told: HashMap<String, (usize, usize)> = statement
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
        .collect::<std::result::Result<_, _>>()?;
    if counted == told { Ok(()) } else { Err(Fault::Damaged) }
}

#[cfg(test)]
mod tests;
