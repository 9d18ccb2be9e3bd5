//! What a meaning looks like in a country: coats of paint on a plate, after the public standards
//! (Germany: StVO; USA: MUTCD; Japan: Ordinance on Road Signs; Brazil: CONTRAN; India: IRC 67).

use super::letters::write;
use super::paint::{BLACK, BLUE, Color, LIME, Layer, Point, RED, Shape, WHITE, YELLOW};
use super::world::{Country, Meaning};

/// The sign, back to front. `speed` is the number on a speed limit.
pub fn sign(meaning: Meaning, country: Country, speed: u32) -> Vec<Layer> {
    let mut plate = Vec::new();
    let l = &mut plate;
    match meaning {
        Meaning::Stop => stop(l, country),
        Meaning::GiveWay => give_way(l, country),
        Meaning::NoEntry => no_entry(l, country),
        Meaning::SpeedLimit => speed_limit(l, country, speed),
        Meaning::Crossing => crossing(l, country),
        Meaning::Roundabout => roundabout(l, country),
        Meaning::NoParking => no_parking(l, country),
        Meaning::NoOvertaking => no_overtaking(l, country),
    }
    plate
}

fn stop(l: &mut Vec<Layer>, country: Country) {
    match country {
        Country::Japan => {
            triangle_down(l, 1.0, WHITE);
            triangle_down(l, 0.9, RED);
            write(l, "止まれ", [0.0, -0.3], 0.42, 0.17, WHITE);
            write(l, "STOP", [0.0, 0.08], 0.2, 0.2, WHITE);
        }
        _ => {
            regular(l, 8, 1.0, WHITE);
            regular(l, 8, 0.92, RED);
            write(l, if country == Country::Brazil { "PARE" } else { "STOP" }, [0.0, 0.0], 0.52, 0.19, WHITE);
        }
    }
}

fn give_way(l: &mut Vec<Layer>, country: Country) {
    triangle_down(l, 1.0, RED);
    triangle_down(l, if country == Country::Usa { 0.55 } else { 0.68 }, WHITE);
    match country {
        Country::Usa => write(l, "YIELD", [0.0, -0.28], 0.19, 0.2, RED),
        Country::Japan => write(l, "徐行", [0.0, -0.25], 0.36, 0.16, BLUE),
        _ => {}
    }
}

fn no_entry(l: &mut Vec<Layer>, country: Country) {
    match country {
        Country::Usa => {
            rect(l, [0.0, 0.0], 1.0, 1.0, WHITE);
            disc(l, 0.92, RED);
            rect(l, [0.0, 0.0], 0.68, 0.15, WHITE);
        }
        Country::Brazil => {
            ring(l, RED, WHITE);
            arrow(l, [0.0, 0.6], [0.0, -0.55], BLACK);
            slash(l, RED);
        }
        _ => {
            disc(l, 1.0, WHITE);
            disc(l, 0.95, RED);
            rect(l, [0.0, 0.0], 0.7, 0.17, WHITE);
        }
    }
}

fn speed_limit(l: &mut Vec<Layer>, country: Country, speed: u32) {
    let number = speed.to_string();
    match country {
        Country::Usa => {
            rect(l, [0.0, 0.0], 0.8, 1.0, WHITE);
            frame(l, 0.74, 0.94);
            write(l, "SPEED", [0.0, -0.7], 0.24, 0.18, BLACK);
            write(l, "LIMIT", [0.0, -0.36], 0.24, 0.18, BLACK);
            write(l, &number, [0.0, 0.38], 0.82, 0.16, BLACK);
        }
        _ => {
            ring(l, RED, WHITE);
            write(l, &number, [0.0, 0.0], 0.78, 0.17, if country == Country::Japan { BLUE } else { BLACK });
        }
    }
}

fn crossing(l: &mut Vec<Layer>, country: Country) {
    match country {
        Country::Germany => {
            rect(l, [0.0, 0.0], 0.95, 0.95, WHITE);
            rect(l, [0.0, 0.0], 0.9, 0.9, BLUE);
            polygon(l, &[[0.0, -0.82], [0.8, 0.7], [-0.8, 0.7]], WHITE);
            stripes(l, 0.6, BLACK);
            walker(l, [0.0, 0.08], 0.62, BLACK);
        }
        Country::Usa => {
            diamond(l, LIME);
            walker(l, [0.0, 0.0], 0.95, BLACK);
        }
        Country::Japan => {
            polygon(l, &[[0.0, -1.0], [0.85, -0.3], [0.85, 0.9], [-0.85, 0.9], [-0.85, -0.3]], WHITE);
            polygon(l, &[[0.0, -0.93], [0.79, -0.27], [0.79, 0.84], [-0.79, 0.84], [-0.79, -0.27]], BLUE);
            stripes(l, 0.66, WHITE);
            walker(l, [0.0, 0.0], 0.72, WHITE);
        }
        Country::Brazil => {
            diamond(l, YELLOW);
            stripes(l, 0.4, BLACK);
            walker(l, [0.0, -0.1], 0.72, BLACK);
        }
        Country::India => {
            warning(l);
            walker(l, [0.0, 0.12], 0.56, BLACK);
        }
    }
}

