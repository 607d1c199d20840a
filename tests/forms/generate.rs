//! The forms: every sort of field, wide and narrow, empty and filled in, left alone by its page and not. The same ones in every run.

use std::fmt::Write as _;

/// What the browsers prefer: in these the order of a date's parts differs.
pub(super) const LOCALES: [&str; 3] = ["en-GB,en", "de-DE,de", "fa-IR,fa"];

const KINDS: [&str; 20] = [
    "text",
    "date",
    "search",
    "month",
    "tel",
    "week",
    "email",
    "time",
    "password",
    "datetime-local",
    "url",
    "range",
    "textarea",
    "color",
    "editor",
    "number",
    "list",
    "box",
    "several",
    "text",
];

/// A form of one field.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) number: usize,
    pub(super) locale: usize,
    pub(super) kind: &'static str,
    pub(super) asked: String,
    pub(super) html: String,
    /// Whether its page leaves it alone, so that nothing may go wrong.
    pub(super) is_easy: bool,
}

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

pub(super) fn generate(count: usize) -> Vec<Form> {
    let mut numbers = Numbers(11);
    (0..count).map(|number| form(number, &mut numbers)).collect()
}

fn form(number: usize, numbers: &mut Numbers) -> Form {
    let kind = KINDS[number % KINDS.len()];
    let asked = value(kind, numbers);
    let before = if numbers.below(2) == 0 { String::new() } else { value(kind, numbers) };
    let (what, is_easy) = meddling(kind, number, numbers);
    let style = format!("style=\"width: {}px\"", 60 + numbers.below(540));
    let name = format!("f{number}");
    let html = match kind {
        "textarea" => format!("<textarea id={name} name={name} {style} {what}>{before}</textarea>"),
        "editor" => format!("<div id={name} data-name={name} contenteditable {style} {what}>{before}</div>"),
        "list" | "box" | "several" => {
            let sort = match kind {
                "list" => "",
                "box" => "size=4",
                _ => "multiple size=3",
            };
            let mut html = format!("<select id={name} name={name} data-watch {sort} {what}>");
            for option in 0..9 {
                let extra = match option {
                    3 => "disabled",
                    5 if !before.is_empty() && kind != "several" => "selected",
                    _ => "",
                };
                let _ = write!(html, "<option value=v{option} {extra}>Choice {option}</option>");
            }
            html + "</select>"
        }
        _ => {
            let more = match kind {
                "range" => "data-watch min=0 max=100",
                "number" => "step=any",
                "time" if numbers.below(2) == 0 => "step=1",
                _ => "",
            };
            let before = if before.is_empty() { String::new() } else { format!("value=\"{before}\"") };
            format!("<input id={name} name={name} type={kind} {before} {more} {style} {what}>")
        }
    };
    Form { number, locale: number % LOCALES.len(), kind, asked, html, is_easy }
}

fn value(kind: &str, numbers: &mut Numbers) -> String {
    let mut two = |from: u64, to: u64| format!("{:02}", from + numbers.below(to - from + 1));
    let day = format!("{}{}-{}-{}", two(19, 20), two(10, 99), two(1, 12), two(1, 28));
    let clock = format!("{}:{}", two(0, 23), two(0, 59));
    match kind {
        "date" => day,
        "month" => day[..7].to_owned(),
        "week" => format!("{}-W{}", &day[..4], two(1, 52)),
        "time" => clock,
        "datetime-local" => format!("{day}T{clock}"),
        "tel" => format!("07700 9{}{}0", two(0, 9), two(0, 99)),
        "email" => format!("ottoline.{}@post.example", two(0, 99)),
        "password" => format!("Secret-{}!", two(0, 99)),
        "url" => format!("https://post.example/{}?a=b", two(0, 99)),
        "range" => numbers.below(101).to_string(),
        "color" => format!("#{}ab{}", two(10, 99), two(10, 99)),
        "number" => format!("{}{}.5", numbers.of(&["", "-"]), 1 + numbers.below(999)),
        "list" | "box" | "several" => numbers.of(&["Choice 0", "Choice 1", "v2", "Choice 4", "v6", "Choice 8"]).to_owned(),
        _ => {
            let words = ["sleep apnoea", "größe sieben", "O'Brien & Söhne", "hiv test", "Straße 12, 3. Stock", "naïve, 100%"];
            format!("{} {}", numbers.of(&words), numbers.below(1000))
        }
    }
}

