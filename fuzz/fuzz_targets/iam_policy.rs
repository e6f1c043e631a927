//! Hostile policies: whatever is read says something about a request, and saying it again says the same.
#![no_main]

use keelguard_iam::Policy;
use keelguard_iam::evaluate::{Attached, Caller, Others, Policies, Request, decide, outcome};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(policy) = Policy::parse(text) else { return };
    let attached = vec![Attached { name: "fuzz", policy: &policy }];
    let policies = Policies {
        identity: attached.clone(),
        resource: Some(attached.clone()),
        boundary: Some(attached),
        ..Policies::default()
    };
    for who in ["arn:aws:sts::111122223333:assumed-role/web/s", "anonymous", "lambda.amazonaws.com"] {
        let caller = Caller::named(who).expect("it is one");
        let mut request = Request::new(caller, "s3:GetObject", "arn:aws:s3:::bucket/key");
        request.context.set("aws:PrincipalTag/a", ["1".to_owned(), "arn:aws:iam::1:x".to_owned()]);
        for others in [Others::Missing, Others::Unknown] {
            request.context.others = others;
            let decision = decide(&request, &policies);
            assert_eq!(decision.outcome, outcome(&request, &policies));
            assert!(!decision.because.is_empty());
        }
    }
});
