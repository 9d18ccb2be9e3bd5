//! What the browser's database holds of a project, and how it is written and read.
//!
//! | store | key | record |
//! |---|---|---|
//! | `projects` | project | what a list of projects shows |
//! | `manifests` | project, 0 or 1 | classes, labels, order, settings: as they are, and as they were before |
//! | `pictures` | project, picture | name, hashes; the file and the thumbnail |
//! | `vectors` | project, picture, twin | an embedding, and which file made it |
//! | `backbones` | project | the backbone that was brought: what there is to say of it, and its file |
//!
//! A manifest is written together with the pictures it names, so it never names one that is not there.

use crate::engine::protocol::Twin;
use crate::engine::protocol::images::{join, split};
use crate::learn::dataset::{Class, ClassId, Dataset, Entry, PictureId};
use crate::shift::scene::world::Order;
use crate::ui::learn::backbones::Brought;
use crate::ui::learn::vault::Stored;
use crate::web::files::{self, Blob};
use crate::web::store::{Database, Record, Trouble};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

const NAME: &str = "fieldtest";
/// The shape of the records.
const SHAPE: u32 = 1;
const PROJECTS: &str = "projects";
const MANIFESTS: &str = "manifests";
const PICTURES: &str = "pictures";
const VECTORS: &str = "vectors";
const BACKBONES: &str = "backbones";
const ALL: &[&str] = &[PROJECTS, MANIFESTS, PICTURES, VECTORS, BACKBONES];
/// Pictures read at once.
const PAGE: usize = 250;

pub type ProjectId = u32;

/// One line in the list of projects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub id: ProjectId,
    pub name: String,
    pub pictures: usize,
    pub classes: usize,
    /// Milliseconds since 1970.
    pub changed: f64,
    /// When it was deleted, if it was: until it is cleared away it can be had back.
    pub deleted: Option<f64>,
}

