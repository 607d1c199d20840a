// Stand-in for TikTok's pixel script, written for the lab: it sends what the real one was seen to send in November 2026, as JSON
// under text/plain by sendBeacon.
//
//   ttq.page(), ttq.track(event, properties), ttq.identify({email, phone_number, external_id})
//
// By itself it sends the page's metadata, clicks on buttons, and, when a form is submitted, what it takes for the e-mail address and
// telephone number. The latter keeps its leading zero, unlike at Meta.
(() => {
  const stub = window.ttq;
  const code = new URL(document.currentScript.src).searchParams.get('sdkid');
  const session = `${crypto.randomUUID()}::${Math.random().toString(36).slice(2, 14)}`;
  const user = {};
  let index = 0;

  const random = (length) => Array.from({ length }, () => 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'[Math.floor(Math.random() * 56)]).join('');
  const browserId = () => {
    const found = document.cookie.split('; ').find((pair) => pair.startsWith('_ttp='));
    if (found) return found.slice(5);
    const value = `01${random(25)}.tt.1`;
    document.cookie = `_ttp=${value}; path=/; max-age=33696000; SameSite=Lax; Secure`;
    return value;
  };

  const context = (extra) => ({
    ad: { sdk_env: 'external' },
    device: { platform: 'pc' },
    index: index++,
    library: { name: 'pixel.js', version: 'legacy-2.2.1' },
    page: { url: location.href, referrer: document.referrer, load_progress: '2' },
    pageview_id: `${session}.0`,
    pixel: { code, codes: code, runtime: '1' },
    session_id: session,
    user: { anonymous_id: browserId(), ...user, ...extra },
    userAgent: navigator.userAgent,
    variation_id: 'default',
  });

  const send = (path, body) => {
    const id = `messageId-${Date.now()}-${random(12)}-${code}`;
    navigator.sendBeacon(`https://analytics.tiktok.com${path}`, JSON.stringify({ ...body, message_id: id, is_onsite: false, timestamp: new Date().toISOString() }));
  };
  const event = (name, properties, extra) => send('/api/v2/pixel', { event: name, event_id: '', properties, context: context(extra) });
  const act = (action, collected) => send('/api/v2/pixel/act', { action, auto_collected_properties: collected, context: context() });

  const metadata = () => {
    const content = { title: document.title };
    const meta = {};
    for (const name of ['description', 'keywords']) {
      const found = document.querySelector(`meta[name=${name}]`);
      if (found) meta[name] = found.content;
    }
    const openGraph = {};
    for (const each of document.querySelectorAll('meta[property^="og:"]')) openGraph[each.getAttribute('property')] = each.content;
    const blocks = [...document.querySelectorAll('script[type="application/ld+json"]')].map((script) => JSON.parse(script.textContent));
    if (Object.keys(meta).length) content.meta = meta;
    if (Object.keys(openGraph).length) content.open_graph = openGraph;
    if (blocks.length) content.json_ld = blocks;
    act('Metadata', { content_data: content, page_trigger: 'PageView' });
  };

  const xpath = (element) => {
    const parts = [];
    for (let node = element; node.parentElement; node = node.parentElement) {
      const same = [...node.parentElement.children].filter((each) => each.tagName === node.tagName);
      parts.unshift(`${node.tagName.toLowerCase()}[${same.indexOf(node) + 1}]`);
    }
    return `/${parts.join('/')}`;
  };

  const clicked = ({ target }) => {
    const element = target.closest?.('button, input[type=submit], input[type=button], [role=button]');
    if (!element) return;
    const attributes = { class: element.className, id: element.id, name: element.name || '', type: element.type || '' };
    act('Click', {
      page_trigger: 'Click',
      trigger_element: {
        tag: element.tagName.toLowerCase(),
        attributes,
        inner_text: (element.innerText || element.value || '').trim(),
        xpath: xpath(element),
        num_child_buttons: '0',
        timestamp: new Date().toISOString(),
      },
    });
  };

  const submitted = ({ target }) => {
    const find = (pattern) => [...target.elements].find((each) => each.value && [each.name, each.id, each.type].some((text) => pattern.test(text)))?.value;
    const [mail, phone] = [find(/e-?mail/i), find(/phone|mobile|^tel$/i)];
    const found = {};
    if (mail) found.auto_email = sha256(mail.trim().toLowerCase());
    if (phone) found.auto_phone_number = sha256(phone.replace(/\D/g, ''));
    if (mail || phone) event('EnrichAM', {}, found);
  };

  // Given by the site itself. A telephone number is expected with its country code.
  const identify = ({ email, phone_number, external_id }) => {
    if (email) user.email = sha256(email.trim().toLowerCase());
    if (phone_number) user.phone_number = sha256(phone_number.replace(/\s/g, ''));
    if (external_id) user.external_id = sha256(String(external_id));
  };

  const commands = {
    page() {
      event('Pageview', {});
      setTimeout(metadata, 600);
    },
    track: (name, properties) => event(name, properties || {}),
    identify,
  };
  const call = (name, ...rest) => commands[name]?.(...rest);
  stub.callMethod = call;
  document.addEventListener('click', clicked, true);
  document.addEventListener('submit', submitted, true);
  stub.queue.splice(0).forEach((waiting) => call(...waiting));
})();
