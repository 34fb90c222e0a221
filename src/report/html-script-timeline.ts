/**
 * The page's script, second part: the timeline. A lane for each kind of event, one for user mode, and marks for what the
 * report speaks of; zoomed by dragging, keys and buttons. (html-script-data.ts says what such a part may do.)
 *
 * Counts of any stretch come from running totals at each event, so a bar is exact at every zoom. Where the page does not
 * have all events, the totals are those of the report's slices, and so are the bars.
 */
export const TIMELINE_SCRIPT = `
const WIDTH = 1000, LANE = 44, GAP = 20, TOP = 26, BINS = 250;

/** Positions along one axis (events or time), and for each kind how many events lie before each of them. */
function axisOf(data, axis) {
  const slices = data.slices.length > 0;
  const length = slices ? data.slices.length : data.count;
  const at = new Float64Array(length);
  const totals = [0, 1, 2].map(() => new Uint32Array(length + 1));
  const users = slices ? undefined : new Uint32Array(length + 1);
  let last = 0;
  for (let i = 0; i < length; i++) {
    const place = axis === 'time' ? (slices ? data.slices[i][4] : data.time[i]) : slices ? data.slices[i][0] : data.event[i];
    at[i] = last = Math.max(last, place);
    for (const kind of [0, 1, 2]) totals[kind][i + 1] = totals[kind][i] + (slices ? data.slices[i][kind + 1] : +(data.kind[i] === kind));
    if (users) users[i + 1] = users[i] + +(data.level[i] === data.userLevel);
  }
  const begin = length > 0 ? at[0] : 0;
  // The last event lies within.
  const end = last + (axis === 'time' ? Math.max(1, (last - begin) / 1e6) : slices ? 64 : 1);
  return { axis, at, totals, users, begin, end, least: axis === 'time' ? 1000 : slices ? 64 : 4 };
}

function createTimeline(data, page) {
  const chart = byId('chart');
  const axes = { events: axisOf(data, 'events'), time: data.hasTime ? axisOf(data, 'time') : undefined };
  let { events: axis } = axes;
  let view = [axis.begin, axis.end];
  let cursor; // a bin, or undefined
  let drag; // where it began
  let bins = [];
  const lanes = [0, 1, 2].filter((kind) => axis.totals[kind].at(-1) > 0);
  const hasUsers = axis.users !== undefined && axis.users.at(-1) > 0;
  const height = TOP + (lanes.length + (hasUsers ? 1 : 0)) * (LANE + GAP) + 22;
  chart.setAttribute('viewBox', '0 0 ' + WIDTH + ' ' + height);

  const xOf = (place) => ((place - view[0]) / (view[1] - view[0])) * WIDTH;
  const placeText = (place) => (axis.axis === 'time' ? seconds(place) + ' s' : grouped(Math.round(place)));

  function computeBins() {
    const span = view[1] - view[0];
    // Bars of whole events, or slices: else some had one more than their neighbours for no reason.
    const grain = axis.axis === 'time' ? 0 : data.slices.length > 0 ? 64 : 1;
    const width = grain === 0 ? span / BINS : Math.ceil(span / BINS / grain) * grain;
    let from = lowerBound(axis.at, view[0]);
    bins = Array.from({ length: Math.ceil(span / width - 1e-9) }, (_, i) => {
      const begin = view[0] + width * i;
      const end = Math.min(view[1], view[0] + width * (i + 1));
      const to = lowerBound(axis.at, end);
      const counts = axis.totals.map((total) => total[to] - total[from]);
      const users = axis.users ? axis.users[to] - axis.users[from] : 0;
      const bin = { begin, end, from, to, counts, users, all: counts[0] + counts[1] + counts[2] };
      from = to;
      return bin;
    });
  }

  /** One path for all bars of a lane. */
  function barsPath(base, valueOf, most) {
    let d = '';
    for (const bin of bins) {
      const value = valueOf(bin);
      if (value <= 0) continue;
      const x = xOf(bin.begin);
      const width = xOf(bin.end) - x;
      const inset = width > 3 ? 0.5 : 0;
      const top = Math.max(1.2, (value / most) * LANE);
      d += 'M' + (x + inset).toFixed(2) + ' ' + base + 'v' + (-top).toFixed(2) + 'h' + (width - 2 * inset).toFixed(2) + 'v' + top.toFixed(2) + 'z';
    }
    return d;
  }

  function lane(row, name, kind, valueOf, most, mostText) {
    const base = TOP + row * (LANE + GAP) + GAP + LANE - 6;
    return [
      element('svg:text', { class: 'name', x: 0, y: base - LANE - 5 }, name),
      element('svg:text', { x: WIDTH, y: base - LANE - 5, 'text-anchor': 'end' }, mostText),
      element('svg:path', { class: kind, d: barsPath(base, valueOf, Math.max(most, 1)) }),
      element('svg:line', { class: 'base', x1: 0, x2: WIDTH, y1: base, y2: base }),
    ];
  }

  function markShapes() {
    const bottom = height - 22;
    return data.marks.flatMap((mark) => {
      const place = axis.axis === 'events' ? mark.event : data.time[lowerBound(data.event, mark.event)];
      if (place === undefined || place < view[0] || place >= view[1]) return [];
      const x = xOf(place).toFixed(1);
      const shape = mark.kind === 'crash' ? 'M-6 -6L6 6M6 -6L-6 6' : mark.kind === 'reset' ? 'M-5 -5h10v10h-10z' : 'M0 -7L6 5H-6z';
      const path = element('svg:path', { class: 'mark ' + mark.kind, d: shape, transform: 'translate(' + x + ' 10)' });
      const link = element('svg:a', { href: mark.href, 'aria-label': mark.title + ', event ' + mark.event }, element('svg:title', {}, mark.title + ', event ' + mark.event), element('svg:rect', { x: x - 9, y: 0, width: 18, height: 20, fill: 'transparent' }), path);
      return [element('svg:line', { class: 'mark-line ' + mark.kind, x1: x, x2: x, y1: 18, y2: bottom }), link];
    });
  }

  function ticks() {
    return [0, 0.25, 0.5, 0.75, 1].map((share) =>
      element('svg:text', { x: share * WIDTH, y: height - 4, 'text-anchor': share === 0 ? 'start' : share === 1 ? 'end' : 'middle' },
        placeText(view[0] + share * (view[1] - view[0]) - (share === 1 && axis.axis === 'events' ? 1 : 0))));
  }

  /** How much of the log is seen. */
  function scrollBar() {
    const span = axis.end - axis.begin;
    if (view[1] - view[0] >= span) return [];
    const x = ((view[0] - axis.begin) / span) * WIDTH;
    return [
      element('svg:rect', { class: 'track', x: 0, y: height - 19, width: WIDTH, height: 3 }),
      element('svg:rect', { class: 'thumb', x, y: height - 19, width: Math.max(3, ((view[1] - view[0]) / span) * WIDTH), height: 3 }),
    ];
  }

  const cursorLine = element('svg:line', { class: 'cursor', y1: TOP, y2: height - 22, visibility: 'hidden' });
  const dragBox = element('svg:rect', { class: 'drag', y: TOP, height: height - 22 - TOP, visibility: 'hidden' });

  function draw() {
    computeBins();
    const shapes = lanes.flatMap((kind, row) => {
      const most = Math.max(...bins.map((bin) => bin.counts[kind]));
      return lane(row, KINDS[kind], CLASSES[kind], (bin) => bin.counts[kind], most, 'at most ' + grouped(most));
    });
    if (hasUsers)
      shapes.push(...lane(lanes.length, 'from user mode', 'user', (bin) => (bin.all > 0 ? bin.users / bin.all : 0), 1, 'share, to 100 %'));
    chart.replaceChildren(element('svg:title', {}, 'Events along the log'), ...shapes, ...markShapes(), ...ticks(), ...scrollBar(), cursorLine, dragBox);
    const sums = [0, 1, 2].map((kind) => bins.reduce((sum, bin) => sum + bin.counts[kind], 0));
    for (const kind of [0, 1, 2]) chart.dataset[KINDS[kind]] = sums[kind];
    chart.setAttribute('aria-label', 'Timeline from ' + placeText(view[0]) + ' to ' + placeText(view[1]) + ': ' + KINDS.map((name, kind) => sums[kind] + ' ' + name).join(', ') + '. Arrow keys move, plus and minus zoom, Escape shows all.');
    byId('all').disabled = view[0] === axis.begin && view[1] === axis.end;
    say();
  }

  function countsText(counts) {
    return KINDS.map((name, kind) => grouped(counts[kind]) + ' ' + name).join(' · ');
  }

  /** What the cursor is at, else what is shown. */
  function say() {
    const bin = cursor === undefined ? undefined : bins[cursor];
    cursorLine.setAttribute('visibility', bin ? 'visible' : 'hidden');
    if (!bin) {
      const sums = [0, 1, 2].map((kind) => bins.reduce((sum, { counts }) => sum + counts[kind], 0));
      byId('readout').textContent = 'Shown: ' + countsText(sums);
      return;
    }
    const x = xOf((bin.begin + bin.end) / 2);
    cursorLine.setAttribute('x1', x);
    cursorLine.setAttribute('x2', x);
    const range = axis.axis === 'time'
      ? seconds(bin.begin) + ' to ' + seconds(bin.end) + ' s'
      : bin.end - bin.begin <= 1 ? 'event ' + grouped(Math.ceil(bin.begin)) : 'events ' + grouped(Math.ceil(bin.begin)) + ' to ' + grouped(Math.ceil(bin.end) - 1);
    const users = axis.users ? ' · ' + grouped(bin.users) + ' from user mode' : '';
    const line = axis.users && bin.to > bin.from ? ' · line ' + grouped(data.line[bin.from]) : '';
    byId('readout').textContent = range + ': ' + countsText(bin.counts) + users + line;
  }

  function show(begin, end) {
    const span = Math.min(Math.max(end - begin, axis.least), axis.end - axis.begin);
    const from = Math.min(Math.max(begin, axis.begin), axis.end - span);
    view = axis.axis === 'events' ? [Math.round(from), Math.round(from + span)] : [from, from + span];
    cursor = undefined;
    draw();
    page.viewChanged();
  }

  const zoom = (factor, share = 0.5) => {
    const at = view[0] + share * (view[1] - view[0]);
    show(at - (at - view[0]) * factor, at + (view[1] - at) * factor);
  };
  const pan = (share) => show(view[0] + share * (view[1] - view[0]), view[1] + share * (view[1] - view[0]));
  const all = () => show(axis.begin, axis.end);

  const shareOf = (event) => {
    const box = chart.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  };
  chart.addEventListener('pointermove', (event) => {
    const share = shareOf(event);
    cursor = Math.max(0, bins.findLastIndex(({ begin }) => begin <= view[0] + share * (view[1] - view[0])));
    if (drag !== undefined) {
      dragBox.setAttribute('x', Math.min(drag, share) * WIDTH);
      dragBox.setAttribute('width', Math.abs(share - drag) * WIDTH);
      dragBox.setAttribute('visibility', 'visible');
    }
    say();
  });
  chart.addEventListener('pointerleave', () => {
    cursor = undefined;
    say();
  });
  chart.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || event.target.closest('a')) return;
    drag = shareOf(event);
    chart.setPointerCapture(event.pointerId);
  });
  chart.addEventListener('pointerup', (event) => {
    if (drag === undefined) return;
    const [from, to] = [drag, shareOf(event)].toSorted((a, b) => a - b);
    drag = undefined;
    dragBox.setAttribute('visibility', 'hidden');
    const span = view[1] - view[0];
    if (to - from > 0.01) show(view[0] + from * span, view[0] + to * span);
    else if (bins[cursor]?.to > bins[cursor]?.from && axis.users) page.goToRow(bins[cursor].from);
  });
  chart.addEventListener('pointercancel', () => {
    drag = undefined;
    dragBox.setAttribute('visibility', 'hidden');
  });
  chart.addEventListener('dblclick', all);
  chart.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the wheel alone moves the page
    event.preventDefault();
    zoom(event.deltaY < 0 ? 0.8 : 1.25, shareOf(event));
  }, { passive: false });
  const KEYS = {
    '+': () => zoom(0.5), '=': () => zoom(0.5), '-': () => zoom(2), Escape: all, 0: all,
    ArrowLeft: () => moveCursor(-1), ArrowRight: () => moveCursor(1), PageUp: () => pan(-0.5), PageDown: () => pan(0.5),
    Enter: () => bins[cursor] && axis.users && page.goToRow(bins[cursor].from),
  };
  function moveCursor(step) {
    cursor = Math.min(Math.max((cursor ?? (step > 0 ? -1 : bins.length)) + step, 0), bins.length - 1);
    say();
  }
  chart.addEventListener('keydown', (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  for (const [id, act] of Object.entries({ all, closer: () => zoom(0.5), wider: () => zoom(2), left: () => pan(-0.5), right: () => pan(0.5) }))
    byId(id).addEventListener('click', act);
  for (const button of document.querySelectorAll('button[data-axis]')) {
    button.hidden = axes.time === undefined;
    button.addEventListener('click', () => {
      axis = axes[button.dataset.axis];
      for (const other of document.querySelectorAll('button[data-axis]')) other.setAttribute('aria-pressed', other === button);
      all();
    });
  }
  draw();
  return {
    /** The rows that are seen: from one index to below another. */
    rows: () => (axis.users ? [lowerBound(axis.at, view[0]), lowerBound(axis.at, view[1])] : [0, data.count]),
  };
}
`;
