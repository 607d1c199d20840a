use std::rc::Rc;

use pixelwitness_recording::{Body, Bytes, GapKind, HttpVersion, Request, Witness};

use crate::devtools::BodyCopy;
use crate::reconcile::{Context, Remarks, WireLog, is_page};
use crate::wire::Carrier;

/// Gives a request its body. What was written to the socket counts; DevTools' copy is held against it.
pub(crate) fn fill(request: &mut Request, written: Option<Carrier>, copy: BodyCopy, context: &Context, remarks: &mut Remarks) {
    match written {
        // The rest of the body stands where the log has no lines any more.
        Some(carrier) if context.wire_log != WireLog::Whole && goes_on(&copy, &carrier) => from_devtools(request, copy, remarks),
        Some(carrier) => from_wire(request, carrier, copy, remarks),
        None => from_devtools(request, copy, remarks),
    }
}

/// A body of which somebody else's wire log has no bytes: it says at least whether there is one.
pub(crate) fn left_out(request: &mut Request, uploads: bool, context: &Context, remarks: &mut Remarks) {
    request.body_from = Witness::WireOnly;
    if !uploads || !request.may_have_left() {
        request.body = Body::Empty;
        return;
    }
    let why = match request.http_version {
        HttpVersion::Http3 => "a NetLog has no bytes of QUIC connections",
        _ if context.has_bytes => "its connection was open before the NetLog began, or its bytes cannot be read",
        _ => "the NetLog was made without the bytes",
    };
    // Of a log without any, that is said once.
    if context.has_bytes && is_page(request) {
        remarks.gap(GapKind::BodyUnavailable, request, format!("{} {}: {why}", request.method, request.url));
    }
    request.body = Body::Unavailable { why: why.to_owned() };
}

fn from_wire(request: &mut Request, carrier: Carrier, copy: BodyCopy, remarks: &mut Remarks) {
    let copy = match copy {
        BodyCopy::Exact(copy) => Some(copy),
        _ => None,
    };
    request.body_from = match &copy {
        Some(copy) if **copy == carrier.body => Witness::Both,
        None if carrier.body.is_empty() && carrier.complete => request.witness,
        _ => Witness::WireOnly,
    };
    if let Some(copy) = copy.filter(|copy| carrier.complete && **copy != carrier.body) {
        let why = format!(
            "{} {}: {} bytes of body were written, and DevTools' copy has {} others",
            request.method,
            request.url,
            carrier.body.len(),
            copy.len()
        );
        remarks.unexplained.push(format!("{}: {why}", request.id));
        remarks.gap(GapKind::WitnessesDisagree, request, why);
    }
    let announced: usize = request.header("content-length").and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    if !carrier.complete && (announced > carrier.body.len() || announced == 0) {
        let of = if announced == 0 { "an unknown number".to_owned() } else { announced.to_string() };
        let why = format!("{} {}: {} of {of} bytes of the body were written", request.method, request.url, carrier.body.len());
        remarks.gap(GapKind::BodyUnavailable, request, why);
        if carrier.body.is_empty() {
            request.body = Body::Unavailable { why: "it was announced, and none of it was seen being written".to_owned() };
            return;
        }
    }
    request.body = carrier.body.into();
}

fn from_devtools(request: &mut Request, copy: BodyCopy, remarks: &mut Remarks) {
    let counts = request.may_have_left();
    request.body_from = Witness::DevtoolsOnly;
    let missing = match copy {
        BodyCopy::None if request.witness == Witness::WireOnly => {
            request.body_from = Witness::WireOnly;
            if counts { Some("its bytes cannot be read".to_owned()) } else { None }
        }
        BodyCopy::None if counts && may_carry(request) => {
            Some("DevTools announces no body for it, and streamed bodies are never announced".to_owned())
        }
        BodyCopy::None => None,
        BodyCopy::Announced => Some("DevTools announced it and never handed it over".to_owned()),
        BodyCopy::Refused(why) => Some(format!("DevTools did not hand it over ({why})")),
        BodyCopy::Exact(bytes) => return request.body = owned(bytes).into(),
        BodyCopy::Partial(bytes) => {
            request.body = Body::Bytes(Bytes(owned(bytes)));
            if counts {
                let why = format!("{} {}: the body may lack files, which DevTools leaves out", request.method, request.url);
                remarks.gap(GapKind::BodyUnavailable, request, why);
            }
            return;
        }
    };
    request.body = match missing {
        None => Body::Empty,
        Some(why) => {
            if counts {
                remarks.gap(GapKind::BodyUnavailable, request, format!("{} {}: {why}", request.method, request.url));
            }
            Body::Unavailable { why }
        }
    };
}

/// Whether DevTools' copy begins as what was written and has more.
fn goes_on(copy: &BodyCopy, carrier: &Carrier) -> bool {
    matches!(copy, BodyCopy::Exact(copy) if !carrier.complete && copy.len() > carrier.body.len() && copy.starts_with(&carrier.body))
}

/// Whether a request without an announced body may have had one all the same.
fn may_carry(request: &Request) -> bool {
    matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") && request.header("content-length") != Some("0")
}

fn owned(bytes: Rc<Vec<u8>>) -> Vec<u8> {
    Rc::try_unwrap(bytes).unwrap_or_else(|shared| (*shared).clone())
}
