//! Models the site's owner offers.

use super::{Bring, State};
use crate::ui::pure::format::bytes;
use crate::ui::widgets::icon::{Icon, icon};
use leptos::prelude::*;

#[component]
pub fn Offers(bring: Bring) -> impl IntoView {
    let busy = Memo::new(move |_| matches!(bring.state.get(), State::Busy(..)));
    let list = move || match bring.offers.get()? {
        Err(reason) => Some(view! { <p class="notice care" role="status">{reason}</p> }.into_any()),
        Ok(entries) if entries.is_empty() => None,
        Ok(entries) => {
            let rows = entries.iter().map(|entry| {
                let (offer, hash) = (entry.clone(), format!("SHA-256 {}", entry.sha256));
                view! {
                    <li class="offer" data-testid="offer">
                        <div><b><bdi>{entry.name.clone()}</bdi></b>" "<span class="muted num" title=hash>{bytes(entry.bytes)}</span>
                            <p class="fine">{entry.about.clone()}</p></div>
                        <button class="button small" data-testid="offer-fetch" disabled=move || busy.get()
                            aria-label=format!("Fetch {}", entry.name)
                            on:click=move |_| bring.fetch(offer.clone())>{icon(Icon::Download)}<span>"Fetch"</span></button>
                    </li>
                }
            });
            Some(view! { <h3 class="offers-title">"Or one that this site offers"</h3><ul class="offers">{rows.collect_view()}</ul> }.into_any())
        }
    };
    view! { {list} }
}
