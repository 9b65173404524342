//! Views: what is loaded, as a value that serde can write.
//!
//! Users make them of handles and a path, and pass them to a serializer.
//! It must not talk to the database, and not write what the path does not name.

use std::fmt;

use serde::{Serialize, Serializer};

use super::session::Session;
use super::view_node::Node;
use super::view_path::{At, IntoView, check};
use crate::error::Result;
use crate::identity_map::{IdentityMap, handle_error};
use crate::model::{Handle, Model};

impl Session {
    /// An object and what is loaded along a path, for a serializer. No I/O.
    ///
    /// The object is written as its own `Serialize` says, as a struct or a map. Each relationship
    /// of the path adds a field with its name: an object, `null`, or a list. One to a parent takes
    /// the place of the reference that has its name. What the path does not name is not written,
    /// loaded or not. `()` is the path of an object alone.
    ///
    /// The path is checked here, so that a view can be written once there is one: all that it
    /// leads to is loaded, or there is an error. References that are not replaced are written as
    /// the keys they hold; one that holds the handle of an object is refused by the serializer
    /// until a flush has put the key there.
    ///
    /// ```
    /// use sessile::prelude::*;
    ///
    /// #[derive(Model, serde::Serialize, Clone, Debug, Default)]
    /// #[model(has_many(posts = Post::AUTHOR))]
    /// struct Author {
    ///     #[model(key)]
    ///     id: i64,
    /// }
    ///
    /// #[derive(Model, serde::Serialize, Clone, Debug, Default)]
    /// struct Post {
    ///     #[model(key)]
    ///     id: i64,
    ///     author: Fk<Author>,
    /// }
    ///
    /// let mut s = Session::offline();
    /// let ann = s.preload(Author { id: 1 })?;
    /// let post = s.preload(Post { id: 7, author: Fk::to(1) })?;
    /// let json = serde_json::to_value(s.view(post, Post::AUTHOR)?).expect("all have keys");
    /// assert_eq!(json.to_string(), r#"{"author":{"id":1},"id":7}"#);
    /// let json = serde_json::to_value(s.view(post, ())?).expect("all have keys");
    /// assert_eq!(json.to_string(), r#"{"author":1,"id":7}"#);
    /// let error = s.view(ann, Author::POSTS).unwrap_err();
    /// assert_eq!(error.to_string(), "Author.posts is not loaded");
    /// # Ok::<(), sessile::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NotLoaded`](crate::ErrorKind::NotLoaded) naming a relationship of the path that is not
    /// loaded; [`Handle`](crate::ErrorKind::Handle) for a foreign or gone handle;
    /// [`TooMany`](crate::ErrorKind::TooMany) and [`NotFound`](crate::ErrorKind::NotFound) as
    /// [`loaded`](Session::loaded); [`Mapping`](crate::ErrorKind::Mapping) when two branches of
    /// the path have one name.
    pub fn view<M: Model + Serialize, V: IntoView<M>>(
        &self,
        of: Handle<M>,
        path: V,
    ) -> Result<View<'_, M, V>> {
        self.map.read(of).map_err(handle_error::<M>)?;
        check(&path, &At::top(&self.map, of))?;
        let map = &self.map;
        Ok(View { map, of, path })
    }

    /// A list of objects and what is loaded along a path, for a serializer. No I/O.
    ///
    /// Each is written as [`view`](Session::view) writes one.
    ///
    /// # Errors
    /// As [`view`](Session::view).
    pub fn views<M: Model + Serialize, V: IntoView<M>>(
        &self,
        of: impl AsRef<[Handle<M>]>,
        path: V,
    ) -> Result<Views<'_, M, V>> {
        let of = of.as_ref().to_vec();
        self.readable(&of)?;
        let map = &self.map;
        for one in &of {
            check(&path, &At::top(map, *one))?;
        }
        Ok(Views { map, of, path })
    }
}

/// An object and what is loaded along a path, to be serialized. See [`Session::view`].
pub struct View<'s, M, V> {
    map: &'s IdentityMap,
    of: Handle<M>,
    path: V,
}

impl<M, V> fmt::Debug for View<'_, M, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("View").field(&self.of).finish()
    }
}

impl<M: Model + Serialize, V: IntoView<M>> Serialize for View<'_, M, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (at, path) = (At::top(self.map, self.of), &self.path);
        Node { at, path }.serialize(serializer)
    }
}

/// Objects and what is loaded along a path, to be serialized. See [`Session::views`].
pub struct Views<'s, M, V> {
    map: &'s IdentityMap,
    of: Vec<Handle<M>>,
    path: V,
}

impl<M, V> fmt::Debug for Views<'_, M, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Views").field(&self.of).finish()
    }
}

impl<M: Model + Serialize, V: IntoView<M>> Serialize for Views<'_, M, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let path = &self.path;
        serializer.collect_seq(self.of.iter().map(|of| {
            let at = At::top(self.map, *of);
            Node { at, path }
        }))
    }
}
