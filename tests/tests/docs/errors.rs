//! `docs/ERRORS.md` has an entry for each kind of error, in the order of the code.

use std::time::Duration;

use sessile::ErrorKind;
use sessile::error::HandleProblem;

use super::read;

#[test]
fn every_kind_of_error_has_its_entry() {
    assert_eq!(entries(&read("docs/ERRORS.md")), kinds(&kind_file()));
}

#[test]
fn every_entry_quotes_a_real_message() {
    let text = read("docs/ERRORS.md");
    let samples = samples();
    assert_eq!(samples.len(), kinds(&kind_file()).len());
    for (kind, sample) in kinds(&kind_file()).iter().zip(samples) {
        assert!(format!("{sample:?}").starts_with(kind), "{sample:?}");
        let quoted = quoted(&text, kind);
        assert!(quoted.ends_with(&sample.to_string()), "{quoted}: {sample}");
    }
}

/// One of each kind, in the order of the code.
fn samples() -> Vec<ErrorKind> {
    use ErrorKind::*;
    let (model, key) = ("Account", "7".to_owned());
    let some = |text: &str| Some(text.to_owned());
    vec![
        NotFound { model, key },
        TooMany { model },
        Stale {
            model,
            keys: vec!["1".to_owned()],
        },
        UniqueViolation {
            constraint: some("account_owner_key"),
            model: some("Account"),
            field: some("owner"),
        },
        ForeignKeyViolation {
            constraint: some("entry_payer_id_fkey"),
            model: some("Entry"),
            field: some("payer"),
        },
        NotNullViolation {
            constraint: None,
            model: some("Entry"),
            field: some("payer"),
        },
        CheckViolation {
            constraint: some("account_balance_check"),
            model: some("Account"),
            field: some("balance"),
        },
        ExclusionViolation {
            constraint: some("booking_no_overlap"),
            model: some("Booking"),
            field: None,
        },
        Identity {
            model,
            key: "7".to_owned(),
        },
        Handle {
            model,
            problem: HandleProblem::Foreign,
        },
        Reentrant,
        LockNotAvailable,
        Serialization,
        Deadlock,
        ReadOnly,
        Timeout,
        Cancelled,
        Connection,
        PoolTimeout {
            waited: Duration::from_secs(30),
        },
        CommitUnknown,
        TransactionFailed,
        SessionClosed,
        CursorClosed,
        Cycle {
            rows: "Person 1, Team 2 by Person.team (person_team_id_fkey), \
                   Team.lead (team_lead_id_fkey)"
                .to_owned(),
        },
        NotLoaded {
            relationship: "Account.outgoing".to_owned(),
        },
        Mapping {
            message: "the generated key of Account 1 was set back to its default".to_owned(),
        },
        Input {
            message: "no such sort key: use one of newest, title".to_owned(),
        },
        Conversion {
            place: "Account.owner".to_owned(),
        },
        Config {
            message: "a transaction's timeout must not be zero".to_owned(),
        },
        InAsyncContext,
        Database {
            code: "42P01".to_owned(),
        },
        Other,
    ]
}

/// The message that a kind's entry shows.
fn quoted(text: &str, kind: &str) -> String {
    let (_, entry) = text
        .split_once(&format!("\n### {kind}\n"))
        .expect("its entry");
    let quoted = entry.lines().find_map(|line| line.strip_prefix("> "));
    quoted.unwrap_or_default().to_owned()
}

fn kind_file() -> String {
    read("core/src/error/kind.rs")
}

/// The variants of `ErrorKind`, as rustfmt leaves them.
fn kinds(text: &str) -> Vec<String> {
    let (_, body) = text.split_once("pub enum ErrorKind {").expect("the kinds");
    let (body, _) = body.split_once("\n}").expect("their end");
    let variants = body.lines().filter_map(|line| line.strip_prefix("    "));
    let variants = variants.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    variants
        .map(|line| line.trim_end_matches([',', '{', ' ']).to_owned())
        .collect()
}

/// The headings under which kinds are explained.
fn entries(text: &str) -> Vec<String> {
    let headings = text.lines().filter_map(|line| line.strip_prefix("### "));
    headings.map(str::to_owned).collect()
}

#[test]
fn kinds_and_entries_are_read() {
    let code =
        "pub enum ErrorKind {\n    /// A.\n    A {\n        b: B,\n    },\n    #[x]\n    C,\n}\n";
    assert_eq!(kinds(code), ["A", "C"]);
    assert_eq!(entries("# Errors\n### A\ntext\n### C\n"), ["A", "C"]);
}
