/**
 * The page's script, first part: unpack the events (html-events.ts), and what the timeline and the table share.
 *
 * It runs in the browser, in one function with the parts that follow, and is text here: nothing of it runs in trapline.
 * It builds the page from elements, never from text, so that nothing from a log can become markup. The object `page` is
 * how the parts know of each other.
 */
export const DATA_SCRIPT = `
const KINDS = ['exceptions', 'interrupts', 'calls'];
const CLASSES = ['exception', 'interrupt', 'soft-call'];
const byId = (id) => document.getElementById(id);
const grouped = (count) => count.toLocaleString('en-US');

/** An element with attributes, listeners (on…) and children. */
function element(name, attributes, ...children) {
  const made = name.startsWith('svg:')
    ? document.createElementNS('http://www.w3.org/2000/svg', name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

/** Differences to the row before become values. */
function summed(differences) {
  const values = new Float64Array(differences.length);
  let value = 0;
  for (let i = 0; i < differences.length; i++) values[i] = value += differences[i];
  return values;
}

/** The first index whose value is at least x, of values that grow. */
function lowerBound(values, x) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 1.234567 s: as long as the log's clock is exact. */
const seconds = (ns) => (ns / 1e9).toFixed(6);

function copyText(text) {
  if (navigator.clipboard?.writeText) return navigator.clipboard.writeText(text);
  const area = element('textarea', { 'aria-hidden': 'true' });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done ? Promise.resolve() : Promise.reject(new Error('not allowed'));
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('button[data-copy]');
  if (!button) return;
  try {
    await copyText(button.dataset.copy);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed';
  }
  setTimeout(() => (button.textContent = 'Copy'), 1500);
});

/** The rows, with every column in full; lines and events grow, and times of one CPU after the other may not. */
function columnsOf(packed) {
  return {
    ...packed,
    event: summed(packed.event),
    line: summed(packed.line),
    time: summed(packed.time),
    kind: Uint8Array.from(packed.what, (what) => packed.whats[what].kind),
  };
}
`;
