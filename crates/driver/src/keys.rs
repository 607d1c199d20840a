//! The keys that are pressed.

/// A key of the keyboard, as `KeyboardEvent` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) key: String,
    pub(crate) code: String,
    pub(crate) virtual_key: i64,
    pub(crate) text: Option<String>,
    pub(crate) with_control: bool,
    /// What an editor does at this key, by Chromium's name for it.
    pub(crate) command: Option<&'static str>,
}

impl Key {
    /// The key that writes this character on a British or American keyboard; `None` where it takes an input method.
    pub(crate) fn of(character: char) -> Option<Self> {
        let (code, virtual_key) = match character {
            'a'..='z' | 'A'..='Z' => {
                (format!("Key{}", character.to_ascii_uppercase()), i64::from(u32::from(character.to_ascii_uppercase())))
            }
            '0'..='9' => (format!("Digit{character}"), i64::from(u32::from(character))),
            ' ' => ("Space".to_owned(), 32),
            '.' => ("Period".to_owned(), 190),
            ',' => ("Comma".to_owned(), 188),
            '-' => ("Minus".to_owned(), 189),
            '/' => ("Slash".to_owned(), 191),
            '\'' => ("Quote".to_owned(), 222),
            _ => return None,
        };
        let text = Some(character.to_string());
        Some(Self { key: character.to_string(), code, virtual_key, text, with_control: false, command: None })
    }

    fn named(name: &str, virtual_key: i64, text: Option<&str>) -> Self {
        let text = text.map(str::to_owned);
        Self { key: name.to_owned(), code: name.to_owned(), virtual_key, text, with_control: false, command: None }
    }

    pub(crate) fn enter() -> Self {
        Self::named("Enter", 13, Some("\r"))
    }

    pub(crate) fn space() -> Self {
        Self { code: "Space".to_owned(), ..Self::named(" ", 32, Some(" ")) }
    }

    pub(crate) fn home() -> Self {
        Self::named("Home", 36, None)
    }

    pub(crate) fn up() -> Self {
        Self::named("ArrowUp", 38, None)
    }

    pub(crate) fn down() -> Self {
        Self::named("ArrowDown", 40, None)
    }

    pub(crate) fn escape() -> Self {
        Self::named("Escape", 27, None)
    }

    pub(crate) fn backspace() -> Self {
        Self::named("Backspace", 8, None)
    }

    /// Control and A: everything that stands in the field.
    pub(crate) fn select_all() -> Self {
        Self { code: "KeyA".to_owned(), with_control: true, command: Some("selectAll"), ..Self::named("a", 65, None) }
    }
}
