use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::definition::HostPattern;
use crate::party::registrable_domain;

/// Finds what is known of a host without trying every pattern.
#[derive(Clone, Debug)]
pub(crate) struct HostIndex<T> {
    domains: FxHashMap<String, Vec<T>>,
    any_suffix: FxHashMap<String, Vec<T>>,
    any: Vec<T>,
}

impl<T> Default for HostIndex<T> {
    fn default() -> Self {
        Self { domains: FxHashMap::default(), any_suffix: FxHashMap::default(), any: Vec::new() }
    }
}

impl<T: Copy + Ord> HostIndex<T> {
    pub(crate) fn insert(&mut self, pattern: &HostPattern, value: T) {
        let list = match pattern {
            HostPattern::Domain(domain) => self.domains.entry(domain.clone()).or_default(),
            HostPattern::AnySuffix(label) => self.any_suffix.entry(label.clone()).or_default(),
            HostPattern::Any => &mut self.any,
        };
        list.push(value);
    }

    /// What was inserted under patterns that name this host, in order.
    pub(crate) fn named(&self, host: &str) -> SmallVec<[T; 8]> {
        let mut found = SmallVec::new();
        let mut rest = Some(host);
        while let Some(domain) = rest {
            found.extend(self.domains.get(domain).into_iter().flatten().copied());
            rest = domain.split_once('.').map(|(_, parent)| parent);
        }
        // Which label stands before a public suffix takes a list to say, and few hosts have one that matters.
        if host.split('.').any(|label| self.any_suffix.contains_key(label)) {
            let domain = registrable_domain(host);
            let label = psl::suffix_str(host).and_then(|suffix| domain.strip_suffix(suffix)?.strip_suffix('.'));
            found.extend(label.and_then(|label| self.any_suffix.get(label)).into_iter().flatten().copied());
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// What was inserted for any host, in order of insertion.
    pub(crate) fn unnamed(&self) -> &[T] {
        &self.any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_under_itself_its_parents_and_its_label() {
        let mut index = HostIndex::default();
        for (pattern, number) in [("a.example", 3), ("b.a.example", 2), ("google.*", 1), ("*", 9)] {
            index.insert(&HostPattern::try_from(pattern.to_owned()).unwrap(), number);
        }
        for (host, expected) in [
            ("a.example", vec![3]),
            ("x.b.a.example", vec![2, 3]),
            ("ba.example", vec![]),
            ("www.google.co.uk", vec![1]),
            ("google.a.example", vec![3]),
            ("example", vec![]),
            ("192.0.2.7", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(index.named(host).to_vec(), expected, "{host}");
        }
        assert_eq!(index.unnamed(), [9]);
    }
}
