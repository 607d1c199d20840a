//! One page of the browser: evaluating, finding an element, moving the mouse, typing.
//!
//! Scripts of ours run in a world of their own: they see the page's document and the page's scripts do not see them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chromiumoxide::cdp::browser_protocol::dom::{BackendNodeId, DescribeNodeParams, ResolveNodeParams};
use chromiumoxide::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, DispatchMouseEventParams, DispatchMouseEventType, InsertTextParams, MouseButton,
};
use chromiumoxide::cdp::browser_protocol::page::{CaptureScreenshotParams, CreateIsolatedWorldParams, NavigateParams};
use chromiumoxide::cdp::browser_protocol::target::{AttachToTargetParams, DetachFromTargetParams, TargetId};
use chromiumoxide::cdp::js_protocol::runtime::{CallFunctionOnParams, EvaluateParams, ExecutionContextId, RemoteObjectId};
use chromiumoxide::types::Command;
use pixelwitness_recording::Element;
use pixelwitness_recording::raw_log::repair_surrogates;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};
use tokio::time::sleep;

use crate::Error;
use crate::connection::{CallError, Connection};
use crate::keys::Key;
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
    /// Where several match: a selector for each of the first few.
    #[serde(default)]
    pub(crate) each: Vec<String>,
    /// Where none matches: in which frames and shadow trees one does.
    #[serde(default)]
    pub(crate) elsewhere: Vec<String>,
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

/// What DevTools calls the control key among modifiers.
const CONTROL: i64 = 2;

/// Something in the page that is held on to.
#[derive(Clone, Debug)]
pub(crate) struct Object(String);

/// What a script of ours gave.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct RemoteObject<T> {
    value: Option<T>,
    #[serde(default, rename = "objectId", deserialize_with = "object")]
    object: Option<Object>,
}

fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Object>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|id| id.map(Object))
}

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
        let mut script = EvaluateParams::new(expression);
        script.context_id = Some(self.world().await?);
        script.return_by_value = Some(true);
        script.await_promise = Some(true);
        self.result_of(script).await.and_then(|result: RemoteObject<T>| result.value)
    }

    /// The object that an expression gives, held on to in our world; `None` where it gives none.
    pub(crate) async fn object(&self, expression: &str) -> Option<Object> {
        let mut script = EvaluateParams::new(expression);
        script.context_id = Some(self.world().await?);
        self.result_of(script).await.and_then(|result: RemoteObject<IgnoredAny>| result.object)
    }

    /// The node of that number, one of the browser's own inside a field among them.
    pub(crate) async fn node(&self, number: i64) -> Option<Object> {
        #[derive(Deserialize)]
        struct Resolved {
            object: RemoteObject<IgnoredAny>,
        }
        let mut resolve = ResolveNodeParams::builder().backend_node_id(BackendNodeId::new(number)).build();
        resolve.execution_context_id = Some(self.world().await?);
        let answer = self.connection.call_within(Some(&self.session), resolve, SCRIPT_TIMEOUT).await.ok()?;
        serde_json::from_str::<Resolved>(answer.get()).ok()?.object.object
    }

    /// What a function gives for an object, which is its first argument, and one more.
    pub(crate) async fn call_on<T: DeserializeOwned>(&self, object: &Object, function: &str, argument: impl Serialize) -> Option<T> {
        let argument = serde_json::to_string(&argument).ok()?;
        let mut call = CallFunctionOnParams::new(format!("function() {{ return ({function})(this, {argument}); }}"));
        call.object_id = Some(RemoteObjectId::new(object.0.clone()));
        call.return_by_value = Some(true);
        call.await_promise = Some(true);
        self.result_of(call).await.and_then(|result: RemoteObject<T>| result.value)
    }

    /// A node with everything in it, the browser's own insides of fields among them, as DevTools describes it.
    pub(crate) async fn describe(&self, object: &Object) -> Option<serde_json::Value> {
        let mut describe = DescribeNodeParams::builder().depth(-1).pierce(true).build();
        describe.object_id = Some(RemoteObjectId::new(object.0.clone()));
        let answer = self.connection.call_within(Some(&self.session), describe, SCRIPT_TIMEOUT).await.ok()?;
        serde_json::from_str(&repair_surrogates(answer.get())).ok()
    }

    async fn world(&self) -> Option<ExecutionContextId> {
        #[derive(Deserialize)]
        struct World {
            #[serde(rename = "executionContextId")]
            id: i64,
        }
        let world = CreateIsolatedWorldParams::builder().frame_id(self.target.inner().clone()).world_name("pixelwitness").build().ok()?;
        let world = self.connection.call_within(Some(&self.session), world, SCRIPT_TIMEOUT).await.ok()?;
        serde_json::from_str(world.get()).ok().map(|world: World| ExecutionContextId::new(world.id))
    }

    async fn result_of<T: DeserializeOwned, C: Command>(&self, command: C) -> Option<RemoteObject<T>> {
        #[derive(Deserialize)]
        #[serde(bound = "T: DeserializeOwned")]
        struct Evaluated<T> {
            result: RemoteObject<T>,
        }
        let answer = self.connection.call_within(Some(&self.session), command, SCRIPT_TIMEOUT).await.ok()?;
        let evaluated: Evaluated<T> =
            serde_json::from_str(answer.get()).or_else(|_| serde_json::from_str(&repair_surrogates(answer.get()))).ok()?;
        Some(evaluated.result)
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

    /// The one element that a selector names, held on to.
    pub(crate) async fn locate_object(&self, selector: &str) -> Option<Object> {
        let argument = serde_json::to_string(selector).ok()?;
        self.object(&format!("({LOCATE})({argument}, true)")).await
    }

    /// Which of the page's forms a click on what the selector names sends, or which form it is.
    pub(crate) async fn form_sent_by(&self, selector: &str) -> Option<i64> {
        const SENDS: &str = "(element) => {
          const button = element.closest('button, input');
          const form = element.localName === 'form' ? element : button && ['submit', 'image'].includes(button.type) ? button.form : null;
          return form && [...document.forms].indexOf(form);
        }";
        let object = self.locate_object(selector).await?;
        self.call_on(&object, SENDS, ()).await
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

    /// Puts a character in, by its key where it has one.
    pub(crate) async fn type_character(&self, character: char) -> Result<(), CallError> {
        match Key::of(character) {
            Some(key) => self.press(&key).await?,
            None => {
                self.connection.call(Some(&self.session), InsertTextParams::new(character)).await?;
            }
        }
        sleep(KEY_PAUSE).await;
        Ok(())
    }

    pub(crate) async fn press(&self, key: &Key) -> Result<(), CallError> {
        let event = |kind: DispatchKeyEventType, with_text: bool| {
            let mut event = DispatchKeyEventParams::new(kind);
            event.key = Some(key.key.clone());
            event.code = Some(key.code.clone());
            event.windows_virtual_key_code = Some(key.virtual_key);
            event.modifiers = key.with_control.then_some(CONTROL);
            if with_text {
                event.text.clone_from(&key.text);
                event.commands = key.command.map(|command| vec![command.to_owned()]);
            }
            event
        };
        let down = if key.text.is_some() { DispatchKeyEventType::KeyDown } else { DispatchKeyEventType::RawKeyDown };
        self.connection.call(Some(&self.session), event(down, true)).await?;
        self.connection.call(Some(&self.session), event(DispatchKeyEventType::KeyUp, false)).await?;
        Ok(())
    }
}
