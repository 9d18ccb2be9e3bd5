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
    /// Convex, in either order.
    Polygon(Vec<Point>),
    /// A line with round ends: from, to, half its width.
    Stroke(Point, Point, f32),
}

/// One coat of paint.
#[derive(Debug, Clone)]
pub struct Layer {
    pub shape: Shape,
    pub color: Color,
}

impl Shape {
    /// Signed distance: negative inside. Exact but for the outside of a polygon's corners.
    pub fn distance(&self, [x, y]: Point) -> f32 {
        match self {
            Shape::Disc([cx, cy], r) => length(x - cx, y - cy) - r,
            Shape::Stroke([ax, ay], [bx, by], half) => {
                let (dx, dy) = (bx - ax, by - ay);
                let along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy).max(1e-9);
                let t = along.clamp(0.0, 1.0);
                length(x - ax - dx * t, y - ay - dy * t) - half
            }
            Shape::Polygon(points) => {
                let n = points.len();
                let area: f32 = (0..n).map(|i| cross(points[i], points[(i + 1) % n])).sum();
                let turn = if area < 0.0 { -1.0 } else { 1.0 };
                (0..n).fold(f32::MIN, |worst, i| {
                    let ([ax, ay], [bx, by]) = (points[i], points[(i + 1) % n]);
                    let (dx, dy) = (bx - ax, by - ay);
                    worst.max(turn * (dy * (x - ax) - dx * (y - ay)) / length(dx, dy).max(1e-9))
                })
            }
        }
    }
}

fn cross(a: Point, b: Point) -> f32 {
    a[0] * b[1] - a[1] * b[0]
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
