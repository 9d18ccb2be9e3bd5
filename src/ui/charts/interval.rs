//! A proportion on a scale from 0 to 100 %, with its interval.

use crate::learn::metrics::Interval;
use crate::ui::pure::format::width;
use leptos::prelude::*;

/// `chance`: what guessing would reach, marked on the scale.
#[component]
pub fn IntervalBar(accuracy: Interval, chance: f32) -> impl IntoView {
    view! {
        <div class="interval" aria-hidden="true">
            <div class="interval-track">
                <span class="interval-range" style:left=width(accuracy.low) style:width=width(accuracy.high - accuracy.low)></span>
                <span class="interval-value" style:left=width(accuracy.value)></span>
                <span class="interval-chance" style:left=width(chance)></span>
            </div>
            <div class="interval-scale num"><span>"0"</span><span>"50"</span><span>"100\u{a0}%"</span></div>
        </div>
    }
}
