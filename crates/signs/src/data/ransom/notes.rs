//! Ransom notes: texts that speak of encrypted files, of money, of a hidden service and of a deadline, in the languages in
//! which such notes are found. One theme alone is an ordinary text; three of them are not.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::{Deserialize, Serialize};

use super::kinds::ending;

/// How much of a text is read.
pub const MOST: usize = 32 * 1024;

/// What a text speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// A bit a theme.
    themes: u8,
    /// Whether the name calls the reader: `HOW_TO_DECRYPT.txt`.
    pub named: bool,
}

static THEMES: [&str; 5] = ["encrypted files", "a key for money", "coins", "a hidden address", "threats"];

impl Words {
    /// How many themes.
    pub const fn count(self) -> u32 {
        self.themes.count_ones()
    }

    /// Whether it reads as a note: three themes, or two in a file that is named as one.
    pub const fn is_note(self) -> bool {
        self.count() >= 3 || self.count() == 2 && self.named
    }

    /// The themes in words.
    pub fn words(self) -> String {
        let named = THEMES.iter().enumerate().filter(|(bit, _)| self.themes & (1 << bit) != 0).map(|(_, theme)| *theme);
        named.collect::<Vec<_>>().join(", ")
    }
}

/// Words, and the theme of each. Of what has capitals that are not ASCII, both forms.
static WORDS: &[(u8, &str)] = &[
    (0, "files have been encrypted"),
    (0, "files are encrypted"),
    (0, "files were encrypted"),
    (0, "has been encrypted"),
    (0, "have been locked"),
    (0, "data are encrypted"),
    (0, "data is encrypted"),
    (0, "network has been penetrated"),
    (0, "encrypted all your"),
    (0, "have encrypted your"),
    (0, "dateien wurden verschl"),
    (0, "dateien sind verschl"),
    (0, "daten wurden verschl"),
    (0, "fichiers ont été chiffrés"),
    (0, "fichiers ont été cryptés"),
    (0, "fichiers sont cryptés"),
    (0, "archivos han sido cifrados"),
    (0, "archivos han sido encriptados"),
    (0, "archivos fueron encriptados"),
    (0, "file sono stati criptati"),
    (0, "file sono stati crittografati"),
    (0, "arquivos foram criptografados"),
    (0, "bestanden zijn versleuteld"),
    (0, "pliki zostały zaszyfrowane"),
    (0, "dosyalarınız şifrelendi"),
    (0, "файлы зашифрованы"),
    (0, "файлы были зашифрованы"),
    (0, "文件已被加密"),
    (0, "文件被加密"),
    (0, "ファイルは暗号化"),
    (0, "ファイルが暗号化"),
    (0, "파일이 암호화"),
    (1, "decryption key"),
    (1, "decryption tool"),
    (1, "decryption software"),
    (1, "private key"),
    (1, "decryptor"),
    (1, "decrypter"),
    (1, "recover your files"),
    (1, "restore your files"),
    (1, "decrypt your files"),
    (1, "get your files back"),
    (1, "ransom"),
    (1, "entschlüssel"),
    (1, "lösegeld"),
    (1, "déchiffr"),
    (1, "décrypt"),
    (1, "rançon"),
    (1, "descifrar"),
    (1, "desencriptar"),
    (1, "rescate"),
    (1, "decriptare"),
    (1, "riscatto"),
    (1, "descriptografar"),
    (1, "resgate"),
    (1, "ontsleutel"),
    (1, "losgeld"),
    (1, "odszyfrowa"),
    (1, "okup"),
    (1, "fidye"),
    (1, "расшифров"),
    (1, "выкуп"),
    (1, "解密"),
    (1, "赎金"),
    (1, "復号"),
    (1, "身代金"),
    (1, "복호화"),
    (1, "몸값"),
    (2, "bitcoin"),
    (2, "monero"),
    (2, "btc wallet"),
    (2, "btc address"),
    (2, "btc to"),
    (2, "cryptocurrency"),
    (2, "usdt"),
    (2, "биткоин"),
    (2, "биткойн"),
    (2, "比特币"),
    (2, "ビットコイン"),
    (2, "비트코인"),
    (2, "bc1q"),
    (3, ".onion"),
    (3, "tor browser"),
    (3, "torproject.org"),
    (3, "tox id"),
    (3, "tox chat"),
    (3, "session id:"),
    (3, "@onionmail"),
    (3, "@protonmail"),
    (3, "@proton.me"),
    (3, "@tutanota"),
    (3, "@tuta.io"),
    (3, "@cock.li"),
    (3, "your personal id"),
    (3, "your unique id"),
    (3, "persönliche id"),
    (3, "kişisel id"),
    (4, "do not rename"),
    (4, "don't rename"),
    (4, "do not modify"),
    (4, "do not try to decrypt"),
    (4, "third party software"),
    (4, "third-party software"),
    (4, "will be published"),
    (4, "will be leaked"),
    (4, "price will"),
    (4, "permanently lost"),
    (4, "be destroyed"),
    (4, "within 72 hours"),
    (4, "within 48 hours"),
    (4, "72 hours"),
    (4, "do not contact the police"),
    (4, "benennen sie"),
    (4, "ne renommez pas"),
    (4, "no renombre"),
    (4, "non rinominare"),
    (4, "não renomeie"),
    (4, "не переименов"),
    (4, "不要重命名"),
];