fn roundabout(l: &mut Vec<Layer>, country: Country) {
    match country {
        Country::Germany | Country::Japan => {
            disc(l, 1.0, WHITE);
            disc(l, 0.95, BLUE);
            circling(l, [0.0, 0.0], 0.55, country == Country::Japan, WHITE);
        }
        Country::Usa => {
            diamond(l, YELLOW);
            circling(l, [0.0, 0.0], 0.42, false, BLACK);
        }
        Country::Brazil => {
            ring(l, RED, WHITE);
            circling(l, [0.0, 0.0], 0.48, false, BLACK);
        }
        // India drives on the left: the arrows turn clockwise.
        Country::India => {
            warning(l);
            circling(l, [0.0, 0.2], 0.3, true, BLACK);
        }
    }
}

fn no_parking(l: &mut Vec<Layer>, country: Country) {
    match country {
        Country::Usa => {
            rect(l, [0.0, 0.0], 1.0, 1.0, WHITE);
            write(l, "P", [0.0, 0.0], 0.85, 0.2, BLACK);
            prohibited(l, 0.9);
        }
        Country::Brazil => {
            ring(l, RED, WHITE);
            write(l, "E", [0.0, 0.0], 0.8, 0.2, BLACK);
            slash(l, RED);
        }
        _ => {
            disc(l, 1.0, RED);
            disc(l, 0.8, BLUE);
            slash(l, RED);
        }
    }
}

fn no_overtaking(l: &mut Vec<Layer>, country: Country) {
    match country {
        Country::Usa => {
            rect(l, [0.0, 0.0], 0.8, 1.0, WHITE);
            frame(l, 0.74, 0.94);
            for (line, word) in ["DO", "NOT", "PASS"].into_iter().enumerate() {
                write(l, word, [0.0, line as f32 * 0.55 - 0.55], 0.36, 0.18, BLACK);
            }
        }
        // A car's way around another, crossed out.
        Country::Japan => {
            ring(l, RED, WHITE);
            arrow(l, [0.25, 0.6], [0.25, -0.55], BLUE);
            chain(l, &[[-0.3, 0.6], [-0.3, 0.2], [0.05, 0.0], [0.05, -0.3]], 0.07, BLUE);
            slash(l, RED);
        }
        _ => {
            ring(l, RED, WHITE);
            car(l, [-0.34, 0.06], if country == Country::Germany { RED } else { BLACK });
            car(l, [0.34, 0.06], BLACK);
            if country != Country::Germany {
                slash(l, RED);
            }
        }
    }
}

// The parts signs are made of.

fn disc(l: &mut Vec<Layer>, r: f32, color: Color) {
    l.push(Layer::new(Shape::Disc([0.0, 0.0], r), color));
}

fn ring(l: &mut Vec<Layer>, edge: Color, face: Color) {
    disc(l, 1.0, edge);
    disc(l, 0.78, face);
}

fn polygon(l: &mut Vec<Layer>, points: &[Point], color: Color) {
    l.push(Layer::new(Shape::polygon(points), color));
}

fn rect(l: &mut Vec<Layer>, [x, y]: Point, w: f32, h: f32, color: Color) {
    polygon(l, &[[x - w, y - h], [x + w, y - h], [x + w, y + h], [x - w, y + h]], color);
}

/// A thin black line inside the edge, as on the white plates of the USA.
fn frame(l: &mut Vec<Layer>, w: f32, h: f32) {
    rect(l, [0.0, 0.0], w, h, BLACK);
    rect(l, [0.0, 0.0], w - 0.04, h - 0.04, WHITE);
}

/// A regular polygon standing on an edge.
fn regular(l: &mut Vec<Layer>, corners: u32, r: f32, color: Color) {
    let step = core::f32::consts::TAU / corners as f32;
    let points: Vec<Point> = (0..corners)
        .map(|i| (i as f32 + 0.5) * step)
        .map(|angle| [libm::sinf(angle) * r * 1.08, libm::cosf(angle) * r * 1.08])
        .collect();
    polygon(l, &points, color);
}

fn triangle_down(l: &mut Vec<Layer>, r: f32, color: Color) {
    // Shrinks towards its centre of gravity.
    polygon(l, &[[-r, -0.27 - 0.58 * r], [r, -0.27 - 0.58 * r], [0.0, -0.27 + 1.16 * r]], color);
}

