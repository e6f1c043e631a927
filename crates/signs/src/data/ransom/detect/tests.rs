use jiff::Timestamp;

use super::super::content::tests::{dice, prose, whole};
use super::super::notes::words;
use super::*;

/// A detector, a clock and a few files, driven as fanotify would.
struct Stage {
    detector: Detector,
    at: i64,
}

impl Stage {
    fn new() -> Self {
        Self { detector: Detector::new(Limits::default(), "edge"), at: 1_790_000_000 }
    }

    fn by(&mut self, pid: u32, parent: u32, path: &str, what: What) -> &mut Self {
        let name = if pid < 500 { "restic" } else { "python3" }.to_owned();
        let actor = Actor { pid, name, user: "alice".into(), parent, parent_name: "bash".into(), ..Actor::default() };
        let time = Timestamp::from_second(self.at).unwrap();
        self.detector.see(&Event { time, path: path.into(), actor: Some(actor), what });
        self
    }

    fn had(&mut self, path: &str, content: &[u8]) -> &mut Self {
        let time = Timestamp::from_second(self.at).unwrap();
        let what = What::Known(whole(content));
        self.detector.see(&Event { time, path: path.into(), actor: None, what });
        self
    }

    fn said(&self) -> Vec<String> {
        let mut rules: Vec<_> = self.detector.findings().into_iter().map(|finding| finding.rule).collect();
        rules.sort();
        rules
    }
}

fn pdf(many: usize) -> Vec<u8> {
    [b"%PDF-1.7\n", &prose(many)[..], b"startxref\n0\n%%EOF\n"].concat()
}

#[test]
fn three_documents_that_turn_random_are_an_alarm_and_two_are_not() {
    let mut stage = Stage::new();
    for number in 0..3 {
        assert_eq!(stage.said(), [""; 0]);
        let path = format!("/srv/docs/{number}.pdf");
        stage.had(&path, &pdf(9000)).by(900, 800, &path, What::Written(whole(&dice(number, 9050))));
    }
    let findings = stage.detector.findings();
    assert_eq!(stage.said(), ["KG-D020"]);
    assert_eq!(findings[0].title, "3 files are being encrypted in /srv/docs, by python3 (process 900) of alice");
    assert_eq!(findings[0].fix.commands[0], "kill -STOP 900");
}

#[test]
fn one_a_minute_and_each_by_another_process_is_an_alarm_as_well() {
    let mut stage = Stage::new();
    for number in 0..3u32 {
        let path = format!("/srv/docs/{number}.pdf");
        stage.had(&path, &pdf(9000)).by(900 + number, 800, &path, What::Written(whole(&dice(7, 9050))));
        stage.at += 60;
    }
    assert_eq!(stage.said(), ["KG-D020"]);
    assert_eq!(stage.detector.findings()[0].fix.commands[0], "kill -STOP 800");
}

#[test]
fn sealed_copies_beside_deleted_originals_are_told_by_name_or_by_size_in_either_order() {
    let mut stage = Stage::new();
    for number in 0..4u32 {
        let path = format!("/srv/docs/{number}.pdf");
        stage.had(&path, &pdf(9000 + 3000 * number as usize));
        let new =
            format!("/srv/docs/{}", if number < 2 { format!("{number}.pdf.lock3d") } else { format!("x{number}") });
        let made = What::Written(whole(&dice(7, 9050 + 3000 * number as usize)));
        if number % 2 == 0 {
            stage.by(900, 800, &new, What::Made).by(900, 800, &new, made).by(
                901,
                800,
                &path,
                What::Removed { left: None },
            );
        } else {
            stage.by(900, 800, &path, What::Removed { left: None }).by(900, 800, &new, made);
        }
    }
    assert_eq!((stage.detector.lost(), stage.said()), (4, vec!["KG-D020".to_owned()]));
    let finding = &stage.detector.findings()[0];
    assert!(
        finding.evidence.iter().any(|piece| piece.what == "new ending" && piece.value == ".lock3d (2)"),
        "{finding:?}"
    );
}

#[test]
fn a_new_file_that_takes_the_place_of_the_old_by_rename_is_a_loss() {
    let mut stage = Stage::new();
    for number in 0..3 {
        let path = format!("/srv/docs/{number}.txt");
        let temporary = format!("/srv/docs/.tmp{number}");
        let now = whole(&dice(number, 9050));
        stage.had(&path, &prose(9000)).by(900, 800, &temporary, What::Made);
        stage.by(900, 800, &temporary, What::Written(now));
        stage.by(900, 800, &temporary, What::Moved { to: path.into(), now: Some(now) });
    }
    assert_eq!(stage.said(), ["KG-D020"]);
}

#[test]
fn a_backup_that_writes_sealed_packs_while_another_deletes_pictures_is_silent() {
    let mut stage = Stage::new();
    for number in 0..50u32 {
        let pack = format!("/srv/repo/data/{:02x}/{}", number, "a".repeat(64));
        let photo = format!("/home/alice/photos/{number}.jpg");
        stage.had(&photo, &[b"\xff\xd8\xff\xe0", &dice(u64::from(number), 20_000)[..]].concat());
        stage.by(400, 300, &pack, What::Made).by(400, 300, &pack, What::Written(whole(&dice(7, 20_000))));
        if number < 40 {
            stage.by(900, 800, &photo, What::Removed { left: None });
        }
    }
    assert_eq!(stage.said(), [""; 0]);
}

