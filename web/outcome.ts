/** How the run ended: its figures, what to know before trusting them, and where to go on. */

import type { Outcome as Ending, Frame, Status, Whole } from '../src/live/feed.js';
import { element, make, type Part, write } from './part.js';

export class Outcome implements Part {
  private shown: Ending | null | undefined;
  private isReplay = false;

  whole({ status }: Whole): void {
    this.shown = undefined;
    this.status(status);
  }

  frame({ status }: Frame): void {
    this.status(status);
  }

  status({ outcome, isReplay }: Status): void {
    if (this.shown !== undefined && JSON.stringify(outcome) === JSON.stringify(this.shown)) return;
    this.shown = outcome;
    this.isReplay = isReplay;
    element('outcome').hidden = outcome === null;
    if (outcome) this.show(outcome);
  }

  private show({ status, reason, digest, recordedDigest, folder, hasReport, repeat, figures, warnings }: Ending): void {
    const titles = { completed: 'has ended', interrupted: 'was stopped', failed: 'has failed' };
    write(element('outcome-title'), `The ${this.isReplay ? 'replay' : 'run'} ${titles[status]}`);
    const says = [reason ?? '', `Digest ${digest.slice(0, 12)}.`];
    if (recordedDigest !== null && status === 'completed') {
      says.push(
        recordedDigest === digest
          ? 'It is the one recorded: this was the same run, to the last message.'
          : `Recorded was ${recordedDigest.slice(0, 12)}: this was not the same run. Another version of Peerage may have made the recording.`,
      );
    }
    write(element('outcome-says'), says.filter((each) => each !== '').join(' '));
    element('outcome-figures').replaceChildren(
      ...figures.map(([name, value]) => {
        const cell = make('div');
        cell.append(make('dt', name), make('dd', value));
        return cell;
      }),
    );
    element('outcome-warnings').replaceChildren(...warnings.map((text) => make('li', text)));
    const links = element('outcome-links');
    links.replaceChildren();
    if (hasReport) {
      const link = make('a', 'The report of this run');
      link.href = 'report';
      link.target = '_blank';
      link.rel = 'noopener';
      links.append(link, '. ');
    }
    if (folder !== null) links.append('Results are in ', make('code', folder), '. ');
    if (repeat !== null) links.append('The same run again: ', make('code', repeat));
  }
}
