//! Vendors' interfaces, by answers that were written by their documentation.
