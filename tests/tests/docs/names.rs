//! What the documents put between backticks as a file, a folder or a function of the repository
//! exists.

use std::collections::BTreeSet;

use super::{files, read, root};

/// Where the code is.
const CODE: [&str; 5] = [
    "core/src",
    "derive/src",
    "async-facade/src",
    "tests/src",
    "tests/tests",
];

/// Beginnings of the paths that are looked up.
const FOLDERS: [&str; 6] = [
    "core/",
    "derive/",
    "async-facade/",
    "tests/",
    "docs/",
    "README.md",
];

#[test]
fn every_path_in_the_documents_exists() {
    let mut missing = Vec::new();
    for document in documents() {
        for quoted in quoted(&read(&document)) {
            let path = quoted.trim_end_matches('/');
            let is_path = FOLDERS.iter().any(|folder| quoted.starts_with(folder));
            let is_pattern = path.contains(['*', '<', '…', ' ']);
            if is_path && !is_pattern && !root().join(path).exists() {
                missing.push(format!("{document}: {quoted}"));
            }
        }
    }
    assert!(missing.is_empty(), "\n  {}\n", missing.join("\n  "));
}

/// `name()`, `path::name()` and `Type::name` are functions of the repository.
#[test]
fn every_function_in_the_map_exists() {
    let mut code = String::new();
    for file in CODE.iter().flat_map(|folder| files(folder, ".rs")) {
        code.push_str(&read(&file));
    }
    let known: BTreeSet<&str> = code
        .match_indices("fn ")
        .map(|(at, _)| {
            let rest = &code[at + 3..];
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            &rest[..end.unwrap_or(rest.len())]
        })
        .collect();
    let mut missing = Vec::new();
    for document in ["docs/ARCHITECTURE.md", "docs/GLOSSARY.md"] {
        for quoted in quoted(&read(document)) {
            if function(&quoted).is_some_and(|name| !known.contains(name)) {
                missing.push(format!("{document}: {quoted}"));
            }
        }
    }
    assert!(missing.is_empty(), "\n  {}\n", missing.join("\n  "));
}

/// The function's name, when it is one that is quoted.
fn function(quoted: &str) -> Option<&str> {
    let path = quoted.strip_suffix("()");
    let is_method = quoted.starts_with(|c: char| c.is_ascii_uppercase()) && quoted.contains("::");
    let path = path.or(is_method.then_some(quoted))?;
    let name = path.rsplit([':', '.']).next()?;
    let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    (is_name && !name.is_empty()).then_some(name)
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut broken = Vec::new();
    for document in documents() {
        let (folder, _) = document.rsplit_once('/').unwrap();
        for link in links(&read(&document)) {
            let (path, anchor) = link.split_once('#').unwrap_or((link.as_str(), ""));
            let target = match path {
                "" => document.clone(),
                path => format!("{folder}/{path}"),
            };
            let found = root().join(&target).exists();
            if !found || !(anchor.is_empty() || anchors(&read(&target)).contains(anchor)) {
                broken.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "\n  {}\n", broken.join("\n  "));
}

/// A drawing for the reader is one that a block beside it, which runs, has asserted.
#[test]
fn every_drawn_plan_is_asserted_in_its_document() {
    let mut drawn = 0;
    for document in documents() {
        let text = read(&document);
        for fence in text.split("```mermaid\n").skip(1) {
            let drawing = fence.split("```").next().unwrap();
            if drawing.starts_with("flowchart") {
                let asserted = format!("r#\"{drawing}\"#");
                assert!(text.contains(&asserted), "{document}: {drawing}");
                drawn += 1;
            }
        }
    }
    assert!(drawn > 0, "no drawings");
}

fn documents() -> Vec<String> {
    let found = files("docs", ".md");
    assert!(!found.is_empty(), "no documents");
    found
}

/// What stands between backticks on one line, outside code blocks.
fn quoted(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    found
}

/// The lines that are not in a code block.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

/// The targets of links, without those that lead out of the repository.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        for rest in line.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            if !target.contains("://") {
                found.push(target.to_owned());
            }
        }
    }
    found
}

/// What headings can be linked to as: lower case, spaces as dashes, punctuation left out.
fn anchors(text: &str) -> BTreeSet<String> {
    prose(text)
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn paths_links_and_headings_are_read() {
    let text = "# A b: c\nsee `core/x.rs` and [y](y.md#z), [out](https://docs.rs/a)\n\
                ```rust\n`no`\n```\n`d()`\n";
    assert_eq!(quoted(text), ["core/x.rs", "d()"]);
    let found = [
        "d()",
        "a::b()",
        "Session::get",
        "Reading::Lock",
        "core/x.rs",
    ]
    .map(function);
    assert_eq!(found, [Some("d"), Some("b"), Some("get"), None, None]);
    assert_eq!(links(text), ["y.md#z"]);
    assert_eq!(anchors(text).into_iter().collect::<Vec<_>>(), ["a-b-c"]);
}
