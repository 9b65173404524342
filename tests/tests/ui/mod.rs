//! What the compiler says to right and wrong models.

#[test]
fn every_mistake_is_one_message_that_says_what_to_write() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
