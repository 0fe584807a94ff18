/** Faults: what went wrong when, and a sentence to have something go wrong now. */

import type { FaultLine, Frame, Status, Whole } from '../src/live/feed.js';
import { duration, whole as wholeNumber } from '../src/report/format.js';
import { ask } from './line.js';
import { element, make, type Part, write } from './part.js';

/** The newest are shown. */
const MOST_SHOWN = 100;
/** Examples that have a button of their own. */
const BUTTONS = 5;

const ORIGINS: Readonly<Record<FaultLine['origin'], string>> = { scenario: 'scenario', chaos: 'chance', injected: 'you' };

export class Faults implements Part {
  private readonly says = element<HTMLInputElement>('says');
  private readonly answer = element('answer');
  private faults: readonly FaultLine[] = [];
  private nowMs = 0;
  private noFaults: string | null = null;

  constructor() {
    element<HTMLFormElement>('inject').addEventListener('submit', (event) => {
      event.preventDefault();
      this.inject();
    });
  }

  whole({ run, status, faults }: Whole): void {
    element('examples').replaceChildren(...run.examples.map((text) => new Option(text, text)));
    const quick = run.examples.slice(0, BUTTONS).map((text) => {
      const button = make('button', text);
      button.type = 'button';
      button.title = 'put this sentence into the field';
      button.addEventListener('click', () => {
        this.says.value = text;
        this.says.focus();
      });
      return button;
    });
    element('quick').replaceChildren('For example:', ...quick);
    this.status(status);
    this.show(faults);
  }

  frame({ status, faults }: Frame): void {
    this.status(status);
    if (faults) this.show(faults);
    else this.mark();
  }

  status({ virtualMs, noFaults }: Status): void {
    this.nowMs = virtualMs;
    this.noFaults = noFaults;
    element('inject').hidden = noFaults !== null;
    element('why-not').hidden = noFaults === null;
    write(element('why-not'), noFaults ?? '');
  }

  private async inject(): Promise<void> {
    const says = this.says.value.trim();
    if (says === '') return this.tell('Write what shall go wrong, for example: crash 30%', true);
    if (this.noFaults !== null) return this.tell(this.noFaults, true);
    try {
      const { done } = await ask({ do: 'inject', says });
      this.tell(`Done: ${done?.join('; ')}`, false);
      this.says.value = '';
    } catch (error) {
      this.tell(`Not done: ${(error as Error).message}`, true);
      this.says.focus();
    }
  }

  private tell(text: string, isBad: boolean): void {
    this.answer.classList.toggle('bad', isBad);
    write(this.answer, text);
  }

  private show(faults: readonly FaultLine[]): void {
    this.faults = faults.toReversed().slice(0, MOST_SHOWN);
    element('no-faults').hidden = faults.length > 0;
    const table = element<HTMLTableElement>('faults');
    table.hidden = faults.length === 0;
    table.tBodies[0].replaceChildren(
      ...this.faults.map((fault) => {
        const row = make('tr');
        row.append(
          make('td', whenOf(fault)),
          make('td', fault.says),
          make('td', ORIGINS[fault.origin]),
          make('td', wholeNumber(fault.peersHit), 'number'),
        );
        return row;
      }),
    );
    this.mark();
  }

  /** Those that are on now. */
  private mark(): void {
    const { rows } = element<HTMLTableElement>('faults').tBodies[0];
    this.faults.forEach(({ atMs, untilMs, peersHit }, at) => {
      rows[at].classList.toggle('on', peersHit !== null && atMs <= this.nowMs && (untilMs === null || untilMs > this.nowMs));
    });
  }
}

function whenOf({ atMs, untilMs, peersHit }: FaultLine): string {
  const begin = duration(atMs);
  if (untilMs === atMs) return begin;
  if (untilMs === null) return peersHit === null ? `from ${begin}` : `since ${begin}`;
  return `${begin} to ${duration(untilMs)}`;
}
