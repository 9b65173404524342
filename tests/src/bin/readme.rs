//! The program of the README, which a test compares with this file and runs.
//!
//! It must not be longer than what somebody reads while they make up their mind.

use sessile::prelude::*;

#[derive(Model, Clone, Debug, Default)]
struct Account {
    #[model(key, generated)]
    id: i64,
    balance: i64,
}

fn main() -> Result<()> {
    let engine = Engine::connect(&std::env::var("DATABASE_URL").expect("a URL"))?;
    engine.create_tables::<Account>()?;
    engine.transaction(|s| {
        let [ann, bob] = [100, 50].map(|balance| s.add(Account { id: 0, balance }));
        println!("{}", s.plan()?); // nothing is sent so far
        s.flush()?; // now the accounts have keys
        s[ann].balance -= 30;
        s[bob].balance += 30;
        println!("{}", s.plan()?);
        for account in s.all(select::<Account>().order_by(Account::ID.asc()))? {
            println!("{:?}", s[account]);
        }
        Ok(())
    })
}
