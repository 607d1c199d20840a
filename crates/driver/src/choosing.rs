//! The steps that choose and click: an option is chosen with one change and no other on the way, and what was clicked is written down.

use pixelwitness_recording::{Input, InputKind, Select, StepRun};
use serde::Deserialize;

use crate::keys::Key;
use crate::page::{Object, Page};
use crate::png_outline::Rectangle;
use crate::steps::{Stage, StepFailure};

const NO_SUCH_OPTION: &str = "give the option's visible text or its value";
const OTHER_LISTS: &str = "for other lists use click steps";

/// What a `<select>` says of itself.
#[derive(Debug, Deserialize)]
struct List {
    is_disabled: bool,
    /// Its options are all on show, and several may be chosen.
    is_box: bool,
    options: Vec<ListOption>,
    /// Which options are chosen.
    chosen: Vec<usize>,
}

#[derive(Debug, Deserialize)]
struct ListOption {
    value: String,
    label: String,
    /// Whether a visitor can choose it.
    is_free: bool,
}

const LIST: &str = "(list) => {
  const options = [...list.options];
  const isFree = (option) => {
    const group = option.closest('optgroup');
    const hides = (element) => element && (element.hidden || getComputedStyle(element).display === 'none');
    return !option.disabled && !(group && group.disabled) && !hides(option) && !hides(group);
  };
  return {
    is_disabled: list.matches(':disabled'),
    is_box: list.multiple || list.size > 1,
    options: options.map((option) => ({
      value: option.value,
      label: (option.label || option.textContent).replace(/\\s+/g, ' ').trim(),
      is_free: isFree(option),
    })),
    chosen: options.flatMap((option, at) => (option.selected ? [at] : [])),
  };
}";

/// Focuses the list and puts it beside the option, which no page is told. Gives back what was chosen before.
const BESIDE: &str = "(list, at) => { const before = list.selectedIndex; list.focus(); list.selectedIndex = at; return before; }";
const PUT_BACK: &str = "(list, at) => (list.selectedIndex = at, true)";

/// Where an option of a list that is all on show stands.
const OPTION_AT: &str = "(list, at) => {
  const option = list.options[at];
  option.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  const { left, top, width, height } = option.getBoundingClientRect();
  return [left, top, width, height];
}";

/// What is about to be clicked: a box of a form, by itself or by its label, or anything else by its text.
const CLICKED: &str = "(element, text) => {
  const control = element.localName === 'label' ? element.control : element.closest('label')?.control ?? element;
  const isBox = control?.localName === 'input' && ['checkbox', 'radio'].includes(control.type);
  if (!isBox) return { is_box: false, is_checked: false, value: '', label: text };
  const label = [...(control.labels || [])].map((label) => label.innerText).join(' ') || control.getAttribute('aria-label') || '';
  return { is_box: true, is_checked: control.checked, value: control.value, label: label.replace(/\\s+/g, ' ').trim().slice(0, 200) };
}";

/// What is said of an element that is clicked.
#[derive(Clone, Debug, Deserialize)]
struct Clicked {
    is_box: bool,
    is_checked: bool,
    value: String,
    label: String,
}

