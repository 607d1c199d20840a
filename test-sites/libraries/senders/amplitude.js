// Amplitude, with pages, clicks and forms reported by itself.
import * as amplitude from '@amplitude/analytics-browser';

export function view() {
  amplitude.init('3b8c1f0e5a7d4926b1c0d9e8f7a6b5c4', {
    flushIntervalMillis: 250,
    autocapture: { attribution: true, pageViews: true, sessions: true, formInteractions: true, elementInteractions: true, webVitals: false },
  });
}

export function search(term) {
  amplitude.track('Search', { term });
}

export function ask({ id, name, email, phone }) {
  amplitude.setUserId(id);
  amplitude.identify(new amplitude.Identify().set('name', name).set('email', email).set('phone', phone));
  amplitude.track('Appointment asked for');
}
