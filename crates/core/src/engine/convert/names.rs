//! Property names that every call needs, made once per engine: looking a name up by its text costs more than the
//! property access itself.

use super::raw;
use rquickjs::{Ctx, Result, qjs};

macro_rules! names {
    ($($field:ident $text:literal,)*) => {
        /// The names. They stay until [`Names::release`].
        #[derive(Clone, Copy)]
        pub(crate) struct Names { $(pub(crate) $field: qjs::JSAtom,)* }

        impl Names {
            /// Makes them.
            pub(crate) fn new(ctx: &Ctx<'_>) -> Result<Self> {
                Ok(Self { $($field: raw::Name::new(ctx, $text)?.keep(),)* })
            }

            /// Gives them back to the engine.
            pub(crate) fn release(self, ctx: &Ctx<'_>) {
                $(drop(raw::Name::kept(ctx, self.$field));)*
            }
        }
    };
}

names! {
    success "success",
    fail "fail",
    complete "complete",
    cancel "cancel",
    progress "progress",
    to_json "toJSON",
    err_msg "errMsg",
    err_code "errCode",
    then "then",
}
