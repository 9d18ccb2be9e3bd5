//! One tab writes a project, the others look at it, and any of them may take it over.

use super::shelf::ProjectId;
use super::{Keep, Role, saver::said};
use crate::web::tabs::{self as web, Channel, How};
use leptos::prelude::*;

/// A tab that is just being closed or reloaded lets go within this time, in milliseconds.
const LETTING_GO_MS: u32 = 400;
/// How long the other tab may take to save before the project is taken from it.
const SAVING_MS: u32 = 4000;
const CHANNEL: &str = "fieldtest";
/// What a tab says that wants to write a project; its number follows.
const ASK: &str = "hand over ";

impl Keep {
    /// Hears of tabs that want to take over.
    pub(super) fn listen(self) {
        let channel = Channel::open(CHANNEL, move |word| {
            let asked = word.strip_prefix(ASK).and_then(|id| id.parse::<ProjectId>().ok());
            if asked == Some(self.id.get_untracked()) && self.role.get_untracked() == Role::Writer {
                leptos::task::spawn_local(async move {
                    self.learn.importer.cancel();
                    self.learn.data.frozen.set(true);
                    self.flush().await;
                    self.ousted();
                });
            }
        });
        self.inner.update_value(|i| i.channel = channel);
    }

    /// Becomes the writer of a project if no other tab is.
    pub(super) async fn claim(self, id: ProjectId) -> Role {
        self.claim_by(id, How::Within(LETTING_GO_MS)).await
    }

    async fn claim_by(self, id: ProjectId, how: How) -> Role {
        let taken = move || {
            if self.id.get_untracked() == id && self.role.get_untracked() == Role::Writer {
                self.ousted();
            }
        };
        let lock = web::lock(&format!("fieldtest project {id}"), how, taken).await;
        let role = if lock.is_some() { Role::Writer } else { Role::Reader };
        self.inner.update_value(|i| i.lock = lock);
        role
    }

    /// Another tab writes from now on.
    fn ousted(self) {
        self.role.set(Role::Ousted);
        self.inner.update_value(|i| {
            i.lock = None;
            i.timer = None;
        });
    }

    /// Takes the project over from the tab that has it, as that tab last saved it.
    pub fn take_over(self) {
        leptos::task::spawn_local(async move {
            let id = self.id.get_untracked();
            self.inner.with_value(|i| i.channel.as_ref().inspect(|c| c.say(&format!("{ASK}{id}"))).map(drop));
            let mut role = self.claim_by(id, How::Within(SAVING_MS)).await;
            if role != Role::Writer {
                role = self.claim_by(id, How::Steal).await;
            }
            // What the other tab has saved meanwhile is read; the lock is ours already.
            if let Err(trouble) = self.read_again(id, role).await {
                self.toasts.say(format!("The project could not be taken over. {}", said(&trouble)));
            }
        });
    }
}
