//! Whole accounts, and who gets where in them.

mod account;
mod carriers;
mod change;
mod methods;
mod no_alarm;
