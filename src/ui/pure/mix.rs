//! Which pictures make up a field whose classes are mixed otherwise than in the lab (label shift).

/// One class that is more, or less, frequent than the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mix {
    pub class: usize,
    /// Its share of the field, 0..=1; the others share the rest evenly.
    pub share: f32,
}

/// At most `count` pictures out of `supply` (those of each class), class by class in turn. Without a mix
/// every class has its even share; a class that runs out is not made up for by others.
pub fn draw(supply: &[Vec<u32>], count: usize, mix: Option<Mix>) -> Vec<u32> {
    let classes = supply.iter().filter(|s| !s.is_empty()).count();
    let target = |class: usize| {
        let even = count as f32 / classes.max(1) as f32;
        let wanted = match mix {
            None => even,
            Some(mix) if mix.class == class => mix.share * count as f32,
            Some(mix) => (1.0 - mix.share) * count as f32 / classes.saturating_sub(1).max(1) as f32,
        };
        wanted.round() as usize
    };
    let mut columns: Vec<_> = supply.iter().enumerate().map(|(c, s)| s.iter().take(target(c))).collect();
    let mut drawn = Vec::new();
    loop {
        let before = drawn.len();
        drawn.extend(columns.iter_mut().filter_map(|column| column.next().copied()));
        if drawn.len() == before {
            return drawn;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_kept() {
        let supply: Vec<Vec<u32>> = (0..4).map(|c| (0..50).map(|k| c + 4 * k).collect()).collect();
        let of = |drawn: &[u32], class: u32| drawn.iter().filter(|i| **i % 4 == class).count();
        let even = draw(&supply, 40, None);
        assert_eq!((even.len(), of(&even, 2)), (40, 10));
        let shifted = draw(&supply, 40, Some(Mix { class: 1, share: 0.7 }));
        assert_eq!((shifted.len(), of(&shifted, 1), of(&shifted, 0)), (40, 28, 4));
        assert_eq!(&even[..4], [0, 1, 2, 3], "classes take turns");
    }

    #[test]
    fn empty_classes_take_no_share() {
        let supply = vec![vec![1, 2, 3], vec![], vec![7]];
        assert_eq!(draw(&supply, 4, None), [1, 7, 2]);
        assert!(draw(&[], 4, None).is_empty());
        assert!(draw(&supply, 4, Some(Mix { class: 1, share: 1.0 })).is_empty());
    }
}
