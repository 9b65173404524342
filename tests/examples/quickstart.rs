//! A small bank, from an empty PostgreSQL to a checked balance: `cargo run --example quickstart`.
//!
//! Brings its own server unless `DATABASE_URL` names one, and shows what is sent to it.
//! It must not end well when money was lost: the exit code is 1 then.

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use sessile::prelude::*;
use sessile::test_support::{Cluster, Origin, TestDatabase};
use sessile_async::AsyncEngine;
use sessile_tests::Recorder;
use sessile_tests::bank::{Account, BankError, Entry, transfer, transfer_unlocked};

type Bank = Engine<BankError>;

/// How many threads, and as many tasks, move money at once; and how often each.
const MOVERS: usize = 8;
const MOVES: usize = 25;

/// What the accounts are opened with, in cents.
const OPENING: [(&str, i64); 2] = [("ann", 10_000), ("bob", 5_000)];

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("   by: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, Box<dyn Error>> {
    let cluster = Cluster::shared()?;
    let whose = match cluster.origin() {
        Origin::DatabaseUrl => "",
        _ => "; a throw-away server",
    };
    println!(
        "PostgreSQL {}, {}{whose}",
        cluster.version(),
        cluster.origin()
    );

    let database = TestDatabase::new()?;
    let bank: Bank = Engine::connect(database.url())?.errors();
    let recorder = Recorder::start();
    bank.create_tables::<(Account, Entry)>()?;
    let [ann, bob] = open_accounts(&bank)?;
    recorder.take();

    pay(&bank, &recorder, ann, bob)?;
    overdraw(&bank, ann, bob)?;
    collide(&bank, ann, bob)?;
    try_again(&bank, ann, bob)?;
    from_threads_and_tasks(&bank, ann, bob)?;
    Ok(no_money_was_lost(&bank)?)
}

/// Two accounts, inserted by one statement.
fn open_accounts(bank: &Bank) -> Result<[i64; 2], BankError> {
    let keys = bank.transaction(|s| {
        let [ann, bob] = OPENING.map(|(owner, cents)| s.add(Account::of(owner, cents)));
        s.flush()?;
        Ok([s.key(ann)?, s.key(bob)?])
    })?;
    println!(
        "two tables created, two accounts opened: {}\n",
        balances(bank)?
    );
    Ok(keys)
}

/// The plan is a value: it can be looked at before anything is sent.
fn pay(bank: &Bank, recorder: &Recorder, ann: i64, bob: i64) -> Result<(), BankError> {
    println!("transfer of 30.00 from ann to bob\n  the flush is going to do");
    bank.transaction(|s| {
        transfer(s, ann, bob, 3_000)?;
        for (number, rank) in s.plan()?.ranks().iter().enumerate() {
            for statement in rank.statements() {
                println!("     rank {}  {statement}", number + 1);
            }
        }
        Ok(())
    })?;
    println!("  the whole transaction has sent");
    show(recorder);
    println!("  {}\n", balances(bank)?);
    Ok(())
}

/// An error rolls back; nothing of a refused transfer stays.
fn overdraw(bank: &Bank, ann: i64, bob: i64) -> Result<(), BankError> {
    println!("transfer of 1000.00 from ann to bob");
    match bank.transaction(|s| transfer(s, ann, bob, 100_000).map(drop)) {
        Err(BankError::InsufficientFunds) => println!("  refused: insufficient funds"),
        Err(other) => return Err(other),
        Ok(()) => println!("  NOT REFUSED"),
    }
    println!("  {}\n", balances(bank)?);
    Ok(())
}

/// Two sessions change rows that both have read: the version tells the second.
fn collide(bank: &Bank, ann: i64, bob: i64) -> Result<(), BankError> {
    println!("two transfers of 5.00 that both read before either writes, without locks");
    let (mut first, mut second) = (bank.session(), bank.session());
    transfer_unlocked(&mut first, ann, bob, 500)?;
    transfer_unlocked(&mut second, ann, bob, 500)?;
    first.commit()?;
    println!("  first   committed");
    match second.commit() {
        Err(error) if matches!(error.kind(), ErrorKind::Stale { .. }) => {
            println!("  second  refused: {error}");
        }
        Err(other) => return Err(other.into()),
        Ok(()) => println!("  second  NOT REFUSED"),
    }
    println!("  {}\n", balances(bank)?);
    Ok(())
}

