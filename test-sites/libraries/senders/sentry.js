// Sentry: faults, what led to them, and how fast pages are.
import * as Sentry from '@sentry/browser';

const HOST = 'o450417.ingest.de.sentry.io';

export function view() {
  Sentry.init({
    dsn: `https://5a17ma125b1ab000000000000000001a@${HOST}/4504188`,
    // Which interaction was the slowest differs from run to run.
    integrations: [Sentry.browserTracingIntegration(), Sentry.webVitalsIntegration({ ignore: ['inp'] })],
    tracesSampleRate: 1,
  });
}

export function search(term) {
  Sentry.captureException(new Error(`nothing was found for ${term}`));
}

export function ask({ id, name, email }) {
  Sentry.setUser({ id, username: name, email });
  Sentry.captureMessage('an appointment was asked for');
}
