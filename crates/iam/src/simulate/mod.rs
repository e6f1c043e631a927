//! `iam simulate`: requests and policies from JSON, decisions to JSON.

mod read;

use serde::Serialize;

use crate::Error;
use crate::evaluate::{Outcome, Reason, decide};
use crate::json::Json;

/// The answer to one case.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Answer {
    /// Decided.
    Decided {
        /// `allowed`, `implicit_deny` or `explicit_deny`.
        decision: &'static str,
        /// Why, in the order of decision.
        because: Vec<Reason>,
    },
    /// One of several cases that could not be understood.
    Refused {
        /// What is wrong with it.
        error: String,
    },
}

/// What a file of cases comes to.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Answers {
    /// One case was asked.
    One(Answer),
    /// An array of cases, answered in its order.
    Many(Vec<Answer>),
}

impl Answers {
    /// How many cases could not be understood.
    pub fn refused(&self) -> usize {
        match self {
            Self::One(_) => 0,
            Self::Many(answers) => answers.iter().filter(|answer| matches!(answer, Answer::Refused { .. })).count(),
        }
    }
}

/// Answers the case, or each of an array of cases, in `text`. A single case that cannot be understood is an error; one among
/// several is answered with what is wrong with it, and the others are decided.
///
/// ```
/// let case = r#"{"request": {"principal": "arn:aws:iam::111122223333:user/a", "action": "s3:GetObject",
///     "resource": {"arn": "arn:aws:s3:::b/k"}}, "policies": {"identity": []}}"#;
/// let answers = keelguard_iam::simulate::run(case.as_bytes()).unwrap();
/// assert!(serde_json::to_string(&answers).unwrap().starts_with(r#"{"decision":"implicit_deny""#));
/// ```
pub fn run(text: &[u8]) -> Result<Answers, Error> {
    let json = Json::parse(text).map_err(Error::Case)?;
    match &json {
        Json::List(cases) => {
            let answer =
                |case| answer(case).unwrap_or_else(|error| Answer::Refused { error: format!("could not {error}") });
            Ok(Answers::Many(cases.iter().map(answer).collect()))
        }
        case => answer(case).map(Answers::One),
    }
}

fn answer(json: &Json) -> Result<Answer, Error> {
    let case = read::case(json)?;
    let decision = decide(&case.request, &case.policies());
    let because = decision.because;
    let decision = match decision.outcome {
        Outcome::Allowed => "allowed",
        Outcome::ExplicitDeny => "explicit_deny",
        // A case tells all that is to be known, so nothing hangs on keys.
        Outcome::ImplicitDeny | Outcome::Depends(_) => "implicit_deny",
    };
    Ok(Answer::Decided { decision, because })
}
