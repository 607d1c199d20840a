// What happens on a page of the clinic, told to every library that the page has. Each is called as its documents say, and reports
// besides whatever it reports by itself.

// What a signed-in visitor is known by, and what the form on the page holds.
const person = form => ({ id: 'patient-20417', ...Object.fromEntries(new FormData(form)) });

// A library has a function for whatever it has to be told: view() on each page, search(term), press(text) for a button that stays on
// the page, ask(person) for a form that is sent.
export function visit(libraries) {
  const tell = (what, ...rest) => libraries.forEach(library => library[what]?.(...rest));
  tell('view');
  document.addEventListener('DOMContentLoaded', () => {
    const term = new URLSearchParams(location.search).get('q');
    if (term) tell('search', term);
    document.querySelector('#remind')?.addEventListener('click', event => tell('press', event.currentTarget.textContent));
    document.querySelector('#request')?.addEventListener('submit', event => tell('ask', person(event.currentTarget)));
  });
}
