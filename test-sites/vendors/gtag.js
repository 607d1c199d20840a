// Stand-in for Google's tag, written for the lab: it sends what the real one was seen to send in November 2026.
//
//   gtag('config', 'G-…')            page_view; view_search_results too where the address has a search parameter
//   gtag('event', name, parameters)  one event; texts go as ep.…, numbers as epn.…
//
// By itself it reports clicks on links to other sites, and forms begun and sent. One event goes in the address with an empty body;
// several that are ready together go as lines of one body. Two things that Google decides are read from the measurement id here: one that
// begins with G-EU reports to region1, and one that ends in SCROLL reports scrolling to the end.
(() => {
  const id = new URL(document.currentScript.src).searchParams.get('id');
  const host = id.startsWith('G-EU') ? 'region1.google-analytics.com' : 'www.google-analytics.com';
  const SEARCH_PARAMETERS = ['q', 's', 'search', 'query', 'keyword'];
  const began = Date.now();
  const seconds = String(Math.floor(began / 1000));
  const sent = new Set();
  let waiting = [];
  let timer = 0;
  let hit = 0;

  const cookie = (name) => document.cookie.split('; ').find((pair) => pair.startsWith(name + '='))?.slice(name.length + 1);
  const keep = (name, value) => (document.cookie = `${name}=${value}; path=/; max-age=63072000; SameSite=Lax; Secure`);

  const first = !cookie('_ga');
  if (first) keep('_ga', `GA1.1.${Math.floor(Math.random() * 2147483647)}.${seconds}`);
  const client = cookie('_ga').split('.').slice(2).join('.');
  const stream = `_ga_${id.slice(2)}`;
  const session = cookie(stream)?.match(/s(\d+)/)?.[1] || seconds;
  keep(stream, `GS2.1.s${session}$o1$g1$t${seconds}$j60$l0$h0`);

  const shared = () => {
    const parameters = new URLSearchParams({ v: '2', tid: id, gtm: '45je6bi0v9100', _p: String(began), gcs: 'G111', gcd: '13l3l3l3l1l1', npa: '0', dma: '0' });
    parameters.append('cid', client);
    parameters.append('ul', navigator.language.toLowerCase());
    parameters.append('sr', `${screen.width}x${screen.height}`);
    parameters.append('frm', '0');
    parameters.append('pscdl', 'noapi');
    parameters.append('_s', String(++hit));
    parameters.append('sid', session);
    parameters.append('sct', '1');
    parameters.append('seg', '1');
    parameters.append('dl', location.href);
    if (document.referrer) parameters.append('dr', document.referrer);
    parameters.append('dt', document.title);
    return parameters;
  };

  const encode = ({ name, parameters }) => {
    const pairs = new URLSearchParams({ en: name });
    for (const [key, value] of Object.entries(parameters)) pairs.append(`${typeof value === 'number' ? 'epn' : 'ep'}.${key}`, String(value));
    pairs.append('_et', String(Date.now() - began));
    return pairs;
  };

  const flush = () => {
    clearTimeout(timer);
    timer = 0;
    const events = waiting.splice(0).map(encode);
    if (!events.length) return;
    const query = shared();
    if (events.length === 1) events[0].forEach((value, name) => query.append(name, value));
    query.append('tfd', String(Math.round(performance.now())));
    const body = events.length === 1 ? '' : events.join('\r\n');
    navigator.sendBeacon(`https://${host}/g/collect?${query}`, body);
  };

  const event = (name, parameters = {}) => {
    waiting.push({ name, parameters });
    if (!timer) timer = setTimeout(flush, 400);
  };

  const config = () => {
    event('page_view');
    const parameters = new URLSearchParams(location.search);
    const term = SEARCH_PARAMETERS.map((name) => parameters.get(name)).find(Boolean);
    if (term) event('view_search_results', { search_term: term });
  };

  const form = (element, extra) => ({
    form_id: element.id,
    form_name: element.getAttribute('name') || '',
    form_destination: element.action,
    form_length: element.elements.length,
    ...extra,
  });

  document.addEventListener(
    'input',
    ({ target }) => {
      if (!target.form || sent.has(target.form)) return;
      sent.add(target.form);
      const position = [...target.form.elements].indexOf(target) + 1;
      event('form_start', form(target.form, { first_field_id: target.id, first_field_name: target.name, first_field_type: target.type, first_field_position: position }));
    },
    true,
  );
  document.addEventListener('submit', ({ target, submitter }) => event('form_submit', form(target, { form_submit_text: submitter?.innerText || '' })), true);
  document.addEventListener(
    'click',
    ({ target }) => {
      const link = target.closest?.('a[href]');
      if (!link || link.hostname === location.hostname) return;
      event('click', { link_id: link.id, link_url: link.href, link_domain: link.hostname, link_text: link.innerText.trim(), outbound: 'true' });
    },
    true,
  );
  document.addEventListener('scroll', () => {
    if (!id.endsWith('SCROLL') || sent.has('scroll') || scrollY + innerHeight < 0.9 * document.documentElement.scrollHeight) return;
    sent.add('scroll');
    event('scroll', { percent_scrolled: 90 });
  });
  // Whatever is ready when the page is left goes before it does.
  addEventListener('pagehide', flush);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flush());

  const commands = { config, event };
  const call = (name, ...rest) => (name === 'event' ? commands.event(...rest) : commands[name]?.());
  const layer = window.dataLayer;
  const early = layer.splice(0);
  layer.push = (...entries) => entries.forEach((entry) => call(...entry));
  early.forEach((entry) => call(...entry));
})();
