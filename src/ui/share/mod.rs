//! The Share bench: work that survives and travels.
//!
//! * [`state`]: everything a link says, gathered and put back; [`opened`]: a link that is being opened.
//! * `link_card`, `qr`, [`opened_view`]: the link as seen; `report_card`, `findings`: the report;
//!   `codes_card`, `scatter`: results of a class; [`offline_card`]: the site without a network.
//! * [`keep`]: autosave, several projects, several tabs; [`file`]: project files.

mod codes_card;
pub mod file;
mod findings;
pub mod keep;
mod link_card;
pub mod offline_card;
pub mod opened;
pub mod opened_view;
mod qr;
mod report_card;
mod scatter;
pub mod state;

use codes_card::CodesCard;
use keep::card::ProjectsCard;
use leptos::prelude::*;
use link_card::LinkCard;
use offline_card::OfflineCard;
use report_card::ReportCard;

#[component]
pub fn ShareBench() -> impl IntoView {
    view! {
        <div class="bench share" data-testid="share">
            <LinkCard />
            <ProjectsCard />
            <ReportCard />
            <CodesCard />
            <OfflineCard />
        </div>
    }
    .into_any()
}
