/**
 * Everybody who watches. What happens is encoded once, whoever many there are. A viewer that reads too slowly is not waited for and gets
 * no queue: it misses what comes meanwhile, and is told everything anew as soon as it has taken what it was sent.
 */

/** Where a viewer's text goes: an HTTP response, or a test's own. */
export interface Sink {
  /** @returns false: enough for now, until `drain` */
  write(text: string | Uint8Array): boolean;
  on(event: 'drain' | 'close', heard: () => void): unknown;
  end(): unknown;
}

/** One server-sent event (WHATWG HTML, 9.2). JSON has no line breaks of its own, so one `data:` line holds it. */
export function eventText(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

export interface HubOptions {
  /** The event that tells a newcomer all there is; asked only when somebody needs it. */
  readonly whole: () => string;
  /** The number of viewers has changed. */
  readonly onViewers?: (viewers: number) => void;
}

interface Viewer {
  readonly sink: Sink;
  isBusy: boolean;
  hasMissed: boolean;
}

export class Hub {
  /** Events that slow viewers were not sent. */
  missed = 0;
  private readonly options: HubOptions;
  private readonly viewers = new Set<Viewer>();

  constructor(options: HubOptions) {
    this.options = options;
  }

  get size(): number {
    return this.viewers.size;
  }

  add(sink: Sink): void {
    const viewer: Viewer = { sink, isBusy: false, hasMissed: false };
    sink.on('drain', () => {
      viewer.isBusy = false;
      if (!viewer.hasMissed) return;
      viewer.hasMissed = false;
      write(viewer, this.options.whole());
    });
    sink.on('close', () => {
      if (this.viewers.delete(viewer)) this.options.onViewers?.(this.size);
    });
    this.viewers.add(viewer);
    write(viewer, this.options.whole());
    this.options.onViewers?.(this.size);
  }

  /** Tells all of them. Nothing is encoded when nobody is there. */
  tell(name: string, data: unknown): void {
    if (this.size === 0) return;
    const bytes = Buffer.from(eventText(name, data));
    for (const viewer of this.viewers) {
      if (viewer.isBusy) {
        viewer.hasMissed = true;
        this.missed++;
      } else write(viewer, bytes);
    }
  }

  close(): void {
    for (const { sink } of this.viewers) sink.end();
  }
}

function write(viewer: Viewer, text: string | Uint8Array): void {
  viewer.isBusy = !viewer.sink.write(text);
}
