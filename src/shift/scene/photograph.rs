//! One photograph: a sign on its pole, seen in perspective, in weather, through a camera.

use super::backdrop::{Backdrop, Column};
use super::camera;
use super::canvas::Canvas;
use super::noise::{self, Dice};
use super::paint::{Color, Layer, cover, length, mix, most, scale, smooth};
use super::signs::sign;
use super::world::{Country, Device, Hour, Meaning, Order, Season};
use crate::image::{Rgb8, decode};
use image::codecs::jpeg::JpegEncoder;

/// A rendered picture and what is true of it.
pub struct Photograph {
    pub meaning: Meaning,
    pub country: Country,
    pub season: Season,
    pub hour: Hour,
    pub device: Device,
    pub pixels: Rgb8,
    /// As the device saves it: JPEG.
    pub file: Vec<u8>,
}

impl Photograph {
    /// What the device saved: compression included.
    pub fn saved(&self) -> Rgb8 {
        decode::decode(&self.file).map_or_else(|_| self.pixels.clone(), |decoded| decoded.pixels)
    }

    /// A file name that says what is shown.
    pub fn name(&self, index: usize) -> String {
        let words = [self.country.name(), self.season.name(), self.hour.name(), self.device.name()];
        format!("{}-{:04}.jpg", words.join("-").to_lowercase().replace(' ', "-"), index + 1)
    }
}

/// Picture `index` of an order that was checked. Meanings take turns; all else is drawn.
pub fn photograph(order: &Order, index: usize) -> Photograph {
    let mut dice = Dice::new(order.seed, index);
    let world = &order.world;
    let meaning = Meaning::ALL[index % Meaning::ALL.len()];
    let country = dice.pick(&world.countries);
    let season = dice.pick(&world.seasons);
    let hour = dice.pick(&world.hours);
    let device = dice.pick(&world.devices);
    let mut canvas = paint(Sight { meaning, country, season, hour, device, fog: world.fog }, &mut dice);
    camera::expose(&mut canvas, device, &mut dice);
    let pixels = canvas.to_rgb8();
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, camera::quality(device))
        .encode(&pixels.data, pixels.width, pixels.height, image::ExtendedColorType::Rgb8)
        .expect("writing to memory does not fail");
    Photograph { meaning, country, season, hour, device, pixels, file }
}

struct Sight {
    meaning: Meaning,
    country: Country,
    season: Season,
    hour: Hour,
    device: Device,
    fog: f32,
}

/// Where the sign's plane is: a pinhole camera at the origin looks along z.
struct Pose {
    centre: [f32; 3],
    right: [f32; 3],
    down: [f32; 3],
    normal: [f32; 3],
    size: f32,
}

/// Focal length in units of half the picture's shorter side.
const FOCAL: f32 = 2.2;

impl Pose {
    fn roll(device: Device, dice: &mut Dice) -> Self {
        let size = if device == Device::Dashcam { dice.within(0.3, 0.55) } else { dice.within(0.42, 0.7) };
        let (yaw, pitch, tilt) = (dice.within(-0.6, 0.6), dice.within(-0.15, 0.2), dice.within(-0.12, 0.12));
        let [(sy, cy), (sp, cp), (st, ct)] = [yaw, pitch, tilt].map(|a| (libm::sinf(a), libm::cosf(a)));
        // Turned by yaw about the vertical, pitch about the horizontal, tilt about the view.
        let turn = |[x, y, z]: [f32; 3]| {
            let (x, y) = (ct * x - st * y, st * x + ct * y);
            let (y, z) = (cp * y - sp * z, sp * y + cp * z);
            [cy * x + sy * z, y, -sy * x + cy * z]
        };
        let at = |x: f32, y: f32| [x, y, FOCAL];
        Self {
            centre: at(dice.within(-0.3, 0.3), dice.within(-0.35, 0.15)),
            right: turn([1.0, 0.0, 0.0]),
            down: turn([0.0, 1.0, 0.0]),
            normal: turn([0.0, 0.0, 1.0]),
            size,
        }
    }

    /// The point of the sign's plane behind (x, y) of the picture.
    fn seen_at(&self, x: f32, y: f32) -> [f32; 2] {
        let ray = [x, y, FOCAL];
        let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let t = dot(self.centre, self.normal) / most(dot(ray, self.normal), 0.05);
        let to = [0, 1, 2].map(|i| ray[i] * t - self.centre[i]);
        [dot(to, self.right) / self.size, dot(to, self.down) / self.size]
    }
}

