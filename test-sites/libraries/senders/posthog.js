// PostHog, with everything it reports by itself. What waits when a page is left goes by beacon, in base64 instead of gzip.
import posthog from 'posthog-js/dist/module.full.no-external.js';

export function view() {
  posthog.init('phc_SaltmarshLab0000000000000000000000000001', {
    api_host: 'https://eu.i.posthog.com',
    // A browser without a window is a robot to it otherwise.
    opt_out_useragent_filter: true,
    disable_session_recording: true,
    request_queue_config: { flush_interval_ms: 250 },
  });
}

export function search(term) {
  posthog.capture('search made', { search_term: term });
}

export function ask({ id, name, email, phone }) {
  posthog.identify(id, { name, email, phone });
  posthog.capture('appointment asked for');
}
