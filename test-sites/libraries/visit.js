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
    leaveLater();
    document.querySelector('#remind')?.addEventListener('click', event => tell('press', event.currentTarget.textContent));
    document.querySelector('#request')?.addEventListener('submit', event => tell('ask', person(event.currentTarget)));
  });
}

// A page that goes at once takes with it what a library is still packing or sending, now this and now that. These go a second later.
function leaveLater() {
  const leave = (event, go) => {
    event.preventDefault();
    setTimeout(go, 1000);
  };
  document.querySelector('#appointment')?.addEventListener('click', event => {
    const { href } = event.currentTarget;
    leave(event, () => location.assign(href));
  });
  document.querySelector('#search')?.addEventListener('submit', event => {
    const form = event.currentTarget;
    leave(event, () => form.submit());
  });
}
