//! One page of the browser: evaluating, finding an element, moving the mouse, typing.
//!
//! Scripts of ours run in a world of their own: they see the page's document and the page's scripts do not see them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chromiumoxide::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, DispatchMouseEventParams, DispatchMouseEventType, InsertTextParams, MouseButton,
};
use chromiumoxide::cdp::browser_protocol::page::{CaptureScreenshotParams, CreateIsolatedWorldParams, NavigateParams};
use chromiumoxide::cdp::browser_protocol::target::{AttachToTargetParams, DetachFromTargetParams, TargetId};
use chromiumoxide::cdp::js_protocol::runtime::{EvaluateParams, ExecutionContextId};
use pixelwitness_recording::Element;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use crate::Error;
use crate::connection::{CallError, Connection};
use crate::png_outline::Rectangle;

/// How long a script of ours may take: longer means that the page is busy with itself.
pub(crate) const SCRIPT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a server may take to answer with a page.
pub(crate) const NAVIGATION_TIMEOUT: Duration = Duration::from_secs(30);

/// A quick typist's pause between two keys.
const KEY_PAUSE: Duration = Duration::from_millis(30);

#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) connection: Connection,
    pub(crate) target: TargetId,
    pub(crate) session: String,
}

/// What a page says about the element that a selector names.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Located {
    /// Why the selector cannot be used at all.
    pub(crate) error: Option<String>,
    /// How many elements match.
    #[serde(default)]
    pub(crate) count: usize,
    #[serde(default)]
    pub(crate) tag: String,
    /// The `type` of an `<input>`.
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) text: String,
    /// What lies on top of it, where something does.
    pub(crate) covered_by: Option<String>,
    #[serde(default)]
    pub(crate) visible: bool,
    #[serde(default)]
    left: f64,
    #[serde(default)]
    top: f64,
    #[serde(default)]
    width: f64,
    #[serde(default)]
    height: f64,
}

impl Located {
    pub(crate) fn rectangle(&self) -> Rectangle {
        Rectangle { left: self.left, top: self.top, width: self.width, height: self.height }
    }

    pub(crate) fn element(&self, selector: &str) -> Element {
        Element { selector: selector.to_owned(), tag: self.tag.clone(), text: self.text.clone() }
    }
}

const LOCATE: &str = include_str!("locate.js");

/// Where a navigation led.
#[derive(Debug, Deserialize)]
pub(crate) struct Navigation {
    /// Chromium's word for what went wrong: `net::ERR_NAME_NOT_RESOLVED`.
    #[serde(rename = "errorText")]
    pub(crate) error: Option<String>,
    #[serde(rename = "isDownload", default)]
    pub(crate) is_download: bool,
}

impl Page {
    /// Attaches to a target that is not attached by itself.
    pub(crate) async fn attach(connection: &Connection, target: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Attached {
            #[serde(rename = "sessionId")]
            session: String,
        }
        let mut attach = AttachToTargetParams::new(target.to_owned());
        attach.flatten = Some(true);
        let attached: Attached = connection.ask(None, attach).await?;
        Ok(Self { connection: connection.clone(), target: target.to_owned().into(), session: attached.session })
    }

    /// The page of a target that is being attached by itself.
    pub(crate) async fn attached(connection: &Connection, target: &str) -> Result<Self, Error> {
        for _ in 0..1000 {
            let session = connection.watched().session_of_page(target);
            if let Some(session) = session {
                return Ok(Self { connection: connection.clone(), target: target.to_owned().into(), session });
            }
            sleep(Duration::from_millis(10)).await;
        }
        Err(Error::Connection { reason: "a page that was opened did not report itself".to_owned() })
    }

    pub(crate) async fn detach(&self) {
        let session = DetachFromTargetParams::builder().session_id(self.session.clone()).build();
        let _ = self.connection.call(None, session).await;
    }

    pub(crate) async fn navigate(&self, url: &str) -> Result<Navigation, CallError> {
        let answer = self.connection.call_within(Some(&self.session), NavigateParams::new(url), NAVIGATION_TIMEOUT).await?;
        serde_json::from_str(answer.get()).map_err(|source| CallError::NotUnderstood { method: "Page.navigate".to_owned(), source })
    }

    /// The value of an expression, awaited where it is a promise; `None` where the page does not answer or the value is another.
    pub(crate) async fn evaluate<T: DeserializeOwned>(&self, expression: &str) -> Option<T> {
        #[derive(Deserialize)]
        struct World {
            #[serde(rename = "executionContextId")]
            id: i64,
        }
        #[derive(Deserialize)]
        struct Evaluated<T> {
            result: Value<T>,
        }
        #[derive(Deserialize)]
        struct Value<T> {
            value: T,
        }
        let world = CreateIsolatedWorldParams::builder().frame_id(self.target.inner().clone()).world_name("pixelwitness").build().ok()?;
        let world = self.connection.call_within(Some(&self.session), world, SCRIPT_TIMEOUT).await.ok()?;
        let world: World = serde_json::from_str(world.get()).ok()?;
        let mut script = EvaluateParams::new(expression);
        script.context_id = Some(ExecutionContextId::new(world.id));
        script.return_by_value = Some(true);
        script.await_promise = Some(true);
        let answer = self.connection.call_within(Some(&self.session), script, SCRIPT_TIMEOUT).await.ok()?;
        serde_json::from_str::<Evaluated<T>>(answer.get()).ok().map(|evaluated| evaluated.result.value)
    }

