//! Every value of a request or a message as a whole, in each form that it comes to as it is decoded.

use pixelwitness_recording::{Message, Request};

use crate::codecs::Parameter;
use crate::piece::{Arena, Piece};
use crate::{Part, address, unread};

/// Goes through the parameters of the address and the body, the cookies, the other headers, and what is inside of those: the leaves of
/// documents, the parameters of addresses.
pub(crate) fn of_request(request: &Request, look: &mut dyn FnMut(&Parameter<'_>)) {
    let arena = Arena::default();
    for field in unread::fields(request, &arena) {
        of_parameter(&field.parameter, look);
    }
    for parameter in unread::headers(request, &arena) {
        of_parameter(&parameter, look);
    }
    if let Some(referer) = request.header("referer") {
        let piece = Piece::kept_in(&arena, referer.as_bytes(), 0);
        of_parameter(&Parameter { place: Some("referer"), ..Parameter::new("Referer", Part::Header, piece) }, look);
    }
}

/// The same of a message.
pub(crate) fn of_message(message: &Message, number: usize, look: &mut dyn FnMut(&Parameter<'_>)) {
    let arena = Arena::default();
    for field in unread::message(message, number, &arena) {
        of_parameter(&field.parameter, look);
    }
}

fn of_parameter(parameter: &Parameter<'_>, look: &mut dyn FnMut(&Parameter<'_>)) {
    unread::open(parameter, &mut |value| {
        look(value);
        if std::str::from_utf8(value.piece.bytes).is_ok_and(address::begins_as_one) {
            for inner in address::inner_query(&value.piece) {
                look(&Parameter { part: value.part, place: Some(value.place()), ..inner });
            }
        }
        false
    });
}
