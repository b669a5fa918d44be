// The gallery's filter: a card is shown if it has every word that is typed, one of the chosen labs and all chosen tags. Without this script
// all cards are there.

const form = /** @type {HTMLFormElement} */ (document.getElementById('search'));
const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#cards > li')]);
const found = /** @type {HTMLElement} */ (document.getElementById('found'));
const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('input[name="tag"]')]);
const text = /** @type {HTMLInputElement} */ (form.querySelector('input[name="text"]'));
const labs = boxes.filter((box) => box.closest('fieldset') === form.querySelector('fieldset'));

/** What is chosen, as it stands in the address: `#tag=failure&text=langevin`. */
function read() {
  const asked = new URLSearchParams(location.hash.slice(1));
  text.value = asked.get('text') ?? '';
  for (const box of boxes) box.checked = asked.getAll('tag').includes(box.value);
  show();
}

function show() {
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const checked = boxes.filter((box) => box.checked);
  const chosen = (/** @type {boolean} */ ofLab) => checked.filter((box) => labs.includes(box) === ofLab).map((box) => box.value);
  const [ofLabs, tags] = [chosen(true), chosen(false)];
  for (const card of cards) {
    const own = (card.dataset.tags ?? '').split(' ');
    const said = `${card.textContent} ${own.join(' ')}`.toLowerCase();
    const fits = words.every((word) => said.includes(word)) && tags.every((tag) => own.includes(tag));
    card.hidden = !fits || (ofLabs.length > 0 && !ofLabs.includes(own[0]));
  }
  const count = cards.filter((card) => !card.hidden).length;
  const all = count === cards.length ? `All ${count} are shown.` : `${count} of ${cards.length} are shown.`;
  found.textContent = count === 0 ? 'No experiment fits: choose fewer tags or words.' : all;
}

form.addEventListener('input', () => {
  show();
  const asked = new URLSearchParams(boxes.filter((box) => box.checked).map((box) => ['tag', box.value]));
  if (text.value) asked.set('text', text.value);
  history.replaceState(null, '', asked.size ? `#${asked}` : location.pathname);
});
form.addEventListener('submit', (e) => e.preventDefault());
addEventListener('hashchange', read);
form.hidden = false;
read();
