#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

use super::*;

fn found(folder: &std::path::Path, form: Option<Form>) -> (Vec<(String, u64, Form)>, Vec<Incomplete>) {
    let mut walk = Walk::new(&[folder.to_path_buf()], form);
    let shown = |found: Found| {
        let path = found.path.strip_prefix(folder).unwrap().display().to_string();
        (path, found.number, found.form)
    };
    let list = walk.by_ref().map(shown).collect();
    (list, walk.gaps.into_list())
}

#[test]
fn a_folder_is_read_by_name_and_each_file_is_what_its_head_says() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("b.eml", "Subject: hello\n\nhow are you\n");
    write(
        "a.jsonl",
        "{\"time\":\"2026-11-24T08:00:00Z\",\"user\":\"ann\",\"text\":\"click OK\"}\n\n{\"text\":\"bye\"}\n",
    );
    write(
        "c.mbox",
        "From a@b Mon Nov 23 08:00:00 2026\nSubject: one\n\nFrom here on it is 12:30 pm.\n\nFrom me to you\n\n\
         From a@b Mon Nov 23 08:01:00 2026\nSubject: two\n\nbye\n",
    );
    let (list, gaps) = found(folder.path(), None);
    let expected = [
        ("a.jsonl", 1, Form::Text),
        ("a.jsonl", 2, Form::Text),
        ("b.eml", 1, Form::Mail),
        ("c.mbox", 1, Form::Mail),
        ("c.mbox", 2, Form::Mail),
    ];
    assert_eq!(list, expected.map(|(path, number, form)| (path.to_owned(), number, form)));
    assert_eq!(gaps, []);
}
