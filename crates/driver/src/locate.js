(selector, asElement) => {
  // Finds what a selector of a journey names: a CSS selector, or `text=` and what a link or button says.
  const fold = (text) => (text || '').replace(/\s+/g, ' ').trim();
  const shown = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && getComputedStyle(element).visibility !== 'hidden';
  };
  const says = (element) => fold(element.innerText || element.value || element.getAttribute('aria-label'));
  const named = (element) => {
    const id = element.id ? `#${element.id}` : '';
    return `<${element.localName}${id}>`;
  };
  const matching = (root) => {
    if (!selector.startsWith('text=')) return [...root.querySelectorAll(selector)];
    const wanted = fold(selector.slice(5)).toLowerCase();
    const clickable = 'a, button, summary, label, input[type=submit], input[type=button], [role=button], [role=link]';
    return [...root.querySelectorAll(clickable)].filter((element) => shown(element) && says(element).toLowerCase() === wanted);
  };
  // The shortest selector that names this element alone: by id, name, class or place, under as few others as it takes.
  const selectorOf = (element) => {
    const isAlone = (candidate) => document.querySelectorAll(candidate).length === 1;
    let below = '';
    for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
      const tag = CSS.escape(at.localName);
      const place = [...at.parentElement.children].filter((other) => other.localName === at.localName).indexOf(at) + 1;
      const name = at.getAttribute('name');
      const ways = [
        at.id && `#${CSS.escape(at.id)}`,
        name && `${tag}[name="${CSS.escape(name)}"]`,
        ...[...at.classList].map((one) => `${tag}.${CSS.escape(one)}`),
        tag,
        `${tag}:nth-of-type(${place})`,
      ].filter(Boolean).map((way) => (below ? `${way} > ${below}` : way));
      const alone = ways.find(isAlone);
      if (alone) return alone;
      below = ways[ways.length - 1];
    }
    return below;
  };
  // Where else the selector matches: in frames that this page may look into, and in open shadow trees.
  const elsewhere = (root, where, left) => {
    const places = [];
    for (const element of root.querySelectorAll('*')) {
      if (places.length >= 4 || left.visits-- <= 0) break;
      let inner = null, kind = '';
      try {
        if (element.shadowRoot) [inner, kind] = [element.shadowRoot, 'the shadow tree of'];
        else if (element.contentDocument) [inner, kind] = [element.contentDocument, 'the frame'];
      } catch {}
      if (!inner) continue;
      const place = `${kind} ${named(element)}${where}`;
      if (matching(inner).length > 0) places.push(place);
      places.push(...elsewhere(inner, ` in ${place}`, left));
    }
    return places;
  };
  let found;
  try {
    found = matching(document);
  } catch {
    return asElement ? null : { error: 'is not a valid CSS selector' };
  }
  if (asElement) return found.length === 1 ? found[0] : null;
  if (found.length === 0) return { count: 0, elsewhere: elsewhere(document, '', { visits: 20000 }) };
  if (found.length > 1) {
    return { count: found.length, each: found.slice(0, 6).map((element) => selectorOf(element) + (shown(element) ? '' : ' (not visible)')) };
  }
  const [element] = found;
  element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  const { left, top, width, height } = element.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  const free = !hit || hit === element || element.contains(hit) || hit.contains(element) || [...(element.labels || [])].includes(hit);
  return {
    count: 1,
    tag: element.localName,
    text: says(element).slice(0, 200),
    visible: shown(element),
    covered_by: free ? null : named(hit),
    left, top, width, height,
  };
}
