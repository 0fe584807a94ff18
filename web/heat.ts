/** All peers of a large population in one picture: a cell for each group of them, the darker the more messages it handles. */

import type { Frame, Heat as Groups, Whole } from '../src/live/feed.js';
import { count, whole as wholeNumber } from '../src/report/format.js';
import { colour, element, isDark, type Part, write } from './part.js';

/** How much of the old is kept in each frame: the eye wants calm. */
const KEPT = 0.7;

export class Heat implements Part {
  private readonly canvas = element<HTMLCanvasElement>('heat');
  private handled: number[] = [];
  private last: Groups | null = null;
  private beforeMs = 0;
  private paintedAt = 0;

  constructor() {
    isDark.addEventListener('change', () => this.paint());
  }

  whole({ status }: Whole): void {
    this.handled = [];
    this.last = null;
    this.beforeMs = status.virtualMs;
    element('heat-part').hidden = true;
  }

  frame({ heat, status }: Frame): void {
    const seconds = (status.virtualMs - this.beforeMs) / 1000;
    this.beforeMs = status.virtualMs;
    if (heat === null || seconds <= 0) return;
    const rates = heat.handled.map((messages) => messages / seconds / heat.peersPerGroup);
    this.handled = this.handled.length === rates.length ? rates.map((rate, at) => this.handled[at] * KEPT + rate * (1 - KEPT)) : rates;
    this.last = heat;
    if (performance.now() - this.paintedAt > 200) this.paint();
  }

  private paint(): void {
    if (this.last === null) return;
    element('heat-part').hidden = false;
    this.paintedAt = performance.now();
    const { canvas, handled } = this;
    const { up, peersPerGroup } = this.last;
    const density = Math.min(2, devicePixelRatio || 1);
    canvas.width = Math.round(canvas.clientWidth * density);
    canvas.height = Math.round(canvas.clientHeight * density);
    const context = canvas.getContext('2d')!;
    const [columns, rows] = grid(handled.length, canvas.width / canvas.height);
    const [width, height] = [canvas.width / columns, canvas.height / rows];
    const most = Math.max(1e-9, ...handled);
    const [hot, cold] = [colour('type-1'), colour('faint')];
    const upNow = up.reduce((sum, each) => sum + each, 0) / up.length;
    handled.forEach((rate, at) => {
      const [x, y] = [(at % columns) * width, Math.floor(at / columns) * height];
      context.globalAlpha = 1;
      context.fillStyle = cold;
      context.fillRect(x, y, width - 1, height - 1);
      // The square root: a few busy groups do not make all others look idle.
      context.globalAlpha = Math.sqrt(rate / most);
      context.fillStyle = hot;
      context.fillRect(x, y, width - 1, height - 1);
      // Who is down takes away from below.
      context.globalAlpha = 1;
      context.fillStyle = colour('panel');
      const gone = (height - 1) * (1 - up[at]);
      context.fillRect(x, y + height - 1 - gone, width - 1, gone);
    });
    const average = handled.reduce((sum, each) => sum + each, 0) / handled.length;
    const says = `a cell is ${peersPerGroup < 2 ? 'one or two' : `about ${wholeNumber(peersPerGroup)}`} peers; the fuller, the more are up (${Math.round(upNow * 100)} %); the stronger, the more they handle: ${count(average)} messages/s per peer on average, at most ${count(most)}`;
    write(element('heat-says'), says);
    canvas.ariaLabel = `${wholeNumber(handled.length)} groups of peers: ${says}`;
  }
}

/** Cells about as wide as they are high. */
function grid(cells: number, ratio: number): readonly [columns: number, rows: number] {
  const columns = Math.max(1, Math.min(cells, Math.round(Math.sqrt(cells * ratio))));
  return [columns, Math.ceil(cells / columns)];
}
