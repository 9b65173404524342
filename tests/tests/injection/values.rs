//! Values that are written and read.
//!
//! Each verb that writes or takes a key. What one writes is read back by another connection's
//! means or by another verb.

use sessile::prelude::*;
use sessile::query::upsert;
use sessile::sql::*;

use super::{Canary, NUL, Note, Place, assert_alive, cage, hostile, memo, refused};

/// The notes, by key.
fn notes(s: &mut Session) -> Vec<Note> {
    let all = s.all(select::<Note>().order_by(Note::ID)).unwrap();
    all.into_iter().map(|note| s[note].clone()).collect()
}

#[track_caller]
fn assert_same(notes: &[Note], texts: &[String]) {
    assert_eq!(notes.len(), texts.len());
    for (note, text) in notes.iter().zip(texts) {
        assert_eq!(
            *note,
            Note {
                id: note.id,
                ..Note::of(text)
            }
        );
    }
}

#[test]
fn a_flush_writes_text_as_it_is() {
    let db = cage();
    let texts = hostile();
    let mut s = db.session();
    s.add_all(texts.iter().map(|text| Note::of(text)));
    s.commit().unwrap();
    assert_same(&notes(&mut db.session()), &texts);
    // The same again as changes: each note gets the text of its neighbour, behind a letter.
    let all = s.all(select::<Note>().order_by(Note::ID)).unwrap();
    for (note, text) in all.iter().zip(texts.iter().rev()) {
        s[*note] = Note {
            id: s[*note].id,
            ..Note::of(&format!("x{text}"))
        };
    }
    s.commit().unwrap();
    let changed: Vec<String> = texts.iter().rev().map(|text| format!("x{text}")).collect();
    assert_same(&notes(&mut db.session()), &changed);
    for note in all {
        s.delete(note).unwrap();
    }
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM note"), "0\n");
    assert_alive(&db);
}

#[test]
fn keys_are_found_changed_and_referred_to_as_they_are() {
    let db = cage();
    let texts: Vec<String> = hostile().into_iter().filter(|t| t.len() < 2_000).collect();
    let mut s = db.session();
    let mut above = None;
    for text in &texts {
        let place = Place {
            name: text.clone(),
            within: above.map(Fk::from),
        };
        above = Some(s.add(place));
    }
    s.commit().unwrap();
    let mut s = db.session();
    for (i, text) in texts.iter().enumerate() {
        let place = s.get::<Place>(text.as_str()).unwrap().unwrap();
        assert_eq!(s[place].name, *text);
        let inside = s.related(place, Place::INSIDE).unwrap();
        let inside: Vec<&String> = inside.iter().map(|place| &s[*place].name).collect();
        assert_eq!(inside, texts.get(i + 1).into_iter().collect::<Vec<_>>());
    }
    s.rollback().unwrap();
    let all = s
        .get_each::<Place>(texts.iter().map(String::as_str))
        .unwrap();
    s.rollback().unwrap();
    let locked = s.get_for_update::<Place>(texts[7].as_str()).unwrap();
    assert_eq!(locked, all[7]);
    let found = s.one(select::<Place>().filter(Place::NAME.eq(&texts[9])));
    assert_eq!(found.unwrap(), all[9]);
    for place in &all {
        s[*place].name.push('x');
    }
    s.commit().unwrap();
    let count = select::<Place>().filter(Place::NAME.is_in(texts.iter().map(|t| format!("{t}x"))));
    assert_eq!(s.count(count).unwrap(), texts.len() as u64);
    assert_alive(&db);
}

#[test]
fn set_based_statements_write_text_as_it_is() {
    let db = cage();
    let texts = hostile();
    let mut s = db.session();
    s.bulk_insert(texts.iter().map(|text| Note::of(text)))
        .unwrap();
    s.commit().unwrap();
    assert_same(&notes(&mut s), &texts);
    for text in &texts {
        let set = update::<Note>()
            .set(Note::MAYBE, Some(format!("{text}x")))
            .filter(Note::TEXT.eq(text));
        let back = set.returning_columns((Note::TEXT, Note::MAYBE));
        let back = s.update_where(back).unwrap();
        assert_eq!(back, [(text.clone(), Some(format!("{text}x")))]);
    }
    let rows: Vec<Note> = texts.iter().map(|text| Note::of(text)).collect();
    let upserted = s.upsert(upsert(rows).on(Note::TEXT)).unwrap();
    assert_eq!(upserted.len(), texts.len());
    s.commit().unwrap();
    assert_same(&notes(&mut s), &texts);
    let ensured = s
        .ensure(Note::TEXT, texts.iter().map(|text| Note::of(text)))
        .unwrap();
    assert_eq!(ensured, upserted);
    for text in &texts {
        let gone = s.delete_where(delete::<Note>().filter(Note::MAYBE.eq(text.as_str())));
        assert_eq!(gone.unwrap(), 1);
    }
    s.commit().unwrap();
    assert_alive(&db);
}

