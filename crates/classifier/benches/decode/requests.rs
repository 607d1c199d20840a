//! Eight requests as Meta's and Google's scripts send them, mixed: queries, form bodies, a click with its JSON, a batch of lines.

use pixelwitness_recording::{
    Body, Header, HeaderSource, HttpVersion, Initiator, Request, RequestId, Sender, SenderSource, TargetKind, Transmission, Witness,
};

/// Method, address, content type, body.
type Sent = (&'static str, &'static str, &'static str, &'static str);

/// What `main.rs` says of them: as much on average as the requests of the decoders it is held against.
pub(crate) const MEAN_BYTES: std::ops::RangeInclusive<usize> = 660..=680;

const SENT: &[Sent] = &[
    (
        "GET",
        "https://www.facebook.com/tr/?id=100000000000001&ev=PageView&dl=https%3A%2F%2Fwww.northmere-clinic.example%2Fconditions%2Fsleep-paralysis%3Futm_source%3Dnewsletter%26utm_medium%3Demail%26utm_campaign%3Dautumn&rl=https%3A%2F%2Fwww.northmere-clinic.example%2Fconditions%2F&if=false&ts=1760000000000&sw=1280&sh=900&v=2.9.233&r=stable&ec=0&o=4126&fbp=fb.1.1760000000000.1234567890&fbc=fb.1.1760000000000.IwAR0abcDEFghiJKLmnoPQRstuVWxyz0123456789&ler=empty&cdl=API_unavailable&plt=1204.5&it=1760000000123&coo=false&eid=pv-1760000000000-7&cs_cc=1&cas=6519432654781&tm=1&expv2%5B0%5D=pl1&expv2%5B1%5D=el2&expv2%5B2%5D=bc1&expv2%5B3%5D=ra2&rqm=GET",
        "",
        "",
    ),
    (
        "POST",
        "https://region1.google-analytics.com/g/collect?v=2&tid=G-ABC123DEF4&gtm=45je5a80v9101234567za200&_p=1760000000000&gcs=G101&gcd=13r3t3l3m5l1&npa=0&dma=1&dma_cps=syphamo&tag_exp=101509157~103116026~103200004&cid=1234567890.1760000000&ul=en-gb&sr=1280x900&uaa=x86&uab=64&uafvl=Chromium%3B141.0.7390.54%7CNot%253FA_Brand%3B8.0.0.0&uamb=0&uam=&uap=Linux&uapv=6.1.0&uaw=0&are=1&frm=0&pscdl=noapi&_s=1&sid=1760000000&sct=2&seg=1&dl=https%3A%2F%2Fwww.northmere-clinic.example%2Ffind%3Fquery%3Dsleep%2Bparalysis&dr=https%3A%2F%2Fwww.northmere-clinic.example%2F&dt=Search%20%E2%80%93%20Northmere%20Clinic&en=page_view&_ee=1&ep.content_group=search&tfd=2210",
        "",
        "",
    ),
    (
        "GET",
        "https://www.facebook.com/tr/?id=100000000000001&ev=Search&dl=https%3A%2F%2Fwww.northmere-clinic.example%2Ffind%3Fq%3Dsleep%2520paralysis%26page%3D2&rl=https%3A%2F%2Fwww.northmere-clinic.example%2F&if=false&ts=1760000000000&cd%5Bsearch_string%5D=sleep+paralysis&cd%5Bcontent_category%5D=Conditions&cd%5Bcontent_ids%5D=%5B%22c-101%22%2C%22c-204%22%5D&cd%5Bvalue%5D=0.00&cd%5Bcurrency%5D=GBP&sw=1280&sh=900&v=2.9.233&r=stable&a=tmSimo-GTM-WebTemplate&ec=3&o=4126&fbp=fb.1.1760000000000.1234567890&udff%5Bem%5D=0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0&ler=other&cdl=API_unavailable&it=1760000000123&coo=false&eid=s-1760000000000-9&tm=1&rqm=GET",
        "",
        "",
    ),
    (
        "POST",
        "https://region1.google-analytics.com/g/collect?v=2&tid=G-ABC123DEF4&gtm=45je5a80v9101234567za200&_p=1760000000000&gcs=G111&gcd=13t3t3t3t5l1&npa=0&dma=0&cid=1234567890.1760000000&ul=en-gb&sr=1280x900&uaa=x86&uab=64&uamb=0&uap=Linux&uapv=6.1.0&uaw=0&frm=0&pscdl=noapi&sid=1760000000&sct=2&seg=1&dl=https%3A%2F%2Fwww.northmere-clinic.example%2Fconditions%2Fsleep-paralysis&dt=Sleep%20paralysis%20%E2%80%93%20Northmere%20Clinic&_s=2",
        "text/plain;charset=UTF-8",
        "en=view_search_results&ep.search_term=sleep%20paralysis&_et=5\r\nen=form_start&ep.form_id=contact&ep.first_field_name=nhs_number&epn.first_field_position=1\r\nen=click&ep.link_text=Book&ep.link_url=https%3A%2F%2Fwww.northmere-clinic.example%2Fbook&ep.outbound=true&_et=1204",
    ),
    (
        "POST",
        "https://www.facebook.com/tr/",
        "application/x-www-form-urlencoded",
        "id=100000000000001&ev=SubscribedButtonClick&dl=https%3A%2F%2Fwww.northmere-clinic.example%2Fbook&rl=&if=false&ts=1760000000000&cd%5BbuttonFeatures%5D=%7B%22classList%22%3A%22btn%20btn-primary%22%2C%22destination%22%3A%22https%3A%2F%2Fwww.northmere-clinic.example%2Fbook%2Fnow%22%2C%22id%22%3A%22%22%2C%22innerText%22%3A%22Book%20an%20appointment%22%2C%22numChildButtons%22%3A0%2C%22tag%22%3A%22a%22%2C%22type%22%3Anull%7D&cd%5BbuttonText%5D=Book%20an%20appointment&cd%5BpageFeatures%5D=%7B%22title%22%3A%22Northmere%20Clinic%22%7D&sw=1280&sh=900&v=2.9.233&r=stable&ec=4&o=4126&fbp=fb.1.1760000000000.1234567890&it=1760000000123&coo=false&es=automatic&tm=3&rqm=formPOST",
    ),
    (
        "POST",
        "https://analytics.google.com/g/collect?v=2&tid=G-ABC123DEF4&gtm=45je5a80v9101234567za200&_p=1760000000000&gcs=G111&gcd=13t3t3t3t5l1&npa=0&dma=0&cid=1234567890.1760000000&uid=u-20419&ul=en-gb&sr=1280x900&uaa=x86&uab=64&uamb=0&uap=Linux&frm=0&sid=1760000000&sct=2&seg=1&dl=https%3A%2F%2Fwww.northmere-clinic.example%2Fcontact&dr=https%3A%2F%2Fwww.northmere-clinic.example%2F&dt=Contact%20us&en=form_submit&_c=1&_et=18211&ep.form_id=contact&ep.form_destination=https%3A%2F%2Fwww.northmere-clinic.example%2Fthanks&epn.form_length=6&em=tv.1~em.BEg1GkIcPL2-CNrDBfTig2moe-XGjsnsX4KbNFKKgNA~pn.FxZPfLGQm2XoEolde10QJ3RxkrLr35pH2IVb5VBOrpc&ec_mode=a&_s=4&tfd=31877&_z=fetch",
        "",
        "",
    ),
    (
        "POST",
        "https://www.facebook.com/tr/",
        "application/x-www-form-urlencoded",
        "id=100000000000001&ev=Lead&dl=https%3A%2F%2Fwww.northmere-clinic.example%2Fthanks&rl=https%3A%2F%2Fwww.northmere-clinic.example%2Fcontact&if=false&ts=1760000000000&cd%5Bcontent_name%5D=Contact%20form&cd%5Bstatus%5D=complete&udff%5Bem%5D=0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0&udff%5Bph%5D=17164f7cb1909b65e812895d10d70785982ade377c79c8824dc02c0a1237674d&udff%5Bfn%5D=7d87ba4a5a5c0bb6a1d2be4a1f7d8c3c95ae4f1b3a0d3e2a95b5c1f4d8e9a0b1&cudff%5Bem%5D=***%40******.*******&sw=1280&sh=900&v=2.9.233&r=stable&ec=5&o=4126&fbp=fb.1.1760000000000.1234567890&it=1760000000123&coo=false&eid=l-1760000000000-4&es=automatic&tm=1&rqm=formPOST",
    ),
    (
        "GET",
        "https://region1.google-analytics.com/g/collect?v=2&tid=G-ABC123DEF4&gtm=45je5a80v9101234567za200&_p=1760000000000&gcs=G100&gcd=13p3p3p3p5l1&npa=1&dma=1&cid=1234567890.1760000000&ul=en-gb&sr=390x844&uaa=&uab=64&uafvl=Chromium%3B141.0.7390.54%7CNot%253FA_Brand%3B8.0.0.0&uamb=1&uam=Pixel%209&uap=Android&uapv=16.0.0&uaw=0&frm=0&pscdl=denied&sid=1760000000&sct=1&seg=0&dl=https%3A%2F%2Fwww.northmere-clinic.example%2Fmedicines%2Fprep%3Fgclid%3DabcDEF123&dt=PrEP%20%E2%80%93%20Northmere%20Clinic&en=scroll&epn.percent_scrolled=90&ep.page_type=medicine&ep.audience=patients&upn.visits=3&up.logged_in=false&_et=9032&_s=3&tfd=14010",
        "",
        "",
    ),
];

