//! A small bank: accounts, the entries between them, and the transfer of the founding benchmark.
//!
//! The quickstart and many tests use it.
//! `transfer` must not know where it runs: threads and asynchronous tasks call the same function.

use sessile::prelude::*;

/// An account.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "account", has_many(outgoing = Entry::PAYER, incoming = Entry::PAYEE))]
pub struct Account {
    /// The key.
    #[model(key, generated)]
    pub id: i64,
    /// Who owns it.
    #[model(unique)]
    pub owner: String,
    /// In cents.
    #[model(check = "balance >= 0")]
    pub balance: i64,
    /// Counts the changes.
    #[model(version)]
    pub version: i32,
}

impl Account {
    /// An account that is not saved yet.
    pub fn of(owner: &str, balance: i64) -> Account {
        Account {
            owner: owner.to_owned(),
            balance,
            ..Account::default()
        }
    }
}

/// Money that went from one account to another.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "entry")]
pub struct Entry {
    /// The key.
    #[model(key, generated)]
    pub id: i64,
    /// Where it came from.
    pub payer: Fk<Account>,
    /// Where it went, if that account still exists.
    #[model(on_delete = set_null)]
    pub payee: Option<Fk<Account>>,
    /// In cents.
    pub amount: i64,
}

/// What can go wrong in the bank.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// The payer does not have that much.
    #[error("insufficient funds")]
    InsufficientFunds,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sessile::Error),
}

/// Moves money from one account to another and writes it down.
///
/// # Errors
/// [`BankError::InsufficientFunds`], and those of the database.
pub fn transfer(
    s: &mut Session,
    payer: i64,
    payee: i64,
    amount: i64,
) -> Result<Handle<Entry>, BankError> {
    let accounts = s.get_many_for_update([payer, payee])?;
    book(s, accounts, amount)
}

/// Moves money without locking the accounts: whoever writes second is `Stale`, or fails by
/// serialization where that is asked for, and is to try again.
///
/// # Errors
/// As [`transfer`].
pub fn transfer_unlocked(
    s: &mut Session,
    payer: i64,
    payee: i64,
    amount: i64,
) -> Result<Handle<Entry>, BankError> {
    let accounts = s.get_each([payer, payee])?;
    book(s, [accounts[0], accounts[1]], amount)
}

fn book(
    s: &mut Session,
    [payer, payee]: [Handle<Account>; 2],
    amount: i64,
) -> Result<Handle<Entry>, BankError> {
    if s[payer].balance < amount {
        return Err(BankError::InsufficientFunds);
    }
    s[payer].balance -= amount;
    s[payee].balance += amount;
    Ok(s.add(Entry {
        payer: payer.into(),
        payee: payee.into(),
        amount,
        ..Entry::default()
    }))
}
