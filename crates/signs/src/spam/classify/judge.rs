//! The judge: from bytes to a probability, an opinion and the reasons that count most.

use serde::Serialize;

use super::bag::{Bag, Group, places};
use super::model::Model;
use super::reasons::{Reason, Traced, Views, reasons};
use super::weights::{About, WeightsError, read};
use super::{of_mail, of_text};
use crate::spam::collect::Form;
use crate::spam::learn::{Learnt, Outcome, Shift};
use crate::spam::mail::Message;

static MAIL: &[u8] = include_bytes!("../../../data/spam-mail.zst");
static TEXT: &[u8] = include_bytes!("../../../data/spam-text.zst");

/// What a message is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Opinion {
    /// Spam.
    Spam,
    /// It may be either.
    Unsure,
    /// What people want to read.
    Ham,
}

impl Opinion {
    /// The name in every format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Unsure => "unsure",
            Self::Ham => "ham",
        }
    }
}

/// What is thought of one message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// The probability that it is spam, between 0 and 1.
    pub score: f64,
    /// In a word.
    pub opinion: Opinion,
    /// Why, what counts most first.
    pub reasons: Vec<Reason>,
}

/// One form's model, and what was learnt beside it.
#[derive(Debug)]
struct Judge {
    model: Model,
    about: About,
    shift: Shift,
    /// The groups from whose rare features is learnt.
    learns_from: &'static [usize],
}

impl Judge {
    fn new(bytes: &[u8], layout: &[Group], learns_from: &'static [usize]) -> Result<Self, WeightsError> {
        let (model, about) = read(bytes, layout)?;
        Ok(Self { model, about, shift: Shift::default(), learns_from })
    }

    /// The features from which is learnt: those that few messages have.
    fn rare(&self, bag: &Bag) -> Vec<u32> {
        let groups = bag.groups().filter(|(group, _)| self.learns_from.contains(group));
        groups.flat_map(|(_, ids)| ids).copied().filter(|id| self.model.common.binary_search(id).is_err()).collect()
    }
}

/// Judges mail and short texts.
///
/// ```
/// use keelguard_signs::spam::{Classifier, Form, Workroom};
/// let classifier = Classifier::built_in()?;
/// let mut room = Workroom::default();
/// let prize = b"URGENT! You have won a 1000 pound prize. To claim call 09061701461 now, 150ppm";
/// let lunch = b"ok, see you at the station then, will be a bit late";
/// let scores = [prize.as_slice(), lunch].map(|text| classifier.judge(Form::Text, text, 3, &mut room).score);
/// assert!(scores[0] > 0.9 && scores[1] < 0.1, "{scores:?}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Classifier {
    mail: Judge,
    text: Judge,
}

/// Room to judge in, one for each thread.
#[derive(Debug)]
pub struct Workroom {
    mail: Traced,
    text: Traced,
    mail_room: of_mail::Room,
    text_room: of_text::Room,
}

impl Default for Workroom {
    fn default() -> Self {
        Self {
            mail: Traced::new(&of_mail::GROUPS),
            text: Traced::new(&of_text::GROUPS),
            mail_room: of_mail::Room::default(),
            text_room: of_text::Room::default(),
        }
    }
}

impl Classifier {
    /// The one whose weights Keelguard brings.
    pub fn built_in() -> Result<Self, WeightsError> {
        Ok(Self {
            mail: Judge::new(MAIL, &of_mail::GROUPS, &[of_mail::HEADER, of_mail::TEXT])?,
            text: Judge::new(TEXT, &of_text::GROUPS, &[0])?,
        })
    }

    /// Judges by what was learnt here, too.
    #[must_use]
    pub fn with(mut self, learnt: &Learnt) -> Self {
        self.mail.shift = Shift::of(learnt, Form::Mail, places(&of_mail::GROUPS));
        self.text.shift = Shift::of(learnt, Form::Text, places(&of_text::GROUPS));
        self
    }

    /// When and on what the weights for mail and for texts were trained, and how well they did.
    pub fn about(&self) -> [&About; 2] {
        [&self.mail.about, &self.text.about]
    }

    /// Judges a message; at most `most` reasons are given.
    pub fn judge(&self, form: Form, bytes: &[u8], most: usize, room: &mut Workroom) -> Judgement {
        match form {
            Form::Mail => {
                room.mail.clear();
                let message = Message::parse(bytes);
                self.judge_mail(&message, most, room)
            }
            Form::Text => {
                room.text.clear();
                of_text::features(bytes, &mut room.text_room, &mut room.text);
                let letters = room.text_room.folded();
                let views = Views { raw: bytes, text: b"", letters, fields: &[], body: 0 };
                of_sums(&self.text, &mut room.text, &views, most)
            }
        }
    }

    /// Judges a mail that was taken apart already.
    pub fn judge_mail(&self, message: &Message<'_>, most: usize, room: &mut Workroom) -> Judgement {
        room.mail.clear();
        of_mail::features(message, &mut room.mail_room, &mut room.mail);
        let (text, letters) = (room.mail_room.text(), room.mail_room.letters());
        let views = Views { raw: message.raw, text, letters, fields: &message.fields, body: message.body };
        of_sums(&self.mail, &mut room.mail, &views, most)
    }

    /// Learns a message into `learnt`.
    pub fn learn(&self, form: Form, bytes: &[u8], is_spam: bool, learnt: &mut Learnt, room: &mut Workroom) -> Outcome {
        self.judge(form, bytes, 0, room);
        let (judge, bag) = match form {
            Form::Mail => (&self.mail, &room.mail.bag),
            Form::Text => (&self.text, &room.text.bag),
        };
        learnt.learn(form, bytes, is_spam, judge.model.odds(bag), judge.rare(bag))
    }
}

fn of_sums(judge: &Judge, traced: &mut Traced, views: &Views<'_>, most: usize) -> Judgement {
    let mut odds = judge.model.odds(&traced.bag);
    let shift = if judge.shift.is_empty() { 0.0 } else { judge.shift.by(&judge.rare(&traced.bag)) };
    odds += shift;
    let score = Model::probability(odds);
    let opinion = if score >= f64::from(judge.model.spam_from) {
        Opinion::Spam
    } else if score >= 0.5 {
        Opinion::Unsure
    } else {
        Opinion::Ham
    };
    let mut reasons = if most == 0 { Vec::new() } else { reasons(&judge.model, traced, views, most) };
    if shift != 0.0 && most > 0 {
        reasons.insert(0, Reason { what: "learnt".into(), value: "messages like it, here".into(), weight: shift });
        reasons.truncate(most);
    }
    Judgement { score, opinion, reasons }
}
