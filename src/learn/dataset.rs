//! Classes, pictures and edits with undo: the state of the Learn bench, without pixels.
//!
//! Plain data and plain functions, so that the page can keep one value, tests run
//! natively, and undo is nothing but an earlier value.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::rc::Rc;

/// Most classes a data set may have: more fit neither the confusion matrix nor a lesson.
pub const MAX_CLASSES: usize = 50;
/// Most pictures a data set may have.
pub const MAX_PICTURES: usize = 20_000;
/// Longest class name, in characters.
pub const MAX_NAME: usize = 60;

pub type ClassId = u32;
pub type PictureId = u32;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    pub id: ClassId,
    pub name: String,
    /// sRGB, as the colour picker gives it.
    pub color: [u8; 3],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: PictureId,
    pub class: ClassId,
    pub name: String,
    /// Hash of the file's bytes.
    pub digest: u64,
    /// Perceptual difference hash.
    pub dhash: u64,
    /// Frames of one camera recording share a number; 0 for everything else.
    pub burst: u32,
}

/// Okabe and Ito's palette (2008), told apart by people with any colour vision, without
/// black and with yellow last; classes beyond it start over.
pub const PALETTE: [[u8; 3]; 7] = [
    [0x00, 0x72, 0xB2],
    [0xE6, 0x9F, 0x00],
    [0x00, 0x9E, 0x73],
    [0xCC, 0x79, 0xA7],
    [0xD5, 0x5E, 0x00],
    [0x56, 0xB4, 0xE9],
    [0xF0, 0xE4, 0x42],
];

/// One state of the data. Cheap to clone: the lists are shared until one side changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dataset {
    pub classes: Rc<Vec<Class>>,
    pub pictures: Rc<Vec<Entry>>,
    next_class: ClassId,
    next_picture: PictureId,
}

/// What became of a picture that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    New(PictureId),
    /// The same file is already in this class.
    Duplicate(PictureId),
    /// The same file is already in another class; it was added, but one of them is wrong.
    Conflict {
        id: PictureId,
        other: PictureId,
    },
    /// The data set is full.
    Full,
}

/// Why an edit of a class was refused; a sentence for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    EmptyName,
    SameName,
    TooManyClasses,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::EmptyName => f.write_str("A class needs a name."),
            Self::SameName => f.write_str("Another class already has this name."),
            Self::TooManyClasses => write!(f, "There can be at most {MAX_CLASSES} classes."),
        }
    }
}

impl Dataset {
    /// A data set as it was kept or as a file tells of it; nothing of it is believed. Classes beyond
    /// [`MAX_CLASSES`] or with an id that was used before are left out, and so are pictures without
    /// a class, with a used id or beyond [`MAX_PICTURES`]. Names are cleaned and made different.
    pub fn rebuilt(classes: Vec<Class>, pictures: Vec<Entry>, next: (ClassId, PictureId)) -> Self {
        let mut data = Self::default();
        for class in classes {
            if data.class(class.id).is_some() || data.classes.len() >= MAX_CLASSES || class.id == ClassId::MAX {
                continue;
            }
            let cleaned = clean_name(&class.name);
            let numbered = (1..).map(|n| format!("Class {n}"));
            let free = |name: &String| !name.is_empty() && data.class_named(name).is_none();
            let name = std::iter::once(cleaned).chain(numbered).find(free).unwrap_or_default();
            data.next_class = data.next_class.max(class.id + 1);
            Rc::make_mut(&mut data.classes).push(Class { name, ..class });
        }
        let known: HashSet<ClassId> = data.classes.iter().map(|c| c.id).collect();
        let mut used = HashSet::new();
        let mut pictures = pictures;
        pictures.retain(|p| known.contains(&p.class) && p.id != PictureId::MAX && used.insert(p.id));
        pictures.truncate(MAX_PICTURES);
        pictures.iter_mut().for_each(|p| p.name = clean_name(&p.name));
        data.next_picture = pictures.iter().map(|p| p.id + 1).max().unwrap_or(0).max(next.1);
        data.next_class = data.next_class.max(next.0);
        data.pictures = Rc::new(pictures);
        data
    }