/// The same collision, but the engine runs the closure again on a fresh session.
fn try_again(bank: &Bank, ann: i64, bob: i64) -> Result<(), BankError> {
    println!("the same under `retrying`, which runs the closure again on a fresh session");
    let mut attempt = 0;
    let options = TransactionOptions::default().stale(true).attempts(3);
    let version = bank.retrying(options, |s| {
        attempt += 1;
        transfer_unlocked(s, ann, bob, 500)?;
        if attempt == 1 {
            bank.transaction(|other| transfer_unlocked(other, bob, ann, 100).map(drop))?;
            println!("  attempt {attempt}  another session moves 1.00 in between");
        }
        s.flush()?;
        let account = s.get_each::<Account>([ann])?[0];
        Ok(s[account].version)
    })?;
    println!("  attempt {attempt}  committed, ann's account is at version {version}");
    println!("  {}\n", balances(bank)?);
    Ok(())
}

/// The same function on both sides of the fence, many times at once.
fn from_threads_and_tasks(bank: &Bank, ann: i64, bob: i64) -> Result<(), Box<dyn Error>> {
    println!("the same `transfer`, 0.01 at a time, there and back");
    let started = Instant::now();
    std::thread::scope(|threads| {
        let moving =
            |_| threads.spawn(|| move_often(|| bank.transaction(|s| transfer(s, ann, bob, 1))));
        let moving: Vec<_> = (0..MOVERS).map(moving).collect();
        moving
            .into_iter()
            .try_for_each(|mover| mover.join().expect("no mover panics"))
    })?;
    report("threads", started);

    let started = Instant::now();
    let engine = AsyncEngine::from_engine(bank)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let mut moving = tokio::task::JoinSet::new();
        for _ in 0..MOVERS {
            let engine = engine.clone();
            moving.spawn(async move {
                for _ in 0..MOVES {
                    engine
                        .transaction(move |s| transfer(s, bob, ann, 1).map(drop))
                        .await?;
                }
                Ok::<(), BankError>(())
            });
        }
        moving
            .join_all()
            .await
            .into_iter()
            .collect::<Result<(), _>>()
    })?;
    report("tasks", started);
    println!("  {}\n", balances(bank)?);
    Ok(())
}

fn move_often<T>(transfer: impl Fn() -> Result<T, BankError>) -> Result<(), BankError> {
    (0..MOVES).try_for_each(|_| transfer().map(drop))
}

fn report(movers: &str, started: Instant) {
    let millis = started.elapsed().as_millis();
    println!(
        "  {MOVERS} {movers}: {} transfers in {millis} ms",
        MOVERS * MOVES
    );
}

/// Whether each account holds what it was opened with, moved about as the ledger says.
fn no_money_was_lost(bank: &Bank) -> Result<bool, BankError> {
    let query = select::<Account>()
        .with(Account::OUTGOING)
        .with(Account::INCOMING);
    bank.transaction(|s| {
        let mut right = true;
        let (mut total, mut entries) = (0, 0);
        for account in s.all(query)? {
            let paid = s.loaded(account, Account::OUTGOING)?;
            let received = s.loaded(account, Account::INCOMING)?;
            let sum = |list: &[Handle<Entry>]| list.iter().map(|e| s[*e].amount).sum::<i64>();
            let opening = OPENING.iter().find(|(owner, _)| *owner == s[account].owner);
            let expected = opening.map(|(_, cents)| cents - sum(&paid) + sum(&received));
            right &= expected == Some(s[account].balance);
            total += s[account].balance;
            entries += paid.len();
        }
        right &= total == OPENING.iter().map(|(_, cents)| cents).sum::<i64>();
        let verdict = match right {
            true => "no money was lost",
            false => "MONEY WAS LOST",
        };
        println!(
            "{verdict}: {} in all, and the ledger's {entries} entries explain every balance",
            money(total)
        );
        Ok(right)
    })
}

fn balances(bank: &Bank) -> Result<String, BankError> {
    bank.transaction(|s| {
        let accounts = s.all(select::<Account>().order_by(Account::OWNER.asc()))?;
        let line = |a: &Handle<Account>| format!("{} has {}", s[*a].owner, money(s[*a].balance));
        Ok(accounts.iter().map(line).collect::<Vec<_>>().join(", "))
    })
}

fn show(recorder: &Recorder) {
    for statement in recorder.take() {
        println!("  {:>6} µs  {}", statement.micros, statement.label);
    }
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
