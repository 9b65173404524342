//! Verbs that say which rows belong together, without objects of their association.
//!
//! Users call them.
//! It must not talk to the database; pairs wait for a flush.

use super::session::Session;
use crate::error::{Error, HandleProblem, Result};
use crate::identity_map::{Pairing, Phase, Wish, handle_error};
use crate::model::{Generated, Handle, ManyToMany, Model, Table};

impl Session {
    /// Two rows belong together from the next flush on, whether or not they did before. No I/O.
    ///
    /// Pairs are a set, down to the database: linking twice is linking once, what is unlinked
    /// again before the flush costs nothing, and a row that another transaction has inserted is as
    /// good as one of ours. Either object may be new. A flush sends one INSERT for all pairs of an
    /// association, whatever their number, after the rows of their objects; loaded collections of
    /// both sides then have the other. A pair of which one row is deleted is dropped.
    ///
    /// Association objects that were added as models are left alone, and are strict; but see
    /// [`unlink`](Session::unlink).
    ///
    /// ```
    /// use sessile::prelude::*;
    ///
    /// #[derive(Model, Clone, Debug, Default)]
    /// #[model(many_to_many(tags: Tag = (PostTag::POST, PostTag::TAG)))]
    /// struct Post {
    ///     #[model(key, generated)]
    ///     id: i64,
    /// }
    ///
    /// #[derive(Model, Clone, Debug, Default)]
    /// struct Tag {
    ///     #[model(key)]
    ///     name: String,
    /// }
    ///
    /// #[derive(Model, Clone, Debug, Default)]
    /// struct PostTag {
    ///     #[model(key)]
    ///     post: Fk<Post>,
    ///     #[model(key)]
    ///     tag: Fk<Tag>,
    /// }
    ///
    /// let mut s = Session::offline();
    /// let post = s.add(Post::default());
    /// let tag = s.add(Tag { name: "orm".to_owned() });
    /// s.link(post, Post::TAGS, tag)?;
    /// let plan = s.plan()?.to_string();
    /// assert!(plan.ends_with(
    ///     "rank 2\n  INSERT post_tag (post_id, tag_name) ×1 ON CONFLICT DO NOTHING\n"
    /// ));
    /// # Ok::<(), sessile::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Handle`](crate::ErrorKind::Handle) for a foreign or gone handle and for an object that is marked
    /// deleted; [`Mapping`](crate::ErrorKind::Mapping) when the association is more than a pair: it has
    /// another field that needs a value, or the pair is not unique. Then add objects of it.
    pub fn link<M: Model, A: Model, T: Model>(
        &mut self,
        this: Handle<M>,
        relationship: ManyToMany<M, A, T>,
        other: Handle<T>,
    ) -> Result<()> {
        let linking = || format!("linking by {relationship:?}");
        let fields = [relationship.near(), relationship.far()];
        check_filled(A::table(), fields).map_err(|error| error.while_doing(linking()))?;
        self.wish(this, relationship, other, Wish::Link)
            .map_err(|error| error.while_doing(linking()))
    }

    /// Two rows do not belong together any more from the next flush on. No I/O.
    ///
    /// As for [`link`](Session::link): one DELETE for all pairs of an association, before the rows
    /// of their objects; a row that is gone already is fine. Loaded association objects of the
    /// pairs are deleted with them. Rows that refer to those of the pairs by `cascade(client)` go
    /// first, with one more DELETE for each table of such.
    ///
    /// An association object of the pair that was added, and waits for its insertion, leaves as by
    /// [`delete`](Session::delete), at no cost: the last word counts. One that is added after the
    /// `unlink` stays, and is inserted when the pair's row has gone.
    ///
    /// ```
    /// # use sessile::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # #[model(many_to_many(tags: Tag = (PostTag::POST, PostTag::TAG)))]
    /// # struct Post {
    /// #     #[model(key, generated)]
    /// #     id: i64,
    /// # }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Tag {
    /// #     #[model(key)]
    /// #     name: String,
    /// # }
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct PostTag {
    /// #     #[model(key)]
    /// #     post: Fk<Post>,
    /// #     #[model(key)]
    /// #     tag: Fk<Tag>,
    /// # }
    /// let mut s = Session::offline();
    /// let post = s.preload(Post { id: 1 })?;
    /// let tag = s.preload(Tag { name: "orm".to_owned() })?;
    /// let pair = s.add(PostTag { post: post.into(), tag: tag.into() });
    /// s.unlink(post, Post::TAGS, tag)?;
    /// assert_eq!(s.state(pair), State::Gone);
    /// assert!(s.plan()?.is_empty());
    /// # Ok::<(), sessile::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Handle`](crate::ErrorKind::Handle) for a foreign or gone handle;
    /// [`Mapping`](crate::ErrorKind::Mapping) when the pair is not unique in the association.
    pub fn unlink<M: Model, A: Model, T: Model>(
        &mut self,
        this: Handle<M>,
        relationship: ManyToMany<M, A, T>,
        other: Handle<T>,
    ) -> Result<()> {
        self.wish(this, relationship, other, Wish::Unlink)
            .map_err(|error| error.while_doing(format!("unlinking by {relationship:?}")))
    }

    fn wish<M: Model, A: Model, T: Model>(
        &mut self,
        this: Handle<M>,
        relationship: ManyToMany<M, A, T>,
        other: Handle<T>,
        wish: Wish,
    ) -> Result<()> {
        let fields = [relationship.near(), relationship.far()];
        check_pair(A::table(), fields)?;
        self.refuse_deleted(this, wish)?;
        self.refuse_deleted(other, wish)?;
        let pairing = Pairing {
            association: self.map.id::<A>(),
            fields,
            sides: [this.raw, other.raw],
            relationship: (M::NAME, relationship.name()),
        };
        self.map.wish(pairing, wish);
        Ok(())
    }

    fn refuse_deleted<M: Model>(&self, handle: Handle<M>, wish: Wish) -> Result<()> {
        let (store, slot) = self.map.find(handle)?;
        match (store.phase_of(slot), wish) {
            (Phase::Marked, Wish::Link) => Err(handle_error::<M>(HandleProblem::Deleted)),
            _ => Ok(()),
        }
    }
}

/// Only where a pair is there at most once can pairs be a set.
fn check_pair(table: &Table, fields: [usize; 2]) -> Result<()> {
    let mut uniques = table.uniques().iter().filter(|group| !group.deferrable);
    let unique = table.key().iter().all(|field| fields.contains(&field))
        || uniques.any(|group| group.fields.iter().all(|field| fields.contains(field)));
    match unique && fields[0] != fields[1] {
        true => Ok(()),
        false => Err(Error::mapping(format!(
            "{} may hold a pair twice: neither its key nor a unique constraint is {}",
            table.model(),
            fields.map(|field| table.fields()[field].name).join(", ")
        ))),
    }
}

/// Every other column must be left to the database.
fn check_filled(table: &Table, pair: [usize; 2]) -> Result<()> {
    let lacking = table.fields().iter().enumerate().find(|(number, field)| {
        !pair.contains(number)
            && !field.nullable
            && field.generated == Generated::Never
            && field.default.is_none()
    });
    match lacking {
        None => Ok(()),
        Some((_, field)) => Err(Error::mapping(format!(
            "{}.{} needs a value: add an object of {} instead",
            table.model(),
            field.name,
            table.model()
        ))),
    }
}
