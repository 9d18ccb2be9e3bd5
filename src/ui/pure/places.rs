//! A plane of points on the screen: fitting it into a frame, and finding one's way on it.

/// Places `[n, 2]` scaled into 0..=1 both ways, keeping proportions, with the middle in the middle.
pub fn fit(places: &[f32]) -> Vec<(f32, f32)> {
    let extent = |axis: usize| {
        let all = places.iter().skip(axis).step_by(2);
        let (low, high) = all.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        (low + high, high - low)
    };
    let ((mx, wx), (my, wy)) = (extent(0), extent(1));
    let widest = wx.max(wy).max(f32::MIN_POSITIVE);
    let place = |p: &[f32]| ((p[0] - mx / 2.0) / widest + 0.5, (p[1] - my / 2.0) / widest + 0.5);
    places.chunks_exact(2).map(place).collect()
}

/// The nearest point within `reach`.
pub fn at(points: &[(f32, f32)], x: f32, y: f32, reach: f32) -> Option<usize> {
    let distance = |p: &(f32, f32)| (p.0 - x).hypot(p.1 - y);
    let nearest = points.iter().enumerate().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))?;
    (distance(nearest.1) <= reach).then_some(nearest.0)
}

/// The next point in a direction (`dx`, `dy`: one of them 1 or -1): the nearest of those that lie more that way
/// than to the side.
pub fn towards(points: &[(f32, f32)], from: usize, dx: f32, dy: f32) -> Option<usize> {
    let own = points.get(from)?;
    let step = |p: &(f32, f32)| {
        let (x, y) = (p.0 - own.0, p.1 - own.1);
        let (ahead, aside) = (x * dx + y * dy, (x * dy - y * dx).abs());
        (ahead > 0.0 && ahead >= aside).then_some(ahead + aside)
    };
    let ways = points.iter().enumerate().filter(|(i, _)| *i != from).filter_map(|(i, p)| Some((i, step(p)?)));
    ways.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arrows_go_where_they_point() {
        let points = [(0.5, 0.5), (0.9, 0.5), (0.6, 0.45), (0.5, 0.1), (0.1, 0.9)];
        assert_eq!(towards(&points, 0, 1.0, 0.0), Some(2));
        assert_eq!(towards(&points, 2, 1.0, 0.0), Some(1));
        assert_eq!(towards(&points, 0, 0.0, -1.0), Some(3));
        assert_eq!(towards(&points, 0, -1.0, 0.0), Some(4));
        assert_eq!(towards(&points, 9, 1.0, 0.0), None);
        assert_eq!(at(&points, 0.58, 0.46, 0.1), Some(2));
        assert_eq!(at(&points, 0.3, 0.3, 0.1), None);
    }

    proptest! {
        #[test]
        fn everything_is_inside_the_frame(places in prop::collection::vec(-50f32..50.0, 0..40)) {
            for (x, y) in fit(&places) {
                prop_assert!((-1e-4..=1.0001).contains(&x) && (-1e-4..=1.0001).contains(&y));
            }
        }
    }
}
