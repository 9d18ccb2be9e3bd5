//! What arrived becomes pictures of the data set, each in the class where it belongs.

use super::queue::Place;
use crate::engine::protocol::images::{Picture, join};
use crate::engine::protocol::{Payload, Twin};
use crate::learn::dataset::{Added, ClassId, Dataset, Refusal};
use crate::ui::learn::data::{Arrival, Data};
use crate::ui::learn::vault::Stored;
use crate::ui::pure::summary::Summary;
use crate::web::files;

/// What the engine, running twin `by`, found out, with the bulk beside it; it may not have been asked to embed. `original` is missing for pictures
/// from zip archives: the engine sends their bytes.
pub fn arrival(
    name: &str,
    picture: &Picture,
    by: Twin,
    payload: Payload,
    burst: u32,
    original: Option<files::Blob>,
) -> Option<Arrival> {
    let mut parts = payload.parts.into_iter();
    let thumb = files::blob(&parts.next()?, "image/jpeg");
    let original = original.or_else(|| Some(files::blob(&parts.next()?, &picture.mime)))?;
    let mut stored = Stored::new(name.into(), original, thumb);
    if !payload.floats.is_empty() {
        stored.embedded(by, payload.floats.into());
    }
    Some(Arrival { digest: join(picture.digest), dhash: join(picture.dhash), burst, stored })
}

/// Adds one picture where it belongs, and notes what there is to say.
pub(super) fn admit(
    store: Data,
    data: &mut Dataset,
    target: Option<ClassId>,
    place: Place,
    arrival: Arrival,
    note: Option<String>,
    summary: &mut Summary,
) {
    let name = arrival.stored.name.to_string();
    let class = match class_for(data, target, &place) {
        Ok(class) => class,
        Err(reason) => return summary.refused.push((name, reason)),
    };
    match store.admit(data, class, arrival) {
        Added::New(_) => summary.added += 1,
        Added::Duplicate(_) => return summary.duplicates += 1,
        Added::Conflict { other, .. } => {
            summary.added += 1;
            let elsewhere = data.pictures.iter().find(|p| p.id == other).and_then(|p| data.class(p.class));
            let elsewhere = elsewhere.map_or_else(|| "another class".into(), |c| format!("\u{201c}{}\u{201d}", c.name));
            let note = format!("The very same file is also in {elsewhere}: one of the two must be wrong.");
            summary.notes.push((name.clone(), note));
        }
        Added::Full => {
            let reason =
                format!("The data set is full: it holds at most {} pictures.", crate::learn::dataset::MAX_PICTURES);
            return summary.refused.push((name, reason));
        }
    }
    if let Some(note) = note {
        summary.notes.push((name, note));
    }
}

fn class_for(data: &mut Dataset, target: Option<ClassId>, place: &Place) -> Result<ClassId, String> {
    match place {
        Place::Class(id) if data.class(*id).is_some() => Ok(*id),
        Place::Class(_) => Err("Its class was deleted meanwhile.".into()),
        Place::Named(name) => match data.class_named(name) {
            Some(class) => Ok(class.id),
            None => match data.add_class(name) {
                // A folder whose name shows nothing is no class.
                Err(Refusal::EmptyName) => loose(data, target),
                other => other.map_err(|r| r.to_string()),
            },
        },
        Place::Anywhere => loose(data, target),
    }
}

/// The class of pictures that are in no folder.
fn loose(data: &mut Dataset, target: Option<ClassId>) -> Result<ClassId, String> {
    match target.filter(|t| data.class(*t).is_some()).or_else(|| data.classes.first().map(|c| c.id)) {
        Some(class) => Ok(class),
        None => data.add_numbered_class().map_err(|r| r.to_string()),
    }
}
