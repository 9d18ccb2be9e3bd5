//! What stands behind a sign: sky, hills, trees, houses, a road and its verge.

use super::noise::{self, Dice};
use super::paint::{Color, cover, mix, most, scale, smooth};
use super::world::{Hour, Season};

struct House {
    left: f32,
    right: f32,
    eaves: f32,
    wall: Color,
    roof: Color,
}

/// Heights at one place across a picture.
pub struct Column {
    /// Ground below, sky above.
    skyline: f32,
    /// Of the hills.
    ridge: f32,
    treetop: f32,
}

/// Drawn once a picture; asked for a colour at each pixel. x and y as of the picture: y down,
/// the shorter side -1..1.
pub struct Backdrop {
    season: Season,
    hour: Hour,
    horizon: f32,
    zenith: Color,
    haze: Color,
    foliage: Color,
    ground: Color,
    clouds: f32,
    houses: Vec<House>,
    trees: f32,
    tree_height: f32,
    road: f32,
    seed: u32,
}

impl Backdrop {
    pub fn new(season: Season, hour: Hour, dice: &mut Dice) -> Self {
        let (zenith, haze): (Color, Color) = match (season, hour) {
            (_, Hour::Night) => ([0.02, 0.03, 0.08], [0.10, 0.10, 0.16]),
            (_, Hour::Dusk) => ([0.22, 0.24, 0.45], [0.95, 0.56, 0.34]),
            (Season::Spring, _) => ([0.48, 0.53, 0.58], [0.68, 0.71, 0.73]),
            (Season::Summer, _) => ([0.22, 0.46, 0.82], [0.72, 0.85, 0.95]),
            (Season::Autumn, _) => ([0.42, 0.55, 0.72], [0.86, 0.83, 0.76]),
            (Season::Winter, _) => ([0.62, 0.69, 0.78], [0.93, 0.88, 0.82]),
        };
        let foliage = match season {
            Season::Spring => [0.30, 0.50, 0.18],
            Season::Summer => [0.14, 0.36, 0.12],
            Season::Autumn => dice.pick(&[[0.72, 0.36, 0.08], [0.66, 0.48, 0.10], [0.55, 0.20, 0.08]]),
            Season::Winter => [0.34, 0.30, 0.28],
        };
        let ground = match season {
            Season::Spring => [0.28, 0.46, 0.18],
            Season::Summer => [0.36, 0.46, 0.20],
            Season::Autumn => [0.50, 0.38, 0.18],
            Season::Winter => [0.86, 0.89, 0.94],
        };
        let houses = (0..dice.pick(&[0, 1, 2, 3])).map(|_| {
            let left = dice.within(-1.6, 1.2);
            House {
                left,
                right: left + dice.within(0.35, 0.8),
                eaves: dice.within(-0.45, 0.0),
                wall: dice.pick(&[[0.82, 0.78, 0.70], [0.72, 0.52, 0.42], [0.62, 0.64, 0.66], [0.90, 0.86, 0.74]]),
                roof: dice.pick(&[[0.48, 0.20, 0.15], [0.30, 0.26, 0.26], [0.38, 0.32, 0.28]]),
            }
        });
        Self {
            season,
            hour,
            houses: houses.collect(),
            horizon: dice.within(0.15, 0.45),
            zenith,
            haze,
            foliage: scale(foliage, dice.within(0.8, 1.2)),
            ground,
            clouds: if season == Season::Spring { 0.2 } else { dice.within(0.35, 0.7) },
            trees: dice.within(0.2, 0.75),
            tree_height: dice.within(0.3, 0.9),
            road: dice.within(-0.6, 0.6),
            seed: dice.seed(),
        }
    }

    /// Colour of what is seen far away, which fog fades to.
    pub fn air(&self) -> Color {
        mix(self.haze, self.zenith, 0.25)
    }

    /// How bright daylight is.
    pub fn light(&self) -> f32 {
        match (self.hour, self.season) {
            (Hour::Night, _) => 0.16,
            (Hour::Dusk, _) => 0.55,
            (Hour::Day, Season::Spring) => 0.8,
            (Hour::Day, _) => 1.0,
        }
    }

    /// What is the same all the way down at `x`.
    pub fn column(&self, x: f32) -> Column {
        let crown = noise::value(x * 1.1 + 9.0, 1.0, self.seed ^ 41);
        Column {
            skyline: self.horizon + 0.05 * noise::value(x * 2.0, 0.0, self.seed),
            ridge: self.horizon - 0.18 - 0.2 * noise::rough(x * 1.3, 3.0, self.seed),
            treetop: self.horizon - self.tree_height * smooth(self.trees, 1.0, crown + 0.25) * 2.0,
        }
    }

    /// `pixel` is the width of a pixel, for smooth edges. Noise is what takes the time: none where it would not show.
    pub fn color(&self, column: &Column, x: f32, y: f32, pixel: f32) -> Color {
        if y > column.skyline {
            return scale(self.floor(x, y - self.horizon), self.light());
        }
        let mut seen = self.sky(x, y);
        let hills = cover(column.ridge - y, pixel);
        if hills > 0.0 {
            seen = mix(seen, self.hills(x, y), hills);
        }
        for house in &self.houses {
            seen = self.house(house, seen, x, y, pixel);
        }
        if y > column.treetop { self.tree(seen, x, y, y - column.treetop) } else { seen }
    }

