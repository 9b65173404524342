//! References: set, sent and serialised.

use std::any::Any;

use sessile::__private::{KeyLookup, RawHandle, Reference, Type, handle};
use sessile::Model;
use sessile::error::HandleProblem;
use sessile::model::Fk;

use super::{Account, Entry, ShareNote, bytes, entry};

#[test]
fn references_are_read_and_set_by_position() {
    let mut object = entry();
    let key = |object: &Entry, field| match object.reference(field) {
        Some(Reference::Key(key)) => key.downcast_ref::<i64>().copied(),
        _ => None,
    };
    assert_eq!(key(&object, 1), Some(1));
    assert!(object.reference(2).is_none());
    assert!(object.reference(3).is_none());

    object.set_reference_key(2, &8_i64);
    assert_eq!(key(&object, 2), Some(8));
    object.set_reference_handle(1, handle(4));
    assert!(matches!(object.reference(1), Some(Reference::Handle(h)) if h == handle(4)));
    object.clear_reference(1);
    object.clear_reference(2);
    assert!(matches!(object.reference(1), Some(Reference::Unset)));
    assert!(object.payee.is_none());
}

#[test]
fn a_reference_is_sent_as_the_key_behind_it() {
    struct Keys(Option<(i64, i64)>);

    impl KeyLookup for Keys {
        fn key_of(&self, asked: RawHandle) -> Result<Option<&dyn Any>, HandleProblem> {
            match &self.0 {
                _ if asked != handle(1) => Err(HandleProblem::Gone),
                Some(key) => Ok(Some(key)),
                None => Ok(None),
            }
        }
    }

    let mut note = ShareNote::default();
    let send = |note: &ShareNote, part, keys: &Keys| {
        bytes(|out| note.encode(1, part, &Type::INT8, out, keys))
    };
    assert_eq!(
        send(&note, 0, &Keys(None)),
        Err("ShareNote.share is unset".to_owned())
    );
    note.set_reference_handle(1, handle(1));
    assert_eq!(
        send(&note, 1, &Keys(Some((1, 5)))),
        Ok(Some(5_i64.to_be_bytes().to_vec()))
    );
    assert_eq!(
        send(&note, 1, &Keys(None)),
        Err("ShareNote.share refers to an object that has no key yet".to_owned())
    );
    note.set_reference_handle(1, handle(2));
    assert_eq!(
        send(&note, 1, &Keys(None)),
        Err("ShareNote.share holds a gone handle".to_owned())
    );
}

#[test]
fn a_reference_is_its_key_in_json() {
    let payer: Fk<Account> = Fk::to(7);
    assert_eq!(serde_json::to_string(&payer).unwrap(), "7");
    assert_eq!(serde_json::from_str::<Fk<Account>>("7").unwrap(), payer);
    let unset = serde_json::to_string(&Fk::<Account>::default()).unwrap_err();
    assert_eq!(unset.to_string(), "a reference to Account has no key yet");
}
