//! To be filled by its theme.

table! {}
