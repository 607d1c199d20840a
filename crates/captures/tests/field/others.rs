//! The same in other kinds of capture.

use std::io::Cursor;

use expect_test::expect;
use serde_json::{Value, json};

use crate::{check_file, recorded, table};

/// Archivers call frames documents, as browsers do.
#[test]
fn a_frame_in_an_archive_is_no_page() {
    let record = |url: &str| {
        let request = format!("GET / HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\n\r\n", url.split('/').nth(2).unwrap());
        format!(
            "WARC/1.0\r\nWARC-Type: request\r\nWARC-Target-URI: {url}\r\nWARC-Resource-Type: document\r\nWARC-Date: 2026-11-30T10:00:00Z\r\nContent-Length: {}\r\n\r\n{request}\r\n\r\n",
            request.len()
        )
    };
    let archive: String =
        ["https://www.clinic.example/", "https://frame.tracker.example/", "https://www.clinic.example/book"].map(record).concat();
    expect![[r#"
        r1 GET https://www.clinic.example/ - page https://www.clinic.example/
        r2 GET https://frame.tracker.example/ - page unknown
        r3 GET https://www.clinic.example/book - page https://www.clinic.example/book
        gap NotTold: the capture does not say which page made 2 requests: it was told by their Referer header or by what was opened last
        gap NotTold: whether the documents of frame.tracker.example were pages that were visited or frames in a page: the requests do not say (no Sec-Fetch-Dest header), so these hosts count as third parties, unless --first-party names them
        gap NotTold: it is not known which page made 1 request (--first-party SITE names the site)
        gap NotTold: web archives leave out beacons, pings, WebSockets and event streams, and often OPTIONS and HEAD requests: that one of these is not here does not show that it was not sent
    "#]].assert_eq(&table(&recorded("archive.warc", archive.into_bytes())));
}

/// The same rules in every kind of capture.
#[test]
fn the_browsers_own_traffic_is_set_aside_in_lists_archives_and_logs() {
    let list = b"https://www.clinic.example/\nhttps://update.googleapis.com/service/update2/json?cup2key=1\nhttps://www.google.com/complete/search?client=chrome-omni&q=hiv\nhttps://www.google.com/complete/search?client=hp&q=hiv\n";
    let request = "GET /v1/tiles HTTP/1.1\r\nHost: contile.services.mozilla.com\r\n\r\n";
    let archive = format!(
        "WARC/1.0\r\nWARC-Type: request\r\nWARC-Target-URI: https://contile.services.mozilla.com/v1/tiles\r\nWARC-Date: 2026-11-30T10:00:00Z\r\nContent-Length: {}\r\n\r\n{request}\r\n\r\n",
        request.len()
    );
    let log = json!([{"method": "Network.requestWillBeSent", "params": {"requestId": "1", "documentURL": "", "timestamp": 1.0, "wallTime": 1.0, "initiator": {"type": "other"},
        "request": {"url": "https://update.googleapis.com/service/update2", "method": "POST", "headers": {}}}}]);
    for (name, bytes, expected) in [
        (
            "list.txt",
            list.to_vec(),
            expect![[r#"
            r1 GET https://www.clinic.example/ - page unknown
                unknown: a list of addresses does not say so
                no body: a list of addresses has no bodies
            r2 GET https://update.googleapis.com/service/update2/json - the browser's: Chromium looks for updates of its components (update.googleapis.com)
                unknown: a list of addresses does not say so
                no body: a list of addresses has no bodies
            r3 GET https://www.google.com/complete/search - the browser's: Chromium asks its maker what the address bar should suggest (www.google.com)
                unknown: a list of addresses does not say so
                no body: a list of addresses has no bodies
            r4 GET https://www.google.com/complete/search - page unknown
                unknown: a list of addresses does not say so
                no body: a list of addresses has no bodies
            gap BodyUnavailable: no body is in a list of addresses
            gap NotTold: a list of addresses says neither whether a request was sent nor its method, headers, cookies or body; GET is assumed
        "#]],
        ),
        (
            "archive.warc",
            archive.into_bytes(),
            expect![[r#"
            r1 GET https://contile.services.mozilla.com/v1/tiles - the browser's: Firefox fetches what its new tab shows (contile.services.mozilla.com)
            gap NotTold: web archives leave out beacons, pings, WebSockets and event streams, and often OPTIONS and HEAD requests: that one of these is not here does not show that it was not sent
        "#]],
        ),
        (
            "log.json",
            log.to_string().into_bytes(),
            expect![[r#"
            r1 POST https://update.googleapis.com/service/update2 - the browser's: Chromium looks for updates of its components (update.googleapis.com)
                unknown: there is no wire log, and DevTools saw no answer
                no body: DevTools announces no body for it, and streamed bodies are never announced
            gap WitnessMissing: there is no wire log: cookies and bodies are only what DevTools tells
            gap BodyUnavailable: POST https://update.googleapis.com/service/update2: DevTools announces no body for it, and streamed bodies are never announced
        "#]],
        ),
    ] {
        expected.assert_eq(&table(&recorded(name, bytes)));
    }
}

#[test]
fn openwpms_table_of_requests() {
    check_file(
        "openwpm-http_requests.txt",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 POST https://collect.beacon.example/e - page https://www.clinic.example/hiv/testing
            body {"email": "alex.morgan@post.example"}
            cookie uid=5
            referer https://www.clinic.example/hiv/testing
        r3 GET https://www.facebook.com/tr/ - page https://www.clinic.example/hiv/testing
            cookie c_user=100000000000001
            referer https://www.clinic.example/hiv/testing
        gap NotTold: a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent
    "#]],
    );
}

/// A quoted cell may go on over several lines, and a body may be in either of OpenWPM's columns.
#[test]
fn tables_that_others_export() {
    let openwpm = "url,top_level_url,visit_id,request_id,browser_id,tab_id,triggering_origin,method,headers,resource_type,post_body,post_body_raw,time_stamp\n\
                   https://t.example/c,https://www.clinic.example/,1,2,1,1,https://www.clinic.example,POST,\"[[\"\"Cookie\"\",\"\"uid=5\"\"]]\",beacon,\"a\nb,\"\"c\"\"\",,2026-11-30 10:00:00\n\
                   https://t.example/r,https://www.clinic.example/,1,3,1,1,https://www.clinic.example,POST,[],xmlhttprequest,,\"[[null,\"\"aGl2IQ==\"\"]]\",2026-11-30 10:00:01\n\
                   https://firefox.settings.services.mozilla.com/v1/,,1,4,1,-1,,GET,[],xmlhttprequest,,,2026-11-30 10:00:02\n";
    let proxy = "Time;Method;Request URL;Status;Request Body\n2026-11-30T10:00:00Z;POST;https://t.example/c;204;q=hiv\n2026-11-30T10:00:01Z;POST;https://t.example/d;;\n";
    let methods = "url\tmethod\nhttps://t.example/c\tPOST\nno address\tGET\n";
    for (name, text, expected) in [
        (
            "openwpm.csv",
            openwpm,
            expect![[r#"
            r1 POST https://t.example/c - page https://www.clinic.example/
                body a
            b,"c"
                cookie uid=5
            r2 POST https://t.example/r - page https://www.clinic.example/
                body hiv!
            r3 GET https://firefox.settings.services.mozilla.com/v1/ - the browser's: OpenWPM names neither a tab nor a page that made it
            gap NotTold: a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent
        "#]],
        ),
        (
            "proxy.csv",
            proxy,
            expect![[r#"
            r1 POST https://t.example/c - page unknown
                body q=hiv
            r2 POST https://t.example/d - page unknown
                unknown: the table does not say so
                no body: the table does not have it
            gap LeftOut: the table has no column for headers: cookies and what else headers tell cannot be seen
            gap NotTold: it is not known which page made 2 requests (--first-party SITE names the site)
            gap NotTold: a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent
        "#]],
        ),
        (
            "methods.tsv",
            methods,
            expect![[r#"
            r1 POST https://t.example/c - page unknown
                unknown: the table does not say so
                no body: the table has no column for bodies
            gap LogDamaged: no web address in 1 line, the first of them line 3
            gap LeftOut: the table has no column for headers: cookies and what else headers tell cannot be seen
            gap NotTold: it is not known which page made 1 request (--first-party SITE names the site)
            gap NotTold: a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent
        "#]],
        ),
    ] {
        expected.assert_eq(&table(&recorded(name, text.as_bytes().to_vec())));
    }
}

/// As OpenWPM's own schema has it, its changes beside it or not.
#[test]
fn openwpms_database() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("crawl-data.sqlite");
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute_batch(
            "CREATE TABLE site_visits (visit_id INTEGER PRIMARY KEY, browser_id INTEGER NOT NULL, site_url VARCHAR(500) NOT NULL);
             CREATE TABLE http_requests (id INTEGER PRIMARY KEY AUTOINCREMENT, browser_id INTEGER, visit_id INTEGER, tab_id INTEGER, url TEXT, top_level_url TEXT,
                 method TEXT, referrer TEXT, headers TEXT, request_id INTEGER, triggering_origin TEXT, resource_type TEXT, post_body TEXT, post_body_raw TEXT, time_stamp DATETIME);
             CREATE TABLE http_responses (id INTEGER PRIMARY KEY AUTOINCREMENT, browser_id INTEGER, visit_id INTEGER, url TEXT, request_id INTEGER, response_status INTEGER, headers TEXT);
             CREATE TABLE http_redirects (id INTEGER PRIMARY KEY AUTOINCREMENT, browser_id INTEGER, visit_id INTEGER, old_request_url TEXT, old_request_id TEXT, response_status INTEGER,
                 headers TEXT);
             INSERT INTO http_requests VALUES
                 (1, 1, 7, 1, 'https://www.clinic.example/hiv', 'https://www.clinic.example/hiv', 'GET', '', '[]', 1, '', 'main_frame', NULL, NULL, '2026-11-30T10:00:00.000Z'),
                 (2, 1, 7, 1, 'https://t.example/c', 'https://www.clinic.example/hiv', 'POST', 'https://www.clinic.example/', '[[\"Cookie\",\"uid=5\"]]', 2,
                     'https://www.clinic.example', 'beacon', NULL, '[[null,\"bWFpbD1h\"]]', '2026-11-30T10:00:01.000Z'),
                 (3, 1, 7, 1, 'https://r.example/', 'https://www.clinic.example/hiv', 'GET', '', '[]', 3, 'https://www.clinic.example', 'image', NULL, NULL, '2026-11-30T10:00:02.000Z'),
                 (4, 1, 7, 1, 'https://lost.example/', 'https://www.clinic.example/hiv', 'GET', '', '[]', 4, 'https://www.clinic.example', 'image', NULL, NULL, '2026-11-30T10:00:03.000Z');
             INSERT INTO http_responses VALUES (1, 1, 7, 'https://www.clinic.example/hiv', 1, 200, '[[\"Content-Type\",\"text/html\"]]'), (2, 1, 7, 'https://t.example/c', 2, 204, '[]');
             INSERT INTO http_redirects VALUES (1, 1, 7, 'https://r.example/', '3', 302, '[]');",
        )
        .unwrap();
    drop(database);
    let bytes = std::fs::read(&path).unwrap();
    expect![[r#"
        r1 GET https://www.clinic.example/hiv - page https://www.clinic.example/hiv
        r2 POST https://t.example/c - page https://www.clinic.example/hiv
            body mail=a
            cookie uid=5
            referer https://www.clinic.example/
        r3 GET https://r.example/ - page https://www.clinic.example/hiv
        r4 GET https://lost.example/ - page https://www.clinic.example/hiv
            unknown: OpenWPM noted down no answer to it
        gap NotTold: a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent
    "#]].assert_eq(&table(&recorded("crawl-data.sqlite", bytes.clone())));
    // One that keeps its changes beside it says so, and one that is cut off is read as far as that goes.
    let mut beside = bytes.clone();
    beside[18..20].fill(2);
    let recording = recorded("crawl-data.sqlite", beside);
    assert!(recording.requests.len() == 4 && recording.gaps.iter().any(|gap| gap.why.contains("-wal")), "{:?}", recording.gaps);
    for at in (0..bytes.len()).step_by(97) {
        let mut mangled = bytes.clone();
        mangled.splice(at..=at, *b"\xc3\xa9");
        for bytes in [bytes[..at].to_vec(), mangled] {
            let _ = recorded("crawl-data.sqlite", bytes);
        }
    }
}

#[test]
fn the_accounts_of_crawlers() {
    let crawled = json!({"cookies": [], "requests": [
        {"url": "https://www.clinic.example/hiv", "method": "GET", "type": "Document", "status": 200, "responseHeaders": {"content-type": "text/html"}, "initiators": []},
        {"url": "https://t.example/c", "method": "POST", "type": "Ping", "status": 204, "remoteIPAddress": "192.0.2.1", "initiators": ["https://www.clinic.example/hiv"]},
        {"url": "https://orb.example/", "method": "GET", "type": "Image", "failureReason": "net::ERR_BLOCKED_BY_ORB"},
        {"url": "https://dns.example/", "method": "GET", "type": "Image", "failureReason": "net::ERR_NAME_NOT_RESOLVED"},
        {"url": "wss://t.example/ws", "type": "WebSocket"}]});
    let collector = format!(
        "{{\n \"initialUrl\": \"http://www.clinic.example/\", \"finalUrl\": \"https://www.clinic.example/hiv\", \"timeout\": false, \"testStarted\": 1795600800000, \"data\": {crawled}}}"
    );
    let tracking = json!({"type": "TrackingRequest", "url": "https://t.example/tr?id=1", "stack": [{"fileName": "https://www.clinic.example/", "source": "x"}], "data": {"query": {"id": 1}, "body": {}, "filter": "||t.example^", "listName": "easyprivacy.txt"}});
    let posted = json!({"type": "TrackingRequest", "url": "https://t.example/c", "stack": [], "data": {"query": {}, "body": {"email": "a@b.example"}, "filter": "", "listName": ""}});
    let typed = json!({"type": "KeyLogging", "url": "https://www.clinic.example/", "stack": [], "data": {"filter": ["a@b.example"], "post_data": "{\"email\": \"a@b.example\"}", "post_request_url": "https://t.example/c"}});
    let other = json!({"type": "AddEventListener", "url": "https://www.clinic.example/", "stack": [], "data": {"name": "keyup"}});
    let line = |event: &Value| json!({"message": event, "level": "warn", "timestamp": "2026-11-30T10:00:00.000Z"}).to_string();
    let events: String = [&other, &tracking, &posted, &typed].iter().map(|event| line(event) + "\n").collect();
    let inspection = format!(
        "{{\"title\": \"Blacklight Inspection\", \"uri_ins\": \"https://clinic.example\", \"uri_dest\": \"https://www.clinic.example/\", \"start_time\": \"2026-11-30T10:00:00.000Z\", \
         \"hosts\": {{\"requests\": {{\"first_party\": [], \"third_party\": [\"t.example\", \"u.example\"]}}}}, \"reports\": {}}}",
        json!({"third_party_trackers": [tracking], "key_logging": {"https://t.example/k.js": [typed]}, "cookies": []})
    );
    for (name, text, expected) in [
        (
            "collector.json",
            collector,
            expect![[r#"
                r1 GET https://www.clinic.example/hiv - page https://www.clinic.example/hiv
                r2 POST https://t.example/c - page https://www.clinic.example/hiv
                    no body: tracker-radar-collector keeps no bodies
                r3 GET https://orb.example/ - page https://www.clinic.example/hiv
                r4 GET https://dns.example/ - page https://www.clinic.example/hiv
                    not sent, NetworkFailure: failed before anything was written: net::ERR_NAME_NOT_RESOLVED
                r5 GET wss://t.example/ws - page https://www.clinic.example/hiv
                    unknown: the crawler noted down no answer to it
                gap NotTold: a crawler's account has what its maker looked for: request headers and cookies are not in it, and other requests and bodies may be missing
            "#]],
        ),
        (
            "inspection-log.ndjson",
            events,
            expect![[r#"
            r1 GET https://t.example/tr - page unknown
                unknown: Blacklight notes a request down before it is sent
                no body: Blacklight notes down no body for it, nor its method: GET is assumed
            r2 POST https://t.example/c - page unknown
                unknown: Blacklight notes a request down before it is sent
                body {"email":"a@b.example"}
            gap LeftOut: requests that are on none of Blacklight's lists, and all headers: they are in its requests.har, which lies beside this file
            gap NotTold: it is not known which page made 2 requests (--first-party SITE names the site)
            gap NotTold: a crawler's account has what its maker looked for: request headers and cookies are not in it, and other requests and bodies may be missing
        "#]],
        ),
        (
            "inspection.json",
            inspection,
            expect![[r#"
            r1 POST https://t.example/c - page https://www.clinic.example/
                unknown: Blacklight notes a request down before it is sent
                body {"email": "a@b.example"}
            r2 GET https://t.example/tr - page https://www.clinic.example/
                unknown: Blacklight notes a request down before it is sent
                no body: Blacklight notes down no body for it, nor its method: GET is assumed
            gap LeftOut: requests that are on none of Blacklight's lists, and all headers: they are in its requests.har, which lies beside this file
            gap NotTold: what was sent to 2 hosts: the inspection has their names and no requests of them
            gap NotTold: a crawler's account has what its maker looked for: request headers and cookies are not in it, and other requests and bodies may be missing
        "#]],
        ),
    ] {
        expected.assert_eq(&table(&recorded(name, text.into_bytes())));
    }
}

#[test]
fn fiddlers_archive() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("[Content_Types].xml", ""),
        ("raw/1_c.txt", "CONNECT t.example:443 HTTP/1.1\r\nHost: t.example:443\r\n\r\n"),
        ("raw/2_c.txt", "GET https://www.clinic.example/hiv HTTP/1.1\r\nAccept: text/html\r\nSec-Fetch-Dest: document\r\n\r\n"),
        ("raw/2_s.txt", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>"),
        (
            "raw/2_m.xml",
            "<Session><SessionTimers ClientConnected=\"2026-11-30T10:00:00Z\" ClientBeginRequest=\"2026-11-30T11:00:00.5+01:00\"/></Session>",
        ),
        (
            "raw/3_c.txt",
            "POST https://t.example/c HTTP/1.1\r\nReferer: https://www.clinic.example/\r\nTransfer-Encoding: chunked\r\nCookie: uid=5\r\n\r\n3\r\na=b\r\n0\r\n\r\n",
        ),
        ("raw/4_c.txt", "POST https://update.googleapis.com/service/update2 HTTP/1.1\r\n\r\n{}"),
        ("raw/5_c.txt", "\u{0}\u{1}"),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, content.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    expect![[r#"
        r1 GET https://www.clinic.example/hiv - page https://www.clinic.example/hiv
        r2 POST https://t.example/c - page https://www.clinic.example/hiv
            unknown: the archive has no answer to it
            body a=b
            cookie uid=5
        r3 POST https://update.googleapis.com/service/update2 - the browser's: Chromium looks for updates of its components (update.googleapis.com)
            unknown: the archive has no answer to it
            body {}
        gap LogDamaged: 1 session of the archive cannot be read
        gap NotTold: the capture does not say which page made 2 requests: it was told by their Referer header or by what was opened last
        gap NotTold: a Fiddler archive holds what went through the proxy while it ran, of every program on the machine; which page made a request is told by headers alone
    "#]].assert_eq(&table(&recorded("clinic.saz", bytes)));
}