    /// Whether the page's process does anything at all for us: one that refuses does, one that is busy with itself does not.
    pub(crate) async fn answers(&self) -> bool {
        let ask = self.connection.call_within(Some(&self.session), EvaluateParams::new("0"), SCRIPT_TIMEOUT).await;
        !matches!(ask, Err(CallError::Silent { .. }))
    }

    /// Address and title.
    pub(crate) async fn address_and_title(&self) -> (String, String) {
        self.evaluate("[location.href, document.title]").await.unwrap_or_default()
    }

    /// The element that a selector names, scrolled into view.
    pub(crate) async fn locate(&self, selector: &str) -> Option<Located> {
        let argument = serde_json::to_string(selector).ok()?;
        self.evaluate(&format!("({LOCATE})({argument})")).await
    }

    /// A picture of what is in view.
    pub(crate) async fn screenshot(&self) -> Option<Vec<u8>> {
        #[derive(Deserialize)]
        struct Screenshot {
            data: String,
        }
        let capture = CaptureScreenshotParams { optimize_for_speed: Some(true), ..CaptureScreenshotParams::default() };
        let answer = self.connection.call_within(Some(&self.session), capture, SCRIPT_TIMEOUT).await.ok()?;
        let screenshot: Screenshot = serde_json::from_str(answer.get()).ok()?;
        STANDARD.decode(screenshot.data).ok()
    }

    /// Moves the mouse to the middle of a rectangle and presses its left button.
    pub(crate) async fn click(&self, at: Rectangle) -> Result<(), CallError> {
        let (x, y) = (at.left + at.width / 2.0, at.top + at.height / 2.0);
        let mouse = |kind: DispatchMouseEventType, pressed: bool| {
            let mut event = DispatchMouseEventParams::new(kind, x, y);
            if pressed {
                event.button = Some(MouseButton::Left);
                event.click_count = Some(1);
            }
            event
        };
        for event in [
            mouse(DispatchMouseEventType::MouseMoved, false),
            mouse(DispatchMouseEventType::MousePressed, true),
            mouse(DispatchMouseEventType::MouseReleased, true),
        ] {
            self.connection.call(Some(&self.session), event).await?;
        }
        Ok(())
    }

    pub(crate) async fn type_text(&self, text: &str) -> Result<(), CallError> {
        for character in text.chars() {
            match Key::of(character) {
                Some(key) => self.press(&key).await?,
                None => {
                    self.connection.call(Some(&self.session), InsertTextParams::new(character)).await?;
                }
            }
            sleep(KEY_PAUSE).await;
        }
        Ok(())
    }

    pub(crate) async fn press(&self, key: &Key) -> Result<(), CallError> {
        let event = |kind: DispatchKeyEventType, with_text: bool| {
            let mut event = DispatchKeyEventParams::new(kind);
            event.key = Some(key.key.clone());
            event.code = Some(key.code.clone());
            event.windows_virtual_key_code = Some(key.virtual_key);
            if with_text {
                event.text.clone_from(&key.text);
            }
            event
        };
        let down = if key.text.is_some() { DispatchKeyEventType::KeyDown } else { DispatchKeyEventType::RawKeyDown };
        self.connection.call(Some(&self.session), event(down, true)).await?;
        self.connection.call(Some(&self.session), event(DispatchKeyEventType::KeyUp, false)).await?;
        Ok(())
    }
}

/// A key of the keyboard, as `KeyboardEvent` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    key: String,
    code: String,
    virtual_key: i64,
    text: Option<String>,
}

impl Key {
    /// The key that writes this character on a British or American keyboard; `None` where it takes an input method.
    fn of(character: char) -> Option<Self> {
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
        Some(Self { key: character.to_string(), code, virtual_key, text: Some(character.to_string()) })
    }

    fn named(name: &str, virtual_key: i64, text: Option<&str>) -> Self {
        Self { key: name.to_owned(), code: name.to_owned(), virtual_key, text: text.map(str::to_owned) }
    }

    pub(crate) fn enter() -> Self {
        Self::named("Enter", 13, Some("\r"))
    }

    pub(crate) fn space() -> Self {
        Self { key: " ".to_owned(), code: "Space".to_owned(), virtual_key: 32, text: Some(" ".to_owned()) }
    }

    pub(crate) fn home() -> Self {
        Self::named("Home", 36, None)
    }

    pub(crate) fn down() -> Self {
        Self::named("ArrowDown", 40, None)
    }
}