    /// The ids the next class and the next picture will get.
    pub fn next(&self) -> (ClassId, PictureId) {
        (self.next_class, self.next_picture)
    }

    pub fn class(&self, id: ClassId) -> Option<&Class> {
        self.classes.iter().find(|c| c.id == id)
    }

    pub fn class_named(&self, name: &str) -> Option<&Class> {
        let name = clean_name(name);
        self.classes.iter().find(|c| c.name == name)
    }

    /// Pictures of one class, in the order they came.
    pub fn of_class(&self, id: ClassId) -> impl Iterator<Item = &Entry> {
        self.pictures.iter().filter(move |p| p.class == id)
    }

    pub fn count(&self, id: ClassId) -> usize {
        self.of_class(id).count()
    }

    /// Classes with at least one picture, in order: what the head is trained on.
    pub fn filled(&self) -> Vec<ClassId> {
        self.classes.iter().map(|c| c.id).filter(|id| self.pictures.iter().any(|p| p.class == *id)).collect()
    }

    /// Adds a class with the next free colour.
    ///
    /// # Errors
    /// The name is empty or taken, or there are [`MAX_CLASSES`] already.
    pub fn add_class(&mut self, name: &str) -> Result<ClassId, Refusal> {
        let name = self.free_name(name, None)?;
        if self.classes.len() >= MAX_CLASSES {
            return Err(Refusal::TooManyClasses);
        }
        let used = |c: &[u8; 3]| self.classes.iter().filter(|k| k.color == *c).count();
        let color = *PALETTE.iter().min_by_key(|c| used(c)).expect("the palette is not empty");
        let id = self.next_class;
        self.next_class += 1;
        Rc::make_mut(&mut self.classes).push(Class { id, name, color });
        Ok(id)
    }

    /// Adds "Class 1", "Class 2", ...: the first that is free.
    ///
    /// # Errors
    /// There are [`MAX_CLASSES`] already.
    pub fn add_numbered_class(&mut self) -> Result<ClassId, Refusal> {
        let number = (1..).find(|i| self.class_named(&format!("Class {i}")).is_none()).unwrap_or(1);
        self.add_class(&format!("Class {number}"))
    }

    /// # Errors
    /// The name is empty or another class has it. Nothing changes then.
    pub fn rename_class(&mut self, id: ClassId, name: &str) -> Result<(), Refusal> {
        let name = self.free_name(name, Some(id))?;
        self.edit_class(id, |class| class.name = name);
        Ok(())
    }

    pub fn recolor_class(&mut self, id: ClassId, color: [u8; 3]) {
        self.edit_class(id, |class| class.color = color);
    }

    /// Removes a class and its pictures.
    pub fn delete_class(&mut self, id: ClassId) {
        Rc::make_mut(&mut self.classes).retain(|c| c.id != id);
        Rc::make_mut(&mut self.pictures).retain(|p| p.class != id);
    }

    /// Adds a picture to a class unless the very same file is in it already.
    pub fn add_picture(&mut self, class: ClassId, name: &str, digest: u64, dhash: u64, burst: u32) -> Added {
        let mut other = None;
        for twin in self.pictures.iter().filter(|p| p.digest == digest) {
            if twin.class == class {
                return Added::Duplicate(twin.id);
            }
            other = Some(twin.id);
        }
        if self.pictures.len() >= MAX_PICTURES {
            return Added::Full;
        }
        let id = self.next_picture;
        self.next_picture += 1;
        let name = clean_name(name);
        Rc::make_mut(&mut self.pictures).push(Entry { id, class, name, digest, dhash, burst });
        match other {
            Some(other) => Added::Conflict { id, other },
            None => Added::New(id),
        }
    }

