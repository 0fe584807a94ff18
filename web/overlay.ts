/** The picture of the overlay with all that belongs to it: whom to follow, whom to look at, what the colours mean, and the same in words. */

import type { Frame, Status, Whole } from '../src/live/feed.js';
import { REACHABLE, SERVER, UP } from '../src/live/flags.js';
import { count, duration, whole as wholeNumber } from '../src/report/format.js';
import { PictureClock } from './clock.js';
import { Layout } from './layout.js';
import { Painter, type View } from './painter.js';
import { Palette } from './palette.js';
import { element, isDark, isStill, make, type Part, write } from './part.js';
import { type Operation, World } from './world.js';

/** A new text for screen readers at most this often. */
const TOLD_MS = 2_500;
/** Without motion the picture changes so often. */
const STILL_MS = 500;
/** An operation that is quiet for so much wall time makes room for a newer one. */
const QUIET_WALL_MS = 1_200;

export class Overlay implements Part {
  private readonly canvas = element<HTMLCanvasElement>('overlay');
  private readonly follow = element<HTMLSelectElement>('follow');
  private readonly world = new World();
  private readonly layout = new Layout();
  private readonly palette = new Palette();
  private readonly clock = new PictureClock();
  private readonly painter = new Painter(this.canvas, { world: this.world, layout: this.layout, palette: this.palette, clock: this.clock });
  private readonly view: View = { chosen: -1, followed: null, showsUpkeep: true, showsLinks: true };
  private run: Whole['run'] | null = null;
  private state: Status['state'] = 'idle';
  private paintedAt = 0;
  private toldAt = 0;
  private operationsShown = 1;
  private moreMessages = 0;
  private optionsAre = '';

  constructor() {
    this.canvas.addEventListener('click', ({ offsetX, offsetY }) => this.choose(this.painter.nearest({ x: offsetX, y: offsetY })));
    this.canvas.addEventListener('keydown', (event) => this.onKey(event));
    this.follow.addEventListener('change', () => this.chooseFollowed());
    for (const [id, key] of [
      ['upkeep', 'showsUpkeep'],
      ['links', 'showsLinks'],
    ] as const) {
      element<HTMLInputElement>(id).addEventListener('change', ({ target }) => {
        this.view[key] = (target as HTMLInputElement).checked;
      });
    }
    isDark.addEventListener('change', () => {
      this.palette.repaint();
      this.painter.reset();
    });
    requestAnimationFrame((now) => this.turn(now));
  }

  whole(whole: Whole): void {
    this.run = whole.run;
    this.state = whole.status.state;
    this.world.whole(whole);
    this.palette.reset();
    this.clock.reset(whole.status);
    this.layout.take(this.world.scene);
    this.painter.reset();
    this.view.followed = null;
    if (this.view.chosen >= this.world.scene.names.length) this.choose(-1);
    this.showLegend();
    this.showDrawn();
  }

  status(status: Status): void {
    this.state = status.state;
    this.clock.take(status);
  }

  frame(frame: Frame): void {
    this.status(frame.status);
    this.operationsShown = frame.operationsShown;
    this.moreMessages = frame.moreMessages;
    const flights = this.world.frame(frame);
    if (frame.scene) {
      this.layout.take(this.world.scene);
      this.showDrawn();
      this.showPeer();
    }
    this.clock.tookMs(flights.filter(({ dropped }) => dropped === null).map(({ sentMs, endedMs }) => endedMs - sentMs));
    let isNews = false;
    for (const { type, isAsked } of flights) if (this.palette.see(type, isAsked)) isNews = true;
    if (isNews) this.showLegend();
    if (this.clock.isFast) this.painter.trace(flights, this.view);
    this.showOperations();
  }

  private turn(now: number): void {
    requestAnimationFrame((next) => this.turn(next));
    const wallMs = Math.min(250, now - this.paintedAt);
    if (isStill.matches && wallMs < 250 && now - this.paintedAt < STILL_MS) return;
    this.paintedAt = now;
    this.layout.settle();
    this.clock.tick(wallMs);
    this.followNewest();
    this.painter.paint(wallMs, this.view);
    this.world.forget(this.clock.shownMs - 1_000 * Math.max(0.05, this.clock.rate));
    this.showHint();
    if (now - this.toldAt > TOLD_MS) {
      this.toldAt = now;
      write(element('told'), this.inWords());
    }
  }

