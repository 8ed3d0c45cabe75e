//! What runs leave that are killed.

use super::tree;
use crate::folder::{Folder, Kind, is_draft};

/// Deletes the drafts that runs of this user left behind when they were killed.
pub(super) fn sweep(folder: &Folder) {
    for name in folder.names().unwrap_or_default().iter().filter(|name| is_draft(name)) {
        let Ok(Some(known)) = folder.known(name) else { continue };
        if !Folder::is_own(&known) {
            continue;
        }
        match known.kind {
            Kind::File => {
                let Ok(file) = folder.file(name) else { continue };
                if Folder::lock_file(&file).unwrap_or(false) {
                    drop(folder.remove_file(name));
                }
                // Until here nobody else may take it for theirs.
                drop(file);
            }
            Kind::Folder => tree::sweep(folder, name),
            Kind::Link | Kind::Other => {}
        }
    }
}
