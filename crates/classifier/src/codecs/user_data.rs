use super::Parameter;
use super::base64::bytes as digest_bytes;
use crate::Encoding;
use crate::piece::Piece;

/// Google's user data: `tv.1~em.<hash>~pn.<hash>~fn0.<hash>~co.GB`, each a key and a value.
///
/// A hash is a SHA-256 in URL-safe base64; it is shown in hexadecimal, as everybody else writes it. `e1` instead of a hash
/// is an error code.
pub(crate) fn parameters<'a>(parent: &Parameter<'a>) -> Vec<Parameter<'a>> {
    let bytes = &parent.piece.bytes;
    if !bytes.starts_with(b"tv.") {
        return Vec::new();
    }
    let mut parameters = Vec::new();
    let mut start = 0;
    for item in bytes.split(|byte| *byte == b'~') {
        if let Some(dot) = memchr::memchr(b'.', item).filter(|_| start > 0) {
            let key = String::from_utf8_lossy(&item[..dot]).into_owned();
            let value = parent.piece.slice(start + dot + 1..start + item.len());
            parameters.push(parent.inner(&format!("{}.{key}", parent.name), digest(value), false));
        }
        start += item.len() + 1;
    }
    parameters
}

fn digest(value: Piece<'_>) -> Piece<'_> {
    let decoded = (value.bytes.len() == 43).then(|| digest_bytes(value.bytes)).flatten().filter(|decoded| decoded.len() == 32);
    let Some(decoded) = decoded else { return value };
    value.unpacked(hex::encode(&decoded).into_bytes()).inside(Encoding::Base64Url).inside(Encoding::RawDigest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Part;

    #[test]
    fn each_item_comes_out() {
        let text = "tv.1~em.47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU~pn.e1~co.GB";
        let parent = Parameter::new("em", Part::Query, Piece::new(text.as_bytes(), 0));
        let shown: Vec<String> =
            parameters(&parent).iter().map(|one| format!("{} {} {}", one.name, one.piece.text(), one.range().start)).collect();
        assert_eq!(shown, ["em.em e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 8", "em.pn e1 55", "em.co GB 61"]);
        let other = Parameter { piece: Piece::new(b"pat@clinic.example", 0), ..parent };
        assert!(parameters(&other).is_empty());
    }
}
