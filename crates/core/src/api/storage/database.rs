//! How the SQLite databases of this library are opened and made, and what their failures mean to callers. What a
//! transaction has returned is on the disk.

use super::files::{Files, Found};
use crate::error::{Error, ErrorCode};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode as Sql, OpenFlags, Transaction, TransactionBehavior};
use std::time::Duration;

/// How long another process may hold the store.
const PATIENCE: Duration = Duration::from_secs(1);
/// What a database is made of.
pub(in crate::api) struct Layout {
    /// Marks a database as one of its kind.
    pub(in crate::api) application: i32,
    /// Another number is another layout, which this library cannot read.
    pub(in crate::api) version: i32,
    /// What makes the tables.
    pub(in crate::api) tables: &'static str,
}

/// Why something did not work.
#[derive(Debug)]
pub(in crate::api) enum Fault {
    /// The store is not what was written.
    Damaged,
    /// The disk did not take what was to be written, and SQLite does not say why.
    Unwritten,
    /// This one call fails.
    Refused(Error),
}

/// What works, or why it did not.
pub(in crate::api) type Result<T> = std::result::Result<T, Fault>;

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

/// An open database.
pub(in crate::api) struct Database {
    /// For reading.
    pub(in crate::api) connection: Connection,
    /// None: in memory.
    files: Option<Files>,
    marked: bool,
}

impl Database {
    /// Opens the database in these files, or makes it; without files, one in memory. Its pages have been looked at; the
    /// rows are left to whoever knows them.
    pub(in crate::api) fn open(files: Option<&Files>, layout: &Layout) -> Result<Self> {
        let connection = match files {
            Some(files) => connect(files, layout)?,
            None => {
                let connection = Connection::open_in_memory()?;
                lay_out(&connection, layout)?;
                connection
            }
        };
        Ok(Self { connection, files: files.cloned(), marked: false })
    }

    /// Begins to write.
    pub(in crate::api) fn change(&mut self) -> Result<Transaction<'_>> {
        if let (false, Some(files)) = (self.marked, &self.files) {
            files.mark_log()?;
            self.marked = true;
        }
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// Says why the disk did not take something, when SQLite could not. `value` is how many bytes it was to take at most.
    pub(in crate::api) fn explained(&self, fault: Fault, value: usize) -> Fault {
        match (fault, &self.files) {
            (Fault::Unwritten, Some(files)) => files.why_unwritten(value).into(),
            (fault, _) => fault,
        }
    }

    /// Drops what is kept to be quick: statements and pages.
    pub(in crate::api) fn shrink(&self) {
        self.connection.flush_prepared_statement_cache();
        // Memory that is not given back is no failure.
        drop(self.connection.release_memory());
    }

    /// Brings what stands in the log alone into the database. Without it the next opening does.
    pub(in crate::api) fn close(self) {
        let busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        if let (Ok(false), true, Some(files)) = (busy, self.marked, &self.files) {
            // A mark that stays makes the log count as needed, which is always right.
            drop(files.unmark_log());
        }
    }
}

fn connect(files: &Files, layout: &Layout) -> Result<Connection> {
    match files.look()? {
        Found::Rest => return Err(Fault::Damaged),
        Found::Store => {}
        Found::Nothing => {
            files.prepare()?;
            let fresh = Connection::open(files.unfinished())?;
            fresh.pragma_update(None, "journal_mode", "WAL")?;
            fresh.pragma_update(None, "synchronous", "FULL")?;
            lay_out(&fresh, layout)?;
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
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    if number("application_id")? != layout.application || number("user_version")? != layout.version {
        return Err(Fault::Damaged);
    }
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(connection) } else { Err(Fault::Damaged) }
}

fn lay_out(connection: &Connection, layout: &Layout) -> Result<()> {
    connection.pragma_update(None, "application_id", layout.application)?;
    connection.execute_batch(layout.tables)?;
    // Last: a file with this number has all that stands above.
    connection.pragma_update(None, "user_version", layout.version)?;
    Ok(())
}