#[test]
fn conflicts_and_expressions_set_text_as_it_is() {
    let db = cage();
    let mut s = db.session();
    for text in hostile() {
        let first = s.insert(Note::of("x")).unwrap();
        let merged = upsert([Note::of("x")])
            .on(Note::TEXT)
            .set(Note::MAYBE, Some(text.clone()))
            .set_value(Note::MEMO, memo(&text));
        assert_eq!(s.upsert(merged).unwrap(), [first]);
        assert_eq!(s[first].maybe.as_ref(), Some(&text));
        assert_eq!(s[first].memo, memo(&text));
        let set = update::<Note>()
            .set(Note::TEXT, value(text.clone()))
            .returning();
        assert_eq!(s.update_where(set).unwrap(), [first]);
        assert_eq!(s[first].text, text);
        s.rollback().unwrap();
    }
    assert_alive(&db);
}

#[test]
fn copies_carry_text_as_it_is() {
    let db = cage();
    let texts = hostile();
    let mut s = db.session();
    s.copy_in(texts.iter().map(|text| Note::of(text))).unwrap();
    s.commit().unwrap();
    assert_same(&notes(&mut s), &texts);
    for text in &texts {
        // Values wait in settings, since COPY takes none.
        let mut found = Vec::new();
        let equal = Note::MEMO.get_text(text).eq(text.as_str());
        let query = select::<Note>().filter(Note::TEXT.eq(text).and(equal));
        let count = s.copy_out(query, |note| {
            found.push(note);
            Ok(())
        });
        assert_eq!(count.unwrap(), 1, "{text}");
        assert_same(&found, std::slice::from_ref(text));
    }
    assert_alive(&db);
}

#[test]
fn rows_of_values_and_of_queries_carry_text_as_it_is() {
    let db = cage();
    let texts = hostile();
    let mut s = db.session();
    let rows = texts
        .iter()
        .zip(1_i64..)
        .map(|(text, at)| (at, text.clone()));
    let given = values("given", rows);
    let query = from(&given)
        .order_by(given.at::<0>().asc())
        .columns(given.at::<1>());
    assert_eq!(s.rows(query).unwrap(), texts);
    let of_a_note = from(&given).columns((
        given.at::<1>(),
        given.at::<1>().nullable(),
        value(Vec::<String>::new()),
    ));
    let columns = (Note::TEXT, Note::MAYBE, Note::WORDS);
    let inserted = insert::<Note>().columns(columns).from_select(of_a_note);
    assert_eq!(s.bulk_insert(inserted).unwrap(), texts.len() as u64);
    s.commit().unwrap();
    let read: Vec<String> = notes(&mut s).into_iter().map(|note| note.text).collect();
    let (mut read, mut texts) = (read, texts);
    read.sort();
    texts.sort();
    assert_eq!(read, texts);
    assert_alive(&db);
}

#[test]
fn text_with_a_nul_is_refused_wherever_it_is_written() {
    let db = cage();
    let mut s = db.session();
    let is_typed = |kind: ErrorKind| {
        let typed = matches!(
            kind,
            ErrorKind::Database { .. } | ErrorKind::Conversion { .. } | ErrorKind::Input { .. }
        );
        assert!(typed, "{kind:?}");
    };
    let result = s.insert(Note::of(NUL));
    is_typed(refused(&mut s, result));
    let result = s.get::<Place>(NUL);
    is_typed(refused(&mut s, result));
    let result = s.bulk_insert([Note::of(NUL)]);
    is_typed(refused(&mut s, result));
    let result = s.copy_in([Note::of(NUL)]);
    is_typed(refused(&mut s, result));
    let result = s.upsert(upsert([Note::of(NUL)]).on(Note::TEXT));
    is_typed(refused(&mut s, result));
    let result = s.update_where(update::<Canary>().set(Canary::NAME, NUL.to_owned()));
    is_typed(refused(&mut s, result));
    let result = s.delete_where(delete::<Canary>().filter(Canary::NAME.ne(NUL)));
    is_typed(refused(&mut s, result));
    let result = s.execute("DELETE FROM canary WHERE name <> $1", (NUL,));
    is_typed(refused(&mut s, result));
    assert_alive(&db);
}
