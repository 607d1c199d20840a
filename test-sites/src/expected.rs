use std::fmt;

use crate::Site;

/// What stands in place of a value that differs from run to run.
const ANY: &str = "<any>";

/// One line of an expected file: who was told what, under which name, and in which step of the journey (0 is the first).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// Who was told: an owner's name, or a registrable domain.
    pub recipient: String,
    /// What was told, as the findings call it: `page-address`.
    pub what: String,
    /// Name of the field, cookie or header that carried it.
    pub name: String,
    /// The value as sent, decoded.
    pub value: String,
    /// The step.
    pub step: usize,
}

impl Told {
    /// Reads a line; none where it is no such line.
    #[must_use]
    pub fn from_line(line: &str) -> Option<Self> {
        // The value may hold anything, the divider too.
        let mut parts = line.splitn(4, " | ").map(str::to_owned);
        let (recipient, what, name, rest) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (value, step) = rest.rsplit_once(" | ")?;
        Some(Self { recipient, what, name, value: value.to_owned(), step: step.parse().ok()? })
    }

    /// Whether something found is what this line expects.
    fn admits(&self, found: &Self) -> bool {
        let value = if self.value == ANY { &found.value } else { &self.value };
        *found == Self { value: value.clone(), ..self.clone() }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recipient, what, name, value, step } = self;
        write!(formatter, "{recipient} | {what} | {name} | {value} | {step}")
    }
}

impl Site {
    /// What the journey must be found to leak.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        self.expected.lines().filter_map(Told::from_line).collect()
    }

    /// How something found differs from what is expected: `- ` begins a line that was not found, `+ ` one that was not expected. A
    /// line may be found any number of times.
    #[must_use]
    pub fn differences(&self, found: &[Told]) -> Vec<String> {
        let expected = self.told();
        let missing = expected.iter().filter(|line| !found.iter().any(|one| line.admits(one)));
        let surplus = found.iter().filter(|one| !expected.iter().any(|line| line.admits(one)));
        let mut differences: Vec<String> = missing.map(|line| format!("- {line}")).chain(surplus.map(|one| format!("+ {one}"))).collect();
        differences.dedup();
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(expected: &'static str) -> Site {
        Site { name: "a", host: "a.test", journey: "", expected }
    }

    #[test]
    fn differences_name_what_is_missing_and_what_is_surplus() {
        let expected = "M | page-title | dt | a | b | 0\nM | browser-id | fbp | <any> | 1\n";
        for (found, differences) in [
            (&["M | page-title | dt | a | b | 0", "M | browser-id | fbp | x | 1", "M | browser-id | fbp | y | 1"][..], &[][..]),
            (&["M | browser-id | fbp | x | 1"], &["- M | page-title | dt | a | b | 0"]),
            (&["M | page-title | dt | a | b | 0"], &["- M | browser-id | fbp | <any> | 1"]),
            (
                &["M | page-title | dt | a | b | 1", "M | browser-id | fbp | x | 1"],
                &["- M | page-title | dt | a | b | 0", "+ M | page-title | dt | a | b | 1"],
            ),
            (
                &["M | page-title | dt | a | b | 0", "M | browser-id | fbp | x | 1", "N | browser-id | fbp | x | 1"],
                &["+ N | browser-id | fbp | x | 1"],
            ),
        ] {
            let found: Vec<Told> = found.iter().map(|line| Told::from_line(line).unwrap()).collect();
            assert_eq!(site(expected).differences(&found), differences);
        }
    }

    #[test]
    fn lines_read_back_as_they_are_written() {
        for line in ["M | what | name | a | b | 3", "M | what | name |  | 0"] {
            assert_eq!(Told::from_line(line).unwrap().to_string(), line);
        }
        for line in ["", "M | what | name | value", "M | what | name | value | x"] {
            assert_eq!(Told::from_line(line), None, "{line}");
        }
    }

    #[test]
    fn every_expected_line_is_read() {
        for site in crate::sites() {
            assert_eq!(site.told().len(), site.expected.lines().count(), "{}", site.name);
        }
    }
}
