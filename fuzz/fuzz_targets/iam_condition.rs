//! Hostile values on both sides of every operator: a value that is wanted and one that a request carries, a line each.
//! A negated operator says the opposite of its plain one.
#![no_main]

use keelguard_iam::condition::holds;
use keelguard_iam::evaluate::{Context, Truth};
use keelguard_iam::policy::{Condition, Operator, Template};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (wanted, carried) = text.split_once('\n').unwrap_or((text, text));
    let mut context = Context::default();
    context.set("k:x", [carried.to_owned()]);
    let ask = |operator| {
        let (key, values) = ("k:x".to_owned(), vec![Template::parse(wanted)]);
        let condition = Condition { operator, over: None, if_exists: false, name: key.clone(), key, values };
        holds(&condition, &context)
    };
    for operator in Operator::ALL {
        let said = ask(*operator);
        assert!(matches!(said, Truth::Yes | Truth::No));
        let plain = operator.name().replace("Not", "");
        if operator.is_negated() && let Some(plain) = Operator::named(&plain) {
            assert_eq!(said, !ask(plain), "{}", operator.name());
        }
    }
});
