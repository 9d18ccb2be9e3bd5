//! Prints what we state about links, as `name value unit` lines.

#[path = "../tests/support/links.rs"]
mod links;

fn main() {
    // A panic is counted, not printed.
    std::panic::set_hook(Box::new(|_| {}));
    println!("link.max_chars {} characters", links::longest(&links::some_head(5, 256)).0);
    println!("link.mutations_ok {} links", links::survived(100_000));
}
