//! Whole accounts, and who gets where in them.

mod account;
mod carriers;
mod change;
mod leeway;
mod methods;
mod no_alarm;