impl Stage<'_> {
    pub(crate) async fn choose(&mut self, index: usize, choice: &Select, run: &mut StepRun) -> Result<(), StepFailure> {
        let Select { list: selector, option } = choice;
        let located = self.element(index, selector, run).await?;
        if located.tag != "select" {
            return Err(StepFailure { why: format!("{selector} is a <{}>, not a <select>", located.tag), help: OTHER_LISTS });
        }
        let gone =
            || StepFailure { why: format!("{selector} was gone before it could be read"), help: "give the page time with a wait step" };
        let object = self.page.locate_object(selector).await.ok_or_else(gone)?;
        let list = read(&self.page, &object).await.ok_or_else(gone)?;
        if list.is_disabled {
            return Err(StepFailure { why: format!("{selector} is disabled"), help: "do first what makes the page enable it" });
        }
        let at = list.find(option).map_err(|why| StepFailure { why: format!("{selector} {why}"), help: NO_SUCH_OPTION })?;
        if list.chosen == [at] {
            // A visitor who finds it chosen changes nothing.
            let _: Option<bool> = self.page.call_on(&object, "(list) => (list.focus(), true)", ()).await;
        } else if list.is_box {
            self.click_option(&object, at).await?;
        } else {
            self.step_onto(&object, &list, at).await?;
        }
        self.fields_hold_on().await?;
        // A page may have put another list in its place.
        let after = match read(&self.page, &object).await {
            Some(after) if self.page.call_on(&object, "(list) => list.isConnected", ()).await == Some(true) => Some(after),
            _ => match self.page.locate_object(selector).await {
                Some(object) => read(&self.page, &object).await,
                None => None,
            },
        };
        let wanted = &list.options[at];
        let held: Option<Vec<&ListOption>> = after.as_ref().map(|after| after.chosen.iter().map(|at| &after.options[*at]).collect());
        let words =
            |part: fn(&ListOption) -> &str| held.as_ref().map(|held| held.iter().map(|option| part(option)).collect::<Vec<_>>().join(", "));
        run.input = Some(Input {
            kind: InputKind::Chosen,
            canary: None,
            asked: option.clone(),
            held: words(|option| &option.value),
            label: words(|option| &option.label),
        });
        match held {
            Some(held) if matches!(held[..], [chosen] if chosen.value == wanted.value && chosen.label == wanted.label) => Ok(()),
            Some(_) => Err(StepFailure {
                why: format!(
                    "the list holds {}, asked for {option}",
                    words(|option| &option.label).filter(|held| !held.is_empty()).unwrap_or_else(|| "nothing".to_owned())
                ),
                help: "the page does not let this option be chosen, or chooses another one: do first what makes it possible",
            }),
            None => Err(StepFailure {
                why: format!("{selector} was gone before it could be read back"),
                help: "look at the step's screenshots: the page may go on by itself once something is chosen",
            }),
        }
    }

    /// Clicks the option in a list that is all on show: it alone is chosen then.
    async fn click_option(&self, object: &Object, at: usize) -> Result<(), StepFailure> {
        let Some([left, top, width, height]) = self.page.call_on::<[f64; 4]>(object, OPTION_AT, at).await else { return Ok(()) };
        Ok(self.page.click(Rectangle { left, top, width, height }).await?)
    }

    /// Chooses by one arrow key from the option beside it, so that no other choice is ever told. A list that opens at that key, or whose
    /// page keeps the key, is opened and gone through.
    async fn step_onto(&self, object: &Object, list: &List, at: usize) -> Result<(), StepFailure> {
        let free = |index: &usize| list.options[*index].is_free;
        let (beside, key) = match ((0..at).rev().find(free), (at + 1..list.options.len()).find(free)) {
            (Some(before), _) => (i64::try_from(before).unwrap_or(-1), Key::down()),
            (None, Some(after)) => (i64::try_from(after).unwrap_or(-1), Key::up()),
            (None, None) => (-1, Key::down()),
        };
        let before: Option<i64> = self.page.call_on(object, BESIDE, beside).await;
        self.page.press(&key).await?;
        let chosen = |list: Option<List>| list.is_some_and(|list| list.chosen == [at]);
        if chosen(read(&self.page, object).await) {
            return Ok(());
        }
        let _: Option<bool> = self.page.call_on(object, PUT_BACK, before.unwrap_or(-1)).await;
        self.page.press(&Key::escape()).await?;
        self.page.press(&Key::space()).await?;
        self.page.press(&Key::home()).await?;
        for _ in 0..(0..at).filter(free).count() {
            self.page.press(&Key::down()).await?;
        }
        self.page.press(&Key::enter()).await?;
        Ok(())
    }

    /// Clicks an element, and writes down what that was.
    pub(crate) async fn click_element(&mut self, selector: &str, at: Rectangle, text: &str, run: &mut StepRun) -> Result<(), StepFailure> {
        let object = self.page.locate_object(selector).await;
        let clicked = match &object {
            Some(object) => self.page.call_on::<Clicked>(object, CLICKED, text).await,
            None => None,
        };
        self.page.click(at).await?;
        let Some(before) = clicked else { return Ok(()) };
        let after = match &object {
            Some(object) if before.is_box => self.page.call_on::<Clicked>(object, CLICKED, text).await,
            _ => None,
        };
        run.input = input_of(&before, after.as_ref());
        Ok(())
    }
}