  private choose(peer: number): void {
    this.view.chosen = peer;
    this.showPeer();
  }

  private onKey(event: KeyboardEvent): void {
    const { length } = this.world.scene.names;
    const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    const step = steps[event.key];
    if (event.key === 'Escape') this.choose(-1);
    else if (step !== undefined && length > 0) {
      const { chosen } = this.view;
      this.choose(((((chosen < 0 ? (step > 0 ? -1 : 0) : chosen) + step) % length) + length) % length);
    } else return;
    event.preventDefault();
  }

  private showPeer(): void {
    const card = element('peer');
    const { chosen } = this.view;
    const { scene, neighbours } = this.world;
    card.hidden = chosen < 0;
    if (chosen < 0) return;
    const flag = scene.flags[chosen];
    const place = scene.places[chosen];
    const at = place === null || place === undefined ? '' : `, at ${place.map((each) => each.toFixed(4)).join(', ')}`;
    const kind = flag & SERVER ? 'a server' : flag & REACHABLE ? 'anybody can call it' : 'behind a NAT or firewall';
    const heading = make('p');
    heading.append(make('b', scene.names[chosen]), ` ${flag & UP ? 'is up' : 'is down'}, ${kind}${at}`);
    const list = make('p', `${neighbours[chosen].length} neighbours among those drawn: `);
    for (const other of neighbours[chosen].slice(0, 40)) {
      const button = make('button', scene.names[other]);
      button.type = 'button';
      button.addEventListener('click', () => this.choose(other));
      list.append(button);
    }
    if (neighbours[chosen].length > 40) list.append(' and more');
    card.replaceChildren(heading, list);
  }

  /** Keeps the choice of operations up to date, but not under somebody's hands. */
  private showOperations(): void {
    if (document.activeElement === this.follow) return;
    const { names } = this.world.scene;
    const list = [...this.world.operations.values()].toReversed().slice(0, 15);
    const are = list.map(({ number }) => number).join();
    if (are === this.optionsAre) return;
    this.optionsAre = are;
    const { value } = this.follow;
    const options = list.map(({ number, origin, sentMs }) => new Option(`${names[origin]} asked at ${duration(sentMs)}`, String(number)));
    if (this.view.followed && !list.includes(this.view.followed) && value !== 'newest') {
      const { number, origin, sentMs } = this.view.followed;
      options.push(new Option(`${names[origin]} asked at ${duration(sentMs)}`, String(number)));
    }
    while (this.follow.options.length > 2) this.follow.remove(2);
    for (const option of options) this.follow.add(option);
    this.follow.value = value;
    if (this.follow.selectedIndex < 0) this.follow.value = '';
  }

  private chooseFollowed(): void {
    const { value } = this.follow;
    this.view.followed = value === '' || value === 'newest' ? null : (this.world.operations.get(Number(value)) ?? this.view.followed);
  }

  private followNewest(): void {
    if (this.follow.value !== 'newest') return;
    const { shownMs, rate } = this.clock;
    const { followed } = this.view;
    if (followed && shownMs < followed.lastMs + QUIET_WALL_MS * Math.max(rate, 0.01)) return;
    let newest: Operation | null = null;
    for (const each of this.world.operations.values()) if (each.sentMs <= shownMs && each.lastMs >= shownMs) newest = each;
    if (newest) this.view.followed = newest;
  }

  private showLegend(): void {
    const { types, hasUpkeep } = this.palette.legend();
    const { scene } = this.world;
    const items = types.map(({ type, name }) => legendItem('dot', name, scene.types[type] ?? '?'));
    if (hasUpkeep) items.push(legendItem('dot', 'type-upkeep', 'upkeep'));
    items.push(legendItem('cross', 'bad', 'did not arrive'), legendItem('dot', 'peer', 'peer that is up'));
    const any = (wanted: (flag: number) => boolean) => scene.flags.some(wanted);
    if (this.run?.hasNat) items.push(legendItem('diamond', 'nat', 'behind a NAT'));
    if (any((flag) => (flag & SERVER) !== 0)) items.push(legendItem('square', 'ink', 'server'));
    items.push(legendItem('hollow', 'quiet', 'down'));
    element('legend').replaceChildren(...items);
  }

