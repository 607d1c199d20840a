//! The step that types: something is put into a field as a visitor does it, and read back.

use std::time::{Duration, Instant};

use pixelwitness_recording::{Input, InputKind, StepRun, Type};
use tokio::time::sleep;

use crate::connection::CallError;
use crate::field::{Field, Way};
use crate::keys::Key;
use crate::page::Object;
use crate::parts;
use crate::steps::{Stage, StepFailure};

/// How long a page may take to write into a field what was typed there.
const REWRITE_TIMEOUT: Duration = Duration::from_millis(700);

/// A field that a step typed into, to be looked at again when it has been left.
pub(crate) struct TypedField {
    object: Object,
    /// Selector of the field.
    into: String,
    asked: String,
    held: String,
}

/// How it went to put something into a field.
enum Put {
    /// To the end.
    Whole,
    /// The field lost the focus after so many characters.
    LostFocus(usize),
    /// Not with keys: nothing that keys do to such a field would give this value.
    ByScript,
}

impl Stage<'_> {
    pub(crate) async fn type_into(&mut self, index: usize, typing: &Type, run: &mut StepRun) -> Result<(), StepFailure> {
        let Type { into, canary, .. } = typing;
        let located = self.element(index, into, run).await?;
        let asked = self.journey.text_of(typing).to_owned();
        let (mut object, mut field) = self.field(into, &asked).await?;
        may_be_typed_into(&field, into, &asked)?;
        if matches!(field.way, Way::Keys | Way::Within) {
            self.page.click(located.rectangle()).await?;
        }
        if field.way == Way::Within {
            (object, field) = Field::focused(&self.page, &asked).await.ok_or_else(|| is_no_field(into))?;
            may_be_typed_into(&field, into, &asked)?;
        }
        self.fields_hold_on().await?;
        let put = match field.way {
            Way::Keys => self.type_keys(&object, &asked).await?,
            Way::Parts => self.type_parts(&object, &field).await?,
            Way::Slider => self.move_slider(&object, &asked).await?,
            Way::Colour => Put::ByScript,
            Way::Within => return Err(is_no_field(into)),
        };
        let mut by_script = matches!(put, Put::ByScript);
        if by_script {
            self.set_by_script(&object, &field).await;
        }
        let mut after = self.read_back(&object, into, &asked).await;
        if field.way == Way::Parts && !by_script && !after.as_ref().is_some_and(|after| after.holds_what_was_asked(&asked)) {
            by_script = true;
            self.set_by_script(&object, &field).await;
            after = self.read_back(&object, into, &asked).await;
        }
        if by_script {
            run.what.push_str(", set by a script");
        }
        if matches!(field.way, Way::Parts | Way::Slider | Way::Colour) {
            // Such a field is done with; in one for text the visitor may yet choose from what the page suggests.
            let _: Option<bool> = self.page.call_on(&object, "(element) => (element.blur(), true)", ()).await;
            after = self.read_back(&object, into, &asked).await;
        }
        let held = after.as_ref().map(|after| after.holds.clone());
        run.input = Some(Input { kind: InputKind::Typed, canary: canary.clone(), asked: asked.clone(), held, label: None });
        match after {
            Some(after) if after.holds_what_was_asked(&asked) => {
                self.typed.push(TypedField { object, into: into.clone(), asked, held: after.holds });
                Ok(())
            }
            Some(after) => Err(holds_something_else(&after, &asked, &put)),
            None => Err(StepFailure {
                why: format!("{into} was gone before it could be read back"),
                help: "look at the step's screenshots: the page may go on by itself once enough was typed",
            }),
        }
    }

    /// The field that a selector names.
    async fn field(&self, selector: &str, asked: &str) -> Result<(Object, Field), StepFailure> {
        let object = self.page.locate_object(selector).await;
        let field = match &object {
            Some(object) => Field::read(&self.page, object, asked).await,
            None => None,
        };
        object.zip(field).ok_or_else(|| StepFailure {
            why: format!("{selector} was gone before anything could be typed"),
            help: "give the page time with a wait step",
        })
    }

    /// What the field holds, once the page has had its time to write into it. A page may have put another element in its place.
    async fn read_back(&self, object: &Object, selector: &str, asked: &str) -> Option<Field> {
        let begun = Instant::now();
        loop {
            let field = match Field::read(&self.page, object, asked).await.filter(|field| field.is_connected) {
                Some(field) => Some(field),
                None => self.field(selector, asked).await.ok().map(|(_, field)| field),
            };
            if field.as_ref().is_some_and(|field| field.holds_what_was_asked(asked)) || begun.elapsed() >= REWRITE_TIMEOUT {
                return field;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Replaces what stands in the field, key by key, for as long as the keys go there.
    async fn type_keys(&self, object: &Object, asked: &str) -> Result<Put, CallError> {
        let mut field = Field::read(&self.page, object, asked).await;
        if field.as_ref().is_some_and(|field| !field.has_focus) {
            let _: Option<bool> = self.page.call_on(object, "(element) => (element.focus(), true)", ()).await;
            field = Field::read(&self.page, object, asked).await;
        }
        let Some(field) = field.filter(|field| field.has_focus) else { return Ok(Put::LostFocus(0)) };
        if !field.holds.is_empty() {
            self.page.press(&Key::select_all()).await?;
            if asked.is_empty() {
                self.page.press(&Key::backspace()).await?;
            }
        }
        for (typed, character) in asked.chars().enumerate() {
            if typed > 0 && !self.has_focus(object).await {
                return Ok(Put::LostFocus(typed));
            }
            self.page.type_character(character).await?;
        }
        Ok(Put::Whole)
    }

    async fn type_parts(&self, object: &Object, field: &Field) -> Result<Put, CallError> {
        parts::fill_in(&self.page, object, field).await?;
        Ok(Put::Whole)
    }

    async fn has_focus(&self, object: &Object) -> bool {
        const HAS_FOCUS: &str = "(element) => { const active = element.getRootNode().activeElement; return !!active && (active === element || element.contains(active)); }";
        self.page.call_on(object, HAS_FOCUS, ()).await.unwrap_or(false)
    }

    /// Moves a slider by one key. It is put beside the value first, which no page is told, so that the key's events are the only ones.
    async fn move_slider(&self, object: &Object, asked: &str) -> Result<Put, CallError> {
        const BESIDE: &str = "(slider, asked) => {
          slider.focus();
          const wanted = Number(asked), before = slider.value;
          if (Number(before) === wanted) return 'there';
          const [min, max] = [Number(slider.min || 0), Number(slider.max || 100)];
          const step = slider.step === 'any' ? (max - min) / 100 : Number(slider.step) > 0 ? Number(slider.step) : 1;
          for (const [key, value] of [['up', wanted - step], ['down', wanted + step]]) {
            if (value < min || value > max) continue;
            slider.value = value;
            if (Math.abs(Number(slider.value) - value) < step / 1000) return key;
          }
          slider.value = before;
          return 'none';
        }";
        let before = Field::read(&self.page, object, asked).await.map(|field| field.holds);
        let key = match self.page.call_on::<String>(object, BESIDE, asked).await.as_deref() {
            Some("there") => return Ok(Put::Whole),
            Some("up") => Key::up(),
            Some("down") => Key::down(),
            _ => return Ok(Put::ByScript),
        };
        self.page.press(&key).await?;
        let after = Field::read(&self.page, object, asked).await;
        if after.is_some_and(|after| after.holds_what_was_asked(asked)) {
            return Ok(Put::Whole);
        }
        // The page does not let the key through, and nothing may be left that nobody asked for.
        let _: Option<bool> = self.page.call_on(object, "(slider, before) => (slider.value = before, true)", before).await;
        Ok(Put::Whole)
    }

    /// Sets the value past the keys, and tells the page with the events of a field that was filled in, which are not trusted ones.
    async fn set_by_script(&self, object: &Object, field: &Field) {
        const SET: &str = "(element, value) => {
          element.focus();
          element.value = value;
          element.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
          element.dispatchEvent(new Event('change', { bubbles: true }));
          return true;
        }";
        let _: Option<bool> = self.page.call_on(object, SET, field.canonical.as_deref().unwrap_or_default()).await;
    }

    /// Looks at the field that was typed into last once the page was listened to: what a page rewrites later counts as well. A field that
    /// was emptied or taken away was read by then.
    pub(crate) async fn holds_on(&mut self, run: &mut StepRun) -> Result<(), StepFailure> {
        let Some(typed) = self.typed.last_mut() else { return Ok(()) };
        let field = Field::read(&self.page, &typed.object, &typed.asked).await;
        let Some(field) = field.filter(|field| field.is_connected && !field.holds.is_empty()) else { return Ok(()) };
        typed.held.clone_from(&field.holds);
        if let Some(input) = &mut run.input {
            input.held = Some(field.holds.clone());
        }
        if field.holds_what_was_asked(&typed.asked) { Ok(()) } else { Err(holds_something_else(&field, &typed.asked, &Put::Whole)) }
    }

    /// Takes the focus from the field that has it, as the press on the form's button will, and looks at what was typed into the form: some
    /// pages rewrite a field when it is left, and what they write is what is sent.
    pub(crate) async fn leave_fields_of(&self, form: i64) -> Result<(), StepFailure> {
        const IS_IN_FORM: &str = "(element, form) => [...document.forms].indexOf(element.form ?? element.closest('form')) === form";
        let _: Option<bool> = self.page.evaluate("(document.activeElement?.blur?.(), true)").await;
        for typed in &self.typed {
            if self.page.call_on(&typed.object, IS_IN_FORM, form).await == Some(true) {
                self.holds_still(typed, true).await?;
            }
        }
        Ok(())
    }

    /// Whether the fields that were typed into still hold it, now that the focus is elsewhere. One that is empty may have been sent by now.
    pub(crate) async fn fields_hold_on(&self) -> Result<(), StepFailure> {
        for typed in &self.typed {
            self.holds_still(typed, false).await?;
        }
        Ok(())
    }

    async fn holds_still(&self, typed: &TypedField, counts_empty: bool) -> Result<(), StepFailure> {
        let field = Field::read(&self.page, &typed.object, &typed.asked).await.filter(|field| field.is_connected);
        let Some(field) = field.filter(|field| field.holds != typed.held && (counts_empty || !field.holds.is_empty())) else {
            return Ok(());
        };
        if field.holds_what_was_asked(&typed.asked) {
            return Ok(());
        }
        Err(StepFailure {
            why: format!("{} holds {} since it was left, asked for {}", typed.into, shown(&field.holds), shown(&typed.asked)),
            help: "the page rewrites what is typed there: ask for the value as the page writes it",
        })
    }
}

