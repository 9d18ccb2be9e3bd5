//! A link as a QR code: one path of squares.

use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around it, as the standard asks.
const QUIET: usize = 4;

/// The dark modules as a path, row by row, and the side of the whole; `None` where the text is too long.
fn path(text: &str) -> Option<(String, usize)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks_exact(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|c| **c == Color::Dark).count();
            if run > 0 {
                path += &format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    Some((path, width + 2 * QUIET))
}

#[component]
pub fn Qr(#[prop(into)] text: Signal<String>) -> impl IntoView {
    move || {
        match path(&text.get()) {
        Some((path, side)) => view! {
            <figure class="qr">
                <svg viewBox=format!("0 0 {side} {side}") role="img" aria-label="The link as a QR code" data-testid="link-qr" data-modules=side - 2 * QUIET shape-rendering="crispEdges">
                    <rect class="qr-light" width=side height=side></rect>
                    <path class="qr-dark" d=path></path>
                </svg>
                <figcaption class="fine">{if side > 100 { "A dense code: show it large, or leave the classifier out of the link." } else { "Point a phone\u{2019}s camera at it." }}</figcaption>
            </figure>
        }.into_any(),
        None => view! { <p class="muted">"The link is too long for a QR code."</p> }.into_any(),
    }
    }
}
