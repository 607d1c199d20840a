import * as datadog from '../senders/datadog.js';
import * as sentry from '../senders/sentry.js';
import { visit } from '../visit.js';

visit([datadog, sentry]);
