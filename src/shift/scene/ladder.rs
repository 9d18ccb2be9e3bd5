//! The way from one world to another, a knob at a time: which of them does the harm?

use super::world::World;

/// A world on the way, and the knob that was turned last, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Rung {
    pub knob: String,
    pub world: World,
}

/// Worlds from `lab` to `field`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// The lab, then one knob more turned at each rung, up to the field.
    pub climb: Vec<Rung>,
    /// The lab with a single knob turned; empty where only one differs.
    pub alone: Vec<Rung>,
}

type Turn = fn(&mut World, &World);

impl Ladder {
    pub fn new(lab: &World, field: &World) -> Self {
        let first = |names: Vec<&'static str>| names.join(", ");
        let knobs: [(String, Turn); 5] = [
            (first(field.countries.iter().map(|c| c.name()).collect()), |w, f| w.countries.clone_from(&f.countries)),
            (first(field.seasons.iter().map(|s| s.name()).collect()), |w, f| w.seasons.clone_from(&f.seasons)),
            (first(field.hours.iter().map(|h| h.name()).collect()), |w, f| w.hours.clone_from(&f.hours)),
            (first(field.devices.iter().map(|d| d.name()).collect()), |w, f| w.devices.clone_from(&f.devices)),
            ("Fog".to_owned(), |w, f| w.fog = f.fog),
        ];
        let mut climb = vec![Rung { knob: "Lab".into(), world: lab.clone() }];
        let mut alone = Vec::new();
        for (knob, turn) in knobs {
            let turned = |from: &World| {
                let mut world = from.clone();
                turn(&mut world, field);
                (world != *from).then_some(world)
            };
            if let Some(world) = turned(lab) {
                alone.push(Rung { knob: knob.clone(), world });
            }
            if let Some(world) = climb.last().and_then(|rung| turned(&rung.world)) {
                climb.push(Rung { knob: format!("+ {knob}"), world });
            }
        }
        if alone.len() < 2 {
            alone.clear();
        }
        Self { climb, alone }
    }
}

#[cfg(test)]
mod tests {
    use super::super::world::{Country, Season};
    use super::*;

    #[test]
    fn a_ladder_ends_in_the_field() {
        let lab = World::default();
        let field = World { countries: vec![Country::India], seasons: vec![Season::Winter], fog: 0.4, ..lab.clone() };
        let ladder = Ladder::new(&lab, &field);
        let knobs: Vec<&str> = ladder.climb.iter().map(|r| r.knob.as_str()).collect();
        assert_eq!(knobs, ["Lab", "+ India", "+ Winter", "+ Fog"]);
        assert_eq!(ladder.climb.last().unwrap().world, field);
        assert_eq!(ladder.alone.len(), 3);
        assert_eq!(ladder.alone[1].world, World { seasons: vec![Season::Winter], ..lab.clone() });
        let same = Ladder::new(&lab, &lab);
        assert_eq!((same.climb.len(), same.alone.len()), (1, 0));
    }
}
