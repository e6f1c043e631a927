//! Texts that urge to click because of an alleged problem or novelty: fake updates and pop-ups. Judged by what the sentence does,
//! not by how it runs: it alleges (a problem of the machine, or something new for it), urges a click, and promises a gain.

use super::languages::{LANGUAGES, Language};

/// So much of a text is looked at.
const MOST: usize = 8 << 10;
/// What is alleged and what is urged stand so near to each other, in letters.
const NEAR: usize = 240;

/// What a text does to be clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urge {
    /// In which language.
    pub language: &'static str,
    /// What it alleges.
    pub alleged: &'static str,
    /// Whether that is a problem; else it is something new.
    pub is_problem: bool,
    /// Its words.
    pub text: String,
}

/// Whether a text alleges something, urges a click and promises a gain, all near to each other.
///
/// ```
/// use keelguard_signs::spam::lure::urge;
/// assert!(urge("New version found: click OK to update").is_some());
/// assert!(urge("Click OK to save the document").is_none());
/// ```
pub fn urge(text: &str) -> Option<Urge> {
    let text = plain(text);
    LANGUAGES.iter().find_map(|language| of(language, &text))
}

fn of(language: &'static Language, text: &str) -> Option<Urge> {
    let (alleged, is_problem, at) = language
        .problem
        .iter()
        .map(|stem| (stem, true))
        .chain(language.novelty.iter().map(|stem| (stem, false)))
        .find_map(|(stem, is_problem)| find(text, stem).map(|at| (*stem, is_problem, at)))?;
    let near = around(text, at);
    let click = language.click.iter().find_map(|stem| find(near, stem).map(|at| (stem, at)))?;
    // The gain is not what is alleged itself: "update available" promises none.
    let rest = near.replacen(alleged, " ", 1);
    language.gain.iter().find(|stem| find(&rest, stem).is_some() && !stem.contains(click.0))?;
    // Who asks to click a menu describes a program; who urges wants one thing clicked.
    if near.matches(['>', '→', '»']).count() > 0 {
        return None;
    }
    Some(Urge { language: language.name, alleged, is_problem, text: near.trim().chars().take(160).collect() })
}

/// The letters before and behind.
fn around(text: &str, at: usize) -> &str {
    let from = text.get(..at).unwrap_or_default().char_indices().rev().nth(NEAR).map_or(0, |(from, _)| from);
    let behind = text.get(at..).unwrap_or_default();
    let to = behind.char_indices().nth(NEAR).map_or(text.len(), |(to, _)| at + to);
    text.get(from..to).unwrap_or(text)
}

/// Where a stem begins a word; in scripts without blanks, where it stands.
fn find(text: &str, stem: &str) -> Option<usize> {
    let is_dense = stem.chars().next().is_some_and(|letter| letter >= '\u{3000}');
    text.match_indices(stem).map(|(at, _)| at).find(|at| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        is_dense || before.is_none_or(|letter| !letter.is_alphanumeric())
    })
}

/// Lower case, one blank between words, and nothing that is not seen.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if out.len() > MOST {
            break;
        }
        let seen =
            word.chars().take(400).filter(|letter| !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{ad}' | '\u{feff}'));
        // Letters of full width are read like others.
        let narrow = seen.map(|letter| match letter {
            '！'..='～' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
            '’' => '\'',
            other => other,
        });
        out.extend(narrow.flat_map(char::to_lowercase));
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_texts_and_their_kin_in_eleven_languages_are_lures() {
        for (language, text) in [
            ("English", "Program Unresponsiveness, click OK to make it faster"),
            ("English", "New version found: click OK to update"),
            ("English", "Your computer is running slow! Press the button below to speed it up."),
            ("English", "WARNING: 3 viruses detected. Tap here to remove them"),
            ("English", "Your Flash Player is outdated. Click Install to continue"),
            ("English", "Ｎｅｗ ｖｅｒｓｉｏｎ found — ｃｌｉｃｋ OK to u\u{200b}pdate"),
            ("German", "Programm reagiert nicht. Klicken Sie auf OK, um es zu beschleunigen"),
            ("German", "Neue Version gefunden: Klicken Sie auf OK, um zu aktualisieren"),
            ("French", "Le programme ne répond pas, cliquez sur OK pour l’accélérer"),
            ("French", "Nouvelle version trouvée : cliquez sur OK pour mettre à jour"),
            ("Spanish", "El programa no responde, haga clic en Aceptar para que vaya más rápido"),
            ("Spanish", "Nueva versión encontrada: pulse Aceptar para actualizar"),
            ("Italian", "Il programma non risponde: fai clic su OK per renderlo più veloce"),
            ("Italian", "Trovata una nuova versione: premi OK per aggiornare"),
            ("Portuguese", "O programa não responde, clique em OK para torná-lo mais rápido"),
            ("Portuguese", "Nova versão encontrada: clique em OK para atualizar"),
            ("Dutch", "Programma reageert niet, klik op OK om het sneller te maken"),
            ("Dutch", "Nieuwe versie gevonden: klik op OK om bij te werken"),
            ("Polish", "Program nie odpowiada, kliknij OK, aby go przyspieszyć"),
            ("Polish", "Znaleziono nową wersję: kliknij OK, aby zaktualizować"),
            ("Russian", "Программа не отвечает, нажмите ОК, чтобы ускорить её"),
            ("Russian", "Найдена новая версия: нажмите ОК, чтобы обновить"),
            ("Chinese", "程序无响应，点击确定使其更快"),
            ("Chinese", "发现新版本：点击确定进行更新"),
            ("Japanese", "プログラムが応答していません。OKをクリックすると速くなります"),
            ("Japanese", "新しいバージョンが見つかりました。OKをクリックして更新してください"),
        ] {
            let found = urge(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.language, language, "{text}");
        }
    }

    #[test]
    fn everyday_texts_are_none() {
        for text in [
            "Click OK to save the document.",
            "The program is not responding. Wait, or click Close to end it.",
            "A new version of the handbook is on the wiki.",
            "The printer is slow today; I have asked for a new one.",
            "The server was updated last night and is faster now.",
            "To update, click Settings > About > Check for a new version.",
            "Press release: our new version has arrived",
            "Bitte klicken Sie auf den Link, um an der Besprechung teilzunehmen.",
            "Das Update wurde installiert, der Rechner ist wieder schneller.",
            "Cliquez ici pour lire notre lettre de novembre.",
            "Haga clic para ver las fotos de la fiesta.",
            "Нажмите здесь, чтобы прочитать письмо.",
            "会议改到三点，请点击链接加入。",
            "会議の招待です。クリックして参加してください。",
            "Your ticket 4711 was updated: click to read the answer",
            "",
        ] {
            assert_eq!(urge(text), None, "{text}");
        }
    }

    #[test]
    fn words_far_from_each_other_are_no_urge() {
        let text = format!(
            "The new version is here. {} Click to install the game.",
            "We had a fine summer at the lake. ".repeat(20)
        );
        assert_eq!(urge(&text), None);
    }
}
