//! OpenWPM's database: an SQLite file with its requests, their answers and their redirects in a table each.

use std::collections::HashMap;
use std::io::{Cursor, Read, SeekFrom};

use pixelwitness_recording::{CaptureKind, GapKind};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB, Row};

use crate::case::Source;
use crate::part::Part;
use crate::table::{Answer, Columns, Table, headers};

/// How such a file begins.
pub(crate) const BEGINS: &[u8] = b"SQLite format 3\0";
/// The header says at these two bytes whether changes stand in a file beside it.
const VERSIONS: std::ops::Range<usize> = 18..20;
const HEADER: usize = 100;
/// A larger one is not read into memory.
const LARGEST: u64 = 1 << 30;

pub(crate) fn is_one(source: &mut dyn Source) -> bool {
    source.fill_buf().unwrap_or_default().starts_with(BEGINS)
}

/// Reads a database.
pub(crate) fn read(source: &mut dyn Source) -> Part {
    match read_tables(source) {
        Ok(part) => part,
        Err(why) => {
            let mut part = Part::new(CaptureKind::Table);
            part.stopped(why);
            part
        }
    }
}

fn read_tables(source: &mut dyn Source) -> Result<Part, String> {
    let (database, has_changes_beside) = open(source)?;
    let answers = answers(&database).unwrap_or_default();
    let damaged = |error: rusqlite::Error| format!("the database cannot be read: {error}");
    let mut statement = database.prepare("SELECT * FROM http_requests ORDER BY rowid").map_err(damaged)?;
    let width = statement.column_count();
    let mut table = Table::new(Columns::new(statement.column_names().map(str::to_owned)));
    let mut rows = statement.query([]).map_err(damaged)?;
    let mut place = 0;
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                place += 1;
                let cells = cells(row, width);
                // Without a table of answers none is missing.
                let answer = (!answers.is_empty()).then(|| match answers.get(&table.key(&cells)) {
                    Some((status, cell)) => Answer::Status(*status, headers(cell)),
                    None => Answer::None,
                });
                table.take(&cells, place, answer);
            }
            Ok(None) => break,
            Err(error) => {
                table
                    .part
                    .stopped(format!("the database is damaged after row {place} of http_requests ({error}): what follows is not known"));
                break;
            }
        }
    }
    if has_changes_beside {
        let why = "whether rows are missing: the database keeps its last changes in a file beside it (-wal), which is not read; \
                   sqlite3 FILE 'PRAGMA wal_checkpoint(TRUNCATE)' puts them in";
        table.part.say(GapKind::NotTold, why);
    }
    Ok(table.finish())
}

/// The database in memory, and whether it keeps changes in a file beside it.
fn open(source: &mut dyn Source) -> Result<(Connection, bool), String> {
    let size = source.seek(SeekFrom::End(0)).and_then(|size| source.seek(SeekFrom::Start(0)).map(|_| size)).unwrap_or(0);
    let size = usize::try_from(size).ok().filter(|size| *size as u64 <= LARGEST).ok_or(
        "the database is larger than 1 GiB: sqlite3 -header -csv FILE 'SELECT * FROM http_requests' > http_requests.csv makes a table that can be read",
    )?;
    let mut header = Vec::new();
    (&mut *source).take(HEADER as u64).read_to_end(&mut header).map_err(|error| error.to_string())?;
    let mut has_changes_beside = false;
    if let Some(versions) = header.get_mut(VERSIONS) {
        has_changes_beside = versions.contains(&2);
        versions.fill(1);
    }
    let whole = Cursor::new(header).chain(source);
    let mut database = Connection::open_in_memory().map_err(|error| format!("the database cannot be read: {error}"))?;
    let read = database.deserialize_read_exact(MAIN_DB, whole, size, true);
    read.map_err(|error| format!("the database cannot be read: {error}"))?;
    Ok((database, has_changes_beside))
}

/// Status and headers of each answer, redirects among them, by the request.
fn answers(database: &Connection) -> rusqlite::Result<HashMap<String, (u16, String)>> {
    const ANSWERS: &str = "SELECT browser_id, visit_id, request_id, url, response_status, headers FROM http_responses";
    const REDIRECTS: &str = "SELECT browser_id, visit_id, old_request_id, old_request_url, response_status, headers FROM http_redirects";
    let mut answers = HashMap::new();
    for query in [ANSWERS, REDIRECTS] {
        let Ok(mut statement) = database.prepare(query) else { continue };
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut cells = cells(row, 6);
            let headers = cells.pop().unwrap_or_default();
            let status = cells.pop().and_then(|status| status.parse().ok()).unwrap_or(0);
            answers.insert(cells.join("\n"), (status, headers));
        }
    }
    Ok(answers)
}

fn cells(row: &Row<'_>, width: usize) -> Vec<String> {
    let cell = |at: usize| match row.get_ref(at) {
        Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Ok(ValueRef::Integer(number)) => number.to_string(),
        Ok(ValueRef::Real(number)) => number.to_string(),
        Ok(ValueRef::Null) | Err(_) => String::new(),
    };
    (0..width).map(cell).collect()
}
