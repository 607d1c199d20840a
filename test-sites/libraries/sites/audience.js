import * as adobe from '../senders/adobe.js';
import * as clarity from '../senders/clarity.js';
import * as piano from '../senders/piano.js';
import * as plausible from '../senders/plausible.js';
import { visit } from '../visit.js';

visit([adobe, clarity, piano, plausible]);