fn paint(sight: Sight, dice: &mut Dice) -> Canvas {
    let (width, height) = camera::frame(sight.device);
    let mut canvas = Canvas::new(width, height);
    let speed = dice.pick(&[30, 40, 50, 60, 70, 80]);
    let plate = sign(sight.meaning, sight.country, speed);
    let backdrop = Backdrop::new(sight.season, sight.hour, dice);
    let pose = Pose::roll(sight.device, dice);
    let surface = Surface::roll(&sight, &backdrop, dice);
    let air = Air::roll(&sight, dice);
    let half = width.min(height) as f32 / 2.0;
    let pixel = 1.0 / half;
    let across = |px: usize| (px as f32 + 0.5 - width as f32 / 2.0) / half;
    let columns: Vec<Column> = (0..width).map(|px| backdrop.column(across(px))).collect();
    canvas.each(|px, py, _| {
        let x = across(px);
        let y = (py as f32 + 0.5 - height as f32 / 2.0) / half;
        let mut color = mix(backdrop.color(&columns[px], x, y, pixel), backdrop.air(), air.fog);
        let at = pose.seen_at(x, y);
        // Only near the sign is it worth looking closer; the pole reaches down from it.
        if at[0].abs() < 1.3 && at[1] > -1.4 {
            let step = pixel / pose.size * 1.2;
            if at[1] > 0.0 {
                let shade = 0.45 + 0.35 * most(1.0 - (at[0] / 0.07 - 0.3).abs(), 0.0);
                let metal = mix(scale([0.62, 0.63, 0.65], shade * backdrop.light()), backdrop.air(), air.fog * 0.6);
                color = mix(color, metal, cover(at[0].abs() - 0.07, step));
            }
            if at[1] < 1.4 {
                color = surface.over(color, &plate, at, step, backdrop.air(), air.fog * 0.6);
            }
        }
        air.through(color, x, y, backdrop.light())
    });
    canvas
}

/// The plate's condition and light: dirt, snow, a shine.
struct Surface {
    light: f32,
    tint: Color,
    slope: [f32; 2],
    snow: f32,
    dirt: f32,
    seed: u32,
}

impl Surface {
    fn roll(sight: &Sight, backdrop: &Backdrop, dice: &mut Dice) -> Self {
        // Signs throw back headlights: they stay readable at night.
        let light =
            if sight.hour == Hour::Night { dice.within(0.5, 0.9) } else { backdrop.light() * dice.within(0.8, 1.08) };
        let low_sun = sight.season == Season::Winter || sight.hour == Hour::Dusk;
        Self {
            light,
            tint: if low_sun && sight.hour != Hour::Night { [1.06, 0.97, 0.86] } else { [1.0, 1.0, 1.0] },
            slope: [dice.within(-0.18, 0.18), dice.within(-0.15, 0.1)],
            snow: if sight.season == Season::Winter { dice.within(0.15, 0.75) } else { 0.0 },
            dirt: dice.within(0.0, 0.25),
            seed: dice.seed(),
        }
    }

    fn over(&self, behind: Color, plate: &[Layer], at: [f32; 2], step: f32, air: Color, fog: f32) -> Color {
        let Some(base) = plate.first() else { return behind };
        let inside = base.cover(at, step);
        let mut color = behind;
        if inside > 0.0 {
            let paint =
                plate.iter().fold(base.color(), |under, layer| mix(under, layer.color(), layer.cover(at, step)));
            let lit = self.light * (1.0 + self.slope[0] * at[0] + self.slope[1] * at[1]);
            let dirty = 1.0 - self.dirt * noise::rough(at[0] * 2.5, at[1] * 2.5, self.seed);
            let paint = [0, 1, 2].map(|c| paint[c] * lit * dirty * self.tint[c]);
            color = mix(behind, mix(paint, air, fog), inside);
        }
        if self.snow > 0.0 {
            color = mix(color, scale([0.95, 0.97, 1.0], self.light.max(0.4)), self.snow_at(base, at, step));
        }
        color
    }

    /// Snow sticks in patches, thickest at the top, and lies on the upper edge.
    fn snow_at(&self, base: &Layer, at: [f32; 2], step: f32) -> f32 {
        let patch = noise::rough(at[0] * 2.2 + 4.0, at[1] * 2.2, self.seed ^ 3);
        let stuck = smooth(0.0, 0.12, patch - 0.95 + self.snow * (0.75 - 0.3 * at[1]));
        let inside = base.cover(at, step);
        let face = stuck * inside;
        // What is outside now, but inside a little lower, lies on the edge.
        let lower = [at[0], at[1] + 0.1 * (0.5 + self.snow) * (0.5 + noise::value(at[0] * 4.0, 0.0, self.seed))];
        let cap = (1.0 - inside) * base.cover(lower, step);
        most(face, cap)
    }
}

/// What is in the air between camera and sign.
struct Air {
    fog: f32,
    season: Season,
    seed: u32,
    slant: f32,
}

impl Air {
    fn roll(sight: &Sight, dice: &mut Dice) -> Self {
        let haze = if sight.season == Season::Spring { 0.12 } else { 0.0 };
        let fog = (haze + sight.fog * dice.within(0.8, 1.0)).min(1.0);
        Self { fog, season: sight.season, seed: dice.seed(), slant: dice.within(-0.25, 0.25) }
    }

