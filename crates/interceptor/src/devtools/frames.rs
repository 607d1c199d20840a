//! The frames of the DevTools protocol that are of interest, and of them the fields that are. Every field may be missing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Any frame, in either direction.
#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    pub(super) id: Option<u64>,
    #[serde(borrow)]
    pub(super) method: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "sessionId")]
    pub(super) session: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) params: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// Header names are map keys in DevTools: their order is lost. A sorted map makes the result the same every time.
pub(super) type Headers = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestId {
    pub(super) request_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestWillBeSent {
    pub(super) request_id: String,
    pub(super) loader_id: Option<String>,
    #[serde(rename = "documentURL", default)]
    pub(super) document_url: String,
    pub(super) request: Request,
    #[serde(default)]
    pub(super) timestamp: f64,
    #[serde(default)]
    pub(super) wall_time: f64,
    pub(super) initiator: Option<Box<RawValue>>,
    #[serde(rename = "type", default)]
    pub(super) resource_type: String,
    pub(super) frame_id: Option<String>,
    pub(super) redirect_response: Option<Response>,
    pub(super) redirect_has_extra_info: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) url: String,
    pub(super) method: String,
    #[serde(default)]
    pub(super) headers: Headers,
    #[serde(default)]
    pub(super) has_post_data: bool,
    pub(super) post_data: Option<String>,
    pub(super) post_data_entries: Option<Vec<PostDataEntry>>,
}

#[derive(Deserialize)]
pub(super) struct Dialog {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WindowOpen {
    #[serde(default)]
    pub(super) url: String,
    #[serde(default)]
    pub(super) user_gesture: bool,
}

/// Something that a page led to.
#[derive(Deserialize)]
pub(super) struct LedTo {
    #[serde(default)]
    pub(super) url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResponseExtraInfo {
    pub(super) request_id: String,
    #[serde(rename = "resourceIPAddressSpace", default)]
    pub(super) address_space: String,
}

#[derive(Deserialize)]
pub(super) struct PostDataEntry {
    pub(super) bytes: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExtraInfo {
    pub(super) request_id: String,
    #[serde(default)]
    pub(super) headers: Headers,
    pub(super) connect_timing: Option<ConnectTiming>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectTiming {
    pub(super) request_time: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResponseReceived {
    pub(super) request_id: String,
    pub(super) response: Response,
    pub(super) has_extra_info: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    #[serde(default)]
    pub(super) status: i64,
    #[serde(default)]
    pub(super) headers: Headers,
    #[serde(default)]
    pub(super) connection_id: f64,
    #[serde(rename = "remoteIPAddress", default)]
    pub(super) remote_ip: String,
    #[serde(default)]
    pub(super) remote_port: i64,
    #[serde(default)]
    pub(super) from_disk_cache: bool,
    #[serde(default)]
    pub(super) from_service_worker: bool,
    #[serde(default)]
    pub(super) from_prefetch_cache: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoadingFailed {
    pub(super) request_id: String,
    #[serde(default)]
    pub(super) error_text: String,
    pub(super) blocked_reason: Option<String>,
    pub(super) cors_error_status: Option<CorsError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CorsError {
    #[serde(default)]
    pub(super) cors_error: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostData {
    pub(super) post_data: String,
    #[serde(default)]
    pub(super) base64_encoded: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttachedToTarget {
    pub(super) session_id: String,
    pub(super) target_info: TargetInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetInfo {
    pub(super) target_id: String,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) url: String,
    pub(super) parent_frame_id: Option<String>,
    pub(super) opener_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameAttached {
    pub(super) frame_id: String,
    pub(super) parent_frame_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TracingComplete {
    #[serde(default)]
    pub(super) data_loss_occurred: bool,
}

#[derive(Deserialize)]
pub(super) struct FrameNavigated {
    pub(super) frame: NavigatedFrame,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NavigatedFrame {
    pub(super) id: String,
    pub(super) parent_id: Option<String>,
    #[serde(default)]
    pub(super) url: String,
    pub(super) unreachable_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NavigatedWithinDocument {
    pub(super) frame_id: String,
    pub(super) url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebSocketCreated {
    pub(super) request_id: String,
    pub(super) url: String,
    pub(super) initiator: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebSocketHandshake {
    pub(super) request_id: String,
    pub(super) timestamp: f64,
    pub(super) wall_time: Option<f64>,
    pub(super) request: Option<HandshakeRequest>,
    pub(super) response: Option<Response>,
}

#[derive(Deserialize)]
pub(super) struct HandshakeRequest {
    #[serde(default)]
    pub(super) headers: Headers,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebSocketFrame {
    pub(super) request_id: String,
    #[serde(default)]
    pub(super) timestamp: f64,
    pub(super) response: FrameContent,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameContent {
    pub(super) opcode: f64,
    pub(super) payload_data: String,
}