/// What belongs to a project besides its pictures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub twin: Twin,
    /// The benches' settings, in the words of a link.
    pub recipe: String,
    /// The sample set the pictures are, and the fingerprint of what it gave.
    #[serde(default)]
    pub drawn: Option<(Order, u32)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Manifest {
    name: String,
    classes: Vec<Class>,
    next: (ClassId, PictureId),
    /// Pictures in order, and the class of each.
    pictures: Vec<PictureId>,
    labels: Vec<ClassId>,
    settings: Settings,
    /// Which file's embeddings count, by twin.
    tags: Vec<(Twin, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Picture {
    name: String,
    digest: (u32, u32),
    dhash: (u32, u32),
    burst: u32,
    /// The class it was in when it was written, for when nothing else can be read.
    class: String,
}

/// What is to be written.
pub struct Save<'a> {
    pub summary: Summary,
    pub data: &'a Dataset,
    pub settings: Settings,
    pub tags: &'a HashMap<Twin, String>,
    pub thumbs: Vec<Blob>,
    /// Pictures that are not there yet.
    pub pictures: Vec<(&'a Entry, Stored)>,
    pub vectors: Vec<(PictureId, Twin, Rc<[f32]>)>,
    /// Pictures that nothing can reach any more.
    pub gone: Vec<PictureId>,
}

/// A project as it was read.
pub struct Opened {
    pub name: String,
    pub data: Dataset,
    pub bulk: Vec<(PictureId, Stored)>,
    pub settings: Settings,
    pub tags: HashMap<Twin, String>,
    /// The backbone that was brought, and its file.
    pub brought: Option<(Brought, Vec<u8>)>,
    /// Pictures named that could not be read.
    pub missing: usize,
    /// The latest record could not be read: an earlier one, or only the pictures.
    pub mended: Option<Mended>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mended {
    Earlier,
    PicturesOnly,
}

/// The database. Clones are the same.
#[derive(Clone)]
pub struct Shelf(Rc<Database>);

impl Shelf {
    /// # Errors
    /// See [`Trouble`].
    pub async fn open() -> Result<Self, Trouble> {
        Database::open(NAME, SHAPE, ALL).await.map(|d| Self(Rc::new(d)))
    }

    /// Every project, the latest first, with up to four thumbnails.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn projects(&self) -> Result<Vec<(Summary, Vec<Blob>)>, Trouble> {
        let mut all = Vec::new();
        for key in self.0.keys(PROJECTS, &[]).await? {
            let Some(record) = self.0.get(PROJECTS, &key).await? else { continue };
            if let (Some(summary), Some(id)) = (record.header::<Summary>(), key.first()) {
                all.push((Summary { id: *id, ..summary }, record.blobs));
            }
        }
        // A project whose line in the list cannot be read is listed by what is left of it.
        for key in self.0.keys(MANIFESTS, &[]).await? {
            let [id, 0] = key[..] else { continue };
            if all.iter().all(|(s, _)| s.id != id) {
                let manifest = self.manifest(id, 0).await?;
                let (name, pictures, classes) = manifest
                    .map_or(("Recovered project".to_owned(), 0, 0), |m| (m.name, m.pictures.len(), m.classes.len()));
                all.push((Summary { id, name, pictures, classes, changed: 0.0, deleted: None }, Vec::new()));
            }
        }
        all.sort_by(|(a, _), (b, _)| b.changed.total_cmp(&a.changed));
        Ok(all)
    }

    /// Writes all of it or nothing.
    ///
    /// # Errors
    /// Nothing was written.
    pub async fn save(&self, save: &Save<'_>, written: &HashSet<PictureId>) -> Result<(), Trouble> {
        let id = save.summary.id;
        let new: HashSet<PictureId> = save.pictures.iter().map(|(entry, _)| entry.id).collect();
        let there = |p: &&Entry| written.contains(&p.id) || new.contains(&p.id);
        let manifest = Record::new(&Manifest {
            name: save.summary.name.clone(),
            classes: save.data.classes.to_vec(),
            next: save.data.next(),
            pictures: save.data.pictures.iter().filter(there).map(|p| p.id).collect(),
            labels: save.data.pictures.iter().filter(there).map(|p| p.class).collect(),
            settings: save.settings.clone(),
            tags: save.tags.iter().map(|(twin, tag)| (*twin, tag.clone())).collect(),
        });
        let before = self.0.get(MANIFESTS, &[id, 0]).await.ok().flatten();
        let write = self.0.write(ALL)?;
        for (entry, stored) in &save.pictures {
            let class = save.data.class(entry.class).map(|c| c.name.clone()).unwrap_or_default();
            let header = Picture {
                name: entry.name.clone(),
                digest: split(entry.digest),
                dhash: split(entry.dhash),
                burst: entry.burst,
                class,
            };
            let record = Record::new(&header).with_blobs(vec![stored.original.clone(), stored.thumb.clone()]);
            write.put(PICTURES, &[id, entry.id], &record)?;
        }
        for (picture, twin, vector) in &save.vectors {
            let tag = save.tags.get(twin).cloned().unwrap_or_default();
            let record = Record::new(&tag).with_floats(vector.to_vec());
            write.put(VECTORS, &[id, *picture, *twin as u32], &record)?;
        }
        for picture in &save.gone {
            write.delete(PICTURES, &[id, *picture])?;
            write.delete_all(VECTORS, &[id, *picture])?;
        }
        if let Some(before) = before {
            write.put(MANIFESTS, &[id, 1], &before)?;
        }
        write.put(PROJECTS, &[id], &Record::new(&save.summary).with_blobs(save.thumbs.clone()))?;
        write.put(MANIFESTS, &[id, 0], &manifest)?;
        write.done().await
    }

    /// Keeps the backbone that was brought to a project.
    ///
    /// # Errors
    /// Nothing was written.
    pub async fn keep_backbone(&self, id: ProjectId, about: &Brought, file: Blob) -> Result<(), Trouble> {
        let write = self.0.write(&[BACKBONES])?;
        write.put(BACKBONES, &[id], &Record::new(about).with_blobs(vec![file]))?;
        write.done().await
    }

    /// The backbone that was brought to a project, if there is one that can be read.
    async fn backbone(&self, id: ProjectId) -> Option<(Brought, Vec<u8>)> {
        let record = self.0.get(BACKBONES, &[id]).await.ok()??;
        let file = files::bytes(record.blobs.first()?).await?;
        Some((record.header()?, file))
    }

    /// Changes a line of the list.
    ///
    /// # Errors
    /// Nothing was written.
    pub async fn retitle(&self, summary: &Summary, thumbs: Vec<Blob>) -> Result<(), Trouble> {
        let write = self.0.write(&[PROJECTS])?;
        write.put(PROJECTS, &[summary.id], &Record::new(summary).with_blobs(thumbs))?;
        write.done().await
    }

    /// Deletes a project for good.
    ///
    /// # Errors
    /// Nothing was deleted.
    pub async fn clear(&self, id: ProjectId) -> Result<(), Trouble> {
        let write = self.0.write(ALL)?;
        for store in ALL {
            write.delete_all(store, &[id])?;
        }
        write.delete(PROJECTS, &[id])?;
        write.delete(BACKBONES, &[id])?;
        write.done().await
    }

    /// Reads a project: `None` if there is none of this id. `progress` hears how many pictures there are
    /// and how many were read.
    ///
    /// # Errors
    /// The database cannot be read at all.
    pub async fn read(&self, id: ProjectId, progress: impl Fn(usize, usize)) -> Result<Option<Opened>, Trouble> {
        let keys = self.0.keys(PICTURES, &[id]).await?;
        let (mut mended, mut manifest) = (None, self.manifest(id, 0).await?);
        if manifest.is_none() {
            manifest = self.manifest(id, 1).await?;
            mended = Some(if manifest.is_some() { Mended::Earlier } else { Mended::PicturesOnly });
        }
        if manifest.is_none() && keys.is_empty() {
            return Ok(None);
        }
        let (mut headers, mut bulk) = (HashMap::new(), HashMap::new());
        let tags: HashMap<Twin, String> =
            manifest.iter().flat_map(|m| &m.tags).map(|(twin, tag)| (*twin, tag.clone())).collect();
        let ids: Vec<PictureId> = keys.iter().filter_map(|k| k.get(1).copied()).collect();
        for page in ids.chunks(PAGE) {
            self.read_page(id, page, &tags, &mut headers, &mut bulk).await?;
            progress(headers.len(), ids.len());
        }
        let manifest = manifest.unwrap_or_else(|| from_pictures(&ids, &headers));
        let entries: Vec<Entry> = manifest
            .pictures
            .iter()
            .zip(&manifest.labels)
            .filter_map(|(id, class)| {
                let header: &Picture = headers.get(id)?;
                let (digest, dhash) = (join(header.digest), join(header.dhash));
                Some(Entry { id: *id, class: *class, name: header.name.clone(), digest, dhash, burst: header.burst })
            })
            .collect();
        let missing = manifest.pictures.len() - entries.len();
        // Ids of records nobody names are not given out again, either.
        let next = ids.iter().max().map_or(0, |id| id.saturating_add(1)).max(manifest.next.1);
        let data = Dataset::rebuilt(manifest.classes, entries, (manifest.next.0, next));
        let bulk = data.pictures.iter().filter_map(|p| bulk.remove_entry(&p.id)).collect();
        let brought = self.backbone(id).await;
        Ok(Some(Opened {
            name: manifest.name,
            data,
            bulk,
            settings: manifest.settings,
            tags,
            brought,
            missing,
            mended,
        }))
    }

    /// Pictures of a project that are in the database, whether named or not.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn pictures(&self, id: ProjectId) -> Result<HashSet<PictureId>, Trouble> {
        Ok(self.0.keys(PICTURES, &[id]).await?.iter().filter_map(|k| k.get(1).copied()).collect())
    }

    async fn read_page(
        &self,
        id: ProjectId,
        page: &[PictureId],
        tags: &HashMap<Twin, String>,
        headers: &mut HashMap<PictureId, Picture>,
        bulk: &mut HashMap<PictureId, Stored>,
    ) -> Result<(), Trouble> {
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(()) };
        let records = match self.0.between(PICTURES, &[id, *first], &[id, *last]).await {
            Ok(records) if records.len() == page.len() => records,
            // One bad record must not take the others with it.
            _ => {
                let mut records = Vec::new();
                for picture in page {
                    records.push(self.0.get(PICTURES, &[id, *picture]).await.unwrap_or(None));
                }
                records
            }
        };
        for (picture, record) in page.iter().zip(records) {
            let Some(record) = record else { continue };
            let Some(header) = record.header::<Picture>() else { continue };
            let [original, thumb] = &record.blobs[..] else { continue };
            bulk.insert(*picture, Stored::new(header.name.as_str().into(), original.clone(), thumb.clone()));
            headers.insert(*picture, header);
        }
        // Embeddings that cannot be read are made again.
        let keys = self.0.keys_between(VECTORS, &[id, *first], &[id, last.saturating_add(1)]).await.unwrap_or_default();
        let vectors = self.0.between(VECTORS, &[id, *first], &[id, last.saturating_add(1)]).await.unwrap_or_default();
        if keys.len() != vectors.len() {
            return Ok(());
        }
        for (key, record) in keys.iter().zip(vectors) {
            let (Some(record), [_, picture, twin]) = (record, &key[..]) else { continue };
            let Some(twin) = Twin::ALL.iter().find(|t| **t as u32 == *twin) else { continue };
            let current = record.header::<String>().is_some_and(|tag| tags.get(twin) == Some(&tag));
            if let (true, Some(stored)) = (current && !record.floats.is_empty(), bulk.get_mut(picture)) {
                stored.embedded(*twin, record.floats.into());
            }
        }
        Ok(())
    }

    /// `None` if there is none, or it cannot be understood.
    async fn manifest(&self, id: ProjectId, which: u32) -> Result<Option<Manifest>, Trouble> {
        let record = self.0.get(MANIFESTS, &[id, which]).await?;
        Ok(record.and_then(|r| r.header::<Manifest>()))
    }
}

/// What pictures say of themselves, when no manifest can be read.
fn from_pictures(ids: &[PictureId], headers: &HashMap<PictureId, Picture>) -> Manifest {
    let mut names: Vec<&str> = Vec::new();
    let (mut pictures, mut labels) = (Vec::new(), Vec::new());
    for id in ids {
        let Some(header) = headers.get(id) else { continue };
        let at = names.iter().position(|n| *n == header.class).unwrap_or_else(|| {
            names.push(&header.class);
            names.len() - 1
        });
        pictures.push(*id);
        labels.push(at as ClassId);
    }
    let color = |at: usize| crate::learn::dataset::PALETTE[at % crate::learn::dataset::PALETTE.len()];
    let classes = names.iter().enumerate();
    let classes = classes.map(|(at, name)| Class { id: at as ClassId, name: (*name).into(), color: color(at) });
    Manifest {
        name: "Recovered project".into(),
        classes: classes.collect(),
        next: (0, 0),
        pictures,
        labels,
        settings: Settings::default(),
        tags: Vec::new(),
    }
}
