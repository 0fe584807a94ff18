/**
 * From whom to download: answers to a search come one by one, and the first is not the best. So a moment passes after the first one, and
 * then the download begins, with those who can be called before those who must be asked to call; who is found later is added.
 */

import type { Peer, SettingSpecs, SettingsOf } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import type { Download, Source, Transfers } from './transfers.js';

/** For a definition to spread among its own, with those of `Transfers`. */
export const CHOICE_SETTINGS = {
  chooseMs: { default: 1000, min: 0, about: 'after the first answer to a search, how long others are waited for before a download begins' },
} as const satisfies SettingSpecs;
export type ChoiceSettings = SettingsOf<typeof CHOICE_SETTINGS>;

const begin = (choice: Choice) => choice.begin();

/** The sources of one download. */
export class Choice {
  private readonly transfers: Transfers;
  private readonly operation: LocateOperation;
  private readonly sources: Source[] = [];
  private download: Download | null = null;

  constructor(transfers: Transfers, operation: LocateOperation) {
    this.transfers = transfers;
    this.operation = operation;
  }

  add(peer: Peer, chooseMs: number, source: Source): void {
    if (this.download !== null) {
      this.download.addSource(source);
      return;
    }
    this.sources.push(source);
    if (this.sources.length === 1) peer.after(chooseMs, begin, this);
  }

  begin(): void {
    const callable = this.sources.filter(({ reachable }) => reachable);
    const others = this.sources.filter(({ reachable }) => !reachable);
    this.download = this.transfers.fetch(this.operation, [...callable, ...others]);
  }
}
