#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

use super::*;
use crate::spam::{Classifier, Opinion, Workroom};

fn newsletter(number: u32) -> String {
    format!(
        "From: Harbour Gazette <gazette@harbour-gazette.example>\nTo: ann@home.example\nSubject: FREE tickets! Click here, issue {number}\n\
         List-Id: <gazette.harbour-gazette.example>\nContent-Type: text/html\n\n<html><body><font color=red>Dear quayside reader,</font> \
         the tugboat regatta offers FREE tickets, order now at http://www.harbour-gazette.example/issue/{number} Money back guaranteed! \
         Lighthouse crossword {number}, dredging timetable and winch auctions. To be removed click here.</body></html>\n"
    )
}

const LUNCH: &[u8] =
    b"From: Bob <bob@home.example>\nTo: ann@home.example\nSubject: lunch\nMessage-Id: <1@home.example>\n\n\
    Shall we have lunch on Tuesday? The patch for the parser is in CVS by then.\n\nBob\n";

fn score(classifier: &Classifier, mail: &[u8]) -> f64 {
    classifier.judge(Form::Mail, mail, 0, &mut Workroom::default()).score
}

#[test]
fn a_few_lessons_shift_the_verdict_on_their_kin_and_leave_the_rest_alone() {
    let plain = Classifier::built_in().unwrap();
    let mut room = Workroom::default();
    let before = score(&plain, newsletter(9).as_bytes());
    let is_spam = before < 0.5;
    let mut learnt = Learnt::default();
    for number in 1..=3 {
        plain.learn(Form::Mail, newsletter(number).as_bytes(), is_spam, &mut learnt, &mut room);
    }
    let taught = Classifier::built_in().unwrap().with(&learnt);
    let after = score(&taught, newsletter(9).as_bytes());
    assert!((after >= 0.5) == is_spam && (before >= 0.5) != is_spam, "{before} before, {after} after");
    let lunch = [score(&plain, LUNCH), score(&taught, LUNCH)];
    assert!((lunch[0] - lunch[1]).abs() < 0.02, "{lunch:?}");
}

#[test]
fn the_opposite_undoes_a_lesson_and_forgetting_leaves_no_trace() {
    let plain = Classifier::built_in().unwrap();
    let mut room = Workroom::default();
    let mut learnt = Learnt::default();
    let mail = newsletter(1);
    let mut learn = |is_spam, learnt: &mut Learnt| plain.learn(Form::Mail, mail.as_bytes(), is_spam, learnt, &mut room);
    assert_eq!(learn(true, &mut learnt), Outcome::New);
    assert_eq!(learn(true, &mut learnt), Outcome::Known);
    assert_eq!(learn(false, &mut learnt), Outcome::Turned);
    let taught = Classifier::built_in().unwrap().with(&learnt);
    let judgement = taught.judge(Form::Mail, mail.as_bytes(), 3, &mut Workroom::default());
    assert_eq!(judgement.opinion, Opinion::Ham);
    assert!(learnt.forget(mail.as_bytes()) && learnt.is_empty());
    let again = Classifier::built_in().unwrap().with(&learnt);
    assert!((score(&again, mail.as_bytes()) - score(&plain, mail.as_bytes())).abs() < f64::EPSILON);
}

#[test]
fn the_order_of_lessons_does_not_matter_and_storing_changes_nothing() {
    let plain = Classifier::built_in().unwrap();
    let mut room = Workroom::default();
    let teach = |order: &[u32], room: &mut Workroom| {
        let mut learnt = Learnt::default();
        for number in order {
            plain.learn(Form::Mail, newsletter(*number).as_bytes(), number % 2 == 0, &mut learnt, room);
        }
        learnt
    };
    let learnt = [teach(&[1, 2, 3, 4], &mut room), teach(&[4, 2, 3, 1], &mut room)];
    let stored = Learnt::from_bytes(&learnt[0].to_bytes().unwrap()).unwrap();
    assert_eq!(stored, learnt[0]);
    let shifts = learnt.map(|learnt| Shift::of(&learnt, Form::Mail, 1 << 21));
    assert_eq!(shifts[0], shifts[1]);
}

#[test]
fn lessons_are_bounded_and_the_oldest_make_room() {
    let mut learnt = Learnt::default();
    for number in 0..MOST_LESSONS + 5 {
        learnt.learn(Form::Text, &number.to_le_bytes(), true, 0.0, vec![7; 5000]);
    }
    assert_eq!((learnt.counts(), learnt.dropped), ((MOST_LESSONS, 0), 5));
    assert!(!learnt.forget(&0usize.to_le_bytes()) && learnt.forget(&(MOST_LESSONS + 4).to_le_bytes()));
    assert!(learnt.lessons.values().all(|lesson| lesson.features.len() == MOST_FEATURES));
}

#[test]
fn what_is_damaged_or_of_a_later_version_is_refused() {
    assert!(Learnt::from_bytes(b"no lessons").is_err());
    let later = zstd::bulk::compress(&postcard::to_stdvec(&(2u32, 0u8)).unwrap(), 1).unwrap();
    assert!(matches!(Learnt::from_bytes(&later), Err(LearntError::Version(2))));
}
