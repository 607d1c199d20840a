// Adobe's Web SDK, with clicks on links reported by itself.
import { createInstance } from '@adobe/alloy';

const alloy = createInstance({ name: 'alloy' });

export function view() {
  alloy('configure', { datastreamId: '5e0b7d1c-2a43-4f68-9b70-1c2d3e4f5a6b', orgId: '5A1FC0DE5E7D00A0A495D2C1@AdobeOrg' });
  alloy('sendEvent', { xdm: { eventType: 'web.webpagedetails.pageViews', web: { webPageDetails: { name: document.title } } } });
}

export function search(term) {
  alloy('sendEvent', { xdm: { eventType: 'siteSearch', siteSearch: { phrase: term } } });
}

export function press(text) {
  alloy('sendEvent', { xdm: { eventType: 'web.webinteraction.linkClicks', web: { webInteraction: { name: text, type: 'other' } } } });
}

export function ask({ id, email, phone }) {
  const identityMap = { Patient: [{ id }], Email: [{ id: email }], Phone: [{ id: phone }] };
  alloy('sendEvent', { xdm: { eventType: 'appointment', identityMap } });
}
