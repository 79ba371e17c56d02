//! Code that was compiled when the same mini-program ran before, and the seal under which it is trusted again. A sealed
//! record binds the bytecode to all that it depends on: this form of records, this very engine, the mini-program, the
//! file's name, and the text that was compiled. Whatever is not exactly what was sealed is no more than bytes.

use super::bytecode;
use super::modules::Compiler;
use crate::limits::Limits;
use ring::digest::{self, SHA256, SHA256_OUTPUT_LEN};
use ring::hmac;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// Counts the changes of the form below, and of what is put around a file before it is compiled.
const FORM: &[u8] = b"finapp code 1";

/// How many bytes a key has.
const KEY_BYTES: usize = 32;
/// In front of a record: how long it is, and its seal.
const FRAME: usize = size_of::<u32>() + SHA256_OUTPUT_LEN;
/// In front of the name in a record: the kind of code, the text's digest, and how long the name is. Behind it stand how
/// many imports there are, each with its length, and the bytecode.
const FIXED: usize = 1 + SHA256_OUTPUT_LEN + size_of::<u32>();

/// Seals records of one mini-program. Made from the secret key of the client's folder.
pub(crate) struct Seal(hmac::Key);

/// What a file was compiled as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The function around a CommonJS file.
    Function = 1,
    /// An ES module.
    Module = 2,
}

/// Bytecode that this engine has made, of the very text that it was asked for with. Only [`Kept::look`] makes one.
pub(super) struct Verified {
    kind: Kind,
    framed: Vec<u8>,
    code: usize,
    imports: Vec<String>,
}

/// Bytecode as it was just made.
pub(super) struct Written {
    pub(super) code: Vec<u8>,
    /// What an ES module imports, as its text says it.
    pub(super) imports: Vec<String>,
}

/// A file that was compiled in this run.
pub(crate) struct Compiled {
    kind: Kind,
    path: String,
    /// What is put in front of its text.
    in_front: String,
    source: Arc<str>,
}

/// What an applet brings along from earlier runs, and what it adds.
pub(crate) struct Kept {
    seal: Seal,
    records: RefCell<HashMap<String, Vec<u8>>>,
    /// Those whose seal holds, for the text that the package has: the same for the whole run.
    verified: RefCell<HashMap<String, Rc<Verified>>>,
    compiled: RefCell<Vec<Compiled>>,
}

impl Seal {
    /// The seal of `applet` in a build of this library. What it seals is nothing to any other.
    pub(crate) fn new(key: &[u8; KEY_BYTES], applet: &str) -> Self {
        Self::of_engine(key, &bytecode::ENGINE, applet)
    }

    fn of_engine(key: &[u8; KEY_BYTES], engine: &[u8], applet: &str) -> Self {
        let mut own = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
        for part in [FORM, engine, applet.as_bytes()] {
            own.update(&part.len().to_le_bytes());
            own.update(part);
        }
        Self(hmac::Key::new(hmac::HMAC_SHA256, own.sign().as_ref()))
    }

    /// One record with its frame.
    fn close(&self, file: &Compiled, written: &Written) -> Option<Vec<u8>> {
        let mut record = vec![file.kind as u8];
        record.extend_from_slice(digest_of(file.digested_in_front(), &file.source).as_ref());
        put(&mut record, file.path.as_bytes())?;
        record.extend_from_slice(&u32::try_from(written.imports.len()).ok()?.to_le_bytes());
        for import in &written.imports {
            put(&mut record, import.as_bytes())?;
        }
        record.extend_from_slice(&written.code);
        let mut framed = u32::try_from(record.len()).ok()?.to_le_bytes().to_vec();
        framed.extend_from_slice(hmac::sign(&self.0, &record).as_ref());
        framed.append(&mut record);
        Some(framed)
    }

    /// Whether a record is as it was sealed. The comparison takes the same time wherever the difference is.
    fn holds(&self, framed: &[u8]) -> bool {
        let sealed = framed.get(size_of::<u32>()..FRAME).zip(framed.get(FRAME..));
        sealed.is_some_and(|(seal, record)| hmac::verify(&self.0, record, seal).is_ok())
    }
}

impl Verified {
    /// The bytecode.
    pub(super) fn code(&self) -> &[u8] {
        self.framed.get(self.code..).unwrap_or_default()
    }

    /// What an ES module imports.
    pub(super) fn imports(&self) -> &[String] {
        &self.imports
    }
}

impl Compiled {
    /// A function may have other names around it than it had. A module has what follows from its own text.
    fn digested_in_front(&self) -> &str {
        if self.kind == Kind::Function { &self.in_front } else { "" }
    }
}

