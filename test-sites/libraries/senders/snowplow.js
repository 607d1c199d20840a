// Snowplow, with its plugins for buttons, forms and site searches, on the vendor's hosted collector: by POST, and once by GET.
import { newTracker, setUserId, trackPageView, trackStructEvent } from '@snowplow/browser-tracker';
import { ButtonClickTrackingPlugin, enableButtonClickTracking } from '@snowplow/browser-plugin-button-click-tracking';
import { FormTrackingPlugin, enableFormTracking } from '@snowplow/browser-plugin-form-tracking';
import { SiteTrackingPlugin, trackSiteSearch } from '@snowplow/browser-plugin-site-tracking';

const COLLECTOR = 'https://collector-saltmarsh.snplow.net';

export function view() {
  const plugins = [ButtonClickTrackingPlugin(), FormTrackingPlugin(), SiteTrackingPlugin()];
  newTracker('posted', COLLECTOR, { appId: 'saltmarsh', eventMethod: 'post', contexts: { session: true, webPage: true }, plugins });
  newTracker('asked', COLLECTOR, { appId: 'saltmarsh', eventMethod: 'get', contexts: { webPage: true } });
  trackPageView({}, ['posted']);
  enableButtonClickTracking({}, ['posted']);
  document.addEventListener('DOMContentLoaded', () => enableFormTracking({}, ['posted']));
}

export function search(term) {
  trackSiteSearch({ terms: [term] }, ['posted']);
  trackStructEvent({ category: 'search', action: 'made', label: term }, ['asked']);
}

export function ask({ id }) {
  setUserId(id, ['posted']);
  trackStructEvent({ category: 'appointment', action: 'asked for' }, ['posted']);
}
