//! The profile's own list of trusted authorities, as Chromium keeps it: an SQLite database with a table of certificates.
//!
//! A pinned key on the command line is only found in a chain that the server sends whole. An authority in this list is found by Chromium
//! itself, as one that the user had added in the settings, also where a server sends its own certificate alone.

use sha2::{Digest as _, Sha256};

/// The file in the profile's `Default` directory.
pub(crate) const FILE: &str = "ServerCertificate";

/// Large enough that certificates need no overflow pages.
const PAGE: usize = 65536;

/// What Chromium's `CertificateMetadata` says of a trusted certificate: the message `trust` with `trust_type` 3.
const TRUSTED: [u8; 4] = [0x0a, 0x02, 0x08, 0x03];

const TABLE_LEAF: u8 = 0x0d;
const INDEX_LEAF: u8 = 0x0a;

/// The database with these certificates in it. `None` where they do not fit into a page.
pub(crate) fn database(certificates: &[&[u8]]) -> Option<Vec<u8>> {
    const META: &str = "CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR)";
    const CERTIFICATES: &str =
        "CREATE TABLE certificates(sha256hash_hex TEXT PRIMARY KEY,der_cert BLOB NOT NULL,trust_settings BLOB NOT NULL)";
    let schema = [
        ("table", "meta", "meta", 2, Some(META)),
        ("index", "sqlite_autoindex_meta_1", "meta", 3, None),
        ("table", "certificates", "certificates", 4, Some(CERTIFICATES)),
        ("index", "sqlite_autoindex_certificates_1", "certificates", 5, None),
    ]
    .map(|(kind, name, table, root, sql)| {
        record(&[Value::Text(kind), Value::Text(name), Value::Text(table), Value::Number(root), sql.map_or(Value::Null, Value::Text)])
    });
    let meta = [("last_compatible_version", "1"), ("version", "1")];
    let mut listed: Vec<(String, &[u8])> = certificates.iter().map(|der| (hex::encode(Sha256::digest(der)), *der)).collect();
    listed.sort();
    listed.dedup();
    let rows: Vec<Vec<u8>> =
        listed.iter().map(|(hash, der)| record(&[Value::Text(hash), Value::Blob(der), Value::Blob(&TRUSTED)])).collect();
    let keys = |texts: &[&str]| (1..).zip(texts).map(|(row, text)| record(&[Value::Text(text), Value::Number(row)])).collect::<Vec<_>>();
    let hashes: Vec<&str> = listed.iter().map(|(hash, _)| hash.as_str()).collect();
    let mut pages = vec![page(TABLE_LEAF, &schema, 100)?];
    pages.push(page(TABLE_LEAF, &meta.map(|(key, value)| record(&[Value::Text(key), Value::Text(value)])), 0)?);
    pages.push(page(INDEX_LEAF, &keys(&meta.map(|(key, _)| key)), 0)?);
    pages.push(page(TABLE_LEAF, &rows, 0)?);
    pages.push(page(INDEX_LEAF, &keys(&hashes), 0)?);
    let header = header(u32::try_from(pages.len()).ok()?);
    pages[0][..100].copy_from_slice(&header);
    Some(pages.concat())
}

/// The first hundred bytes of a database.
fn header(pages: u32) -> [u8; 100] {
    let mut header = [0; 100];
    header[..16].copy_from_slice(b"SQLite format 3\0");
    // A page of 65536 bytes is written as 1; then the journal's kind, and the three fractions that never differ.
    header[16..24].copy_from_slice(&[0, 1, 1, 1, 0, 64, 32, 32]);
    let numbers = [(24, 1), (28, pages), (40, 1), (44, 4), (56, 1), (92, 1), (96, 3_046_000)];
    for (at, number) in numbers {
        header[at..at + 4].copy_from_slice(&u32::to_be_bytes(number));
    }
    header
}

/// A leaf of a tree: its cells from the end backwards, and where each begins. The first page leaves room for the header.
fn page(kind: u8, records: &[Vec<u8>], reserved: usize) -> Option<Vec<u8>> {
    let mut page = vec![0; PAGE];
    let mut end = PAGE;
    let mut pointers = Vec::new();
    for (row, record) in (1..).zip(records) {
        let mut cell = varint(record.len());
        if kind == TABLE_LEAF {
            cell.extend(varint(row));
        }
        cell.extend(record);
        end = end.checked_sub(cell.len())?;
        page[end..end + cell.len()].copy_from_slice(&cell);
        pointers.extend(u16::try_from(end).ok()?.to_be_bytes());
    }
    let count = u16::try_from(records.len()).ok()?.to_be_bytes();
    // An end of 65536 is written as 0.
    let content = u16::try_from(end % PAGE).ok()?.to_be_bytes();
    let start = [&[kind, 0, 0][..], &count, &content, &[0], &pointers].concat();
    let room = page.get_mut(reserved..end)?.get_mut(..start.len())?;
    room.copy_from_slice(&start);
    Some(page)
}

enum Value<'a> {
    Null,
    Number(u8),
    Text(&'a str),
    Blob(&'a [u8]),
}

fn record(values: &[Value<'_>]) -> Vec<u8> {
    let mut types = Vec::new();
    let mut body = Vec::new();
    for value in values {
        let (kind, bytes) = match value {
            Value::Null => (0, &[][..]),
            Value::Number(number) => (1, std::slice::from_ref(number)),
            Value::Text(text) => (13 + 2 * text.len(), text.as_bytes()),
            Value::Blob(bytes) => (12 + 2 * bytes.len(), *bytes),
        };
        types.extend(varint(kind));
        body.extend_from_slice(bytes);
    }
    // The length counts itself, and takes one byte for as few values as there are here.
    [varint(types.len() + 1), types, body].concat()
}

/// Seven bits a byte, the most significant first.
fn varint(number: usize) -> Vec<u8> {
    let mut groups = vec![u8::try_from(number & 0x7f).unwrap_or_default()];
    let mut rest = number >> 7;
    while rest > 0 {
        groups.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
        rest >>= 7;
    }
    groups.reverse();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_records_are_written_as_sqlite_reads_them() {
        for (number, bytes) in
            [(0, vec![0]), (127, vec![0x7f]), (128, vec![0x81, 0]), (1000, vec![0x87, 0x68]), (65536, vec![0x84, 0x80, 0])]
        {
            assert_eq!(varint(number), bytes, "{number}");
        }
        assert_eq!(record(&[Value::Text("ab"), Value::Null, Value::Number(7), Value::Blob(b"x")]), b"\x05\x11\x00\x01\x0eab\x07x");
    }

    #[test]
    fn a_database_holds_each_certificate_once_and_no_more_than_fit() {
        let database = database(&[b"one certificate", b"another", b"one certificate"]).unwrap();
        assert_eq!((database.len(), &database[..16]), (5 * PAGE, &b"SQLite format 3\0"[..]));
        let holds = |what: &[u8]| database.windows(what.len()).filter(|window| *window == what).count();
        assert_eq!((holds(b"one certificate"), holds(b"another"), holds(&TRUSTED)), (1, 1, 2));
        // Once in its row, once in the index.
        assert_eq!(holds(hex::encode(Sha256::digest(b"another")).as_bytes()), 2);
        assert_eq!(super::database(&[&vec![7; PAGE]]), None);
        assert!(super::database(&[]).is_some());
    }
}
