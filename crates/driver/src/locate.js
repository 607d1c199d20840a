(selector) => {
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
  let found;
  if (selector.startsWith('text=')) {
    const wanted = fold(selector.slice(5)).toLowerCase();
    const clickable = 'a, button, summary, label, input[type=submit], input[type=button], [role=button], [role=link]';
    found = [...document.querySelectorAll(clickable)].filter((element) => shown(element) && says(element).toLowerCase() === wanted);
  } else {
    try {
      found = [...document.querySelectorAll(selector)];
    } catch {
      return { error: 'is not a valid CSS selector' };
    }
  }
  if (found.length !== 1) return { count: found.length };
  const [element] = found;
  element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  const { left, top, width, height } = element.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  const free = !hit || hit === element || element.contains(hit) || hit.contains(element) || [...(element.labels || [])].includes(hit);
  return {
    count: 1,
    tag: element.localName,
    type: element.localName === 'input' ? element.type : '',
    text: says(element).slice(0, 200),
    visible: shown(element),
    covered_by: free ? null : named(hit),
    left, top, width, height,
  };
}
