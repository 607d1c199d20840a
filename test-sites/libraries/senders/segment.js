// Segment: each call at once, but in one batch on the page with the form, as its documents advise for pages that say much.
import { AnalyticsBrowser } from '@segment/analytics-next';

const batching = { deliveryStrategy: { strategy: 'batching', config: { size: 10, timeout: 60_000 } } };

const analytics = AnalyticsBrowser.load(
  { writeKey: 'SaltmarshLabSegmentKey0000000001' },
  location.pathname === '/appointment' ? { integrations: { 'Segment.io': batching } } : {},
);

export function view() {
  analytics.page();
}

export function search(term) {
  analytics.track('Products Searched', { query: term });
}

export function press(text) {
  analytics.track('Button Pressed', { text });
}

export function ask({ id, name, email, phone }) {
  analytics.identify(id, { name, email, phone });
  analytics.track('Appointment Asked For');
}
