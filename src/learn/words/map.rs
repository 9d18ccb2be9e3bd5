//! Words that are near each other in the model's table, and a picture of them.

use super::readout::Readout;

/// The `count` guessed words whose vectors point most nearly the same way as `word`'s, with their cosines,
/// nearest first.
pub fn nearest(readout: &Readout, word: u32, count: usize) -> Vec<(u32, f32)> {
    let unit = |row: &[f32]| {
        let length = row.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-9);
        row.iter().map(|v| v / length).collect::<Vec<_>>()
    };
    let Some(own) = readout.table.chunks_exact(readout.narrow).nth(word as usize).map(unit) else { return Vec::new() };
    let rows = (0u32..).zip(readout.table.chunks_exact(readout.narrow)).zip(readout.guessed.iter());
    let others = rows.filter(|((other, _), ok)| **ok && *other != word);
    let mut all: Vec<(u32, f32)> =
        others.map(|((other, row), _)| (other, unit(row).iter().zip(&own).map(|(a, b)| a * b).sum())).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.truncate(count);
    all
}

/// Principal components of some words' vectors: a point in -1..1 for each, and the share of their spread that
/// the two directions show. By power iteration on the inner products, since there are few words.
pub fn plane(readout: &Readout, words: &[u32]) -> (Vec<(f32, f32)>, f32) {
    let (n, narrow) = (words.len(), readout.narrow);
    let row = |w: &u32| readout.table.get(*w as usize * narrow..(*w as usize + 1) * narrow).unwrap_or(&[]);
    let mut rows: Vec<Vec<f64>> = words.iter().map(|w| row(w).iter().map(|v| f64::from(*v)).collect()).collect();
    if rows.iter().any(Vec::is_empty) || n < 3 {
        return (vec![(0.0, 0.0); n], 0.0);
    }
    for d in 0..narrow {
        let mean = rows.iter().map(|r| r[d]).sum::<f64>() / n as f64;
        rows.iter_mut().for_each(|r| r[d] -= mean);
    }
    let mut inner: Vec<Vec<f64>> =
        rows.iter().map(|a| rows.iter().map(|b| a.iter().zip(b).map(|(x, y)| x * y).sum()).collect()).collect();
    let total: f64 = (0..n).map(|i| inner[i][i]).sum();
    let mut shown = 0.0;
    let mut axis = |seed: f64| -> Vec<f64> {
        let mut v: Vec<f64> = (0..n).map(|i| (i as f64 * seed).sin() + 0.1).collect();
        let mut size = 0.0;
        for _ in 0..100 {
            let next: Vec<f64> = inner.iter().map(|row| row.iter().zip(&v).map(|(a, b)| a * b).sum()).collect();
            size = next.iter().map(|x| x * x).sum::<f64>().sqrt();
            if size < 1e-12 {
                return vec![0.0; n];
            }
            v = next.into_iter().map(|x| x / size).collect();
        }
        shown += size;
        for i in 0..n {
            for j in 0..n {
                inner[i][j] -= size * v[i] * v[j];
            }
        }
        v.into_iter().map(|x| x * size.sqrt()).collect()
    };
    let (across, up) = (axis(1.7), axis(2.3));
    let most = across.iter().chain(&up).fold(1e-9f64, |m, v| m.max(v.abs()));
    let points = across.iter().zip(&up).map(|(x, y)| ((x / most) as f32, (y / most) as f32)).collect();
    (points, (shown / total.max(1e-12)) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::words::readout::tests::drawn;
    use std::sync::Arc;

    #[test]
    fn the_same_direction_is_nearest() {
        let mut readout = drawn(3, 20, 6, 4);
        let mut table = (*readout.table).clone();
        for d in 0..6 {
            table[7 * 6 + d] = table[4 * 6 + d] * 3.0;
        }
        readout.table = Arc::new(table);
        let near = nearest(&readout, 4, 5);
        assert!(near.len() == 5 && near[0].0 == 7 && (near[0].1 - 1.0).abs() < 1e-5);
        assert!(near.iter().all(|(w, _)| *w != 4 && *w != 0));
        assert!(nearest(&readout, 999, 5).is_empty());
    }

    #[test]
    fn points_on_a_line_lie_on_the_first_axis() {
        let mut readout = drawn(3, 8, 6, 4);
        let table = (0..8).flat_map(|w| (0..6).map(move |d| w as f32 * (d as f32 - 2.0))).collect();
        readout.table = Arc::new(table);
        let (points, shown) = plane(&readout, &[1, 2, 3, 5]);
        assert!(shown > 0.999);
        let steps = [points[1].0 - points[0].0, points[2].0 - points[1].0, (points[3].0 - points[2].0) / 2.0];
        assert!(steps.iter().all(|s| (s - steps[0]).abs() < 1e-4) && points.iter().all(|p| p.1.abs() < 1e-4));
        assert_eq!(plane(&readout, &[1, 2]).0.len(), 2);
    }
}