/// What a click put into the page. A box that it cleared is sent by no form, and counts as any other element does: by its text.
fn input_of(before: &Clicked, after: Option<&Clicked>) -> Option<Input> {
    let label = Some(before.label.clone()).filter(|label| !label.is_empty());
    if before.is_box && after.is_none_or(|after| after.is_checked) {
        let held = after.map(|after| after.value.clone());
        return Some(Input { kind: InputKind::Checked, canary: None, asked: before.value.clone(), held, label });
    }
    let text = label?;
    Some(Input { kind: InputKind::Clicked, canary: None, asked: text.clone(), held: Some(text.clone()), label: Some(text) })
}

async fn read(page: &Page, object: &Object) -> Option<List> {
    page.call_on(object, LIST, ()).await
}

impl List {
    /// The option of that text, or else of that value, that a visitor can choose.
    fn find(&self, wanted: &str) -> Result<usize, String> {
        let of = |is_it: &dyn Fn(&ListOption) -> bool| {
            self.options.iter().enumerate().filter(|(_, option)| option.is_free && is_it(option)).map(|(at, _)| at).collect::<Vec<_>>()
        };
        let by_text = of(&|option| option.label == wanted);
        let by_value = of(&|option| option.value == wanted);
        match (&by_text[..], &by_value[..]) {
            ([at], _) | ([], [at]) => Ok(*at),
            ([], []) => {
                let known: Vec<&str> =
                    self.options.iter().filter(|option| option.is_free).map(|option| option.label.as_str()).take(8).collect();
                Err(format!("has no option {wanted:?} (it has {})", known.join(", ")))
            }
            (several, _) => {
                let several = if several.is_empty() { &by_value } else { &by_text };
                let values: Vec<String> = several.iter().map(|at| format!("{:?}", self.options[*at].value)).collect();
                Err(format!("has {} options {wanted:?}, of the values {}", several.len(), values.join(", ")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_by_its_text_before_its_value_and_never_guessed() {
        let option = |value: &str, label: &str, is_free: bool| ListOption { value: value.to_owned(), label: label.to_owned(), is_free };
        let options = vec![
            option("", "Choose", false),
            option("1", "One", true),
            option("2", "1", true),
            option("3", "Other", true),
            option("4", "Other", true),
            option("5", "Five", false),
        ];
        let list = List { is_disabled: false, is_box: false, options, chosen: Vec::new() };
        for (wanted, found) in [
            ("One", Ok(1)),
            ("1", Ok(2)),
            ("2", Ok(2)),
            ("4", Ok(4)),
            ("Other", Err("has 2 options \"Other\", of the values \"3\", \"4\"")),
            ("Five", Err("has no option \"Five\" (it has One, 1, Other, Other)")),
            ("Choose", Err("has no option \"Choose\" (it has One, 1, Other, Other)")),
        ] {
            assert_eq!(list.find(wanted), found.map_err(str::to_owned), "{wanted}");
        }
    }

    #[test]
    fn a_box_is_written_down_as_checked_only_once_it_is() {
        let clicked =
            |is_box: bool, is_checked: bool| Clicked { is_box, is_checked, value: "hiv".to_owned(), label: "HIV test".to_owned() };
        for (before, after, kind, held) in [
            (clicked(true, false), Some(clicked(true, true)), InputKind::Checked, Some("hiv")),
            (clicked(true, false), None, InputKind::Checked, None),
            (clicked(true, true), Some(clicked(true, false)), InputKind::Clicked, Some("HIV test")),
            (clicked(false, false), None, InputKind::Clicked, Some("HIV test")),
        ] {
            let input = input_of(&before, after.as_ref()).unwrap();
            assert_eq!((input.kind, input.held.as_deref(), input.label.as_deref()), (kind, held, Some("HIV test")), "{before:?} {after:?}");
        }
        let silent = Clicked { is_box: false, is_checked: false, value: String::new(), label: String::new() };
        assert_eq!(input_of(&silent, None), None);
    }
}