#[test]
fn packs_that_are_repacked_have_nothing_to_lose() {
    let mut stage = Stage::new();
    for number in 0..50u64 {
        let (old, new) = (format!("/srv/repo/data/00/{number:064x}"), format!("/srv/repo/data/01/{number:064x}"));
        stage.had(&old, &dice(number, 20_000));
        stage.by(400, 300, &new, What::Written(whole(&dice(7, 20_000)))).by(
            400,
            300,
            &old,
            What::Removed { left: Some(9) },
        );
    }
    assert_eq!(stage.said(), [""; 0]);
}

#[test]
fn logs_that_are_packed_and_files_that_get_another_name_are_everyday() {
    let mut stage = Stage::new();
    for number in 0..50u32 {
        let (log, packed) = (format!("/var/log/app.log.{number}"), format!("/var/log/app.log.{number}.gz"));
        stage.had(&log, &prose(9000)).by(900, 800, &packed, What::Made);
        stage.by(900, 800, &packed, What::Written(whole(&[b"\x1f\x8b\x08\0", &dice(3, 3000)[..]].concat())));
        stage.by(900, 800, &log, What::Removed { left: None });
        let from = format!("/home/a/{number}.jpeg");
        let photo = [b"\xff\xd8\xff\xe0", &dice(3, 3000)[..]].concat();
        stage.had(&from, &photo);
        let to = format!("/home/a/holiday-{number}.jpg").into_bytes();
        stage.by(900, 800, &from, What::Moved { to, now: Some(whole(&photo)) });
    }
    assert_eq!(stage.said(), [""; 0]);
}

#[test]
fn an_archive_under_a_password_whose_originals_go_is_told_apart() {
    let mut stage = Stage::new();
    let zip = [b"PK\x03\x04\x14\0\x09\0\x08\0", &dice(3, 40_000)[..]].concat();
    for number in 0..4 {
        stage.had(&format!("/srv/docs/{number}.pdf"), &pdf(9000));
    }
    stage.by(900, 800, "/srv/docs/all.zip", What::Made).by(900, 800, "/srv/docs/all.zip", What::Written(whole(&zip)));
    for number in 0..4 {
        stage.by(900, 800, &format!("/srv/docs/{number}.pdf"), What::Removed { left: None });
    }
    assert_eq!(stage.said(), ["KG-D021"]);
}

#[test]
fn a_decoy_that_is_changed_is_an_alarm_at_once_and_one_that_is_read_a_hint() {
    let mut stage = Stage::new();
    stage.by(900, 800, "/srv/docs/000_accounts.pdf", What::Touched(Touch::Read));
    assert_eq!(stage.said(), ["KG-D025"]);
    stage.by(900, 800, "/srv/docs/000_accounts.pdf", What::Touched(Touch::Written));
    assert_eq!(stage.said(), ["KG-D024", "KG-D025"]);
}

#[test]
fn the_same_note_in_three_folders_is_an_alarm_and_beside_a_lost_file_one_is() {
    let note = words(b"README_NOW.txt", b"Your files are encrypted. Pay 1 bitcoin for the decryptor: x.onion");
    let mut stage = Stage::new();
    for folder in ["a", "b"] {
        stage.by(900, 800, &format!("/srv/{folder}/README_NOW.txt"), What::Note(note));
    }
    assert_eq!(stage.said(), [""; 0]);
    stage.by(900, 800, "/srv/c/README_NOW.txt", What::Note(note));
    assert_eq!(stage.said(), ["KG-D023"]);
    let mut stage = Stage::new();
    stage.by(900, 800, "/srv/a/README_NOW.txt", What::Note(note));
    stage.had("/srv/a/x.pdf", &pdf(9000)).by(900, 800, "/srv/a/x.pdf", What::Written(whole(&dice(1, 9050))));
    assert_eq!(stage.said(), ["KG-D020", "KG-D023"]);
}

#[test]
fn a_folder_of_backups_that_is_emptied_is_told_from_a_rotation() {
    let mut stage = Stage::new();
    stage.by(900, 800, "/srv/backups/1.tar.gz", What::Removed { left: Some(7) });
    assert_eq!(stage.said(), [""; 0]);
    for left in (0..4).rev() {
        stage.by(900, 800, &format!("/srv/backups/{left}.sql.gz"), What::Removed { left: Some(left) });
    }
    assert_eq!(stage.said(), ["KG-D026"]);
    let mut stage = Stage::new();
    stage.by(900, 800, &format!("/srv/repo/snapshots/{:064x}", 1), What::Removed { left: Some(0) });
    assert_eq!(stage.said(), ["KG-D026"]);
}

#[test]
fn state_that_is_saved_goes_on_where_it_was() {
    let mut stage = Stage::new();
    for number in 0..3 {
        let path = format!("/srv/docs/{number}.pdf");
        stage.had(&path, &pdf(9000)).by(900, 800, &path, What::Written(whole(&dice(number, 9050))));
        let saved = serde_json::to_string(&stage.detector).unwrap();
        stage.detector = serde_json::from_str(&saved).unwrap();
    }
    assert_eq!(stage.said(), ["KG-D020"]);
}

#[test]
fn a_million_files_take_no_more_room_than_it_has_and_what_went_is_counted() {
    let limits = Limits { files: 1000, ..Limits::default() };
    let mut stage = Stage { detector: Detector::new(limits, "edge"), at: 1_790_000_000 };
    for number in 0..5000 {
        stage.had(&format!("/srv/{number}"), b"a text");
        stage.by(900, 800, &format!("/srv/{number}.pdf"), What::Removed { left: None });
    }
    assert!(stage.detector.known.iter().count() <= 1000 && stage.detector.gone.len() <= MANY);
    assert_eq!(stage.detector.incomplete().len(), 1);
}
