// Mixpanel, with clicks, fields and forms reported by itself.
import mixpanel from 'mixpanel-browser';

export function view() {
  mixpanel.init('5a1d3a2b4c5d6e7f8091a2b3c4d5e6f7', {
    track_pageview: 'full-url',
    autocapture: { click: true, input: true, pageview: 'full-url', scroll: false, submit: true, capture_text_content: true },
    batch_flush_interval_ms: 250,
  });
}

export function search(term) {
  mixpanel.track('Search', { term });
}

export function ask({ id, name, email, phone }) {
  mixpanel.identify(id);
  mixpanel.people.set({ $name: name, $email: email, $phone: phone });
  mixpanel.track('Appointment asked for');
}
