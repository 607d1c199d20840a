// Datadog RUM, with what visitors do reported by itself. Everything waits until the page is left.
import { datadogRum } from '@datadog/browser-rum';

export function view() {
  datadogRum.init({
    applicationId: '7c1d2e3f-4a5b-4c6d-8e9f-0a1b2c3d4e5f',
    clientToken: 'pub5a17ma125b1ab00000000000000000001',
    site: 'datadoghq.eu',
    service: 'saltmarsh',
    sessionSampleRate: 100,
    sessionReplaySampleRate: 0,
    trackUserInteractions: true,
    trackResources: false,
    trackLongTasks: false,
    defaultPrivacyLevel: 'mask-user-input',
  });
}

export function search(term) {
  datadogRum.addAction('search made', { term });
}

export function ask({ id, name, email }) {
  datadogRum.setUser({ id, name, email });
  datadogRum.addAction('appointment asked for');
}
