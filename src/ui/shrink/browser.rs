//! Every picture both were asked about, by what became of its answer; the flips above all.

use super::duo::{Duo, DuoDialog};
use super::pairs::Pair;
use super::store::Shrink;
use crate::ui::pure::format::{count, percent};
use leptos::prelude::*;

/// Which of the pictures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    Flipped,
    FloatRight,
    SmallRight,
    BothWrong,
    All,
}

impl Only {
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Flipped, "Flipped", "browse-flipped"),
        (Self::FloatRight, "Only float right", "browse-float"),
        (Self::SmallRight, "Only small right", "browse-small"),
        (Self::BothWrong, "Both wrong", "browse-wrong"),
        (Self::All, "All", "browse-all"),
    ];

    fn keeps(self, pair: &Pair) -> bool {
        match self {
            Self::All => true,
            Self::Flipped => pair.flipped(),
            Self::FloatRight => pair.right() == Some((true, false)),
            Self::SmallRight => pair.right() == Some((false, true)),
            Self::BothWrong => pair.right() == Some((false, false)),
        }
    }
}

#[component]
pub fn Browser() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let duo = Duo::new(shrink);
    let only = RwSignal::new(Only::Flipped);
    let class = RwSignal::new(None::<usize>);
    // Features have no answers to flip.
    let filter = move || if shrink.classes.get() { only.get() } else { Only::All };
    let of_class =
        move |p: &Pair| class.get().is_none_or(|c| p.truth().map_or_else(|| p.float_says() == c, |truth| truth == c));
    let shown = move || {
        let filter = filter();
        shrink.pairs.with(|pairs| pairs.iter().filter(|p| filter.keeps(p) && of_class(p)).cloned().collect::<Vec<_>>())
    };
    let flips = Memo::new(move |_| shrink.pairs.with(|pairs| pairs.iter().filter(|p| p.flipped()).count()));
    let asked = Memo::new(move |_| shrink.pairs.with(Vec::len));
    let headline = move || match (shrink.classes.get(), flips.get()) {
        (false, _) => count(asked.get(), "picture", "pictures"),
        (true, 0) => format!("No answer of {} changed", asked.get()),
        (true, n) => format!("{} of {} changed", count(n, "answer", "answers"), asked.get()),
    };
    let chip = move |(which, name, testid): (Only, &'static str, &'static str)| {
        let number = move || shrink.pairs.with(|pairs| pairs.iter().filter(|p| which.keeps(p) && of_class(p)).count());
        view! {
            <button data-testid=testid aria-pressed=move || (only.get() == which).to_string()
                on:click=move |_| only.set(which)>{name}" "<span class="num">{number}</span></button>
        }
    };
    // Only classes that have pictures here.
    let classes = Memo::new(move |_| {
        shrink.pairs.with(|pairs| {
            let mut all: Vec<usize> = pairs.iter().map(|p| p.truth().unwrap_or(p.float_says())).collect();
            all.sort_unstable();
            all.dedup();
            all
        })
    });
    view! {
        <section class="card" aria-labelledby="flips-title">
            <h3 id="flips-title" data-testid="flips-count">{headline}</h3>
            <Show when=move || shrink.classes.get()>
                <div class="knob-row">
                    <div class="tabs" role="group" aria-label="Which pictures">{Only::ALL.map(chip)}</div>
                    <label class="knob"><span class="visually-hidden">"Class"</span>
                        <select data-testid="browse-class" on:change=move |event| class.set(event_target_value(&event).parse().ok())>
                            <option value="">"Every class"</option>
                            <For each=move || classes.get() key=|c| *c let(c)><option value=c.to_string()>{shrink.label(c)}</option></For>
                        </select></label>
                </div>
            </Show>
            <p class="muted">"Choose a picture to see both answers, their times and what both look at."</p>
            <ul class="shots flips" role="list" data-testid="flips">
                <For each=shown key=|p| (p.compared.index, p.thumb.as_str().to_owned()) let(pair)>{tile(pair, shrink, duo)}</For>
            </ul>
            <Show when=move || shown().is_empty()><p class="muted">"None."</p></Show>
        </section>
        <DuoDialog duo=duo />
    }
    .into_any()
}

fn tile(pair: Pair, shrink: Shrink, duo: Duo) -> impl IntoView {
    let name = |at: usize| untrack(|| shrink.label(at));
    let (float, small) = (pair.float_says(), pair.small_says());
    let index = pair.compared.index;
    let cosine = format!("cosine {:.4}", pair.compared.apart.cosine);
    let lost = matches!(pair.right(), Some((true, false)));
    let url = pair.thumb.as_str().to_owned();
    let picture = |alt: String| {
        view! {
            <button class="shot-look" data-testid="browse-picture" on:click=move |_| duo.show(index)>
                <img src=url alt=alt width="112" height="112" decoding="async" /></button>
        }
    };
    if !shrink.classes.get_untracked() {
        let alt = format!("Picture {}, {cosine}", index + 1);
        return view! { <li class="shot">{picture(alt)}<span class="shot-said num">{cosine}</span></li> }.into_any();
    }
    let sure = |values: &[f32], at: usize| percent(values.get(at).copied().unwrap_or(0.0));
    let who = match pair.right() {
        Some((true, true)) => "both are right",
        Some((true, false)) => "float was right",
        Some((false, true)) => "the small one is right",
        Some((false, false)) => "both are wrong",
        None => "nobody knows",
    };
    let alt = format!("float says {}, small says {}", name(float), name(small));
    view! {
        <li class="shot" class:wrong=lost>
            {picture(alt)}
            <span class="shot-said">{format!("{} {}", name(float), sure(pair.float(), float))}</span>
            <span class="shot-said">{format!("\u{2192} {} {}", name(small), sure(pair.small(), small))}</span>
            <span class="muted fine">{format!("{who}; a logit moved by {:.2}", pair.compared.apart.logit)}</span>
        </li>
    }
    .into_any()
}
