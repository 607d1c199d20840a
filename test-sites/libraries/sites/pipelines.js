import * as rudderstack from '../senders/rudderstack.js';
import * as segment from '../senders/segment.js';
import * as snowplow from '../senders/snowplow.js';
import { visit } from '../visit.js';

visit([rudderstack, segment, snowplow]);
