//! Packages of the npm registry, whoever installed them: npm, yarn, pnpm, bun.

pub(super) mod installed;
