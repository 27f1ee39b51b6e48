//! What a file is, by its content: its name says nothing.

use infer::MatcherType;

/// The types that are taken, each with the endings that names of such files have, the usual one first.
const TAKEN: &[(&str, &[&str])] = &[
    ("application/pdf", &["pdf"]),
    ("image/png", &["png"]),
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/webp", &["webp"]),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    (MAIL, &["eml"]),
    (TEXT, &["txt", "text", "md", "csv", "tsv", "log", "json"]),
];

const MAIL: &str = "message/rfc822";

const TEXT: &str = "text/plain";

/// The ending of a type that nobody knows: nothing opens it.
const UNKNOWN: &[&str] = &["bin"];

/// The types that are taken, in words.
pub const IN_WORDS: &str =
    "PDF, PNG, JPEG, WebP, Word, Excel, PowerPoint (docx, xlsx, pptx), e-mail (eml) and plain text";

/// The media type of a file; none when it is of a type that is not taken.
#[must_use]
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let Some(found) = infer::get(bytes) else { return text(bytes) };
    let taken = TAKEN.iter().map(|(taken, _)| *taken).find(|taken| *taken == found.mime_type());
    // Some of these are told by two or three letters, with which words begin too: `BM` stands for a bitmap.
    let doubtful = matches!(
        found.matcher_type(),
        MatcherType::Image | MatcherType::Audio | MatcherType::Video | MatcherType::Font
    );
    match taken {
        None if doubtful => text(bytes),
        taken => taken,
    }
}

/// The name under which a file is saved: what its sender calls it, with an ending of its type. The ending decides what
/// a computer does with a file, and must not make a program of a text.
#[must_use]
pub fn saved_as(name: &str, media_type: &str) -> String {
    let endings = TAKEN.iter().find(|(taken, _)| *taken == media_type).map_or(UNKNOWN, |(_, endings)| *endings);
    let own = name.rsplit_once('.').map_or("", |(_, own)| own);
    match endings.first() {
        Some(usual) if !endings.iter().any(|ending| ending.eq_ignore_ascii_case(own)) => format!("{name}.{usual}"),
        _ => name.to_owned(),
    }
}

/// Text that can be read: UTF-8 without characters that control anything.
fn text(bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let controls = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    let is_code = text.starts_with("#!") || text.trim_start().starts_with('<');
    if text.trim().is_empty() || text.contains(controls) || is_code {
        return None;
    }
    Some(if is_mail(text) { MAIL } else { TEXT })
}

/// A mail begins with its headers, among them who wrote it and when.
fn is_mail(text: &str) -> bool {
    let head = text.lines().take_while(|line| !line.trim().is_empty());
    let (mut from, mut date) = (false, false);
    for line in head {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return false };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return false;
        }
        from |= name.eq_ignore_ascii_case("from");
        date |= name.eq_ignore_ascii_case("date");
    }
    from && date
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_content() {
        for (bytes, wanted) in [
            (&b"%PDF-1.7\n..."[..], Some("application/pdf")),
            (b"\x89PNG\r\n\x1a\n....", Some("image/png")),
            (b"\xff\xd8\xff\xe0....", Some("image/jpeg")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"We met on Monday.\n", Some("text/plain")),
            ("Größe: 10 €\r\n".as_bytes(), Some("text/plain")),
            (
                b"From: kim@customer.example\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\nSubject: Yes\r\n\r\nWe buy.",
                Some("message/rfc822"),
            ),
            (b"From: nowhere\nto: no blank line is\nno header\n", Some("text/plain")),
            (b"", None),
            (b" \n", None),
            (b"MZ\x90\0\x03\0\0\0", None),
            (b"\x7fELF\x02\x01\x01\0", None),
            (b"GIF89a\x01\0\x01\0\x80\0\0", None),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", None),
            (b"ID3\x04\0\0\0\0\0\x23", None),
            (b"BMW takes the offer.\n", Some("text/plain")),
            (b"GIF or PNG, they asked.\n", Some("text/plain")),
            (b"ID3: the third idea\n", Some("text/plain")),
            (b"PK\x03\x04\x14\0\0\0\0\0plain.txt", None),
            (b"<!DOCTYPE html><script>alert(1)</script>", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
            (b"\n  <html>", None),
            (b"#!/bin/sh\nrm -rf /\n", None),
            (b"#!AMR\nrm -rf /\n", None),
            (b"<!--moov--><script>alert(1)</script>", None),
            (b"text\0with zero", None),
            (b"\xff\xfet\0e\0x\0t\0", None),
        ] {
            assert_eq!(media_type(bytes), wanted, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn the_ending_of_a_name_belongs_to_the_type() {
        for (name, media_type, wanted) in [
            ("minutes.pdf", "application/pdf", "minutes.pdf"),
            ("Photo.JPEG", "image/jpeg", "Photo.JPEG"),
            ("prices.csv", TEXT, "prices.csv"),
            ("agenda.bat", TEXT, "agenda.bat.txt"),
            ("agenda.txt.", TEXT, "agenda.txt..txt"),
            ("Offer v1.2", "application/pdf", "Offer v1.2.pdf"),
            ("file", "image/png", "file.png"),
            ("answer.html", MAIL, "answer.html.eml"),
            ("budget.xlsm", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "budget.xlsm.xlsx"),
            ("of old.exe", "application/x-other", "of old.exe.bin"),
        ] {
            assert_eq!(saved_as(name, media_type), wanted);
        }
    }
}
