use pixelwitness_recording::{Call, Initiator};
use serde::Deserialize;

/// Parents beyond this are left to the raw log: a page can make them endless.
const DEEPEST: usize = 32;

#[derive(Deserialize)]
struct Told {
    #[serde(rename = "type", default)]
    kind: String,
    url: Option<String>,
    stack: Option<Stack>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stack {
    #[serde(default)]
    call_frames: Vec<CallFrame>,
    parent: Option<Box<Stack>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallFrame {
    #[serde(default)]
    function_name: String,
    #[serde(default)]
    url: String,
    /// Counted from 0.
    #[serde(default)]
    line_number: i64,
    #[serde(default)]
    column_number: i64,
}

/// Reads an initiator as DevTools tells it.
#[must_use]
pub fn initiator(json: &str) -> Initiator {
    let Ok(told) = serde_json::from_str::<Told>(json) else { return Initiator::default() };
    let mut calls = Vec::new();
    let mut stack = told.stack.map(Box::new);
    for _ in 0..DEEPEST {
        let Some(part) = stack else { break };
        calls.extend(part.call_frames.into_iter().map(call));
        stack = part.parent;
    }
    Initiator { kind: told.kind, url: told.url, stack: calls, origin: None }
}

fn call(frame: CallFrame) -> Call {
    let from_one = |number: i64| u32::try_from(number.saturating_add(1)).unwrap_or(0);
    Call { function: frame.function_name, url: frame.url, line: from_one(frame.line_number), column: from_one(frame.column_number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asynchronous_parents_follow_their_children() {
        let json = r#"{"type":"script","stack":{"callFrames":[{"functionName":"send","url":"https://t.example/p.js","lineNumber":4,"columnNumber":9}],
            "parent":{"description":"await","callFrames":[{"functionName":"","url":"https://shop.example/","lineNumber":0,"columnNumber":0}]}}}"#;
        let read = initiator(json);
        let calls: Vec<_> = read.stack.iter().map(|call| format!("{}@{}:{}:{}", call.function, call.url, call.line, call.column)).collect();
        assert_eq!(
            (read.kind.as_str(), calls),
            ("script", vec!["send@https://t.example/p.js:5:10".to_owned(), "@https://shop.example/:1:1".to_owned()])
        );
        assert_eq!(initiator("{"), Initiator::default());
    }
}
