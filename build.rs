//! The page as one tree of views is built on the stack, which in an unoptimised build is more than the
//! megabyte that wasm gets by default. scripts/split cuts page and engine into files, by the linker's relocations.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo:rustc-link-arg-bin=app=-zstack-size=4194304");
        println!("cargo:rustc-link-arg-bin=app=--emit-relocs");
        println!("cargo:rustc-link-arg-bin=engine=--emit-relocs");
    }
}
