//! What a vendor's answer says its script is set to do. It was declared, and not seen leaving.

use pixelwitness_recording::Request;
use serde_json::Value;

use crate::Declared;
use crate::codecs::{Call, calls};
use crate::definition::{Declares, Role};
use crate::read::Reading;

/// Settings that the answer to a `config` request declares.
pub(crate) fn of_answer(request: &Request, reading: Option<&Reading<'_>>) -> Vec<Declared> {
    let Some(answer) = request.response.as_ref().and_then(|response| response.body.as_ref()) else { return Vec::new() };
    let Some(reading) = reading else { return Vec::new() };
    let Some(declares) = reading.definition.declares.as_ref().filter(|_| reading.role == Role::Config) else { return Vec::new() };
    let functions: Vec<String> = declares.features.iter().chain(&declares.sections).cloned().collect();
    let found = calls(&String::from_utf8_lossy(&answer.0), &functions);
    let settings = found.into_iter().filter_map(|call| settings(call, declares)).flatten();
    settings
        .map(|setting| Declared {
            request: request.id,
            vendor: reading.definition.id.clone(),
            account: setting.account,
            // The notes say what a setting does; one that is off does nothing.
            note: declares.note(&setting.name).filter(|_| setting.value != "off"),
            setting: setting.name,
            value: setting.value,
        })
        .collect()
}

struct Setting {
    account: Option<String>,
    name: String,
    value: String,
}

/// Both sorts of call have the account first and a name second.
fn settings(call: Call, declares: &Declares) -> Option<Vec<Setting>> {
    let [account, Value::String(name), value, ..] = call.arguments.as_slice() else { return None };
    let account = match account {
        Value::String(account) => Some(account.clone()),
        Value::Number(account) => Some(account.to_string()),
        _ => None,
    };
    let setting = |name: String, value: String| Setting { account: account.clone(), name, value };
    if declares.features.contains(&call.function) {
        let value = match value {
            Value::Bool(true) => "on".to_owned(),
            Value::Bool(false) => "off".to_owned(),
            other => other.to_string(),
        };
        return Some(vec![setting(name.clone(), value)]);
    }
    let mut found = Vec::new();
    flatten(name, value, &mut found);
    let told =
        found.into_iter().filter(|(name, value)| !value.is_empty() && declares.settings.iter().any(|pattern| pattern.matches(name, '.')));
    Some(told.map(|(name, value)| setting(name, value)).collect())
}

/// Each list and each single value of a section, with its path.
fn flatten(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(member, value)| flatten(&format!("{name}.{member}"), value, found)),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().enumerate().for_each(|(index, value)| flatten(&format!("{name}.{index}"), value, found));
        }
        Value::Array(items) => found.push((name.to_owned(), items.iter().map(in_words).collect::<Vec<_>>().join(", "))),
        single => found.push((name.to_owned(), in_words(single))),
    }
}

fn in_words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
