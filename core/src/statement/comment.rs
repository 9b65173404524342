//! Tags behind a statement, which the server's log and statistics show.
//!
//! Queries carry them; they are put behind the text when it is made.
//! It must not let a value end the comment: everything but letters and digits is encoded.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Rendered;

/// Tags, in the order of their keys, as the sqlcommenter convention has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comments(BTreeMap<Cow<'static, str>, String>);

impl Comments {
    /// Sets a tag; one of the same key is replaced.
    pub(crate) fn set(&mut self, key: Cow<'static, str>, value: String) {
        self.0.insert(key, value);
    }

    /// Those of both; of equal keys the other's.
    pub(crate) fn extend(&mut self, other: Comments) {
        self.0.extend(other.0);
    }

    /// Puts the tags behind a statement.
    pub(crate) fn behind(&self, mut rendered: Rendered) -> Rendered {
        if self.0.is_empty() {
            return rendered;
        }
        let tags = self.0.iter();
        let tags: Vec<String> = tags
            .map(|(key, value)| format!("{}='{}'", encoded(key), encoded(value)))
            .collect();
        let comment = format!(" /*{}*/", tags.join(","));
        for text in [&mut rendered.sql, &mut rendered.label] {
            *text = Arc::from(format!("{text}{comment}"));
        }
        rendered
    }
}

/// As in a URL: letters, digits and `-_.~` as they are, every other byte as `%` and its number.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_tag_ends_the_comment() {
        assert_eq!(encoded("/orders"), "%2Forders");
        assert_eq!(
            encoded("*/; DROP TABLE x --'é"),
            "%2A%2F%3B%20DROP%20TABLE%20x%20--%27%C3%A9"
        );
    }
}
