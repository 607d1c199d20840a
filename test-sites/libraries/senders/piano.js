// Piano Analytics. It is told of searches and clicks by the properties that it has for them.
import { pianoAnalytics } from 'piano-analytics-js/dist/browser/piano-analytics.umd.js';

export function view() {
  pianoAnalytics.setConfigurations({ site: 618204, collectDomain: 'https://saltmarsh.pa-cd.com' });
  pianoAnalytics.sendEvent('page.display', { page: document.title });
}

export function search(term) {
  pianoAnalytics.sendEvent('internal_search_result.display', { ise_keyword: term, ise_page: 1 });
}

export function press(text) {
  pianoAnalytics.sendEvent('click.action', { click: text });
}

export function ask({ id }) {
  pianoAnalytics.setUser(id, 'patient');
  pianoAnalytics.sendEvent('click.action', { click: 'Ask for an appointment' });
}