impl Kept {
    /// Takes what lies on the disk, whatever it is.
    pub(crate) fn new(seal: Seal, bytes: &[u8]) -> Self {
        let records = frames(bytes).map(|(path, framed)| (path.to_owned(), framed.to_vec())).collect();
        Self { seal, records: RefCell::new(records), verified: RefCell::default(), compiled: RefCell::default() }
    }

    /// The bytecode of a file, if its seal holds and it was made of this text.
    pub(super) fn look(&self, kind: Kind, path: &str, in_front: &str, source: &str) -> Option<Rc<Verified>> {
        if let Some(known) = self.verified.borrow().get(path) {
            return (known.kind == kind).then(|| known.clone());
        }
        let mut records = self.records.borrow_mut();
        let (own, digest) = records.get(path)?.get(FRAME..)?.get(..=SHA256_OUTPUT_LEN)?.split_first()?;
        if *own != kind as u8 || digest != digest_of(in_front, source).as_ref() {
            return None;
        }
        // From here on the text is what was sealed, or the record is nothing.
        let framed = records.remove(path)?;
        if !self.seal.holds(&framed) {
            return None;
        }
        let mut at = FRAME + FIXED + path.len();
        let mut imports = Vec::new();
        for _ in 0..take_number(&framed, &mut at)? {
            imports.push(take_text(&framed, &mut at)?.to_owned());
        }
        let verified = Rc::new(Verified { kind, framed, code: at, imports });
        self.verified.borrow_mut().insert(path.to_owned(), verified.clone());
        Some(verified)
    }

    /// The same, to be used now: it is not looked for again.
    pub(super) fn find(&self, kind: Kind, path: &str, in_front: &str, source: &str) -> Option<Rc<Verified>> {
        let found = self.look(kind, path, in_front, source)?;
        self.verified.borrow_mut().remove(path);
        Some(found)
    }

    /// Notes that a file had to be compiled.
    pub(super) fn add(&self, kind: Kind, path: &str, in_front: &str, source: Arc<str>) {
        let file = Compiled { kind, path: path.to_owned(), in_front: in_front.to_owned(), source };
        self.compiled.borrow_mut().push(file);
    }

    /// What had to be compiled since this was asked last.
    pub(crate) fn take_compiled(&self) -> Vec<Compiled> {
        self.compiled.take()
    }
}

/// What is to be kept from now on: the records among `before` that still hold and whose file `is_there`, and new ones for
/// what was compiled. Compiles it once more, in an engine that runs nothing, so that the applet need not wait for it.
/// Not more than `most` bytes.
pub(crate) fn renewed(
    seal: &Seal,
    before: &[u8],
    compiled: &[Compiled],
    is_there: impl Fn(&str) -> bool,
    limits: &Limits,
    most: usize,
) -> Vec<u8> {
    let mut all = Vec::new();
    let mut known = HashSet::new();
    let compiler = Compiler::new(limits).ok();
    for file in compiled {
        // Bytecode has the text in it: what cannot fit need not be compiled.
        let fits = all.len() + file.source.len() < most;
        let written = compiler.as_ref().filter(|_| fits).and_then(|compiler| {
            let written = compiler.write(file.kind, &file.path, &file.in_front, &file.source)?;
            seal.close(file, &written)
        });
        if let Some(framed) = written.filter(|framed| all.len() + framed.len() <= most) {
            known.insert(file.path.as_str());
            all.extend(framed);
        }
    }
    for (path, framed) in frames(before) {
        let fits = all.len() + framed.len() <= most;
        if fits && !known.contains(path) && is_there(path) && seal.holds(framed) {
            all.extend_from_slice(framed);
        }
    }
    all
}

fn digest_of(in_front: &str, source: &str) -> digest::Digest {
    let mut digest = digest::Context::new(&SHA256);
    digest.update(&in_front.len().to_le_bytes());
    digest.update(in_front.as_bytes());
    digest.update(source.as_bytes());
    digest.finish()
}

/// The records in a file, with the names that they claim. Stops where something is no record.
fn frames(bytes: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = take_number(rest, &mut 0)?;
        let framed = rest.get(..FRAME.checked_add(length)?)?;
        rest = rest.get(framed.len()..)?;
        let path = take_text(framed, &mut (FRAME + FIXED - size_of::<u32>()))?;
        Some((path, framed))
    })
}

fn put(record: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    record.extend_from_slice(&u32::try_from(text.len()).ok()?.to_le_bytes());
    record.extend_from_slice(text);
    Some(())
}

fn take_text<'a>(bytes: &'a [u8], at: &mut usize) -> Option<&'a str> {
    let length = take_number(bytes, at)?;
    let text = bytes.get(*at..)?.get(..length)?;
    *at += length;
    std::str::from_utf8(text).ok()
}

fn take_number(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let four = bytes.get(*at..)?.first_chunk()?;
    *at += four.len();
    usize::try_from(u32::from_le_bytes(*four)).ok()
}

#[cfg(test)]
mod tests;