  private showDrawn(): void {
    const { run, world } = this;
    const drawn = world.scene.names.length;
    const all = run ? run.peers + run.servers : 0;
    write(
      element('drawn'),
      drawn === 0 ? '' : drawn < all ? `${wholeNumber(drawn)} of ${wholeNumber(all)} peers, evenly taken` : `${wholeNumber(drawn)} peers`,
    );
  }

  private showHint(): void {
    const hint = element('hint');
    const at = `picture at ${duration(this.clock.shownMs)}`;
    let says = '';
    if (this.world.scene.names.length === 0)
      says = this.state === 'idle' ? 'Peers and messages are drawn while it runs: watch it again.' : 'Waiting for the first picture.';
    else if (this.state === 'running' && this.clock.isFast) {
      const some =
        this.operationsShown > 1
          ? `one operation in ${wholeNumber(this.operationsShown)} is drawn`
          : this.moreMessages > 0
            ? 'some messages are drawn'
            : 'every message leaves a trace';
      says = `Too fast to see single messages (${some}): slow down to 0.2x or less.`;
    } else says = at;
    hint.hidden = says === '';
    write(hint, says);
  }

  /** The picture for those who do not see it. */
  private inWords(): string {
    const { scene, flights } = this.world;
    if (scene.names.length === 0) return '';
    const { followed } = this.view;
    const now = this.clock.shownMs;
    if (followed) {
      const sent = followed.flights.filter(({ sentMs }) => sentMs <= now);
      const underway = sent.filter(({ endedMs }) => endedMs > now).length;
      const reached = new Set(sent.filter(({ endedMs, dropped }) => dropped === null && endedMs <= now).map(({ to }) => to)).size;
      const lost = sent.filter(({ endedMs, dropped }) => dropped !== null && endedMs <= now).length;
      return `${scene.names[followed.origin]} asked at ${duration(followed.sentMs)}: after ${duration(now - followed.sentMs)}, ${count(sent.length)} messages, ${count(underway)} of them under way, ${count(reached)} peers reached${lost ? `, ${count(lost)} messages lost` : ''}.`;
    }
    const up = scene.flags.filter((flag) => flag & UP).length;
    if (this.clock.isFast) return `${count(up)} of ${count(scene.names.length)} drawn peers are up.`;
    const underway = flights.filter(({ sentMs, endedMs, isAsked }) => sentMs <= now && endedMs > now && isAsked).length;
    const upkeep = flights.filter(({ sentMs, endedMs, isAsked }) => sentMs <= now && endedMs > now && !isAsked).length;
    return `${count(up)} of ${count(scene.names.length)} drawn peers are up; under way: ${count(underway)} messages of questions, ${count(upkeep)} of upkeep.`;
  }
}

function legendItem(shape: 'dot' | 'cross' | 'diamond' | 'square' | 'hollow', colour: string, text: string): HTMLLIElement {
  const paths = {
    dot: '<circle cx="6" cy="6" r="4.5"/>',
    cross: '<path d="M2 2l8 8M10 2l-8 8"/>',
    diamond: '<path d="M6 0l6 6-6 6-6-6z"/>',
    square: '<path d="M1 1h10v10H1z"/>',
    hollow: '<circle cx="6" cy="6" r="4.5"/>',
  };
  const item = make('li');
  const isLine = shape === 'cross' || shape === 'hollow';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [name, value] of Object.entries({ width: '12', height: '12', viewBox: '0 0 12 12', 'aria-hidden': 'true' }))
    svg.setAttribute(name, value);
  svg.setAttribute('fill', isLine ? 'none' : `var(--${colour})`);
  if (isLine) {
    svg.setAttribute('stroke', `var(--${colour})`);
    svg.setAttribute('stroke-width', shape === 'cross' ? '2' : '1.2');
  }
  svg.innerHTML = paths[shape];
  item.append(svg, text);
  return item;
}
