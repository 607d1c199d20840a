(element, asked) => {
  // What a field is, what it holds, and how something is put into it. It runs in a world of ours, where no page has its hands on `value`.
  const { localName, ownerDocument } = element;
  const kind = localName === 'input' ? element.type : localName;
  const isEditor = element.isContentEditable || ownerDocument.designMode === 'on';
  const ways = {
    text: 'keys', search: 'keys', url: 'keys', tel: 'keys', email: 'keys', password: 'keys', number: 'keys', textarea: 'keys',
    date: 'parts', month: 'parts', week: 'parts', time: 'parts', 'datetime-local': 'parts', range: 'slider', color: 'colour',
  };
  const notTypedInto = {
    button: 'is a button', submit: 'is a button', reset: 'is a button', image: 'is a button', hidden: 'is a hidden field',
    file: 'takes a file', checkbox: 'is a check box', radio: 'is a radio button', select: 'is a list',
  };
  const way = ways[kind] || (isEditor ? 'keys' : 'within');
  const isField = kind in ways || kind in notTypedInto;
  const isReadOnly = element.readOnly === true && way !== 'slider' && way !== 'colour';
  let refuses = notTypedInto[kind] || null;
  if (isField && element.matches(':disabled')) refuses = 'is disabled';
  else if (isField && isReadOnly) refuses = 'is read-only';
  const holds = isField ? element.value : (element.innerText ?? element.textContent).replace(/\u00a0/g, ' ').replace(/\n$/, '');
  const active = element.getRootNode().activeElement;
  // What is asked for as a field of this sort writes it: empty where such a field cannot hold it.
  let canonical = null;
  if (way === 'parts' || way === 'slider' || way === 'colour' || kind === 'number') {
    const blank = ownerDocument.createElement('input');
    blank.type = kind;
    if (way === 'slider') for (const name of ['min', 'max', 'step']) if (element.hasAttribute(name)) blank.setAttribute(name, element.getAttribute(name));
    blank.value = asked;
    canonical = blank.value;
    if (way === 'slider' && Number(canonical) !== Number(asked)) canonical = '';
    if (way === 'colour' && canonical.toLowerCase() !== asked.toLowerCase()) canonical = '';
  }
  return {
    kind, way, refuses, holds, canonical,
    has_focus: !!active && (active === element || element.contains(active)),
    is_connected: element.isConnected,
    longest: element.maxLength > 0 ? element.maxLength : null,
  };
}
