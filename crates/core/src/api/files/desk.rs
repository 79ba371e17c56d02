//! The files of one run of one applet, as its worker uses them: one call after the other, each with its text when it
//! fails.

use super::changing;
use super::fault::Fault;
use super::handles::Handles;
use super::operation::Operation;
use super::place::Area;
use super::reading::{self, Source};
use super::request::{Arguments, answer, content, whole};
use super::sandbox::Sandbox;
use super::unpack::Archive;
use super::writing;
use crate::api::worker::Bench;
use crate::bridge::{Binary, HostCall, Payload};
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use rustix::fs::OFlags;
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;

type Result<T> = std::result::Result<T, Fault>;

/// What a worker works at.
pub(super) struct Desk {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) limits: Arc<Limits>,
    pub(super) handles: Handles,
}

impl Bench for Desk {
    type Operation = Operation;
    /// There is none.
    type Errand = Infallible;

    /// The sandbox waits by itself, with the first call that touches a file.
    fn wait(&mut self) {}

    fn only_reads(operation: &Operation) -> bool {
        operation.only_reads()
    }

    fn run(&mut self, errand: Infallible) {
        match errand {}
    }

    fn answer(&mut self, operation: Operation, call: HostCall) {
        let HostCall { params, reply, .. } = call;
        let (text, binaries) = params.into_parts();
        let done = Arguments::read(&text)
            .map_err(|fault| (fault, String::new()))
            .and_then(|arguments| self.run(operation, &arguments, binaries).map_err(|fault| (fault, arguments.said())));
        match done {
            Ok(body) => reply.success(body),
            Err((fault, paths)) => {
                let error = Error::new(fault.code(), operation.explain(&fault, &paths));
                let number = answer(json!({ "errCode": fault.number() }), &self.limits).unwrap_or_default();
                reply.fail_with(number, error)
            }
        };
    }

    fn doubt(&mut self) {
        for area in [Area::User, Area::Temporary] {
            self.sandbox.changed(area);
        }
    }

    fn close(self) {
        drop(self.handles);
        // What stays is removed by the next run.
        drop(self.sandbox.end());
    }
}