fn may_be_typed_into(field: &Field, into: &str, asked: &str) -> Result<(), StepFailure> {
    if let Some(why) = &field.refuses {
        return Err(StepFailure {
            why: format!("{into} {why}: nothing can be typed into it"),
            help: "give the selector of a field that a visitor can type into; choose from a list with select, and click a box",
        });
    }
    if field.canonical.as_deref() != Some("") || asked.is_empty() {
        return Ok(());
    }
    let (takes, help) = match field.kind.as_str() {
        "date" => ("a date", "write it as YYYY-MM-DD: 1979-10-04"),
        "month" => ("a month", "write it as YYYY-MM: 1979-10"),
        "week" => ("a week", "write it as YYYY-Www: 1979-W40"),
        "time" => ("a time", "write it as HH:MM: 14:30"),
        "datetime-local" => ("a date and a time", "write them as YYYY-MM-DDTHH:MM: 1979-10-04T14:30"),
        "range" => ("a number within its limits and steps", "compare with the field's min, max and step"),
        "color" => ("a colour", "write it as #rrggbb"),
        _ => ("a number", "write it with digits, and a point before decimals"),
    };
    Err(StepFailure { why: format!("{into} takes {takes}, which {} is not", shown(asked)), help })
}

fn is_no_field(into: &str) -> StepFailure {
    StepFailure {
        why: format!("{into} is no field, and a click on it gives the focus to none"),
        help: "give the selector of the field itself; one in a frame or a shadow tree cannot be typed into",
    }
}

fn holds_something_else(field: &Field, asked: &str, put: &Put) -> StepFailure {
    let length = asked.chars().count();
    let lost = match put {
        Put::LostFocus(typed) => format!("the field lost the focus after {typed} of {length} characters: it"),
        Put::Whole | Put::ByScript => "the field".to_owned(),
    };
    let help = match put {
        Put::LostFocus(_) => "the page moves on while something is typed: type each part into its own field",
        _ if field.longest.is_some_and(|longest| longest < length) => {
            "the field takes no more characters than its maxlength: ask for a shorter text"
        }
        _ => "the page changes or refuses what is typed there: ask for a value that the field keeps",
    };
    StepFailure { why: format!("{lost} holds {}, asked for {}", shown(&field.holds), shown(asked)), help }
}

/// A value in a sentence.
fn shown(value: &str) -> String {
    match value {
        "" => "nothing".to_owned(),
        _ if value.chars().any(char::is_control) || value.trim() != value => format!("{value:?}"),
        _ => value.to_owned(),
    }
}
