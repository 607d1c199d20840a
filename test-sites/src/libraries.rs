//! Real client libraries: the bundles that a site of theirs loads, and what their vendors' servers answer so that they go on.

use std::path::{Path, PathBuf};

use http::StatusCode;

use crate::answer::Answer;
use crate::received::Received;
use crate::sites;

/// The sites that load libraries, each from a bundle of its host's first label.
const SITES: &str = "saltmarsh-clinic.example";

/// Hosts of the vendors, and what each answers. The answers that a library does not read are empty: to `DevTools` an answer whose body
/// nobody reads never ends, and each step of the journey would wait for it.
const VENDORS: &[(&str, fn(&Received) -> Answer)] = &[
    ("adobedc.demdex.net", adobe),
    ("edge.adobedc.net", adobe),
    ("api2.amplitude.com", amplitude),
    ("sr-client-cfg.amplitude.com", |_| json(r#"{"configs":{}}"#)),
    ("browser-intake-datadoghq.eu", |_| Answer::new(StatusCode::ACCEPTED)),
    ("api-js.mixpanel.com", |_| json(r#"{"status":1,"error":null}"#)),
    ("m.clarity.ms", |_| Answer::new(StatusCode::NO_CONTENT)),
    ("o450417.ingest.de.sentry.io", |_| Answer::new(StatusCode::OK)),
    ("saltmarsh.pa-cd.com", |_| Answer::new(StatusCode::OK)),
    ("plausible.io", |_| Answer::new(StatusCode::ACCEPTED)),
    ("eu.i.posthog.com", posthog),
    ("eu-assets.i.posthog.com", posthog),
    ("api.rudderstack.com", |_| json(RUDDERSTACK)),
    ("saltmarshlab.dataplane.rudderstack.com", |_| Answer::new(StatusCode::OK)),
    ("cdn.segment.com", |_| json(SEGMENT)),
    ("api.segment.io", |_| Answer::new(StatusCode::OK)),
    ("collector-saltmarsh.snplow.net", |_| Answer::new(StatusCode::OK)),
];

pub(crate) fn plays(host: &str) -> bool {
    VENDORS.iter().any(|(name, _)| *name == host)
}

pub(crate) fn answer(request: &Received) -> Option<Answer> {
    let host = request.host_name();
    if let Some(name) = host.strip_suffix(SITES).and_then(|name| name.strip_suffix('.'))
        && request.path() == "/libraries.js"
    {
        return Some(Answer::of("text/javascript; charset=utf-8", std::fs::read(bundle(name)).ok()?));
    }
    let (_, answer) = VENDORS.iter().find(|(name, _)| *name == host)?;
    Some(answer(request).to_any_page(request))
}

/// Where a site's libraries are once they are bundled.
fn bundle(name: &str) -> PathBuf {
    Path::new(sites::ROOT).join("libraries/bundled").join(name).with_extension("js")
}

impl Answer {
    /// Lets the page that asked send what it likes and read the answer.
    fn to_any_page(mut self, request: &Received) -> Self {
        if request.method == "OPTIONS" {
            self = Self::new(StatusCode::NO_CONTENT).with("access-control-allow-methods", "GET, POST, OPTIONS");
            self = self.with("access-control-allow-headers", request.header("access-control-request-headers").unwrap_or_default());
        }
        let Some(origin) = request.header("origin") else { return self };
        self.with("access-control-allow-origin", origin).with("access-control-allow-credentials", "true")
    }
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
