//! The judge: from bytes to a probability, an opinion and the reasons that count most.

use serde::Serialize;

use super::bag::Bag;
use super::model::Model;
use super::weights::{About, WeightsError, read};
use super::{of_mail, of_text};
use crate::spam::collect::Form;
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

/// One thing that speaks for or against spam.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// What was read: `subject`, `word`, `order of the header`.
    pub what: String,
    /// Its value.
    pub value: String,
    /// What it adds to the odds; less than nothing speaks for ham.
    pub weight: f32,
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

/// Judges mail and short texts.
#[derive(Debug)]
pub struct Classifier {
    mail: Model,
    text: Model,
    about: [About; 2],
}

/// Room to judge in, one for each thread.
#[derive(Debug)]
pub struct Workroom {
    mail: Bag,
    text: Bag,
    mail_room: of_mail::Room,
    text_room: of_text::Room,
}

impl Default for Workroom {
    fn default() -> Self {
        Self {
            mail: Bag::new(&of_mail::GROUPS),
            text: Bag::new(&of_text::GROUPS),
            mail_room: of_mail::Room::default(),
            text_room: of_text::Room::default(),
        }
    }
}

impl Classifier {
    /// The one whose weights Keelguard brings.
    pub fn built_in() -> Result<Self, WeightsError> {
        let (mail, about_mail) = read(MAIL, &of_mail::GROUPS)?;
        let (text, about_text) = read(TEXT, &of_text::GROUPS)?;
        Ok(Self { mail, text, about: [about_mail, about_text] })
    }

    /// When and on what the weights for mail and for texts were trained, and how well they did.
    pub fn about(&self) -> &[About; 2] {
        &self.about
    }

    /// Judges a message.
    pub fn judge(&self, form: Form, bytes: &[u8], room: &mut Workroom) -> Judgement {
        let (model, bag) = match form {
            Form::Mail => {
                room.mail.clear();
                of_mail::features(&Message::parse(bytes), u32::MAX, &mut room.mail_room, &mut room.mail);
                (&self.mail, &room.mail)
            }
            Form::Text => {
                room.text.clear();
                of_text::features(bytes, &mut room.text_room, &mut room.text);
                (&self.text, &room.text)
            }
        };
        let score = Model::probability(model.odds(bag));
        let opinion = if score >= f64::from(model.spam_from) {
            Opinion::Spam
        } else if score >= 0.5 {
            Opinion::Unsure
        } else {
            Opinion::Ham
        };
        Judgement { score, opinion, reasons: Vec::new() }
    }
}
