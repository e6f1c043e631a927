//! What a decoy is called and what is in it: a PDF, a table, a letter, different in each folder, so that nobody knows them by
//! name.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use jiff::Timestamp;

/// A decoy before it is written.
pub(super) struct Made {
    pub(super) name: String,
    pub(super) content: Vec<u8>,
    /// Seconds since it seems to have been written.
    pub(super) age: u64,
}

static SUBJECTS: &[&str] = &[
    "accounts",
    "annual_report",
    "balance",
    "budget",
    "contracts",
    "customers",
    "insurance",
    "invoices",
    "loan",
    "mortgage",
    "passwords",
    "payroll",
    "pension",
    "personnel",
    "tax_return",
    "wages",
];
static WORDS: &[&str] = &[
    "account",
    "amount",
    "annual",
    "approved",
    "balance",
    "bank",
    "branch",
    "client",
    "contract",
    "costs",
    "credit",
    "date",
    "debit",
    "department",
    "due",
    "fee",
    "final",
    "forecast",
    "growth",
    "income",
    "interest",
    "invoice",
    "item",
    "margin",
    "net",
    "number",
    "order",
    "paid",
    "payment",
    "quarter",
    "rate",
    "receipt",
    "reserve",
    "review",
    "salary",
    "share",
    "statement",
    "sum",
    "supplier",
    "tax",
    "term",
    "total",
    "transfer",
    "value",
    "year",
];

/// Numbers that differ from folder to folder.
struct Dice(blake3::OutputReader);

impl Dice {
    fn below(&mut self, many: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % many.max(1) as u64).unwrap_or(0)
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list.get(self.below(list.len())).copied().unwrap_or_default()
    }
}

/// One that sorts first and one that sorts last.
pub(super) fn pair(folder: &Path, now: Timestamp) -> [Made; 2] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(folder.as_os_str().as_bytes());
    hasher.update(&now.as_nanosecond().to_le_bytes());
    let mut dice = Dice(hasher.finalize_xof());
    let year =
        i64::from(jiff::tz::TimeZone::UTC.to_datetime(now).year()) - 1 - i64::try_from(dice.below(4)).unwrap_or(0);
    let mut made = |before: &str| {
        let subject = dice.of(SUBJECTS);
        let (ending, content) = match dice.below(3) {
            0 => ("pdf", pdf(subject, &mut dice)),
            1 => ("csv", table(&mut dice)),
            _ => ("rtf", letter(subject, &mut dice)),
        };
        let age = 86_400 * (30 + dice.below(500) as u64) + dice.below(86_400) as u64;
        Made { name: format!("{before}{subject}_{year}.{ending}"), content, age }
    };
    // By bytes and by most locales: punctuation first; a tilde after all letters by bytes, doubled z by locale.
    [made("!_"), made("~zz_")]
}

fn line(dice: &mut Dice) -> String {
    let words: Vec<&str> = (0..8 + dice.below(6)).map(|_| dice.of(WORDS)).collect();
    format!("{} {}.{:02}", words.join(" "), dice.below(90_000), dice.below(100))
}

fn table(dice: &mut Dice) -> Vec<u8> {
    let mut text = String::from("date;number;text;amount\r\n");
    for _ in 0..200 + dice.below(400) {
        let (month, day, number) = (1 + dice.below(12), 1 + dice.below(28), dice.below(999_999));
        text.extend([format!("{day:02}.{month:02}.;{number};{}\r\n", line(dice).replace(' ', ";"))]);
    }
    text.into_bytes()
}

fn letter(subject: &str, dice: &mut Dice) -> Vec<u8> {
    let mut text = format!("{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Arial;}}}}\n\\f0\\fs28 {subject}\\par\n\\fs22 ");
    for _ in 0..150 + dice.below(200) {
        text.push_str(&line(dice));
        text.push_str("\\par\n");
    }
    text.push('}');
    text.into_bytes()
}

/// A PDF of one page, by the book: its table of offsets is right, so that viewers open it.
fn pdf(subject: &str, dice: &mut Dice) -> Vec<u8> {
    let mut page = format!("BT /F1 16 Tf 60 780 Td ({subject}) Tj /F1 9 Tf 0 -24 Td\n");
    for _ in 0..60 + dice.below(200) {
        page.extend([format!("({}) Tj 0 -12 Td\n", line(dice))]);
    }
    page.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut text = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(text.len());
        text.extend([format!("{} 0 obj\n{object}\nendobj\n", number + 1)]);
    }
    let start = text.len();
    text.extend([format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1)]);
    for offset in offsets {
        text.extend([format!("{offset:010} 00000 n \n")]);
    }
    text.extend([format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1)]);
    text.into_bytes()
}
