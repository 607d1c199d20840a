//! Draws a frame around an element on a screenshot. The page itself is never touched: a mark in its document would be seen, and sent,
//! by the session recorders we are here to watch.

use std::io::Cursor;

/// Rectangle in CSS pixels, which are the picture's pixels at the device scale of 1 that the browser runs with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rectangle {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

const COLOUR: [u8; 3] = [0xd4, 0x00, 0x6a];
const THICKNESS: i64 = 3;
const MARGIN: i64 = 4;

/// The picture with the outline, or `None` where it is not a PNG of the kind Chromium writes.
pub(crate) fn outline(picture: &[u8], around: Rectangle) -> Option<Vec<u8>> {
    let mut reader = png::Decoder::new(Cursor::new(picture)).read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut pixels).ok()?;
    let channels: usize = match (frame.color_type, frame.bit_depth) {
        (png::ColorType::Rgb, png::BitDepth::Eight) => 3,
        (png::ColorType::Rgba, png::BitDepth::Eight) => 4,
        _ => return None,
    };
    let (width, height) = (i64::from(frame.width), i64::from(frame.height));
    for (x, y) in border(around, width, height) {
        let at = usize::try_from(y * width + x).ok()? * channels;
        pixels.get_mut(at..at + 3)?.copy_from_slice(&COLOUR);
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, frame.width, frame.height);
    encoder.set_color(frame.color_type);
    encoder.set_depth(frame.bit_depth);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header().ok()?.write_image_data(&pixels).ok()?;
    Some(out)
}

/// The pixels of the frame that lie inside the picture.
fn border(around: Rectangle, width: i64, height: i64) -> impl Iterator<Item = (i64, i64)> {
    #[expect(clippy::cast_possible_truncation, reason = "a float too large for a pixel saturates, and is cut to the picture below")]
    let whole = |value: f64| value.round() as i64;
    let outer = MARGIN + THICKNESS;
    let (left, top) = (whole(around.left).saturating_sub(outer), whole(around.top).saturating_sub(outer));
    let (right, bottom) =
        (whole(around.left + around.width).saturating_add(outer), whole(around.top + around.height).saturating_add(outer));
    let (columns, rows) = (left.max(0)..right.min(width), top.max(0)..bottom.min(height));
    rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
        .filter(move |&(x, y)| x < left + THICKNESS || x >= right - THICKNESS || y < top + THICKNESS || y >= bottom - THICKNESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn white(width: u32, height: u32) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(png::ColorType::Rgb);
        let pixels = vec![255; (width * height * 3) as usize];
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        out
    }

    fn coloured(picture: &[u8]) -> usize {
        let mut reader = png::Decoder::new(Cursor::new(picture)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        pixels.chunks(3).filter(|pixel| *pixel == COLOUR).count()
    }

    #[test]
    fn the_outline_goes_around_the_element_and_stays_in_the_picture() {
        for (left, top, width, height, expected) in [
            (20.0, 20.0, 10.0, 10.0, 24 * 24 - 18 * 18),
            (0.0, 0.0, 10.0, 10.0, 17 * 17 - 14 * 14),
            (-500.0, -500.0, 10.0, 10.0, 0),
            (0.0, 0.0, 1e300, 1e300, 0),
            (f64::NAN, 0.0, 1.0, 1.0, 7 * 8 - 4 * 5),
        ] {
            let drawn = outline(&white(60, 60), Rectangle { left, top, width, height }).unwrap();
            assert_eq!(coloured(&drawn), expected, "{left} {top} {width} {height}");
        }
        assert_eq!(outline(b"no picture", Rectangle { left: 0.0, top: 0.0, width: 1.0, height: 1.0 }), None);
    }
}