static FIND: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS.iter().map(|(_, word)| word)).ok()
});

/// Names that call the reader.
static NAMES: &[&str] = &[
    "decrypt",
    "recover",
    "restore",
    "ransom",
    "how_to",
    "how-to",
    "howto",
    "readme",
    "read_me",
    "read-me",
    "read_it",
    "unlock",
    "instruction",
    "your_files",
    "your-files",
    "!!!",
    "attention",
    "warning",
    "important",
    "note",
];

/// Whether a file of this name and size may be a note at all.
pub fn may_be_note(name: &[u8], size: u64) -> bool {
    let kind = ending(name);
    let text = kind
        .as_deref()
        .is_none_or(|kind| matches!(kind, "txt" | "html" | "htm" | "hta" | "md" | "rtf" | "url" | "xml" | "inf"));
    (40..=256 * 1024).contains(&size) && text
}

/// What a text speaks of. UTF-16, as the notepads of some write it, is read, too.
pub fn words(name: &[u8], text: &[u8]) -> Words {
    let text = text.get(..MOST).unwrap_or(text);
    let wide;
    let text = if text.starts_with(b"\xff\xfe") {
        let units: Vec<u16> = text.as_chunks::<2>().0.iter().skip(1).map(|pair| u16::from_le_bytes(*pair)).collect();
        wide = String::from_utf16_lossy(&units);
        wide.as_bytes()
    } else {
        text
    };
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let mut words = Words { themes: 0, named: NAMES.iter().any(|word| name.contains(word)) };
    for found in FIND.iter().flat_map(|find| find.find_overlapping_iter(text)) {
        if let Some((theme, _)) = WORDS.get(found.pattern().as_usize()) {
            words.themes |= 1 << theme;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_in_several_languages_are_notes() {
        for note in [
            "All your files have been encrypted! To get the decryption key send 0.5 Bitcoin. Visit http://abc.onion with Tor Browser.",
            "Ihre Dateien wurden verschlüsselt. Zur Entschlüsselung zahlen Sie 2 Bitcoin. Benennen Sie nichts um.",
            "Vos fichiers ont été chiffrés. Pour les déchiffrer, payez en bitcoin : http://x.onion",
            "Ваши файлы зашифрованы. Для расшифровки напишите на a@protonmail.com и оплатите биткоин.",
            "您的文件已被加密。支付比特币以获取解密密钥。",
            "Tus archivos han sido cifrados. Para descifrar, paga en Bitcoin.",
        ] {
            assert!(words(b"x.txt", note.as_bytes()).is_note(), "{note}");
        }
        let wide: Vec<u8> = "\u{feff}Your files are encrypted. Buy the decryptor with Monero."
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(words(b"note.hta", &wide).is_note());
    }

    #[test]
    fn ordinary_texts_that_speak_of_keys_or_coins_are_none() {
        for text in [
            "# README\nPut your private key into ~/.ssh and run make.",
            "We accept Bitcoin. Contact us at shop@protonmail.com.",
            "The disk has been encrypted with LUKS; keep the private key of the server safe.",
            "Bitcoin rose on Tuesday while the price of oil fell.",
        ] {
            assert!(!words(b"page.html", text.as_bytes()).is_note(), "{text}");
        }
    }
}