    fn through(&self, color: Color, x: f32, y: f32, light: f32) -> Color {
        match self.season {
            Season::Spring => {
                let streak = noise::value((x + y * self.slant) * 42.0, y * 3.2, self.seed);
                mix(color, [0.8, 0.83, 0.87].map(|c| c * light), smooth(0.78, 0.95, streak) * 0.4)
            }
            Season::Winter => {
                flakes(color, x, y, 6.0, 0.035, 0.62, self.seed, [0.96, 0.97, 1.0].map(|c| c * light.max(0.5)))
            }
            Season::Autumn => flakes(color, x, y, 3.2, 0.04, 0.8, self.seed, [0.72, 0.36, 0.10].map(|c| c * light)),
            Season::Summer => color,
        }
    }
}

/// Small things in the air: at most one a cell, round, in a share of the cells.
#[expect(clippy::too_many_arguments, reason = "plain numbers of one drawing")]
fn flakes(color: Color, x: f32, y: f32, cells: f32, size: f32, rare: f32, seed: u32, flake: Color) -> Color {
    let (u, v) = (x * cells, y * cells);
    let (ix, iy) = (u.floor(), v.floor());
    let roll = |which: u32| noise::at(ix as i32, iy as i32, seed ^ which);
    if roll(1) < rare {
        return color;
    }
    let centre = [ix + 0.22 + 0.56 * roll(2), iy + 0.22 + 0.56 * roll(3)];
    let away = length(u - centre[0], v - centre[1]) / cells;
    mix(color, flake, 0.9 * smooth(size, size * 0.4, away))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shift::scene::world::World;
    use std::collections::HashSet;

    fn everything() -> World {
        World {
            countries: Country::ALL.into(),
            seasons: Season::ALL.into(),
            hours: Hour::ALL.into(),
            devices: Device::ALL.into(),
            fog: 0.3,
        }
    }

    fn fnv(bytes: &[u8]) -> u64 {
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3))
    }

    #[test]
    fn the_same_order_gives_the_same_bytes_and_another_seed_others() {
        let order = Order { world: everything(), count: 48, seed: 5 };
        for index in [0, 13, 47] {
            let [a, b] = [photograph(&order, index), photograph(&order, index)];
            assert_eq!((a.file, a.pixels), (b.file, b.pixels));
        }
        let other = Order { seed: 6, ..order.clone() };
        assert_ne!(photograph(&order, 3).file, photograph(&other, 3).file);
    }

    #[test]
    fn no_two_pictures_are_equal_and_every_meaning_has_its_share() {
        let order = Order::first_visit();
        let shots: Vec<_> = (0..order.count).map(|i| photograph(&order, i)).collect();
        let distinct: HashSet<u64> = shots.iter().map(|s| fnv(&s.file)).collect();
        assert_eq!(distinct.len(), order.count);
        for meaning in Meaning::ALL {
            assert_eq!(shots.iter().filter(|s| s.meaning == meaning).count(), order.count / 8);
        }
        assert!(shots.iter().all(|s| s.country == Country::Germany && s.device == Device::Phone));
    }

    #[test]
    fn every_sign_of_every_country_differs_from_every_other() {
        let mut seen = HashSet::new();
        for meaning in Meaning::ALL {
            for country in Country::ALL {
                let plate = sign(meaning, country, 50);
                assert!(plate.len() > 1, "{meaning:?} in {country:?} is a bare plate");
                seen.insert((meaning, format!("{plate:?}")));
            }
        }
        // Some signs are the same in several countries; no meaning looks the same in all five.
        for meaning in Meaning::ALL {
            let looks = seen.iter().filter(|(m, _)| *m == meaning).count();
            assert!(looks >= 2, "{meaning:?} looks the same everywhere");
        }
    }

    #[test]
    fn the_knobs_show() {
        let mean = |world: World| {
            let order = Order { world, count: 24, seed: 2 };
            let all: Vec<u8> = (0..24).flat_map(|i| photograph(&order, i).pixels.data).collect();
            all.iter().map(|b| f64::from(*b)).sum::<f64>() / all.len() as f64
        };
        let day = mean(World::default());
        let night = mean(World { hours: vec![Hour::Night], ..World::default() });
        let winter = mean(World { seasons: vec![Season::Winter], ..World::default() });
        assert!(night < day - 10.0, "night {night} is as bright as day {day}");
        assert!((winter - day).abs() > 3.0, "winter {winter} looks like summer {day}");
    }

    #[test]
    fn a_wrong_order_is_refused_with_a_sentence() {
        let wrong = [
            Order { count: 23, ..Order::first_visit() },
            Order { count: 2001, ..Order::first_visit() },
            Order { world: World { countries: vec![], ..World::default() }, ..Order::first_visit() },
            Order { world: World { fog: f32::NAN, ..World::default() }, ..Order::first_visit() },
        ];
        for order in wrong {
            assert!(order.check().unwrap_err().ends_with('.'));
        }
        assert_eq!(Order::first_visit().check(), Ok(()));
    }
}