/// The white triangle with a red edge of a warning.
fn warning(l: &mut Vec<Layer>) {
    for (r, color) in [(1.0, RED), (0.72, WHITE)] {
        polygon(l, &[[0.0, 0.27 - 1.16 * r], [r, 0.27 + 0.58 * r], [-r, 0.27 + 0.58 * r]], color);
    }
}

fn diamond(l: &mut Vec<Layer>, color: Color) {
    for (r, color) in [(1.05, color), (0.98, BLACK), (0.93, color)] {
        polygon(l, &[[0.0, -r], [r, 0.0], [0.0, r], [-r, 0.0]], color);
    }
}

fn chain(l: &mut Vec<Layer>, points: &[Point], half: f32, color: Color) {
    for pair in points.windows(2) {
        l.push(Layer::new(Shape::Stroke(pair[0], pair[1], half), color));
    }
}

fn slash(l: &mut Vec<Layer>, color: Color) {
    chain(l, &[[-0.62, -0.62], [0.62, 0.62]], 0.09, color);
}

/// A red circle with a bar, over what is under it.
fn prohibited(l: &mut Vec<Layer>, r: f32) {
    circle(l, [0.0, 0.0], r - 0.09, 0.0, 1.0, 0.09, RED);
    slash(l, RED);
}

/// Part of a circle's line, in turns from the top, clockwise.
fn circle(l: &mut Vec<Layer>, middle: Point, r: f32, from: f32, to: f32, half: f32, color: Color) {
    let steps = ((to - from) * 24.0) as usize + 2;
    let points: Vec<Point> = (0..steps)
        .map(|i| (from + (to - from) * i as f32 / (steps - 1) as f32) * core::f32::consts::TAU)
        .map(|angle| [middle[0] + libm::sinf(angle) * r, middle[1] - libm::cosf(angle) * r])
        .collect();
    chain(l, &points, half, color);
}

/// Three arrows in a circle.
fn circling(l: &mut Vec<Layer>, [x, y]: Point, r: f32, clockwise: bool, color: Color) {
    let turn = if clockwise { 1.0 } else { -1.0 };
    for third in 0..3 {
        let from = third as f32 / 3.0;
        circle(l, [x, y], r, turn * from, turn * (from + 0.2), r * 0.17, color);
        let at = |turns: f32, r: f32| {
            let angle = turn * turns * core::f32::consts::TAU;
            [x + libm::sinf(angle) * r, y - libm::cosf(angle) * r]
        };
        polygon(l, &[at(from + 0.2, r * 1.45), at(from + 0.31, r), at(from + 0.2, r * 0.55)], color);
    }
}

fn arrow(l: &mut Vec<Layer>, from: Point, [x, y]: Point, color: Color) {
    chain(l, &[from, [x, y + 0.2]], 0.09, color);
    polygon(l, &[[x, y], [x + 0.22, y + 0.3], [x - 0.22, y + 0.3]], color);
}

fn car(l: &mut Vec<Layer>, [x, y]: Point, color: Color) {
    rect(l, [x, y], 0.27, 0.15, color);
    polygon(l, &[[x - 0.16, y - 0.36], [x + 0.16, y - 0.36], [x + 0.22, y - 0.12], [x - 0.22, y - 0.12]], color);
    for side in [-0.19, 0.19] {
        rect(l, [x + side, y + 0.2], 0.06, 0.09, color);
    }
}

/// Somebody walking, `height` tall.
fn walker(l: &mut Vec<Layer>, [x, y]: Point, height: f32, color: Color) {
    let at = |dx: f32, dy: f32| [x + dx * height, y + dy * height];
    l.push(Layer::new(Shape::Disc(at(0.03, -0.55), height * 0.12), color));
    let mut limb = |points: &[Point], half: f32| chain(l, points, half * height, color);
    limb(&[at(0.0, -0.33), at(-0.03, 0.08)], 0.11);
    limb(&[at(-0.03, 0.08), at(0.22, 0.34), at(0.26, 0.62)], 0.07);
    limb(&[at(-0.03, 0.08), at(-0.14, 0.36), at(-0.34, 0.58)], 0.07);
    limb(&[at(0.0, -0.32), at(0.24, -0.14), at(0.34, -0.02)], 0.05);
    limb(&[at(-0.02, -0.32), at(-0.22, -0.12), at(-0.24, 0.1)], 0.05);
}

/// The stripes of a zebra crossing at the walker's feet.
fn stripes(l: &mut Vec<Layer>, y: f32, color: Color) {
    for i in -2..=2 {
        rect(l, [i as f32 * 0.2, y], 0.05, 0.07, color);
    }
}
