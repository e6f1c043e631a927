//! Whole messages: lures are seen, everyday mail is left alone.

use super::*;

fn ids(mail: &str) -> Vec<&'static str> {
    let mail = mail.replace('\n', "\r\n");
    of_mail(&Message::parse(mail.as_bytes()), &["keelhaven.example".to_owned()])
        .iter()
        .map(|lure| lure.rule.id)
        .collect()
}

#[test]
fn a_phishing_mail_shows_each_of_its_lures() {
    let mail = "Authentication-Results: mx; spf=fail; dkim=none; dmarc=fail\nFrom: PayPal <service@paypal-secure.com>\nSubject: Your account\n\
        Content-Type: text/html\n\n<p>Your browser is outdated. Click here to update it.</p>\
        <a href=\"https://evil.example/x\">www.paypal.com</a>\n";
    assert_eq!(ids(mail), ["KG-S054", "KG-S050", "KG-S051", "KG-S052"]);
}

#[test]
fn a_newsletter_that_counts_clicks_is_left_alone() {
    let mail = "Authentication-Results: mx; spf=pass; dkim=pass; dmarc=pass\nFrom: Shop <news@shop.example.com>\nSubject: New version available\n\
        List-Unsubscribe: <https://x.example>\nContent-Type: text/html\n\n\
        <p>New version available: click here to update</p><a href=\"https://click.tracker.example/1\">www.example.com</a>\n";
    assert_eq!(ids(mail), Vec::<&str>::new());
}

#[test]
fn a_mailing_list_breaks_signatures_every_day() {
    let mail = "Authentication-Results: mx; spf=pass; dkim=fail; dmarc=fail\nList-Id: <dev.lists.example.org>\nFrom: ann@example.org\n\
        Subject: patch\n\nSee https://lists.example.org/1 and click reply.\n";
    assert_eq!(ids(mail), Vec::<&str>::new());
}

#[test]
fn an_attachment_is_seen_in_a_mail_of_several_parts() {
    let mail = "From: ann@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee there\n--b\n\
        Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"invoice.pdf.exe\"\n\nMZ\n--b--\n";
    assert_eq!(ids(mail), ["KG-S053"]);
}

#[test]
fn a_thousand_messages_of_one_wave_are_one_finding() {
    let mut lures = Lures::default();
    for number in 0..1000 {
        lures.take(
            &format!("mail/{number}"),
            None,
            Some("ann"),
            &of_text("New version found: click OK to update", &[]),
        );
    }
    let findings = lures.findings(Timestamp::UNIX_EPOCH);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].title.ends_with("(1000 messages)"));
}

#[test]
fn more_different_lures_than_are_told_of_are_counted() {
    let mut lures = Lures::default();
    for number in 0..MOST_TOLD + 7 {
        lures.take("x", None, None, &[Lure { rule: &rule::CLICK_LURE, why: number.to_string() }]);
    }
    assert_eq!((lures.findings(Timestamp::UNIX_EPOCH).len(), lures.dropped()), (MOST_TOLD, 7));
}
