//! Flat shapes by their signed distance, and colours. Distances give smooth edges at any size.
//!
//! Only `+ - * /`, `sqrt` and `libm` are used, which give the same bits natively and in wasm.

/// Linear-ish RGB, each 0..1.
pub type Color = [f32; 3];

pub const WHITE: Color = [0.93, 0.93, 0.92];
pub const BLACK: Color = [0.06, 0.06, 0.07];
pub const RED: Color = [0.74, 0.07, 0.10];
pub const BLUE: Color = [0.05, 0.25, 0.60];
pub const YELLOW: Color = [0.95, 0.76, 0.08];
pub const LIME: Color = [0.72, 0.86, 0.12];

/// A point of the sign's plane: x to the right, y down, the plate within -1..1.
pub type Point = [f32; 2];

#[derive(Debug, Clone)]
pub enum Shape {
    Disc(Point, f32),
    /// Convex.
    Polygon(Vec<Edge>),
    /// A line with round ends: from, to, half its width.
    Stroke(Point, Point, f32),
}

/// A side of a polygon, so turned that the inside is on its negative side.
#[derive(Debug, Clone)]
pub struct Edge {
    from: Point,
    way: Point,
    length: f32,
}

impl Edge {
    fn distance(&self, [x, y]: Point) -> f32 {
        (self.way[1] * (x - self.from[0]) - self.way[0] * (y - self.from[1])) / self.length
    }
}

/// One coat of paint.
#[derive(Debug, Clone)]
pub struct Layer {
    shape: Shape,
    color: Color,
    /// Nothing of it lies outside: left, top, right, bottom.
    reach: [f32; 4],
}

impl Layer {
    pub fn new(shape: Shape, color: Color) -> Self {
        let reach = shape.reach();
        Self { shape, color, reach }
    }

    pub fn color(&self) -> Color {
        self.color
    }

    /// Share of a pixel `step` wide that it covers.
    pub fn cover(&self, at: Point, step: f32) -> f32 {
        let [left, top, right, bottom] = self.reach;
        // Most layers of a sign are far from a point of it.
        if at[0] < left - step || at[0] > right + step || at[1] < top - step || at[1] > bottom + step {
            return 0.0;
        }
        cover(self.shape.distance(at), step)
    }
}

impl Shape {
    /// A convex polygon from its corners, in either order.
    pub fn polygon(points: &[Point]) -> Self {
        let sides = || points.iter().zip(points.iter().cycle().skip(1));
        let area: f32 = sides().map(|(a, b)| cross(*a, *b)).sum();
        let turn = if area < 0.0 { -1.0 } else { 1.0 };
        let edge = |(&from, to): (&Point, &Point)| {
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            Edge { from, way: [turn * dx, turn * dy], length: length(dx, dy).max(1e-9) }
        };
        Self::Polygon(sides().map(edge).collect())
    }

    fn reach(&self) -> [f32; 4] {
        match self {
            Shape::Disc([x, y], r) => [x - r, y - r, x + r, y + r],
            Shape::Stroke([ax, ay], [bx, by], half) => {
                [ax.min(*bx) - half, ay.min(*by) - half, ax.max(*bx) + half, ay.max(*by) + half]
            }
            // Its distance is too short outside a sharp corner, so that it shows a little beyond it.
            Shape::Polygon(_) => [f32::NEG_INFINITY, f32::NEG_INFINITY, f32::INFINITY, f32::INFINITY],
        }
    }

    /// Signed distance: negative inside. Exact but for the outside of a polygon's corners.
    fn distance(&self, [x, y]: Point) -> f32 {
        match self {
            Shape::Disc([cx, cy], r) => length(x - cx, y - cy) - r,
            Shape::Stroke([ax, ay], [bx, by], half) => {
                let (dx, dy) = (bx - ax, by - ay);
                let along = ((x - ax) * dx + (y - ay) * dy) / most(dx * dx + dy * dy, 1e-9);
                let t = along.clamp(0.0, 1.0);
                length(x - ax - dx * t, y - ay - dy * t) - half
            }
            Shape::Polygon(edges) => edges.iter().fold(f32::MIN, |worst, edge| most(worst, edge.distance([x, y]))),
        }
    }
}

fn cross(a: Point, b: Point) -> f32 {
    a[0] * b[1] - a[1] * b[0]
}

/// The larger one. `f32::max` is a call in wasm, because of what it does with NaN.
pub fn most(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

pub fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

/// Share of a pixel `width` wide that lies inside a distance.
pub fn cover(distance: f32, width: f32) -> f32 {
    (0.5 - distance / width).clamp(0.0, 1.0)
}

pub fn mix(a: Color, b: Color, t: f32) -> Color {
    [0, 1, 2].map(|c| a[c] + (b[c] - a[c]) * t)
}

pub fn scale(a: Color, by: f32) -> Color {
    a.map(|c| c * by)
}

/// 0 below `low`, 1 above `high`, smooth between.
pub fn smooth(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
