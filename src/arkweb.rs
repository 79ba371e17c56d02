//! Pages in ArkWeb without a step through ArkTS, where there is an ArkWeb that can: on devices from API 18 on. What decides
//! is in `finapp_core::arkweb`; all that touches ArkWeb is in `finapp_core::host::arkweb`.

use crate::port::{Item, Port};
use finapp_core::arkweb::{ArkWeb, HostThread};
use std::sync::Arc;

/// The ArkWeb of this device. On the host's thread. None when there is none, or it cannot do all that is needed.
pub fn find() -> Option<Arc<dyn ArkWeb>> {
    #[cfg(target_env = "ohos")]
    return finapp_core::host::arkweb::Functions::find().map(|functions| -> Arc<dyn ArkWeb> { Arc::new(functions) });
    #[cfg(not(target_env = "ohos"))]
    None
}

/// The host's thread, by the queue of its client.
pub struct ByPort(pub Arc<Port>);

impl HostThread for ByPort {
    fn post(&self, work: Box<dyn FnOnce() + Send>) {
        self.0.post(Item::Work(work));
    }
}
