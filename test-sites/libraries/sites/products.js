import * as amplitude from '../senders/amplitude.js';
import * as mixpanel from '../senders/mixpanel.js';
import * as posthog from '../senders/posthog.js';
import { visit } from '../visit.js';

visit([amplitude, mixpanel, posthog]);