    /// Moves pictures to another class. Unknown pictures and classes are left alone.
    pub fn move_pictures(&mut self, ids: &[PictureId], to: ClassId) {
        if self.class(to).is_none() {
            return;
        }
        let ids: HashSet<PictureId> = ids.iter().copied().collect();
        for p in Rc::make_mut(&mut self.pictures).iter_mut().filter(|p| ids.contains(&p.id)) {
            p.class = to;
        }
    }

    pub fn delete_pictures(&mut self, ids: &[PictureId]) {
        let ids: HashSet<PictureId> = ids.iter().copied().collect();
        Rc::make_mut(&mut self.pictures).retain(|p| !ids.contains(&p.id));
    }

    fn edit_class(&mut self, id: ClassId, edit: impl FnOnce(&mut Class)) {
        if let Some(class) = Rc::make_mut(&mut self.classes).iter_mut().find(|c| c.id == id) {
            edit(class);
        }
    }

    fn free_name(&self, name: &str, own: Option<ClassId>) -> Result<String, Refusal> {
        let name = clean_name(name);
        if name.is_empty() {
            return Err(Refusal::EmptyName);
        }
        if self.classes.iter().any(|c| c.name == name && Some(c.id) != own) {
            return Err(Refusal::SameName);
        }
        Ok(name)
    }
}

/// A name fit to show: control characters and those that reorder or hide text are
/// dropped, white space is folded, the length is capped at [`MAX_NAME`] characters.
/// Markup needs no treatment: the page never interprets names.
pub fn clean_name(name: &str) -> String {
    let visible: String = name
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    let folded = visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    folded.chars().take(MAX_NAME).collect::<String>().trim_end().to_owned()
}

/// Bidirectional overrides and isolates, zero-width characters and other format
/// characters that make two names look alike or a name look like something else.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

/// How many states undo goes back.
const DEPTH: usize = 100;

/// The data set with its past and its undone future.
#[derive(Debug, Clone, Default)]
pub struct History {
    now: Dataset,
    past: Vec<(String, Dataset)>,
    future: Vec<(String, Dataset)>,
}

impl History {
    /// Begins with a state that has no past.
    pub fn begin(now: Dataset) -> Self {
        Self { now, ..Self::default() }
    }

    pub fn now(&self) -> &Dataset {
        &self.now
    }

    /// Applies an edit as one step of undo; `label` says what it did ("delete Cat").
    /// An edit that changes nothing leaves no step.
    pub fn edit<T>(&mut self, label: &str, edit: impl FnOnce(&mut Dataset) -> T) -> T {
        let before = self.now.clone();
        let result = edit(&mut self.now);
        if self.now != before {
            self.past.push((label.to_owned(), before));
            self.future.clear();
            let excess = self.past.len().saturating_sub(DEPTH);
            self.past.drain(..excess);
        }
        result
    }

    /// Applies an edit as part of the step before it: pictures that stream in after
    /// "add pictures" are undone with it.
    pub fn amend<T>(&mut self, edit: impl FnOnce(&mut Dataset) -> T) -> T {
        edit(&mut self.now)
    }

