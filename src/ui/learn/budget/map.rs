//! Store: a map of all pictures, with a label and without.

use super::others::{Others, Which};
use crate::engine::client::{Event, Job};
use crate::engine::protocol::budget::{Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request};
use crate::learn::dataset::ClassId;
use crate::learn::map::neighbours;
use crate::ui::engine::Link;
use crate::ui::learn::data::Data;
use crate::ui::pure::places;
use crate::ui::store::Store;
use crate::web::files::Blob;
use leptos::prelude::*;
use std::sync::Arc;

/// Most pictures on a map.
const MOST: usize = 1500;
/// Neighbours that are shown.
const NEIGHBOURS: usize = 6;

/// A point of the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    pub which: Which,
    pub class: Option<ClassId>,
}

/// Copies are the same map.
pub type Map = Store<MapParts>;

/// What [`Map`] holds.
pub struct MapParts {
    engine: Link,
    data: Data,
    others: Others,
    pub spots: RwSignal<Arc<Vec<Spot>>>,
    /// Places of the spots, each way 0..=1.
    pub places: RwSignal<Vec<(f32, f32)>>,
    /// Pictures that the map has no room for.
    pub left_out: RwSignal<usize>,
    /// The share of the variance that the first two components explain.
    pub explained: RwSignal<Option<f32>>,
    pub divergence: RwSignal<Option<f32>>,
    pub running: RwSignal<Option<f32>>,
    pub reason: RwSignal<Option<String>>,
    /// The spot the person looks at.
    pub looking: RwSignal<Option<usize>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    job: Option<Job>,
    /// Centred rows of unit length.
    unit: Vec<f32>,
    dim: usize,
}

impl Map {
    pub fn new(engine: Link, data: Data, others: Others) -> Self {
        let map = Store::of(MapParts {
            engine,
            data,
            others,
            spots: RwSignal::new(Arc::default()),
            places: RwSignal::new(Vec::new()),
            left_out: RwSignal::new(0),
            explained: RwSignal::new(None),
            divergence: RwSignal::new(None),
            running: RwSignal::new(None),
            reason: RwSignal::new(None),
            looking: RwSignal::new(None),
            inner: StoredValue::new_local(Inner::default()),
        });
        let labels = data.labels();
        Effect::new(move |_| {
            labels.track();
            data.twin.track();
            others.count.track();
            map.clear();
        });
        map
    }

    /// Stops where it is: what is laid out so far stays.
    pub fn cancel(self) {
        let job = self.inner.try_update_value(|i| i.job.take()).flatten();
        job.iter().for_each(Job::cancel);
        if self.running.with_untracked(Option::is_some) {
            self.running.set(None);
        }
    }

    fn clear(self) {
        self.cancel();
        self.reason.set(None);
        self.looking.set(None);
        self.places.set(Vec::new());
        self.spots.set(Arc::default());
        self.inner.set_value(Inner::default());
    }

    pub fn draw(self) {
        self.clear();
        let labelled: Vec<(u32, ClassId)> =
            self.data.with_untracked(|d| d.pictures.iter().map(|p| (p.id, p.class)).collect());
        let mut all: Vec<(Spot, Vec<f32>)> = Vec::new();
        for (id, class) in labelled {
            if let Some(embedding) = self.data.embeddings_by(&[id], self.data.twin.get_untracked()) {
                all.push((Spot { which: Which::Labelled(id), class: Some(class) }, embedding));
            }
        }
        let others = self.others.embeddings().into_iter();
        all.extend(others.map(|(at, embedding)| (Spot { which: Which::Other(at), class: None }, embedding)));
        let total = all.len();
        // Evenly thinned out, so that no class is lost.
        let kept: Vec<(Spot, Vec<f32>)> = match total {
            0..=MOST => all,
            _ => all
                .into_iter()
                .enumerate()
                .filter(|(i, _)| i * MOST / total != (i + 1) * MOST / total)
                .map(|(_, s)| s)
                .collect(),
        };
        self.left_out.set(total - kept.len());
        let (spots, rows): (Vec<Spot>, Vec<Vec<f32>>) = kept.into_iter().unzip();
        let dim = rows.first().map_or(0, Vec::len);
        let floats = rows.concat();
        self.inner.update_value(|i| (i.unit, i.dim) = (neighbours::unit_rows(&floats, dim), dim));
        self.spots.set(Arc::new(spots));
        self.explained.set(None);
        self.divergence.set(None);
        self.running.set(Some(0.0));
        let request = Request::Budget(Ask::Map { dim });
        let job = self.engine.submit(request, Payload::floats(floats), Vec::new(), move |event| self.hear(event));
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn hear(self, event: Event) {
        match event {
            Event::Progress(Reply::Budget(Answer::Components { explained }), payload) => {
                self.explained.set(Some(explained));
                self.places.set(places::fit(&payload.floats));
            }
            Event::Progress(Reply::Budget(Answer::Placed { share, .. }), payload) => {
                self.running.set(Some(share));
                self.places.set(places::fit(&payload.floats));
            }
            Event::Done(Reply::Budget(Answer::Placed { divergence, .. }), payload) => {
                self.divergence.set(Some(divergence));
                self.places.set(places::fit(&payload.floats));
                self.cancel();
            }
            other => {
                if let Some(reason) = other.trouble("The engine stopped on the way. Draw the map again.") {
                    self.cancel();
                    self.reason.set(Some(reason));
                }
            }
        }
    }

    /// The nearest labelled pictures of a spot, by the cosine of their embeddings, which the plane only hints at.
    pub fn neighbours(self, spot: usize) -> Vec<(Spot, f32)> {
        let spots = self.spots.get_untracked();
        self.inner.with_value(|i| {
            if (spot + 1) * i.dim > i.unit.len() {
                return Vec::new();
            }
            let labelled = |j: usize| spots.get(j).is_some_and(|s| s.class.is_some());
            neighbours::nearest(&i.unit, i.dim, spot, NEIGHBOURS, labelled)
                .into_iter()
                .filter_map(|(j, cosine)| Some((*spots.get(j)?, cosine)))
                .collect()
        })
    }

    /// Name and thumbnail of a spot's picture.
    pub fn picture(self, which: Which) -> Option<(String, Blob)> {
        match which {
            Which::Labelled(id) => self.data.stored(id).map(|s| (s.name.to_string(), s.thumb)),
            Which::Other(at) => self.others.get(at).map(|o| (o.name, o.thumb)),
        }
    }
}
