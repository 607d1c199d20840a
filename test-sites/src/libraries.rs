//! Real client libraries: the bundles that a site of theirs loads, and what their vendors' servers answer so that they go on.

use std::path::{Path, PathBuf};

use http::StatusCode;

use crate::answer::Answer;
use crate::received::Received;
use crate::sites;
use crate::vendors::readable;

/// The sites that load libraries, each from a bundle of its host's first label.
const SITES: &str = "saltmarsh-clinic.example";

/// One host of a vendor's, and what it answers.
struct Vendor {
    host: &'static str,
    answer: fn(&Received) -> Answer,
}

/// The answers that a library does not read are empty: to `DevTools` an answer whose body nobody reads never ends, and each step of the
/// journey would wait for it.
const VENDORS: &[Vendor] = &[
    Vendor { host: "adobedc.demdex.net", answer: adobe },
    Vendor { host: "edge.adobedc.net", answer: adobe },
    Vendor { host: "api2.amplitude.com", answer: amplitude },
    Vendor { host: "sr-client-cfg.amplitude.com", answer: |_| json(r#"{"configs":{}}"#) },
    Vendor { host: "browser-intake-datadoghq.eu", answer: |_| Answer::new(StatusCode::ACCEPTED) },
    Vendor { host: "api-js.mixpanel.com", answer: |_| json(r#"{"status":1,"error":null}"#) },
    Vendor { host: "m.clarity.ms", answer: |_| Answer::new(StatusCode::NO_CONTENT) },
    Vendor { host: "o450417.ingest.de.sentry.io", answer: |_| Answer::new(StatusCode::OK) },
    Vendor { host: "saltmarsh.pa-cd.com", answer: |_| Answer::new(StatusCode::OK) },
    Vendor { host: "plausible.io", answer: |_| Answer::new(StatusCode::ACCEPTED) },
    Vendor { host: "eu.i.posthog.com", answer: posthog },
    Vendor { host: "eu-assets.i.posthog.com", answer: posthog },
    Vendor { host: "api.rudderstack.com", answer: |_| json(RUDDERSTACK) },
    Vendor { host: "saltmarshlab.dataplane.rudderstack.com", answer: |_| Answer::new(StatusCode::OK) },
    Vendor { host: "cdn.segment.com", answer: |_| json(SEGMENT) },
    Vendor { host: "api.segment.io", answer: |_| Answer::new(StatusCode::OK) },
    Vendor { host: "collector-saltmarsh.snplow.net", answer: |_| Answer::new(StatusCode::OK) },
];

pub(crate) fn plays(host: &str) -> bool {
    VENDORS.iter().any(|vendor| vendor.host == host)
}

pub(crate) fn answer(request: &Received) -> Option<Answer> {
    let host = request.host_name();
    if let Some(name) = host.strip_suffix(SITES).and_then(|name| name.strip_suffix('.'))
        && request.path() == "/libraries.js"
    {
        return Some(Answer::of("text/javascript; charset=utf-8", std::fs::read(bundle(name)).ok()?));
    }
    let vendor = VENDORS.iter().find(|vendor| vendor.host == host)?;
    let answer = if request.method == "OPTIONS" { may_be_sent(request) } else { (vendor.answer)(request) };
    Some(readable(answer, request))
}

/// Where a site's libraries are once they are bundled.
fn bundle(name: &str) -> PathBuf {
    Path::new(sites::ROOT).join("libraries/bundled").join(name).with_extension("js")
}

/// Lets a page send what it likes.
fn may_be_sent(request: &Received) -> Answer {
    let headers = request.header("access-control-request-headers").unwrap_or_default();
    let answer = Answer::new(StatusCode::NO_CONTENT).with("access-control-allow-methods", "GET, POST, OPTIONS");
    answer.with("access-control-allow-headers", headers)
}

fn json(text: &str) -> Answer {
    Answer::of("application/json", text)
}

/// The number of events taken, without which all of them come again.
fn amplitude(_: &Received) -> Answer {
    json(r#"{"code":200,"events_ingested":1,"payload_size_bytes":100,"server_upload_time":1760000000000}"#)
}

/// Settings under which the library reports clicks by itself; the same settings as a script, for which it asks first.
fn posthog(request: &Received) -> Answer {
    const SETTINGS: &str = r#"{"supportedCompression":["gzip","gzip-js"],"autocapture_opt_out":false,"hasFeatureFlags":false,"sessionRecording":false,"surveys":false,"heatmaps":false,"capturePerformance":false,"siteApps":[]}"#;
    match request.path() {
        path if path.ends_with("/config") => json(SETTINGS),
        path if path.starts_with("/flags") => json(r#"{"flags":{},"errorsWhileComputingFlags":false}"#),
        path if path.starts_with("/array/") => Answer::new(StatusCode::NOT_FOUND),
        _ => json(r#"{"status":1}"#),
    }
}

/// A source without destinations.
const RUDDERSTACK: &str = r#"{"source":{"id":"2SaltmarshSource00000000001","name":"Saltmarsh","writeKey":"2SaltmarshLabRudderKey00001","enabled":true,"workspaceId":"2SaltmarshSpace000000000001","createdAt":"2025-01-01T00:00:00.000Z","updatedAt":"2025-01-01T00:00:00.000Z","config":{"statsCollection":{"errors":{"enabled":false},"metrics":{"enabled":false}}},"destinations":[],"dataplanes":{}},"updatedAt":"2025-01-01T00:00:00.000Z","consentManagementMetadata":{"providers":[]}}"#;

/// A source that passes everything to Segment and to nobody else.
const SEGMENT: &str = r#"{"integrations":{"Segment.io":{"apiKey":"SaltmarshLabSegmentKey0000000001","unbundledIntegrations":[],"addBundledMetadata":true,"maybeBundledConfigIds":{},"versionSettings":{"version":"4.4.7","componentTypes":["browser"]}}},"plan":{"track":{"__default":{"enabled":true,"integrations":{}}},"identify":{"__default":{"enabled":true}},"group":{"__default":{"enabled":true}}},"edgeFunction":{},"analyticsNextEnabled":true,"middlewareSettings":{},"enabledMiddleware":{},"metrics":{"sampleRate":0},"legacyVideoPluginsEnabled":false,"remotePlugins":[]}"#;

/// The browser's identity, and the cookie of the site's that keeps it, without which the library gives up.
fn adobe(request: &Received) -> Answer {
    let identity = "41872509641375083317920658472";
    let handles = [
        format!(r#"{{"type":"identity:result","payload":[{{"id":"{identity}","namespace":{{"code":"ECID"}}}}]}}"#),
        format!(
            r#"{{"type":"state:store","payload":[{{"key":"kndctr_5A1FC0DE5E7D00A0A495D2C1_AdobeOrg_identity","value":"CiY{identity}","maxAge":34128000}},{{"key":"kndctr_5A1FC0DE5E7D00A0A495D2C1_AdobeOrg_cluster","value":"irl1","maxAge":1800}}]}}"#
        ),
        r#"{"type":"locationHint:result","payload":[{"scope":"EdgeNetwork","hint":"irl1","ttlSeconds":1800}]}"#.to_owned(),
    ];
    json(&format!(r#"{{"requestId":"{}","handle":[{}]}}"#, request.number, handles.join(",")))
}
