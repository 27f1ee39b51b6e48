//! What a file is, by its content: its name says nothing.

/// The types that are taken, by what the content begins with.
const TAKEN: &[&str] = &[
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/webp",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
];

/// The types that are taken, in words.
pub const IN_WORDS: &str =
    "PDF, PNG, JPEG, WebP, Word, Excel, PowerPoint (docx, xlsx, pptx), e-mail (eml) and plain text";

/// The media type of a file; none when it is of a type that is not taken.
#[must_use]
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match infer::get(bytes) {
        Some(found) => TAKEN.iter().find(|taken| **taken == found.mime_type()).copied(),
        None => text(bytes),
    }
}

/// Text that can be read: UTF-8 without characters that control anything.
fn text(bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let controls = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    if text.trim().is_empty() || text.contains(controls) || text.trim_start().starts_with('<') {
        return None;
    }
    Some(if is_mail(text) { "message/rfc822" } else { "text/plain" })
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
            (b"GIF89a......", None),
            (b"PK\x03\x04\x14\0\0\0\0\0plain.txt", None),
            (b"<!DOCTYPE html><script>alert(1)</script>", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
            (b"\n  <html>", None),
            (b"#!/bin/sh\nrm -rf /\n", None),
            (b"text\0with zero", None),
            (b"\xff\xfet\0e\0x\0t\0", None),
        ] {
            assert_eq!(media_type(bytes), wanted, "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
