use std::collections::HashSet;
use std::rc::Rc;

/// Keeps one copy of every text and body. Both witnesses tell the same story, and its words repeat.
#[derive(Default)]
pub(crate) struct Interner {
    texts: HashSet<Rc<str>>,
    bodies: HashSet<Rc<Vec<u8>>>,
}

impl Interner {
    pub(crate) fn text(&mut self, text: &str) -> Rc<str> {
        if let Some(known) = self.texts.get(text) {
            return Rc::clone(known);
        }
        let shared: Rc<str> = text.into();
        self.texts.insert(Rc::clone(&shared));
        shared
    }

    pub(crate) fn body(&mut self, body: Vec<u8>) -> Rc<Vec<u8>> {
        if let Some(known) = self.bodies.get(&body) {
            return Rc::clone(known);
        }
        let shared = Rc::new(body);
        self.bodies.insert(Rc::clone(&shared));
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_and_bodies_are_kept_once() {
        let mut interner = Interner::default();
        assert!(Rc::ptr_eq(&interner.text("accept"), &interner.text("accept")));
        assert!(Rc::ptr_eq(&interner.body(vec![1, 2]), &interner.body(vec![1, 2])));
        assert!(!Rc::ptr_eq(&interner.body(vec![1, 2]), &interner.body(vec![1])));
    }
}
