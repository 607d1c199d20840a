use serde_json::Value;

/// Calls read from one script at the most.
const MOST_CALLS: usize = 2_000;
/// Bytes of one call's arguments at the most.
const MOST_BYTES: usize = 64 << 10;

/// One call in a script whose arguments are plain JSON.
#[derive(Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) function: String,
    pub(crate) arguments: Vec<Value>,
}

/// Finds calls of these functions in a script, in the order they stand: `instance.optIn("123", "InferredEvents", true)`.
///
/// The script is not run. A call whose arguments are anything but JSON is left out.
pub(crate) fn calls(script: &str, functions: &[String]) -> Vec<Call> {
    let mut found: Vec<(usize, Call)> = Vec::new();
    for function in functions {
        let needle = format!("{function}(");
        for (at, _) in script.match_indices(&needle).take(MOST_CALLS) {
            let before = script[..at].chars().next_back();
            if before.is_some_and(|character| character.is_alphanumeric() || character == '_' || character == '$') {
                continue;
            }
            if let Some(arguments) = arguments(&script[at + needle.len()..]) {
                found.push((at, Call { function: function.clone(), arguments }));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, call)| call).collect()
}

/// What stands between the call's brackets, read as the items of a JSON array.
fn arguments(text: &str) -> Option<Vec<Value>> {
    let inner = &text[..closing_bracket(text.as_bytes())?];
    serde_json::from_str(&format!("[{inner}]")).ok()
}

fn closing_bracket(bytes: &[u8]) -> Option<usize> {
    let (mut in_string, mut escaped) = (false, false);
    bytes.iter().take(MOST_BYTES).position(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            b')' if !in_string => return true,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn calls_with_plain_arguments_are_found() {
        let script = r#"fbq.x=function(a){a.optIn(b,"No",true)};
            instance.optIn("123", "InferredEvents", true);
            config.set("123", "automaticMatching", {"selectedMatchKeys":["em","ph"]});config.set(null,"batching",{"a":1});myoptIn("1")
            instance.optIn("123", "Cut"#;
        let functions = ["optIn".to_owned(), "config.set".to_owned()];
        let call = |function: &str, arguments| Call { function: function.to_owned(), arguments };
        assert_eq!(
            calls(script, &functions),
            [
                call("optIn", vec![json!("123"), json!("InferredEvents"), json!(true)]),
                call("config.set", vec![json!("123"), json!("automaticMatching"), json!({"selectedMatchKeys": ["em", "ph"]})]),
                call("config.set", vec![json!(null), json!("batching"), json!({"a": 1})]),
            ]
        );
        assert_eq!(calls("optIn(é", &functions), []);
    }
}