/// What the page does to the field, and whether nothing may go wrong for it.
fn meddling(kind: &str, number: usize, numbers: &mut Numbers) -> (String, bool) {
    const CUT: &str = "maxlength=4";
    const LOUD: &str = "oninput=\"this.value = this.value.toUpperCase()\"";
    const BARE: &str = "oninput=\"this.value = this.value.replace(/[^0-9a-z]/gi, '')\"";
    const SHORTER: &str = "oninput=\"this.value = this.value.replace(/[aeiou05]/g, '')\"";
    const LATE: &str = "oninput=\"clearTimeout(window.late); window.late = setTimeout(() => { this.value = 'late' }, 20)\"";
    const LEFT: &str = "onblur=\"this.value = 'rewritten'\"";
    const AWAY: &str = "oninput=\"if (this.value.length === 2) document.querySelector('button').focus()\"";
    const EATEN: &str = "onkeydown=\"event.preventDefault()\"";
    const NOT_NOW: &str = "readonly";
    // Three in four are left alone.
    if !number.is_multiple_of(4) {
        return (String::new(), true);
    }
    match kind {
        "text" | "search" | "tel" | "textarea" | "email" | "password" | "url" => {
            (numbers.of(&[CUT, LOUD, BARE, SHORTER, LATE, LEFT, AWAY, EATEN, NOT_NOW]).to_owned(), false)
        }
        "date" | "month" | "week" | "time" | "datetime-local" => (numbers.of(&[EATEN, NOT_NOW]).to_owned(), false),
        "number" => (numbers.of(&[LEFT, EATEN, NOT_NOW]).to_owned(), false),
        "list" | "range" => (EATEN.to_owned(), false),
        _ => (String::new(), true),
    }
}

impl Form {
    pub(super) fn name(&self) -> String {
        format!("f{}", self.number)
    }

    /// The step of the journey that fills it in.
    pub(super) fn step(&self) -> String {
        match self.kind {
            "list" | "box" | "several" => format!("select = {{ in = \"#{}\", option = {:?} }}", self.name(), self.asked),
            _ => format!("type = {{ into = \"#{}\", text = {:?} }}", self.name(), self.asked),
        }
    }

    /// Whether a value that a server received is the one asked for, as somebody would say who never saw how it is typed.
    pub(super) fn is_what_was_asked(&self, received: &str) -> bool {
        let number = |text: &str| text.parse::<f64>().unwrap();
        let letters = |text: &str| text.chars().filter(|character| character.is_alphanumeric()).collect::<String>().to_lowercase();
        match self.kind {
            "range" | "number" => (number(received) - number(&self.asked)).abs() < 1e-9,
            "time" => received == self.asked || received == format!("{}:00", self.asked),
            "date" | "month" | "week" | "datetime-local" | "password" => received == self.asked,
            "email" | "url" | "color" => received.eq_ignore_ascii_case(&self.asked),
            "list" | "box" | "several" => {
                received.trim_start_matches('v') == self.asked.trim_start_matches(['v', 'C', 'h', 'o', 'i', 'c', 'e', ' '])
            }
            _ => letters(received) == letters(&self.asked),
        }
    }

    /// Whether the page was told of one value only, the one asked for, by a visitor's own events: or of none, where it held that value.
    pub(super) fn is_one_change(&self, log: &str) -> bool {
        let told: Vec<&str> = log.split(' ').filter(|word| !word.is_empty()).collect();
        match &told[..] {
            [] => true,
            [input, change] => [(input, "input:true:"), (change, "change:true:")]
                .iter()
                .all(|(word, kind)| word.strip_prefix(kind).is_some_and(|value| self.is_what_was_asked(value))),
            _ => false,
        }
    }
}

/// A page with these fields. Its form goes to an address that has every value in it, and what became of the fields that are watched.
pub(super) fn page(forms: &[Form]) -> String {
    const SCRIPT: &str = "<script>
const form = document.getElementById('form'), logs = {};
for (const field of document.querySelectorAll('[data-watch]')) {
  logs[field.id] = '';
  for (const kind of ['input', 'change']) {
    field.addEventListener(kind, event => { logs[field.id] += `${kind}:${event.isTrusted}:${[...(field.selectedOptions ?? [field])].map(one => one.value)} `; });
  }
}
form.addEventListener('submit', event => {
  event.preventDefault();
  const values = [...new FormData(form)];
  for (const editor of document.querySelectorAll('[data-name]')) values.push([editor.dataset.name, editor.innerText]);
  for (const [name, log] of Object.entries(logs)) values.push([`log-${name}`, log]);
  location = '/got/' + location.pathname.split('/').pop() + '/' + values.map(([name, value]) => name + '=' + encodeURIComponent(value)).join('/');
});
</script>";
    let fields: String = forms.iter().map(|form| format!("<p>{}</p>", form.html)).collect();
    format!(
        "<!doctype html><html lang=en><title>Form</title><link rel=icon href=\"data:,\"><form id=form novalidate>{fields}<button>Send</button></form>{SCRIPT}"
    )
}