impl Desk {
    fn run(&mut self, operation: Operation, arguments: &Arguments<'_>, binaries: Vec<Binary>) -> Result<Payload> {
        let limits = self.limits.clone();
        let sandbox = &*self.sandbox;
        match operation {
            Operation::Access => reading::look(sandbox, &arguments.place()?).map(drop)?,
            Operation::Append => writing::append(sandbox, &arguments.place()?, &arguments.content(binaries)?)?,
            Operation::Close => self.handles.close(arguments.fd.as_deref())?,
            Operation::Copy => changing::copy(sandbox, &arguments.place()?, &second(arguments)?, &limits)?,
            Operation::FileInfo => {
                let mut source = Source::open(sandbox, &arguments.place()?, &limits)?;
                let digest = source.digest(arguments.digest.as_deref().unwrap_or("md5"))?;
                return answer(json!({ "size": source.size()?, "digest": digest }), &limits);
            }
            Operation::HandleLength => {
                let length = whole(arguments.length.unwrap_or(0.0), Fault::BadLength)?;
                self.handles.get(arguments.fd.as_deref())?.set_length(sandbox, length)?;
            }
            Operation::HandleStat => {
                let stats = self.handles.get(arguments.fd.as_deref())?.stats()?;
                return answer(json!({ "stats": stats }), &limits);
            }
            Operation::List => {
                return answer(json!({ "files": reading::names(sandbox, &arguments.place()?)? }), &limits);
            }
            Operation::MakeFolder => changing::make_folder(sandbox, &arguments.place()?, arguments.recursive)?,
            Operation::Open => {
                let flag = arguments.flag.as_deref().unwrap_or("r");
                let fd = self.handles.open(sandbox, &arguments.place()?, flag, &limits)?;
                return answer(json!({ "fd": fd }), &limits);
            }
            Operation::Read => {
                let offset = whole(arguments.offset.unwrap_or(0.0), Fault::BadOffset)?;
                let length = whole(arguments.length.unwrap_or(0.0), Fault::BadLength)?;
                let room = whole(arguments.room.ok_or(Fault::NoBuffer)?, Fault::NoBuffer)?;
                let room = room.checked_sub(offset).ok_or(Fault::BadOffset)?;
                if length > room {
                    return Err(Fault::BadLength);
                }
                let bytes = self.handles.get(arguments.fd.as_deref())?.read(arguments.position, length, &limits)?;
                return content(bytes, None, &limits);
            }
            Operation::ReadFile => {
                let encoding = arguments.encoding()?;
                let mut source = Source::open(sandbox, &arguments.place()?, &limits)?;
                return content(source.part(arguments.position, arguments.length, &limits)?, encoding, &limits);
            }
            Operation::ReadZip => {
                let encoding = arguments.encoding()?;
                let archive = Archive::open(sandbox, &arguments.place()?, &limits)?;
                let wanted = arguments.entries.as_deref();
                return archive.read(wanted, encoding, &limits);
            }
            Operation::RemoveFile => changing::remove_file(sandbox, &arguments.place()?)?,
            Operation::RemoveFolder => changing::remove_folder(sandbox, &arguments.place()?, arguments.recursive)?,
            Operation::RemoveSaved => changing::remove_saved(sandbox, &arguments.place()?)?,
            Operation::Rename => changing::rename(sandbox, &arguments.place()?, &second(arguments)?)?,
            Operation::Save => {
                let saved = changing::save(sandbox, &arguments.place()?, arguments.destination()?)?;
                return answer(json!({ "savedFilePath": saved.to_path() }), &limits);
            }
            Operation::SavedInfo => {
                let place = arguments.place()?;
                if place.area != Area::Saved {
                    return Err(Fault::NoSuch);
                }
                let item = reading::item(&place, &reading::look(sandbox, &place)?);
                return answer(json!({ "size": item.size, "createTime": item.create_time }), &limits);
            }
            Operation::SavedList => {
                return answer(json!({ "fileList": reading::saved(sandbox)? }), &limits);
            }
            Operation::SetLength => {
                let place = arguments.place()?;
                let length = whole(arguments.length.unwrap_or(0.0), Fault::BadLength)?;
                super::sandbox::check_writable(&place)?;
                let (folder, name) = sandbox.parent(&place)?;
                let file = folder.open(name, OFlags::RDWR).map_err(writing::for_folders)?;
                writing::set_length(sandbox, place.area, &file, length)?;
            }
            Operation::Stat => {
                let place = arguments.place()?;
                let stats = reading::look(sandbox, &place)?;
                let all = arguments.recursive && stats.is_folder();
                return match all {
                    true => answer(json!({ "stats": reading::look_below(sandbox, &place)? }), &limits),
                    false => answer(json!({ "stats": stats }), &limits),
                };
            }
            Operation::Unpack => {
                let target = second(arguments)?;
                Archive::open(sandbox, &arguments.place()?, &limits)?.unpack(sandbox, &target)?;
            }
            Operation::Write => {
                let bytes = arguments.content(binaries)?;
                if let Some(offset) = arguments.offset {
                    // The glue cuts what can be cut.
                    let inside = (0.0..=bytes.len() as f64).contains(&offset);
                    return Err(if inside { Fault::BadLength } else { Fault::BadOffset });
                }
                self.handles.get(arguments.fd.as_deref())?.write(sandbox, arguments.position, &bytes)?;
                return answer(json!({ "bytesWritten": bytes.len() }), &limits);
            }
            Operation::WriteFile => {
                let bytes = arguments.content(binaries)?;
                writing::put(sandbox, &arguments.place()?, &mut &*bytes, bytes.len() as u64)?;
            }
        }
        Ok(Payload::none())
    }
}

fn second(arguments: &Arguments<'_>) -> Result<super::place::Place> {
    arguments.destination()?.ok_or(Fault::Own(ErrorCode::Parameter))
}