    /// What undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.past.last().map(|(label, _)| label.as_str())
    }

    /// What redo would bring again.
    pub fn redo_label(&self) -> Option<&str> {
        self.future.last().map(|(label, _)| label.as_str())
    }

    /// Goes one step back. Ids are never given out twice, even after undo.
    pub fn undo(&mut self) -> Option<String> {
        let (label, state) = self.past.pop()?;
        let undone = self.swap(state);
        self.future.push((label.clone(), undone));
        Some(label)
    }

    pub fn redo(&mut self) -> Option<String> {
        let (label, state) = self.future.pop()?;
        let left = self.swap(state);
        self.past.push((label.clone(), left));
        Some(label)
    }

    /// Every picture that is in some state undo or redo can reach: the rest may be freed.
    pub fn reachable(&self) -> HashSet<PictureId> {
        let states = self.past.iter().chain(&self.future).map(|(_, state)| state);
        // Most states share their list with the one before.
        let mut lists: Vec<&Rc<Vec<Entry>>> = states.chain([&self.now]).map(|s| &s.pictures).collect();
        lists.dedup_by(|a, b| Rc::ptr_eq(a, b));
        lists.into_iter().flat_map(|list| list.iter().map(|p| p.id)).collect()
    }

    fn swap(&mut self, mut state: Dataset) -> Dataset {
        state.next_class = state.next_class.max(self.now.next_class);
        state.next_picture = state.next_picture.max(self.now.next_picture);
        std::mem::replace(&mut self.now, state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn two_classes() -> (History, ClassId, ClassId) {
        let mut h = History::default();
        let cat = h.edit("add", |d| d.add_class("Cat")).unwrap();
        let dog = h.edit("add", |d| d.add_class("Dog")).unwrap();
        (h, cat, dog)
    }

    #[test]
    fn names_are_unique_and_never_empty() {
        let (mut h, cat, _) = two_classes();
        assert_eq!(h.edit("x", |d| d.add_class("  Cat ")), Err(Refusal::SameName));
        assert_eq!(h.edit("x", |d| d.add_class(" \u{202E}\n ")), Err(Refusal::EmptyName));
        assert_eq!(h.edit("x", |d| d.rename_class(cat, "Dog")), Err(Refusal::SameName));
        assert_eq!(h.edit("x", |d| d.rename_class(cat, "Cat")), Ok(()));
        assert_eq!(h.past.len(), 2, "refused edits leave no step of undo");
    }

    #[test]
    fn hostile_names_become_harmless_text() {
        assert_eq!(clean_name("<img src=x onerror=alert(1)>"), "<img src=x onerror=alert(1)>");
        assert_eq!(clean_name("evil\u{202E}gnp.exe\u{2066}"), "evilgnp.exe");
        assert_eq!(clean_name("a\u{0}b\tc \n d"), "ab c d");
        assert_eq!(clean_name(&"x".repeat(500)).chars().count(), MAX_NAME);
        assert_eq!(clean_name("حصان"), "حصان");
    }

    #[test]
    fn the_same_file_is_found_again() {
        let (mut h, cat, dog) = two_classes();
        let Added::New(first) = h.amend(|d| d.add_picture(cat, "a.png", 7, 0, 0)) else { panic!() };
        assert_eq!(h.amend(|d| d.add_picture(cat, "b.png", 7, 0, 0)), Added::Duplicate(first));
        let again = h.amend(|d| d.add_picture(dog, "c.png", 7, 0, 0));
        assert!(matches!(again, Added::Conflict { other, .. } if other == first));
    }

    #[test]
    fn deleting_a_class_can_be_undone_with_its_pictures() {
        let (mut h, cat, _) = two_classes();
        h.edit("add pictures", |d| d.add_picture(cat, "a", 1, 0, 0));
        let before = h.now().clone();
        h.edit("delete Cat", |d| d.delete_class(cat));
        assert_eq!(h.now().pictures.len(), 0);
        assert_eq!(h.undo_label(), Some("delete Cat"));
        h.undo();
        assert_eq!(*h.now(), before);
        h.redo();
        assert_eq!(h.now().pictures.len(), 0);
    }

    #[test]
    fn an_id_is_never_given_out_twice() {
        let (mut h, cat, _) = two_classes();
        let Added::New(first) = h.edit("add", |d| d.add_picture(cat, "a", 1, 0, 0)) else { panic!() };
        h.undo();
        let Added::New(second) = h.edit("add", |d| d.add_picture(cat, "b", 2, 0, 0)) else { panic!() };
        assert_ne!(first, second);
    }

    #[test]
    fn what_was_kept_is_rebuilt_and_what_contradicts_itself_is_left_out() {
        let (mut h, cat, dog) = two_classes();
        h.edit("add", |d| d.add_picture(cat, "a", 1, 2, 3));
        h.edit("add", |d| d.add_picture(dog, "b", 4, 5, 0));
        h.edit("delete", |d| d.delete_pictures(&[0]));
        let now = h.now();
        let again = Dataset::rebuilt(now.classes.to_vec(), now.pictures.to_vec(), now.next());
        assert_eq!(again, *now);

        let class = |id, name: &str| Class { id, name: name.into(), color: [0; 3] };
        let entry = |id, class| Entry { id, class, name: "p\u{202E}".into(), digest: 0, dhash: 0, burst: 0 };
        let classes =
            vec![class(3, "A"), class(3, "B"), class(4, " A "), class(5, "\u{200B}"), class(ClassId::MAX, "Z")];
        let pictures = vec![entry(7, 3), entry(7, 4), entry(8, 9), entry(9, 5), entry(PictureId::MAX, 3)];
        let data = Dataset::rebuilt(classes, pictures, (0, 0));
        let named: Vec<_> = data.classes.iter().map(|c| (c.id, c.name.as_str())).collect();
        assert_eq!(named, [(3, "A"), (4, "Class 1"), (5, "Class 2")]);
        let kept: Vec<_> = data.pictures.iter().map(|p| (p.id, p.class, p.name.as_str())).collect();
        assert_eq!(kept, [(7, 3, "p"), (9, 5, "p")]);
        assert_eq!(data.next(), (6, 10));
    }

    #[derive(Debug, Clone)]
    enum Op {
        AddClass(u8),
        Rename(u8, u8),
        Delete(u8),
        Add(u8, u8),
        Move(u8, u8),
        Remove(u8),
        Undo,
        Redo,
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            any::<u8>().prop_map(Op::AddClass),
            any::<(u8, u8)>().prop_map(|(a, b)| Op::Rename(a % 8, b)),
            (0u8..8).prop_map(Op::Delete),
            any::<(u8, u8)>().prop_map(|(a, b)| Op::Add(a % 8, b)),
            any::<(u8, u8)>().prop_map(|(a, b)| Op::Move(a % 16, b % 8)),
            (0u8..16).prop_map(Op::Remove),
            Just(Op::Undo),
            Just(Op::Redo),
        ]
    }

    proptest! {
        #[test]
        fn any_run_of_edits_keeps_the_data_whole(ops in prop::collection::vec(op(), 0..80)) {
            let mut h = History::default();
            for op in ops {
                match op {
                    Op::AddClass(n) => { let _ = h.edit("c", |d| d.add_class(&n.to_string())); }
                    Op::Rename(c, n) => { let _ = h.edit("r", |d| d.rename_class(c.into(), &n.to_string())); }
                    Op::Delete(c) => h.edit("d", |d| d.delete_class(c.into())),
                    Op::Add(c, n) => if h.now().class(c.into()).is_some() {
                        h.edit("a", |d| d.add_picture(c.into(), "p", n.into(), 0, 0));
                    },
                    Op::Move(p, c) => h.edit("m", |d| d.move_pictures(&[p.into()], c.into())),
                    Op::Remove(p) => h.edit("x", |d| d.delete_pictures(&[p.into()])),
                    Op::Undo => { h.undo(); }
                    Op::Redo => { h.redo(); }
                }
                let d = h.now();
                prop_assert!(d.pictures.iter().all(|p| d.class(p.class).is_some()));
                let mut names: Vec<_> = d.classes.iter().map(|c| &c.name).collect();
                names.sort();
                names.dedup();
                prop_assert_eq!(names.len(), d.classes.len());
                let mut ids: Vec<_> = d.pictures.iter().map(|p| p.id).collect();
                ids.sort_unstable();
                ids.dedup();
                prop_assert_eq!(ids.len(), d.pictures.len());
                let reachable = h.reachable();
                prop_assert!(ids.iter().all(|id| reachable.contains(id)));
            }
            // Undo to the beginning: nothing is left.
            while h.undo().is_some() {}
            prop_assert_eq!(h.now().pictures.len() + h.now().classes.len(), 0);
        }
    }
}
