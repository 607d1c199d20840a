//! What a session replay recorded of a visitor, as far as its format is known. Readings, not claims: each says what a request held.

mod clarity;
mod documents;
mod fullstory;
mod hotjar;
mod rrweb;
mod tally;

use serde::Deserialize;

use crate::findings::{Recorded, Replay};
use tally::Tally;

/// How an endpoint's recordings are written, in the words of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// Events of the open library rrweb, in JSON, packed or not; Datadog's records are of the same kind.
    Rrweb,
    /// The same, among other things: without such events it is no recording.
    MayHoldRrweb,
    /// Clarity's arrays.
    Clarity,
    /// Hotjar's page contents and messages.
    Hotjar,
    /// FullStory's bundles of numbered events.
    Fullstory,
    /// A format that is not known here.
    Opaque,
}

/// What one request or message recorded; `None` where it recorded nothing.
pub(crate) fn of(format: Format, body: &[u8], content_encoding: &str, replay: Replay) -> Option<Replay> {
    if body.is_empty() {
        return None;
    }
    let mut tally = Tally::default();
    let (name, read): (&str, fn(&[serde_json::Value], &mut Tally)) = match format {
        Format::Rrweb | Format::MayHoldRrweb => ("rrweb", rrweb::read),
        Format::Clarity => ("Clarity", clarity::read),
        Format::Hotjar => ("Hotjar", hotjar::read),
        Format::Fullstory => ("FullStory", fullstory::read),
        Format::Opaque => return Some(replay),
    };
    let documents = documents::of(body, content_encoding);
    read(&documents, &mut tally);
    let recorded: Vec<Recorded> = tally.recorded();
    if recorded.is_empty() {
        // Of an endpoint that takes nothing else, all that is known is that something was sent.
        let is_a_recording = match format {
            Format::Rrweb => true,
            Format::Fullstory => !documents.iter().any(fullstory::is_bundle),
            _ => false,
        };
        return is_a_recording.then_some(replay);
    }
    let not_verified = format == Format::Hotjar;
    Some(Replay { format: Some(name.to_owned()), not_verified, recorded, ..replay })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use pixelwitness_recording::RequestId;

    use super::*;
    use crate::RecipientId;

    fn replay() -> Replay {
        Replay {
            request: RequestId(1),
            recipient: RecipientId("a".to_owned()),
            vendor: "v".to_owned(),
            step: None,
            message: None,
            bytes: 0,
            format: None,
            not_verified: false,
            recorded: Vec::new(),
        }
    }

    fn check(format: Format, body: &[u8], expected: Expect) {
        let shown = match of(format, body, "", replay()) {
            None => "nothing\n".to_owned(),
            Some(replay) => {
                let line = |one: &Recorded| {
                    let masking = one.masking.map(|masking| format!(" {masking:?}")).unwrap_or_default();
                    format!("{:?} {}{masking} {:?}\n", one.what, one.count, one.examples)
                };
                format!("{:?}\n{}", replay.format, replay.recorded.iter().map(line).collect::<String>())
            }
        };
        expected.assert_eq(&shown);
    }

    const RRWEB: &str = r#"[
        {"type":4,"timestamp":1,"data":{"href":"https://www.clinic.example/hiv/prep","width":1280}},
        {"type":2,"timestamp":2,"data":{"node":{"id":1,"type":0,"childNodes":[{"id":2,"type":2,"tagName":"body","attributes":{},"childNodes":[
            {"id":3,"type":2,"tagName":"h1","attributes":{},"childNodes":[{"id":4,"type":3,"textContent":"PrEP at the clinic"}]},
            {"id":5,"type":2,"tagName":"button","attributes":{},"childNodes":[{"id":6,"type":3,"textContent":"Book"}]},
            {"id":7,"type":2,"tagName":"style","attributes":{},"childNodes":[{"id":8,"type":3,"isStyle":true,"textContent":"a{}"}]},
            {"id":9,"type":2,"tagName":"input","attributes":{"type":"search","name":"q"},"childNodes":[]},
            {"id":10,"type":2,"tagName":"p","attributes":{},"childNodes":[{"id":11,"type":3,"textContent":"**** ***"}]}
        ]}]}}},
        {"type":3,"timestamp":3,"data":{"source":1,"positions":[{"x":1,"y":1,"id":2},{"x":2,"y":2,"id":2}]}},
        {"type":3,"timestamp":4,"data":{"source":2,"type":2,"id":5,"x":1,"y":1}},
        {"type":3,"timestamp":5,"data":{"source":2,"type":5,"id":9}},
        {"type":3,"timestamp":6,"data":{"source":3,"id":1,"x":0,"y":100}},
        {"type":3,"timestamp":7,"data":{"source":5,"id":9,"text":"hiv test","isChecked":false}},
        {"type":3,"timestamp":8,"data":{"source":5,"id":12,"text":"*******","isChecked":false}},
        {"type":3,"timestamp":9,"data":{"source":0,"adds":[{"parentId":2,"node":{"id":20,"type":3,"textContent":"3 results for hiv test"}}],"texts":[]}}
    ]"#;

    #[test]
    fn rrweb_says_what_was_seen_done_and_typed() {
        let expected = || {
            expect![[r#"
                Some("rrweb")
                PageAddress 1 ["https://www.clinic.example/hiv/prep"]
                PageText 4 Partly ["3 results for hiv test", "PrEP at the clinic", "Book"]
                PageChange 1 []
                Click 1 ["button “Book”"]
                PointerMovement 2 []
                Scroll 1 []
                TypedText 2 Partly ["hiv test"]
            "#]]
        };
        check(Format::Rrweb, RRWEB.as_bytes(), expected());
        check(Format::MayHoldRrweb, RRWEB.as_bytes(), expected());
        let document: serde_json::Value = serde_json::from_str(RRWEB).unwrap();
        let text = document.to_string();
        let event_strings: Vec<String> = document.as_array().unwrap().iter().map(ToString::to_string).collect();
        let inside = serde_json::json!({"version": 1, "events": event_strings}).to_string();
        check(Format::Rrweb, inside.as_bytes(), expected());
        let gzip = |text: &str| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        check(Format::Rrweb, &gzip(&text), expected());
        // PostHog packs single events: each byte of gzip is a character.
        let characters: String = gzip(&text).into_iter().map(char::from).collect();
        let inside = serde_json::json!({"event": "$snapshot", "properties": {"$snapshot_data": [characters]}}).to_string();
        check(Format::MayHoldRrweb, inside.as_bytes(), expected());
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut zlib, text.as_bytes()).unwrap();
        let packed = zlib.finish().unwrap();
        let head = "{\"sent_at\":\"x\"}\n{\"type\":\"replay_recording\",\"length\":9}\n{\"segment_id\":0}\n";
        check(Format::MayHoldRrweb, &[head.as_bytes(), &packed].concat(), expected());
        let part = "--B\r\nContent-Disposition: form-data; name=\"segment\"; filename=\"s\"\r\n\r\n";
        check(Format::Rrweb, &[part.as_bytes(), &packed, b"\r\n--B--\r\n"].concat(), expected());
    }

    #[test]
    fn clarity_says_what_was_seen_done_and_typed() {
        let body = r#"{"e":["0.8.70",1,1200,1500,"abc","1k","9z",1,0,0,0,"https://www.clinic.example/find?q=hiv+test"],
            "a":[[900,9,44,100,200,16383,9000,0,1,0,"Book","https://www.clinic.example/book"],[950,27,51,"•••••"],[960,12,44,1,2],[970,10,1,0,90,0,0],
                 [980,42,51,"text","hiv test"],[990,38,2]],
            "p":[[5,5,10,0,"*T","HTML","lang=en",11,10,"*T","We found 3 clinics for hiv test"]]}"#;
        check(
            Format::Clarity,
            body.as_bytes(),
            expect![[r#"
                Some("Clarity")
                PageAddress 1 ["https://www.clinic.example/find?q=hiv+test"]
                PageText 1 Clear ["We found 3 clinics for hiv test"]
                Click 1 ["“Book”"]
                PointerMovement 1 []
                Scroll 1 []
                TypedText 2 Partly ["hiv test"]
                Clipboard 1 []
            "#]],
        );
    }

    #[test]
    fn hotjar_says_what_was_seen_done_and_typed() {
        check(
            Format::Hotjar,
            br#"{"url":"https://www.clinic.example/find?q=hiv+test","page_content":"<html><body><script>x()</script><p>3 results for hiv test</p></body></html>"}"#,
            expect![[r#"
                Some("Hotjar")
                PageText 1 Clear ["3 results for hiv test"]
            "#]],
        );
        check(
            Format::Hotjar,
            br#"[{"mouse_click":[{"selector":"button","x":1}]},{"key_press":[{"key":"*"},{"key":"*"}]},{"mouse_move":[{"x":1},{"x":2}]},{"scroll":[{"top":1}]},{"mutation":[{"c":1}]}]"#,
            expect![[r#"
                Some("Hotjar")
                PageChange 1 []
                Click 1 []
                PointerMovement 2 []
                Scroll 1 []
                KeyPress 2 Masked []
            "#]],
        );
    }

    /// Genuine page contents are nodes in JSON, mostly a document in a string, and key presses have their text in `text`.
    #[test]
    fn hotjar_shows_a_page_by_its_nodes_and_takes_no_attribute_for_a_text() {
        let page = r#"{"rootId":1,"children":[{"nodeType":1,"id":2,"tagName":"HTML","attributes":{"lang":"en"},"childNodes":[
            {"nodeType":1,"id":3,"tagName":"META","attributes":{"name":"viewport","content":"width=device-width, initial-scale=1"},"childNodes":[]},
            {"nodeType":1,"id":4,"tagName":"STYLE","childNodes":[{"nodeType":3,"id":5,"textContent":"a{}"}]},
            {"nodeType":8,"id":6,"textContent":"a comment"},
            {"nodeType":1,"id":7,"tagName":"P","childNodes":[{"nodeType":3,"id":8,"textContent":"3 results for hiv test"}]}]}]}"#;
        let in_a_string = serde_json::json!({"page_content": page, "viewport": {"content": "width=device-width"}}).to_string();
        let as_it_is = format!(r#"{{"page_content":{page}}}"#);
        for body in [in_a_string, as_it_is] {
            check(
                Format::Hotjar,
                body.as_bytes(),
                expect![[r#"
                    Some("Hotjar")
                    PageText 1 Clear ["3 results for hiv test"]
                "#]],
            );
        }
        check(
            Format::Hotjar,
            br#"[{"key_press":[{"time":1,"text":"prep","selector":"0:#q"},{"time":2,"text":"****"},{"text":"[redacted]"}]},
                {"mutation":[{"c":[{"nodeType":3,"id":9,"textContent":"New text"}]}]}]"#,
            expect![[r#"
                Some("Hotjar")
                PageText 1 Clear ["New text"]
                PageChange 1 []
                KeyPress 3 Partly ["prep"]
            "#]],
        );
        check(Format::Hotjar, br#"{"content":"width=device-width, initial-scale=1"}"#, expect![["nothing\n"]]);
    }

    #[test]
    fn fullstory_says_what_was_seen_done_and_typed() {
        check(
            Format::Fullstory,
            r#"{"Seq":3,"When":9,"Evts":[{"Kind":25,"Args":["https://www.clinic.example/","<!DOCTYPE html>","https://www.clinic.example/find","https://www.clinic.example/"]},
                {"Kind":2,"Args":[-1,-1,["<#document","[","<HTML",":lang","en",1,"<STYLE",1,"<#text","a{}","]","<H1",[7,2],"Find a clinic",10,
                    "<P",":title","[",[7,2],"for","<B",[7,2],14,10,8,"today",10,99,"<#text","lost"]],"When":1},{"Kind":6,"Args":[12,"3 results for hiv test"],"When":2},
                {"Kind":9,"Args":[162417,1573,1553,-20,-20],"When":3},{"Kind":37,"Args":["https://www.clinic.example/find?q=hiv+test"],"When":4},
                {"Kind":18,"Args":[44,"hiv test"],"When":5},{"Kind":18,"Args":[45,"████████"],"When":6},{"Kind":18,"Args":[46,true],"When":6},
                {"Kind":16,"Args":[44,10,10],"When":7},{"Kind":51,"Args":[40],"When":8},{"Kind":63,"Args":["GET","https://www.clinic.example/api"],"When":8},
                {"Kind":10,"Args":[1,0,300],"When":9},{"Kind":85,"Args":[44],"When":9},{"Kind":"x"},7]}"#
                .as_bytes(),
            expect![[r#"
                Some("FullStory")
                PageAddress 2 ["https://www.clinic.example/find?q=hiv+test", "https://www.clinic.example/find"]
                PageText 5 Clear ["3 results for hiv test", "Find a clinic", "today"]
                PageChange 2 []
                Click 1 []
                PointerMovement 1 []
                Scroll 1 []
                TypedText 2 Partly ["hiv test"]
                Clipboard 1 []
                FormSent 1 []
            "#]],
        );
    }

    /// A list of references doubles with each.
    #[test]
    fn a_page_of_references_does_not_grow_without_end() {
        let doubling: Vec<String> = (0..64).map(|power| format!("[0,{}]", 1_u64 << power)).collect();
        let body = format!("{{\"Evts\":[{{\"Kind\":2,\"Args\":[-1,-1,[\"<#text\",{}]]}}]}}", doubling.join(","));
        let replay = of(Format::Fullstory, body.as_bytes(), "", replay()).unwrap();
        assert!(replay.recorded.iter().all(|one| one.count <= 200_000), "{replay:?}");
    }

    #[test]
    fn what_is_not_known_is_said_to_have_been_sent() {
        check(Format::Opaque, b"\x01\x02", expect![["None\n"]]);
        check(Format::Rrweb, b"\x01\x02", expect![["None\n"]]);
        check(Format::Fullstory, b"\x01\x02", expect![["None\n"]]);
        for (format, body) in [
            (Format::Opaque, &b""[..]),
            (Format::MayHoldRrweb, b"{\"event\":\"$pageview\"}"),
            (Format::Clarity, b"{\"e\":[],\"a\":[[5,35,1]],\"p\":[]}"),
            (Format::Hotjar, b"{\"url\":\"x\"}"),
            (Format::Fullstory, b"{\"Evts\":[{\"Kind\":54,\"Args\":[]}]}"),
        ] {
            check(format, body, expect![["nothing\n"]]);
        }
    }

    #[test]
    fn recordings_cut_or_mangled_are_read_without_a_panic() {
        for at in 0..RRWEB.len() {
            let mangled = [&RRWEB.as_bytes()[..at], "é".as_bytes(), &RRWEB.as_bytes()[at + 1..]].concat();
            for body in [&RRWEB.as_bytes()[..at], &mangled] {
                for format in [Format::Rrweb, Format::Clarity, Format::Hotjar, Format::Fullstory] {
                    let _ = of(format, body, "", replay());
                }
            }
        }
        let deep = "[".repeat(100_000);
        let _ = of(Format::Rrweb, deep.as_bytes(), "", replay());
    }
}
