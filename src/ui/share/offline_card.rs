//! Whether the site is kept on this device, and a word when a newer one is.

use crate::engine::client::Status;
use crate::ui::engine::Link;
use crate::ui::widgets::icon::{Icon, icon};
use crate::web::clock;
use crate::web::offline::{Offline, State};
use leptos::prelude::*;

/// What only another twin or engine needs is stored this long after the engine is ready.
const REST_MS: u32 = 8000;

/// Copies are the same store.
#[derive(Clone, Copy)]
pub struct Kept {
    pub state: RwSignal<State>,
    /// A new version is ready.
    pub newer: RwSignal<bool>,
    offline: StoredValue<Option<Offline>, LocalStorage>,
}

impl Kept {
    /// Begins once the engine is there: the first visit's download comes first.
    pub fn new(engine: Link) -> Self {
        let kept = Self {
            state: RwSignal::new(State::Off),
            newer: RwSignal::new(false),
            offline: StoredValue::new_local(None),
        };
        Effect::new(move |begun: Option<bool>| {
            let over = matches!(engine.status.get(), Status::Ready(_) | Status::Failed(_));
            if over && !begun.unwrap_or_default() {
                kept.begin();
            }
            begun.unwrap_or_default() || over
        });
        kept
    }

    fn begin(self) {
        let tell = move |state| {
            self.state.set(state);
            if state == State::Ready {
                clock::after(REST_MS, move || self.offline.with_value(|o| o.iter().for_each(Offline::store_rest)))
                    .forget();
            }
        };
        let offline = Offline::start(tell, move || self.newer.set(true));
        self.offline.set_value(Some(offline));
    }
}

/// Quiet, above the benches.
#[component]
pub fn UpdateNotice() -> impl IntoView {
    let kept = expect_context::<Kept>();
    view! {
        <div role="status">
            <Show when=move || kept.newer.get()>
                <div class="notice update" data-testid="update">
                    {icon(Icon::Info)}<span>"A new version is ready. This page goes on as it is until you want it."</span>
                    <button class="button small" data-testid="update-now" on:click=move |_| kept.offline.with_value(|o| o.iter().for_each(Offline::agree))>"Use it now"</button>
                    <button class="button small quiet" data-testid="update-later" on:click=move |_| kept.newer.set(false)>"Later"</button>
                </div>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
pub fn OfflineCard() -> impl IntoView {
    let kept = expect_context::<Kept>();
    let said = move || match kept.state.get() {
        State::Off => "The page is still loading.",
        State::Storing => "The site is being stored on this device\u{2026}",
        State::Ready => {
            "The site is on this device: page, engine and backbone open without a network. Your browser\u{2019}s menu can install it like an app."
        }
        State::Impossible => {
            "This window keeps no sites: it is private, not secure (https), or its browser does not offer it. Everything works as long as the network does."
        }
        State::Failed => {
            "The site could not be stored, because the network failed or the device is full. It is tried again on the next visit."
        }
    };
    view! {
        <section class="card" aria-labelledby="offline-title" data-testid="share-offline">
            <h2 id="offline-title" class="section-title">"Without a network"</h2>
            <p data-testid="offline-state">{said}</p>
        </section>
    }
}
