/** Messages that did not arrive, by reason: loss, full links, peers that are down, gateways. */

import type { Drops as DropCounts, Frame, Whole } from '../src/live/feed.js';
import { count, share } from '../src/report/format.js';
import { element, make, type Part, write } from './part.js';

/** What the reasons are called in the results, and what they mean. */
const MEANS: Readonly<Record<string, string>> = {
  'uplink-full': "the sender's uplink queue was full",
  lost: 'lost on the way',
  'no-such-address': 'nobody has this address',
  'downlink-full': "the receiver's downlink queue was full",
  'peer-down': 'the receiver was down',
  'uplink-codel': "waited too long at the sender's uplink",
  'downlink-codel': "waited too long at the receiver's downlink",
  'site-full': "the site's shared line was full",
  'path-full': 'the line between the sites was full',
  fault: 'stopped by a fault',
  corrupted: 'damaged by a fault',
  'datagrams-blocked': 'NAT: no datagrams pass this gateway',
  'nat-no-mapping': 'NAT: nobody behind the gateway uses this port',
  'nat-filtered': 'NAT: the gateway does not let this sender in',
  'nat-no-hairpin': 'NAT: the gateway does not turn packets round',
  'nat-ports-exhausted': 'NAT: the gateway has no port left',
  'no-connection': 'the connection had ended',
};

export class Drops implements Part {
  private readonly table = element<HTMLTableElement>('drops');
  private readonly rows = new Map<string, readonly [messages: HTMLElement, share: HTMLElement]>();

  whole({ drops, samples }: Whole): void {
    this.table.tBodies[0].replaceChildren();
    this.rows.clear();
    this.show(drops, samples.at(-1)?.[1] ?? 0);
  }

  frame({ drops, sample }: Frame): void {
    this.show(drops, sample[1]);
  }

  private show(drops: DropCounts, sent: number): void {
    for (const [reason, messages] of Object.entries(drops)) {
      if (messages === 0) continue;
      const [countCell, shareCell] = this.rows.get(reason) ?? this.add(reason);
      write(countCell, count(messages));
      write(shareCell, share(sent > 0 ? messages / sent : null));
    }
    this.table.hidden = this.rows.size === 0;
    element('no-drops').hidden = this.rows.size > 0;
  }

  private add(reason: string): readonly [HTMLElement, HTMLElement] {
    const row = make('tr');
    const name = make('td', MEANS[reason] ?? reason);
    name.title = reason;
    const cells = [make('td', '', 'number'), make('td', '', 'number')] as const;
    row.append(name, ...cells);
    this.table.tBodies[0].append(row);
    this.rows.set(reason, cells);
    return cells;
  }
}
