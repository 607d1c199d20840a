// RudderStack: each call by itself, but by beacon on the page with the form.
import { RudderAnalytics } from '@rudderstack/analytics-js/bundled';

const analytics = new RudderAnalytics();

export function view() {
  analytics.load('2SaltmarshLabRudderKey00001', 'https://saltmarshlab.dataplane.rudderstack.com', { useBeacon: location.pathname === '/appointment' });
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
