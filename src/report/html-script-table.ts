/**
 * The page's script, third part: the table of events. All rows can be reached and only those on the screen exist; filters
 * say which rows there are. (html-script-data.ts says what such a part may do.)
 *
 * Words to look for are looked up in the lists of what repeats (addresses, causes), so a filter costs a look at some small
 * numbers for each row.
 */
export const TABLE_SCRIPT = String.raw`
const SPARE = 12;
/** Browsers do not make elements higher than this; the table scrolls in proportion then. */
const MAX_HEIGHT = 8e6;

function createTable(data, page, timeline) {
  const scroller = byId('scroller');
  const body = byId('rows');
  /** What has no address or error code has 0. */
  const unlessNone = (i, hex) => (hex === '0' && (data.kind[i] !== 0 || data.whats[data.what[i]].says === '') ? '' : '0x' + hex);
  const COLUMNS = [
    ['Event', 'n', (i) => grouped(data.event[i])],
    ['Line', 'n', (i) => grouped(data.line[i])],
    ...(data.hasTime ? [['Time', 'n', (i) => seconds(data.time[i])]] : []),
    ['CPU', 'n', (i) => String(data.cpu[i])],
    ['Level', '', (i) => data.levels[data.level[i]] ?? String(data.level[i])],
    ['Class', '', (i) => element('span', {}, element('span', { class: 'dot ' + CLASSES[data.kind[i]] }), KINDS[data.kind[i]].slice(0, -1))],
    ['Vector', 'mono', (i) => data.whats[data.what[i]].vector],
    ['Name', '', (i) => data.whats[data.what[i]].title],
    ['Error code', 'mono', (i) => unlessNone(i, data.whats[data.what[i]].error)],
    ['Address', 'mono', (i) => (data.whats[data.what[i]].title.startsWith('#PF') ? '0x' + data.hexes[data.address[i]] : unlessNone(i, data.hexes[data.address[i]]))],
    ['PC', 'mono', (i) => '0x' + data.hexes[data.pc[i]]],
  ];
  const WIDTHS = { Event: 4.8, Line: 5.4, Time: 6, CPU: 3, Level: 4, Class: 6.4, Vector: 4, Name: 12.4, 'Error code': 6, Address: 9.4, PC: 9.4 };
  byId('head').replaceChildren(...COLUMNS.map(([name, kind]) => element('th', { scope: 'col', class: kind === 'n' ? 'n' : undefined }, name)));
  byId('columns').replaceChildren(...COLUMNS.map(([name]) => {
    const made = element('col');
    made.style.width = WIDTHS[name] + 'rem';
    return made;
  }));

  let rows = new Uint32Array(0); // indices of the rows that the filters let through
  let selected; // index of an event
  let drawn = [0, 0];
  let rowHeight = 27; // until a row can be measured: fonts and zoom decide

  const filters = { text: byId('search'), cpu: byId('cpu'), level: byId('level'), what: byId('what'), inView: byId('in-view') };
  const kindBoxes = [0, 1, 2].map((kind) => byId('kind-' + kind));

  function fillChoices() {
    const add = (select, values) => select.append(...values.map(([value, text]) => element('option', { value }, text)));
    const cpus = [...new Set(data.cpu)].toSorted((a, b) => a - b);
    add(filters.cpu, cpus.map((cpu) => [cpu, 'CPU ' + cpu]));
    add(filters.level, Object.entries(data.levels));
    const titles = [...new Set(data.whats.map(({ vector, title }) => vector + ' ' + title))].toSorted();
    add(filters.what, titles.map((title) => [title, title]));
  }

  /** Which entries of the lists hold the text, and whether a number does. */
  function finder(text) {
    if (text === '') return () => true;
    const sought = text.replace(/^0x/, '');
    const hexes = data.hexes.map((hex) => hex.includes(sought));
    const whats = data.whats.map(({ vector, title, error, says }) => (vector + ' ' + title + ' 0x' + error + ' ' + says).toLowerCase().includes(text));
    const number = /^[\d,]+$/.test(text) ? Number(text.replaceAll(',', '')) : -1;
    return (i) => whats[data.what[i]] || hexes[data.pc[i]] || hexes[data.address[i]] || data.event[i] === number || data.line[i] === number;
  }

  function filter() {
    const find = finder(filters.text.value.trim().toLowerCase());
    const kinds = kindBoxes.map((box) => box.checked);
    const cpu = filters.cpu.value === '' ? undefined : Number(filters.cpu.value);
    const level = filters.level.value === '' ? undefined : Number(filters.level.value);
    const wanted = filters.what.value;
    const whats = data.whats.map(({ vector, title }) => wanted === '' || vector + ' ' + title === wanted);
    const [from, to] = filters.inView.checked ? timeline.rows() : [0, data.count];
    const found = new Uint32Array(Math.max(0, to - from));
    let count = 0;
    for (let i = from; i < to; i++) {
      if (kinds[data.kind[i]] && whats[data.what[i]] && (cpu === undefined || data.cpu[i] === cpu) && (level === undefined || data.level[i] === level) && find(i))
        found[count++] = i;
    }
    rows = found.subarray(0, count);
    byId('found').textContent = count === data.count ? grouped(count) + ' events' : grouped(count) + ' of ' + grouped(data.count) + ' events';
    byId('found').dataset.count = count;
    byId('table').setAttribute('aria-rowcount', count + 1);
    drawn = [-1, -1];
    draw();
    measure();
  }

  function measure() {
    const height = body.querySelector('tr.row')?.getBoundingClientRect().height ?? 0;
    if (height === 0 || height === rowHeight) return;
    rowHeight = height;
    drawn = [-1, -1];
    draw();
  }

  const heightOf = () => Math.min(rows.length * rowHeight, MAX_HEIGHT);
  const space = (px) => {
    const cell = element('td', { colspan: COLUMNS.length });
    cell.style.height = px + 'px';
    return element('tr', { class: 'gap', 'aria-hidden': 'true' }, cell);
  };

  function draw() {
    const visible = Math.ceil(scroller.clientHeight / rowHeight) + 1;
    const full = heightOf();
    const top = Math.min(scroller.scrollTop, Math.max(0, full - scroller.clientHeight + rowHeight));
    const scale = full === 0 ? 0 : (rows.length * rowHeight) / full;
    const first = Math.max(0, Math.min(Math.floor((top * scale) / rowHeight), rows.length - visible + 2) - SPARE);
    const last = Math.min(rows.length, first + visible + 2 * SPARE);
    if (first === drawn[0] && last === drawn[1]) return;
    drawn = [first, last];
    const above = scale > 1 ? Math.max(0, top - Math.min(SPARE, first) * rowHeight) : first * rowHeight;
    const below = Math.max(0, full - above - (last - first) * rowHeight);
    const made = [];
    for (let at = first; at < last; at++) made.push(rowElement(at));
    body.replaceChildren(space(above), ...made, space(below));
  }

  function rowElement(at) {
    const i = rows[at];
    return element('tr', { class: 'row', 'data-row': i, 'aria-rowindex': at + 2, 'aria-selected': i === selected ? 'true' : undefined },
      ...COLUMNS.map(([, kind, of]) => element('td', kind === '' ? {} : { class: kind }, of(i))));
  }

  function select(i) {
    selected = i;
    for (const row of body.querySelectorAll('tr.row')) {
      if (Number(row.dataset.row) === i) row.setAttribute('aria-selected', 'true');
      else row.removeAttribute('aria-selected');
    }
    const { title, vector, error, says } = data.whats[data.what[i]];
    const parts = [
      element('strong', {}, 'Event ' + grouped(data.event[i]) + ': ' + title), ' (' + vector + '), CPU ' + data.cpu[i] + ', ' + (data.levels[data.level[i]] ?? data.level[i]) + ', line ' + grouped(data.line[i]),
      ...(data.hasTime ? [', at ' + seconds(data.time[i]) + ' s'] : []),
      element('br'), 'pc ', element('code', {}, '0x' + data.hexes[data.pc[i]]), ', address ', element('code', {}, '0x' + data.hexes[data.address[i]]), ', error code ', element('code', {}, '0x' + error),
      ...(says === '' ? [] : [element('br'), says]),
    ];
    const command = byId('detail').dataset.command + data.event[i];
    const ask = element('div', { class: 'ask' }, element('pre', {}, element('code', {}, command)), element('button', { type: 'button', 'data-copy': command }, 'Copy'));
    byId('detail').replaceChildren(...parts, ...(byId('detail').dataset.command === '' ? [] : [ask]));
    byId('detail').hidden = false;
  }

  function scrollTo(at) {
    const scale = (rows.length * rowHeight) / Math.max(1, heightOf());
    scroller.scrollTop = Math.max(0, (at * rowHeight) / scale - scroller.clientHeight / 2 + 2 * rowHeight);
    draw();
  }

  function clear() {
    filters.text.value = filters.cpu.value = filters.level.value = filters.what.value = '';
    filters.inView.checked = false;
    for (const box of kindBoxes) box.checked = true;
    filter();
  }

  /** Shows a row, whatever the filters say. */
  function goToRow(i) {
    let at = lowerBound(rows, i);
    if (rows[at] !== i) {
      clear();
      at = i;
    }
    scrollTo(at);
    select(i);
    byId('events').scrollIntoView({ block: 'start' });
  }

  function goToEvent(event) {
    const i = lowerBound(data.event, event);
    if (data.event[i] === event) goToRow(i);
    else byId('found').textContent = 'event ' + grouped(event) + ' is not in this table';
  }

  let waiting = false;
  scroller.addEventListener('scroll', () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  });
  body.addEventListener('click', (event) => {
    const row = event.target.closest('tr.row');
    if (row) select(Number(row.dataset.row));
  });
  scroller.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    if (rows.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const at = selected === undefined ? 0 : lowerBound(rows, selected) + (event.key === 'ArrowDown' ? 1 : -1);
    const next = Math.min(Math.max(at, 0), rows.length - 1);
    select(rows[next]);
    if (next * rowHeight < scroller.scrollTop + rowHeight || (next + 2) * rowHeight > scroller.scrollTop + scroller.clientHeight) scrollTo(next);
  });
  let typing;
  filters.text.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(filter, 80);
  });
  for (const control of [filters.cpu, filters.level, filters.what, filters.inView, ...kindBoxes]) control.addEventListener('change', filter);
  byId('clear').addEventListener('click', clear);
  addEventListener('resize', () => {
    measure();
    draw();
  });
  addEventListener('hashchange', followHash);
  function followHash() {
    const found = /^#event-(\d+)$/.exec(location.hash);
    if (found) goToEvent(Number(found[1]));
  }
  document.addEventListener('click', (event) => {
    // The same link again changes no hash.
    const link = event.target.closest?.('a[href^="#event-"]');
    if (link && link.getAttribute('href') === location.hash) followHash();
  });
  fillChoices();
  filter();
  return { goToRow, followHash, viewChanged: () => filters.inView.checked && filter() };
}

async function start() {
  performance.mark('trapline-start');
  const data = columnsOf(await unpack(byId('data').textContent));
  const page = { viewChanged: () => {}, goToRow: () => {} };
  byId('interactive').hidden = false;
  byId('events').hidden = false;
  const timeline = createTimeline(data, page);
  Object.assign(page, createTable(data, page, timeline));
  page.followHash();
  document.documentElement.dataset.ready = 'true';
  performance.mark('trapline-ready');
}
start().catch((error) => {
  const note = byId('failed');
  note.hidden = false;
  note.textContent = 'This browser cannot show the timeline and the events: ' + error.message;
});
`;
