// Stand-in for Meta's pixel script, written for the lab: it sends what the real one was seen to send in November 2026.
//
//   fbq('init', id, {em, ph, fn, ln, ...})   manual matching: ud[...] on this and later events
//   fbq('track' | 'trackCustom', event, data) one event; data goes as cd[...]
//
// What it does by itself (button clicks, matching of form fields, reading the page's metadata) is set for each pixel by the answer
// of signals/config/<id>. An event goes as an image; as a form posted into a frame where the address would reach 2048 bytes; or,
// for a pixel set to SB, clicks and events on leaving go by sendBeacon as multipart.
(() => {
  const VERSION = '2.9.345';
  const LONGEST_ADDRESS = 2048;
  const TR = 'https://www.facebook.com/tr/';
  const stub = window.fbq;
  const initialised = Date.now();
  const pixels = new Map();
  let counter = 0;

  // Settings of a pixel, filled by its config answer.
  const pixel = (id) => {
    if (!pixels.has(id)) pixels.set(id, { id, features: new Set(), config: {}, transport: 'GET', user: {}, loaded: false, waiting: [] });
    return pixels.get(id);
  };

  const cookie = (name) => document.cookie.split('; ').find((pair) => pair.startsWith(name + '='))?.slice(name.length + 1);

  const browserId = () => {
    if (!cookie('_fbp')) {
      const value = `fb.1.${Date.now()}.${Math.floor(1e17 + Math.random() * 8e17)}`;
      document.cookie = `_fbp=${value}; path=/; max-age=7776000; SameSite=Lax; Secure`;
    }
    return cookie('_fbp');
  };

  // How values are written before hashing, and the mask of a value's shape.
  const normalise = {
    em: (value) => value.trim().toLowerCase(),
    ph: (value) => value.replace(/\D/g, '').replace(/^0+/, ''),
    fn: (value) => value.toLowerCase().replace(/[\s!-/:-@[-`{-~]/g, ''),
    ln: (value) => value.toLowerCase().replace(/[\s!-/:-@[-`{-~]/g, ''),
    zp: (value) => value.trim().toLowerCase().split('-')[0],
    db: (value) => value.replace(/\D/g, ''),
    external_id: (value) => value.toLowerCase().replace(/\s/g, ''),
  };
  const mask = (value) => value.replace(/\p{Lu}/gu, '^').replace(/\p{L}/gu, '*').replace(/\d/g, '#');

  const matching = (fields, hashed, raw, normalised) => {
    const parameters = [];
    for (const [key, value] of Object.entries(fields)) {
      const form = normalise[key](value);
      if (!form) continue;
      parameters.push([`${hashed}[${key}]`, sha256(form)], [`${raw}[${key}]`, mask(value)], [`${normalised}[${key}]`, mask(form)]);
    }
    return parameters;
  };

  // An address without the values of the parameters that the pixel is set to take out; of those, a hash of the name is left.
  const address = (target, text) => {
    const unwanted = target.config.unwantedData?.blacklisted_keys?.PageView?.url || [];
    if (!text) return text;
    const url = new URL(text);
    const found = unwanted.filter((name) => url.searchParams.has(name));
    for (const name of found) url.searchParams.set(name, '_removed_');
    if (found.length) url.searchParams.set('_filteredParams', found.map(sha256).join(','));
    return found.length ? url.href : text;
  };

  const build = (target, event, data, extra) => {
    const parameters = [
      ['id', target.id],
      ['ev', event],
      ['dl', address(target, location.href)],
      ['rl', address(target, document.referrer)],
      ['if', 'false'],
      ['ts', String(Date.now())],
    ];
    for (const [key, value] of Object.entries(data || {})) {
      parameters.push([`cd[${key}]`, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
    }
    parameters.push(...matching(target.user, 'ud', 'cud', 'ncud'), ...(extra?.automatic || []));
    parameters.push(['sw', String(screen.width)], ['sh', String(screen.height)], ['v', VERSION], ['r', 'stable']);
    parameters.push(['ec', String(counter++)], ['o', '4126'], ['fbp', browserId()], ['ler', 'empty']);
    if (target.features.has('PageMetadata')) parameters.push(...pageMetadata());
    parameters.push(['cdl', 'API_unavailable'], ['it', String(initialised)], ['coo', 'false']);
    if (extra?.es) parameters.push(['es', extra.es], ['tm', '3']);
    return parameters;
  };

  const pageMetadata = () => {
    const meta = (selector) => document.querySelector(selector)?.content;
    return [
      ['pmd[title]', document.title],
      ['pmd[description]', meta('meta[name=description]')],
      ['pmd[keywords]', meta('meta[name=keywords]')],
      ['pmd[locale]', meta('meta[property="og:locale"]')],
    ].filter(([, value]) => value);
  };

  // Images go one after another, so that a cookie set by the first answer is on the second request.
  let line = Promise.resolve();
  const finished = (element) => new Promise((resolve) => (element.onload = element.onerror = resolve));

  const send = (target, parameters, now) => {
    const query = (way) => new URLSearchParams([...parameters, ['rqm', way]]).toString();
    if (now && target.transport === 'SB') {
      const form = new FormData();
      for (const [name, value] of [...parameters, ['rqm', 'SB']]) form.append(name, value);
      navigator.sendBeacon(TR, form);
    } else if (TR.length + 1 + query('GET').length >= LONGEST_ADDRESS) {
      line = line.then(() => post(parameters));
    } else {
      line = line.then(() => {
        const image = new Image(1, 1);
        const done = finished(image);
        image.src = `${TR}?${query('GET')}`;
        return done;
      });
      if (target.features.has('PrivacySandbox')) line = line.then(() => copy(query('FGET')));
    }
  };

  // The same event once more, for the browser's attribution reporting.
  const copy = (query) => {
    const image = new Image(1, 1);
    const done = finished(image);
    image.src = `https://www.facebook.com/privacy_sandbox/pixel/register/trigger/?${query}`;
    return done;
  };

  const post = (parameters) => {
    const frame = document.createElement('iframe');
    frame.name = `fb${Math.random()}`;
    frame.style.display = 'none';
    document.body.append(frame);
    const form = document.createElement('form');
    Object.assign(form, { action: TR, method: 'post', target: frame.name, acceptCharset: 'utf-8' });
    form.style.display = 'none';
    for (const [name, value] of [...parameters, ['rqm', 'formPOST']]) {
      const input = document.createElement('input');
      Object.assign(input, { type: 'hidden', name, value });
      form.append(input);
    }
    document.body.append(form);
    const done = finished(frame);
    HTMLFormElement.prototype.submit.call(form);
    form.remove();
    return done;
  };

  const fire = (target, event, data, extra) => {
    const run = () => send(target, build(target, event, data, extra), Boolean(extra?.es) || window.event?.type === 'pagehide');
    if (target.loaded) run();
    else target.waiting.push(run);
  };

  // Button clicks.
  const innerText = (element) => (element.innerText || element.value || '').trim().replace(/\s+/g, ' ').slice(0, 100);
  const control = (element) => ({
    id: element.id,
    name: element.name || '',
    tag: element.tagName.toLowerCase(),
    placeholder: element.placeholder || '',
    inputType: element.type || '',
  });
  const buttonFeatures = (element) => ({
    classList: element.className,
    destination: element.href || element.form?.action || '',
    id: element.id,
    imageUrl: '',
    innerText: innerText(element),
    numChildButtons: 0,
    tag: element.tagName.toLowerCase(),
    type: element.getAttribute('type'),
    name: element.name || '',
    value: element.value || '',
  });

  const clicked = (event) => {
    const element = event.target.closest?.('button, a[href], input[type=submit], input[type=button], [role=button]');
    if (!element) return;
    // A click that leaves the page counts only where it can be told by sendBeacon: an image begun now might be lost.
    const leaves = element.matches('a[href]');
    const form = element.form || element.closest('form');
    const controls = form ? [...form.elements].filter((each) => each.matches('input:not([type=submit]), select, textarea')) : [];
    for (const target of pixels.values()) {
      if (!target.features.has('InferredEvents') || (leaves && target.transport !== 'SB')) continue;
      const data = {
        buttonFeatures: buttonFeatures(element),
        buttonText: innerText(element),
        formFeatures: controls.map(control),
        pageFeatures: { title: document.title },
        parameters: [],
      };
      const automatic = target.features.has('AutomaticMatching') ? matched(target, controls) : [];
      fire(target, 'SubscribedButtonClick', data, { es: 'automatic', automatic });
    }
  };

  // Which fields of a form hold what a pixel is set to match.
  const KEYS = [
    ['em', /e-?mail/i],
    ['ph', /phone|mobile|^tel$/i],
    ['fn', /first.?name|given.?name/i],
    ['ln', /last.?name|surname|family.?name/i],
    ['zp', /post.?code|^zip$/i],
    ['db', /birth|^dob$/i],
  ];
  const matched = (target, controls) => {
    const wanted = target.config.automaticMatching?.selectedMatchKeys || [];
    const fields = {};
    for (const [key, pattern] of KEYS) {
      const found = controls.find((each) => each.value && [each.name, each.id, each.type].some((text) => pattern.test(text)));
      if (found && wanted.includes(key)) fields[key] = found.value;
    }
    return matching(fields, 'udff', 'cudff', 'ncudff');
  };

  // What the page says of itself.
  const microdata = (target) => {
    const openGraph = {};
    for (const meta of document.querySelectorAll('meta[property^="og:"]')) openGraph[meta.getAttribute('property')] = meta.content;
    const blocks = [...document.querySelectorAll('script[type="application/ld+json"]')].map((script) => JSON.parse(script.textContent));
    const meta = { title: document.title };
    for (const name of ['description', 'keywords']) {
      const found = document.querySelector(`meta[name=${name}]`);
      if (found) meta[`meta:${name}`] = found.content;
    }
    fire(target, 'Microdata', { DataLayer: [], Meta: meta, OpenGraph: openGraph, 'Schema.org': [], 'JSON-LD': blocks }, { es: 'automatic' });
  };

  const configured = (id) => {
    const target = pixel(id);
    target.loaded = true;
    target.waiting.splice(0).forEach((run) => run());
    if (target.features.has('Microdata')) setTimeout(() => microdata(target), 700);
  };

  const commands = {
    init(id, user) {
      const target = pixel(String(id));
      if (user) Object.assign(target.user, user);
      if (target.asked) return;
      target.asked = true;
      const script = document.createElement('script');
      script.async = true;
      script.src = `https://connect.facebook.net/signals/config/${id}?v=${VERSION}&r=stable&domain=${location.hostname}`;
      document.head.append(script);
    },
    track: (event, data) => pixels.forEach((target) => fire(target, event, data)),
    trackCustom: (event, data) => pixels.forEach((target) => fire(target, event, data)),
  };

  const call = (name, ...rest) => commands[name]?.(...rest);
  stub.callMethod = call;
  stub.instance = {
    optIn: (id, feature, on) => on && pixel(id).features.add(feature),
    sendBy: (id, transport) => (pixel(id).transport = transport),
    configLoaded: configured,
  };
  stub.config = { set: (id, section, value) => (pixel(id).config[section] = value) };
  document.addEventListener('click', clicked, true);
  stub.queue.splice(0).forEach((waiting) => call(...waiting));
})();
