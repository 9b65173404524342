//! Whose child an object is, and which collections no longer know.
//!
//! The unit of work asks when it moves children between loaded collections.
//! It must not load anything.

use super::clock::StoreId;
use super::image::Image;
use super::map::IdentityMap;
use crate::model::{RawHandle, Reference};

impl IdentityMap {
    /// The loaded row that a reference points at: in whose collections the child is.
    pub(crate) fn parent_of(
        &self,
        store: StoreId,
        slot: u32,
        field: usize,
        image: Image,
    ) -> Option<RawHandle> {
        let children = self.any(store);
        match children.reference(slot, image, field)? {
            Reference::Key(key) => {
                let fk = children.table().foreign_key_of_field(field);
                let parents = self.any(self.id_of(fk.target_id())?);
                let parent = match image {
                    Image::Current => parents.slot_of_key(key),
                    Image::Flushed => parents.slot_of_flushed_key(key),
                };
                Some(parents.handle(parent?))
            }
            Reference::Handle(raw) => Some(raw),
            Reference::Unset => None,
        }
    }
}
