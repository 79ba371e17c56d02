//! What a hostile page may try.
