//! Looks names up for connections, and drops the addresses that may not be reached. What is checked here is what is
//! connected to: a name that changes its address between a check and the connection (DNS rebinding) gains nothing.

use super::address::AddressRule;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

pub(super) struct GuardedResolver {
    pub(super) rule: AddressRule,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.rule;
        Box::pin(async move {
            // The port is put in by whoever connects.
            let found = rule.lookup(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
