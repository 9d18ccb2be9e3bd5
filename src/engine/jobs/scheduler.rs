//! Several jobs take turns, a step each; an urgent one goes first.

use super::{Job, Step};
use crate::engine::protocol::{JobId, Payload, State};
use crate::model::backbone::Backbone;
use std::collections::VecDeque;

#[derive(Default)]
pub struct Scheduler {
    queue: VecDeque<(JobId, Box<dyn Job>)>,
}

impl Scheduler {
    pub fn add(&mut self, id: JobId, job: Box<dyn Job>) {
        if job.urgent() { self.queue.push_front((id, job)) } else { self.queue.push_back((id, job)) }
    }

    /// Forgets a job. Returns whether it was still there.
    pub fn cancel(&mut self, id: JobId) -> bool {
        let before = self.queue.len();
        self.queue.retain(|(other, _)| *other != id);
        self.queue.len() < before
    }

    pub fn idle(&self) -> bool {
        self.queue.is_empty()
    }

    /// One step of the job whose turn it is, and what to tell of it.
    pub fn turn(&mut self, backbone: &Backbone) -> Option<(JobId, State, Payload)> {
        let (id, mut job) = self.queue.pop_front()?;
        match job.step(backbone) {
            Step::Continue(news) => {
                self.queue.push_back((id, job));
                news.map(|(reply, payload)| (id, State::Progress(reply), payload))
            }
            Step::Done(reply, payload) => Some((id, State::Done(reply), payload)),
            Step::Failed(reason) => Some((id, State::Failed(reason), Payload::default())),
        }
    }
}
