// Microsoft Clarity: records the page as it was and what is done with it. An upload waits so many times this delay as went before.
import { clarity } from 'clarity-js';

export function view() {
  clarity.start({ projectId: 'saltmarsh1', upload: 'https://m.clarity.ms/collect', track: true, content: true, delay: 100 });
}

export function search(term) {
  clarity.set('searched for', term);
}

export function ask({ id }) {
  clarity.identify(id);
}
