//! Writes a contact sheet of the rendered world, to look at: `cargo run --example scene -- OUT.png`.

use fieldtest::image::contract;
use fieldtest::shift::scene::photograph;
use fieldtest::shift::scene::world::{Country, Device, Hour, Meaning, Order, Season, World};

/// Side of one picture on the sheet.
const SIDE: u32 = 128;

fn main() -> Result<(), String> {
    let out = std::env::args().nth(1).unwrap_or("scene.png".into());
    let rows: Vec<World> = Country::ALL
        .map(|country| World { countries: vec![country], ..World::default() })
        .into_iter()
        .chain(Season::ALL.map(|season| World {
            seasons: vec![season],
            countries: Country::ALL.into(),
            ..World::default()
        }))
        .chain(Device::ALL.map(|device| World { devices: vec![device], ..World::default() }))
        .chain(Hour::ALL.map(|hour| World { hours: vec![hour], fog: 0.5, ..World::default() }))
        .collect();
    let columns = Meaning::ALL.len() as u32;
    let mut sheet = image::RgbImage::new(columns * SIDE, rows.len() as u32 * SIDE);
    for (row, world) in rows.into_iter().enumerate() {
        let order = Order { world, count: 24, seed: 3 };
        for column in 0..columns {
            let seen = contract::to_square(&photograph(&order, column as usize).pixels, SIDE);
            for (index, pixel) in seen.data.chunks_exact(3).enumerate() {
                let (x, y) = (index as u32 % SIDE, index as u32 / SIDE);
                sheet.put_pixel(column * SIDE + x, row as u32 * SIDE + y, image::Rgb([pixel[0], pixel[1], pixel[2]]));
            }
        }
    }
    sheet.save(&out).map_err(|e| e.to_string())
}
