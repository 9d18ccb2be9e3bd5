//! What became of the files that were added, in words.

use super::format::count;

/// Counts of one import, and every file that needs a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub added: usize,
    /// The very same file was in its class already.
    pub duplicates: usize,
    /// Not added: name and reason.
    pub refused: Vec<(String, String)>,
    /// Added, with something to say: name and note.
    pub notes: Vec<(String, String)>,
    /// Not looked at, since the person cancelled.
    pub cancelled: usize,
}

impl Summary {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Everything was added and there is nothing to add to that.
    pub fn is_plain(&self) -> bool {
        self.duplicates + self.refused.len() + self.notes.len() + self.cancelled == 0
    }

    /// "198 added, 2 left out, 3 already there."
    pub fn headline(&self) -> String {
        let mut parts = vec![match self.added {
            0 => "No picture added".to_owned(),
            n => count(n, "picture added", "pictures added"),
        }];
        if !self.refused.is_empty() {
            parts.push(count(self.refused.len(), "left out", "left out"));
        }
        if self.duplicates > 0 {
            parts.push(count(self.duplicates, "already there", "already there"));
        }
        if self.cancelled > 0 {
            parts.push(count(self.cancelled, "cancelled", "cancelled"));
        }
        format!("{}.", parts.join(", "))
    }
}

/// How an import is going.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    pub done: usize,
    /// Known so far; a folder may still be being walked through.
    pub total: usize,
    /// Milliseconds since the first file.
    pub elapsed: f64,
}

impl Progress {
    pub fn fraction(&self) -> f32 {
        if self.total == 0 { 0.0 } else { self.done as f32 / self.total as f32 }
    }

    /// "40 per second, about 12 s left", once that can be told.
    pub fn pace(&self) -> String {
        if self.done < 5 || self.elapsed < 500.0 {
            return String::new();
        }
        let rate = self.done as f64 / self.elapsed * 1000.0;
        let left = self.total.saturating_sub(self.done) as f64 / rate;
        let rate = if rate >= 10.0 { format!("{rate:.0}") } else { format!("{rate:.1}") };
        format!("{rate} per second, about {} left", super::format::duration(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headline_names_what_happened_and_nothing_else() {
        let mut s = Summary { added: 198, ..Default::default() };
        assert_eq!(s.headline(), "198 pictures added.");
        assert!(s.is_plain());
        s.refused = vec![("a.txt".into(), "This is a text file, not a picture.".into()); 2];
        s.duplicates = 3;
        assert_eq!(s.headline(), "198 pictures added, 2 left out, 3 already there.");
        assert!(!s.is_plain());
        s.added = 0;
        assert_eq!(s.headline(), "No picture added, 2 left out, 3 already there.");
    }

    #[test]
    fn the_pace_waits_until_it_can_be_told() {
        assert_eq!(Progress { done: 2, total: 100, elapsed: 900.0 }.pace(), "");
        let p = Progress { done: 50, total: 100, elapsed: 1000.0 };
        assert_eq!(p.pace(), "50 per second, about 1 s left");
        assert_eq!(p.fraction(), 0.5);
    }
}