    fn sky(&self, x: f32, y: f32) -> Color {
        let up = ((self.horizon - y) / (self.horizon + 1.0)).clamp(0.0, 1.0);
        let clear = mix(self.haze, self.zenith, up);
        let cloud = noise::rough(x * 1.4 + 5.0, y * 3.0, self.seed ^ 11);
        let white = mix(self.haze, [0.95, 0.95, 0.96], if self.hour == Hour::Day { 0.7 } else { 0.15 });
        mix(clear, white, smooth(self.clouds, self.clouds + 0.25, cloud) * 0.85)
    }

    fn hills(&self, x: f32, y: f32) -> Color {
        let leaves =
            if self.season == Season::Winter { mix(self.foliage, [0.8, 0.84, 0.9], 0.5) } else { self.foliage };
        let rough = 0.75 + 0.5 * noise::rough(x * 14.0, y * 14.0, self.seed ^ 21);
        mix(scale(leaves, rough * self.light()), self.haze, 0.4)
    }

    fn house(&self, house: &House, behind: Color, x: f32, y: f32, pixel: f32) -> Color {
        let middle = (house.left + house.right) / 2.0;
        let half = (house.right - house.left) / 2.0;
        let away = (x - middle).abs();
        let light = self.light();
        let roof = house.eaves - (half * 1.15 - away) * 0.7;
        let mut seen = behind;
        if away < half * 1.15 {
            let color = if self.season == Season::Winter { [0.88, 0.9, 0.95] } else { house.roof };
            let inside = cover(roof - y, pixel) * cover(y - house.eaves, pixel);
            if inside > 0.0 {
                let tiles = light * (0.85 + 0.3 * noise::value(x * 8.0, y * 40.0, self.seed));
                seen = mix(seen, scale(color, tiles), inside);
            }
        }
        if away < half && y > house.eaves {
            let lit = || scale(house.wall, light * (0.9 + 0.15 * noise::value(x * 20.0, y * 20.0, self.seed ^ 5)));
            // Windows: a grid of dark panes, lit at night.
            let (u, v) = ((x - house.left) / 0.17, (y - house.eaves) / 0.22);
            let (pane_x, pane_y) = (u - u.floor(), v - v.floor());
            let pane = (0.3..0.75).contains(&pane_x) && (0.25..0.7).contains(&pane_y);
            let on = noise::at(u.floor() as i32, v.floor() as i32, self.seed ^ 31) > 0.5;
            let glass = match (self.hour, on) {
                (Hour::Day, _) => [0.22, 0.27, 0.33],
                (_, true) => [0.95, 0.78, 0.42],
                (_, false) => [0.07, 0.08, 0.11],
            };
            seen = mix(seen, if pane { glass } else { lit() }, cover(away - half, pixel));
        }
        seen
    }

    /// Leaves where noise is dense, thinning out upwards; bare branches in winter.
    /// `depth` is the distance under its top.
    fn tree(&self, behind: Color, x: f32, y: f32, depth: f32) -> Color {
        let inside = smooth(0.0, 0.35, depth);
        let winter = self.season == Season::Winter;
        let grain = if winter { 34.0 } else { 11.0 };
        let dense = noise::rough(x * grain, y * grain * if winter { 0.4 } else { 1.0 }, self.seed ^ 43);
        let leaf = smooth(0.42, 0.52, dense * inside + if winter { 0.02 } else { 0.14 } * inside);
        if leaf == 0.0 {
            return behind;
        }
        let shade = 0.55 + 0.9 * noise::value(x * 22.0, y * 22.0, self.seed ^ 47);
        mix(behind, scale(self.foliage, shade * self.light()), leaf * smooth(0.0, 0.05, depth))
    }

    /// The road runs to a vanishing point; `depth` is the distance under the horizon.
    fn floor(&self, x: f32, depth: f32) -> Color {
        let far = most(depth, 0.01);
        let across = (x - self.road * (1.0 - far)) / (0.15 + far * 1.3);
        let grain = noise::rough(x / far * 1.5, 3.0 / far, self.seed ^ 51);
        let verge = scale(self.ground, 0.75 + 0.5 * grain);
        let wet = if self.season == Season::Spring { 0.7 } else { 1.0 };
        let asphalt = scale([0.36, 0.36, 0.37], wet * (0.85 + 0.3 * grain));
        let asphalt =
            if self.season == Season::Winter { mix(asphalt, [0.8, 0.83, 0.88], 0.6 * grain) } else { asphalt };
        let dash = across.abs() < 0.05 && (4.0 / far) % 4.0 < 2.0;
        let road = if dash { mix(asphalt, [0.9, 0.9, 0.88], 0.8) } else { asphalt };
        mix(road, verge, smooth(0.92, 1.0, across.abs()))
    }
}
