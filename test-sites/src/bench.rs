//! A page that sends as many requests as its address asks for: what the benchmarks visit.

use http::StatusCode;

use crate::answer::Answer;
use crate::received::Received;

const PAGE_HOST: &str = "bench.example";
const RECIPIENT_HOST: &str = "collect.bench-recipient.test";

/// Sends half of its requests home and half, with a body, to a third party; 50 are under way at a time.
const PAGE: &str = r#"<!doctype html><html lang="en"><title>Many requests</title><p id="done">sending</p><script>
const count = Number(new URLSearchParams(location.search).get('count'));
let next = 0;
async function sender() {
  while (next < count) {
    const number = next++;
    const posted = { method: 'POST', mode: 'no-cors', body: `number=${number}&filler=${'x'.repeat(200)}` };
    const answer = number % 2 ? fetch(`https://collect.bench-recipient.test/in?number=${number}`, posted) : fetch(`/item?number=${number}`);
    await answer.then(answer => answer.text()).catch(() => {});
  }
}
Promise.all(Array.from({ length: 50 }, sender)).then(() => { document.getElementById('done').textContent = 'done'; });
</script></html>"#;

pub(crate) fn play(host: &str) -> bool {
    [PAGE_HOST, RECIPIENT_HOST].contains(&host)
}

pub(crate) fn answer(request: &Received) -> Option<Answer> {
    match (request.host_name(), request.path()) {
        (PAGE_HOST, "/requests") => Some(Answer::of("text/html; charset=utf-8", PAGE)),
        (host, _) if play(host) => Some(Answer::new(StatusCode::NO_CONTENT)),
        _ => None,
    }
}