pub(crate) fn requests() -> Vec<Request> {
    SENT.iter().map(request).collect()
}

/// What a decoder has to look at.
pub(crate) fn bytes(request: &Request) -> usize {
    request.url.len() + request.body.bytes().unwrap_or_default().len()
}

fn request((method, address, content_type, body): &Sent) -> Request {
    let header = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
    let mut headers = vec![
        header("Accept", "*/*"),
        header("Accept-Language", "en-GB,en;q=0.9"),
        header("Referer", "https://www.northmere-clinic.example/"),
        header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"),
    ];
    headers.extend((!content_type.is_empty()).then(|| header("Content-Type", content_type)));
    Request {
        id: RequestId(1),
        step: Some(0),
        sent_at_ms: 1_760_000_000_000,
        sender: Sender::Page,
        sender_from: SenderSource::Devtools,
        top_site: None,
        page_url: None,
        frame: None,
        target: TargetKind::Page,
        resource_type: "Ping".to_owned(),
        method: (*method).to_owned(),
        url: (*address).to_owned(),
        http_version: HttpVersion::Http2,
        headers,
        headers_from: HeaderSource::Wire,
        body: Body::from(body.as_bytes().to_vec()),
        body_from: Witness::Both,
        initiator: Initiator::default(),
        redirected_from: None,
        response: None,
        remote_address: None,
        transmission: Transmission::Sent,
        witness: Witness::Both,
        log_lines: Vec::new(),
    }
}
