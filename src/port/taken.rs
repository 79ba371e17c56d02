//! Takes the binaries out of a value while the host engine's JSON writer walks it, and notes where they were.
//! The writer calls a visitor with each holder, key and value; the way from the root is worked out from the holders.

use super::binary;
use super::ffi::{Env, Kind, Reference, Try, Value};
use super::native::{Invocation, Visitor};
use super::raise::Raise;
use finapp_core::Limits;
use finapp_core::bridge::{Binary, PathSegment};

/// What has been taken out so far.
pub struct Taken {
    most_bytes: usize,
    bytes: usize,
    binaries: Vec<Binary>,
    /// A JavaScript array of the objects on the way to the value that is being visited: first the wrapper that the
    /// writer puts around the root, then the root. Values themselves do not outlive one visit.
    holders: Reference,
    /// The steps between these objects; the one from the wrapper to the root is no step.
    steps: Vec<PathSegment>,
}

impl Taken {
    /// Nothing taken yet.
    pub fn new<'s>(env: Env<'s>, limits: &Limits) -> Try<'s, Self> {
        Ok(Self {
            most_bytes: limits.message_binary_bytes,
            bytes: 0,
            binaries: Vec::new(),
            holders: env.keep(env.array()?)?,
            steps: Vec::new(),
        })
    }

    /// The binaries, and how many bytes there are. Over the limit, bytes are counted but no longer copied.
    pub fn finish(self, env: Env<'_>) -> (Vec<Binary>, usize) {
        env.release(self.holders);
        (self.binaries, self.bytes)
    }

    /// How many objects lie above `holder` on the way from the wrapper.
    fn depth_of<'s>(&self, env: Env<'s>, holders: Value<'s>, holder: Value<'s>) -> Try<'s, usize> {
        // The steps say how long the way is: what stands beyond it in the array is from an earlier way.
        for depth in (0..=self.steps.len() + 1).rev() {
            let index = u32::try_from(depth).unwrap_or(u32::MAX);
            if env.same(env.item(holders, index)?, holder) {
                return Ok(depth);
            }
        }
        // The first visit: the wrapper.
        env.set_item(holders, 0, holder)?;
        Ok(0)
    }
}

impl Visitor for Taken {
    fn visit<'s>(&mut self, env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
        let holder = invocation.this;
        let [key, written] = invocation.arguments;
        let holders = env.kept(&self.holders)?;
        let depth = self.depth_of(env, holders, holder)?;
        self.steps.truncate(depth.saturating_sub(1));
        let step = (depth > 0).then(|| step(env, holder, key));
        // The value before any `toJSON`: Node gives its buffers one.
        let original = env.get(holder, key)?;
        if let Some(view) = binary::view(env, original)? {
            self.bytes = self.bytes.saturating_add(view.length());
            if self.bytes <= self.most_bytes {
                let path = self.steps.iter().cloned().chain(step).collect();
                self.binaries.push(Binary { path, kind: view.kind, bytes: view.copy() });
            }
            return Ok(env.null()?);
        }
        if env.kind(written) == Kind::Object {
            let index = u32::try_from(depth + 1).unwrap_or(u32::MAX);
            env.set_item(holders, index, written)?;
            self.steps.extend(step);
        }
        Ok(written)
    }
}

fn step<'s>(env: Env<'s>, holder: Value<'s>, key: Value<'s>) -> PathSegment {
    let name = env.text_of(key).unwrap_or_default();
    match name.parse() {
        Ok(index) if env.is_array(holder) => PathSegment::Index(index),
        _ => PathSegment::Key(name),
    }
}
