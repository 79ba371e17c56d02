//! One store: a SQLite database for one user and applet. What a function has returned is on the disk.
//! Each row carries a checksum, and all are looked at when a store is opened: damage is found then, and not years later.

use super::files::{Files, Found};
use super::value::Stored;
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode as Sql, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior};
use std::collections::HashMap;
use std::time::Duration;

/// Marks a database as one of these stores.
const APPLICATION: i32 = 0x6669_6e61;
/// The layout below. Another number is another layout, which this library cannot read.
const LAYOUT: i32 = 1;
/// How long another process may hold the store.
const PATIENCE: Duration = Duration::from_secs(1);
/// What an entry takes besides its key and value.
const ENTRY_BYTES: usize = 32;

const TABLES: &str = "
    CREATE TABLE entry (
        owner TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, binaries BLOB,
        size INTEGER NOT NULL, checksum INTEGER NOT NULL, UNIQUE (owner, key)
    ) STRICT;
    CREATE TABLE total (owner TEXT NOT NULL PRIMARY KEY, entries INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;";

/// Why something did not work.
#[derive(Debug)]
pub(super) enum Fault {
    /// The store is not what was written.
    Damaged,
    /// The disk did not take what was to be written, and SQLite does not say why.
    Unwritten,
    /// This one call fails.
    Refused(Error),
}

pub(super) type Result<T> = std::result::Result<T, Fault>;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<ErrorCode> for Fault {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let refused = |code, text: &'static str| Self::Refused(Error::new(code, text));
        match error.sqlite_error_code() {
            Some(Sql::DatabaseCorrupt | Sql::NotADatabase) => Self::Damaged,
            Some(Sql::DiskFull | Sql::TooBig) => ErrorCode::StorageFull.into(),
            Some(Sql::DatabaseBusy | Sql::DatabaseLocked) => refused(ErrorCode::Busy, "the store is in use"),
            Some(Sql::PermissionDenied | Sql::ReadOnly | Sql::CannotOpen | Sql::AuthorizationForStatementDenied) => {
                refused(ErrorCode::Denied, "the store cannot be opened for writing")
            }
            Some(Sql::OutOfMemory) => ErrorCode::Memory.into(),
            Some(Sql::SystemIoFailure) if is_write(&error) => Self::Unwritten,
            // A value that no statement of ours writes.
            None if is_foreign(&error) => Self::Damaged,
            _ => refused(ErrorCode::Internal, "the store cannot be read or written"),
        }
    }
}

/// Only a disk without room is told apart by SQLite; a quota or a largest size is a write that failed like others.
fn is_write(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(inner, _) if inner.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE)
}

fn is_foreign(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(error, FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..))
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        Self::Refused(match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory => {
                Error::new(ErrorCode::Denied, "the store cannot be opened for writing")
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                ErrorCode::StorageFull.into()
            }
            _ => Error::new(ErrorCode::Internal, "the store cannot be read or written"),
        })
    }
}

/// What `getStorageInfo` tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Info {
    pub(super) keys: Vec<String>,
    pub(super) bytes: usize,
}

/// An open store.
pub(super) struct Store {
    connection: Connection,
    /// None: in memory.
    files: Option<Files>,
    marked: bool,
    most_bytes: usize,
    most_value_bytes: usize,
}

impl Store {
    /// A store that ends with this value.
    pub(super) fn in_memory(limits: &Limits) -> Result<Self> {
        let connection = Connection::open_in_memory()?;
        lay_out(&connection)?;
        Ok(Self::over(connection, None, limits))
    }

    /// Opens the store in these files, or makes it.
    pub(super) fn open(files: &Files, limits: &Limits) -> Result<Self> {
        match files.look()? {
            Found::Rest => return Err(Fault::Damaged),
            Found::Store => {}
            Found::Nothing => {
                files.prepare()?;
                let fresh = Connection::open(files.unfinished())?;
                fresh.pragma_update(None, "journal_mode", "WAL")?;
                fresh.pragma_update(None, "synchronous", "FULL")?;
                lay_out(&fresh)?;
                fresh.close().map_err(|(_, error)| error)?;
                files.finish()?;
            }
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(files.store(), flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "trusted_schema", false)?;
        // A damaged store must be kept as it was found; see `close` for the others.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        check(&connection)?;
        Ok(Self::over(connection, Some(files.clone()), limits))
    }

    fn over(connection: Connection, files: Option<Files>, limits: &Limits) -> Self {
        Self {
            connection,
            files,
            marked: false,
            most_bytes: limits.storage_bytes,
            most_value_bytes: limits.storage_value_bytes,
        }
    }

    /// Brings what stands in the log alone into the store. Without it the next opening does.
    pub(super) fn close(self) {
        let busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        if let (Ok(false), true, Some(files)) = (busy, self.marked, &self.files) {
            // A mark that stays makes the log count as needed, which is always right.
            drop(files.unmark_log());
        }
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
        let mut statement = self.connection.prepare_cached(
            "SELECT owner, key, kind, text, binaries, size, checksum FROM entry WHERE owner = ?1 AND key = ?2",
        )?;
        let entry = statement.query_row([owner, key], Entry::read).optional()?;
        entry.map(Entry::value).transpose()
    }

    /// The keys in the order in which they were first set, and what all of it takes.
    pub(super) fn info(&self, owner: &str) -> Result<Info> {
        let mut statement = self.connection.prepare_cached("SELECT key FROM entry WHERE owner = ?1 ORDER BY rowid")?;
        let keys = statement.query_map([owner], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
        let (_, bytes) = total(&self.connection, owner)?;
        Ok(Info { keys, bytes })
    }

    fn change(&mut self, owner: &str, make: impl FnOnce(&mut Change<'_>) -> Result<()>) -> Result<()> {
        match (self.try_change(owner, make), &self.files) {
            (Err(Fault::Unwritten), Some(files)) => Err(files.why_unwritten(self.most_value_bytes).into()),
            (done, _) => done,
        }
    }

    fn try_change(&mut self, owner: &str, make: impl FnOnce(&mut Change<'_>) -> Result<()>) -> Result<()> {
        if let (false, Some(files)) = (self.marked, &self.files) {
            files.mark_log()?;
            self.marked = true;
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
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

fn lay_out(connection: &Connection) -> Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.execute_batch(TABLES)?;
    // Last: a file with this number has all that stands above.
    connection.pragma_update(None, "user_version", LAYOUT)?;
    Ok(())
}

/// Looks at everything: the pages, each row, and the sums.
fn check(connection: &Connection) -> Result<()> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    if number("application_id")? != APPLICATION || number("user_version")? != LAYOUT {
        return Err(Fault::Damaged);
    }
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(Fault::Damaged);
    }
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
