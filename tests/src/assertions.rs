//! What tests ask of panics and errors.
//!
//! Tests call it around what must fail.
//! It must not decide what a message has to say.

use std::any::Any;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The message of the panic that ends this closure.
///
/// # Panics
/// When the closure does not panic, or not with a text.
#[track_caller]
pub fn panic_of<R>(work: impl FnOnce() -> R) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(work)) else {
        panic!("nothing panicked");
    };
    text_of(panic.as_ref())
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text.clone(),
        (_, Some(text)) => (*text).to_owned(),
        (None, None) => panic!("a panic without a text"),
    }
}

/// An error's message and those of its sources, a line each.
pub fn chain(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        text.push_str(&error.to_string());
        text.push('\n');
        next = error.source();
    }
    text
}
