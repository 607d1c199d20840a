use std::rc::Rc;

use pixelwitness_recording::Frame;

use crate::devtools::{Exchange, Traced, host_and_scheme};
use crate::reconcile::Context;
use crate::wire::WireRequest;

/// Address of the page and the frame a request was made in.
pub(crate) fn place(
    wire: Option<&WireRequest>,
    exchange: Option<&Exchange>,
    traced: Option<&Traced>,
    at_ms: u64,
    context: &Context,
) -> (Option<String>, Option<Frame>) {
    if let Some(traced) = traced {
        return by_trace(traced, context);
    }
    // In somebody else's log no step says which page was opened.
    let opened = wire.filter(|wire| context.foreign && wire.opens_page).map(|wire| wire.url.as_ref());
    let told = opened.or_else(|| exchange?.page_url.as_deref()).map(str::to_owned);
    let page = told.or_else(|| page_by_site(wire, exchange, at_ms, context));
    let frame = match exchange {
        Some(exchange) => exchange.frame.as_deref().map(|id| frame(id, exchange.frame_url.as_deref().unwrap_or("about:blank"))),
        None => frame_by_origin(wire, at_ms, context),
    };
    (page, frame)
}

/// The page and the frame by the trace, which knows the address that the document was opened with.
fn by_trace(traced: &Traced, context: &Context) -> (Option<String>, Option<Frame>) {
    let at_ms = context.unix_ms(traced.tick as u64);
    let now = |frame: &str, opened: &Rc<str>| context.places.address_of(frame, opened, at_ms).as_ref().to_owned();
    let top = context.places.top_of(&traced.frame).unwrap_or(&traced.frame);
    let page = traced.page.as_ref().map(|opened| now(top, opened));
    let frame = traced.document.as_ref().map(|opened| frame(&traced.frame, &now(&traced.frame, opened)));
    (page, frame)
}

/// The network stack keeps each request apart by the site of its top-level page; workers that belong to no page by their own.
fn page_by_site(wire: Option<&WireRequest>, exchange: Option<&Exchange>, at_ms: u64, context: &Context) -> Option<String> {
    let by_wire = wire.and_then(|wire| wire.top_site.as_deref());
    let by_origin = exchange.and_then(|exchange| exchange.origin.as_deref());
    let site = by_wire.or(by_origin)?;
    context.places.page_until(at_ms, |url| is_of_site(url, site)).map(|url| url.as_ref().to_owned())
}

fn frame_by_origin(wire: Option<&WireRequest>, at_ms: u64, context: &Context) -> Option<Frame> {
    let origin = host_and_scheme(wire?.initiator.as_deref()?)?;
    let (id, url) = context.places.frame_until(at_ms, |url| host_and_scheme(url) == Some(origin))?;
    Some(frame(&id, &url))
}

fn frame(id: &str, url: &str) -> Frame {
    Frame { id: id.to_owned(), url: url.to_owned() }
}

/// Whether an address belongs to a site: a scheme and a registrable domain.
pub(crate) fn is_of_site(url: &str, site: &str) -> bool {
    let (Some((host, scheme)), Some((domain, site_scheme))) = (host_and_scheme(url), host_and_scheme(site)) else { return false };
    scheme == site_scheme && (host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}
