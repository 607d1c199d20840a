// Plausible, with forms reported by itself.
import { init, track } from '@plausible-analytics/tracker';

export function view() {
  init({ domain: 'saltmarsh-clinic.example', formSubmissions: true, outboundLinks: true });
}

export function search(term) {
  track('Search', { props: { term } });
}

export function press(text) {
  track('Button', { props: { text } });
}
