//! Every verb of a session that writes or may talk to the database has a twin in the facade.
//!
//! The sources are read as rustfmt leaves them. A verb whose documentation says "No I/O" is plain
//! memory, and its twin a plain function; every other twin is one hop, and so `async`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Verbs without a twin, and why.
const EXCEPTIONS: [(&str, &str); 3] = [
    (
        "forbid_lazy",
        "its guard is a `&mut Session`, with all the verbs that block; it works inside `run`",
    ),
    (
        "no_autoflush",
        "its guard is a `&mut Session`, with all the verbs that block; it works inside `run`",
    ),
    (
        "preload",
        "for sessions without a database, which need no facade",
    ),
];

#[test]
fn every_verb_has_an_async_twin() {
    let verbs = functions("core/src/session", "Session");
    let twins = functions("async-facade/src", "AsyncSession");
    assert!(verbs.len() > 20 && twins.len() > 20, "nothing was read");
    let problems = compare(&verbs, &twins);
    assert!(problems.is_empty(), "\n  {}\n", problems.join("\n  "));
}

/// A public method that takes `&mut self`.
#[derive(Debug)]
struct Function {
    is_async: bool,
    is_memory: bool,
}

type Functions = BTreeMap<String, Function>;

fn compare(verbs: &Functions, twins: &Functions) -> Vec<String> {
    let excepted = |name: &str| EXCEPTIONS.iter().any(|(verb, _)| *verb == name);
    let mut problems = Vec::new();
    for (name, verb) in verbs.iter().filter(|(name, _)| !excepted(name)) {
        match twins.get(name) {
            None => problems.push(format!("`{name}` has no twin in async-facade/src")),
            Some(twin) if verb.is_memory && twin.is_async => {
                problems.push(format!("`{name}` does no I/O, and its twin is async"));
            }
            Some(twin) if !verb.is_memory && !twin.is_async => {
                problems.push(format!("`{name}` may block, and its twin is not async"));
            }
            Some(_) => {}
        }
    }
    for (name, _) in EXCEPTIONS {
        if !verbs.contains_key(name) || twins.contains_key(name) {
            problems.push(format!("`{name}` is no exception any more"));
        }
    }
    problems
}

/// The public methods with `&mut self` of a type, in the files of a folder.
fn functions(folder: &str, of: &str) -> Functions {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = fs::read_dir(root.join(folder)).expect("a folder of the repository");
    let mut functions = Functions::new();
    for file in files {
        let text = fs::read_to_string(file.expect("readable").path()).expect("text");
        functions.extend(functions_in(&text, of));
    }
    functions
}

fn functions_in(text: &str, of: &str) -> Functions {
    let head = format!("impl {of} {{");
    let mut functions = Functions::new();
    let mut inside = false;
    let mut before = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == head {
            inside = !before.contains("#[doc(hidden)]");
            before.clear();
        } else if line == "}" {
            inside = false;
        } else if inside && line.starts_with("    pub ") {
            let mut signature = line.to_owned();
            while !signature.ends_with('{') {
                signature.push_str(lines.next().unwrap_or("{").trim_start());
            }
            if let Some((name, function)) = function(&signature, &before) {
                functions.insert(name, function);
            }
            before.clear();
        } else if line.trim_start().starts_with("///") || line.trim_start().starts_with("#[") {
            before.push_str(line);
        } else {
            before.clear();
        }
    }
    functions
}

fn function(signature: &str, before: &str) -> Option<(String, Function)> {
    let rest = signature.trim_start().strip_prefix("pub ")?;
    let is_async = rest.starts_with("async ");
    let rest = rest.trim_start_matches("async ").strip_prefix("fn ")?;
    let end = rest.find(['<', '('])?;
    if !rest.contains("&mut self") || before.contains("#[doc(hidden)]") {
        return None;
    }
    let function = Function {
        is_async,
        is_memory: before.contains("No I/O"),
    };
    Some((rest[..end].to_owned(), function))
}

#[test]
fn a_missing_and_a_blocking_twin_are_found() {
    let verbs = "impl Session {\n    /// Adds. No I/O.\n    pub fn add(&mut self) {\n    }\n\n    \
        /// Finds.\n    pub fn get<T>(\n        &mut self,\n    ) -> Result<T> {\n    }\n\n    \
        /// Only reads. No I/O.\n    pub fn peek(&self) {\n    }\n}\n\
        #[doc(hidden)]\nimpl Session {\n    pub fn attach(&mut self) {\n    }\n}\n";
    let verbs = functions_in(verbs, "Session");
    assert_eq!(verbs.keys().collect::<Vec<_>>(), ["add", "get"]);
    let exceptions = EXCEPTIONS.len();
    let problems = |twins: &str| {
        let twins = format!("impl AsyncSession {{\n{twins}}}\n");
        compare(&verbs, &functions_in(&twins, "AsyncSession")).len() - exceptions
    };
    let add = "    pub fn add(&mut self) {\n    }\n";
    let get = "    pub async fn get(&mut self) {\n    }\n";
    assert_eq!(problems(&format!("{add}{get}")), 0);
    assert_eq!(problems(add), 1);
    assert_eq!(problems(&get.replace("async ", "")), 2);
    assert_eq!(
        problems(&format!("{get}{}", add.replace("fn", "async fn"))),
        1
    );
}
