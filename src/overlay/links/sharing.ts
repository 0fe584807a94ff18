/**
 * A neighbourhood whose peers also download from each other: tells connections that are links from those over which files come and go.
 * Most peers, most of the time, do neither, so what that needs is made when first needed.
 */

import type { Address, CloseReason, Connection, Item, Key, Message } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Choice, type ChoiceSettings } from '../transfer/choice.js';
import type { TransferSettings } from '../transfer/settings.js';
import { type Source, Transfers, type TransferUser } from '../transfer/transfers.js';
import { Neighbourhood } from './neighbourhood.js';
import type { LinkSettings } from './settings.js';

/** What a search of the protocol's keeps for the download that may follow. */
export interface WithChoice {
  readonly operation: LocateOperation;
  choice: Choice | null;
}

export abstract class Sharing<S extends LinkSettings & TransferSettings & ChoiceSettings> extends Neighbourhood<S> implements TransferUser {
  private made: Transfers | null = null;

  abstract askCallback(source: Source, token: number, key: Key): void;

  override onOpen(connection: Connection): void {
    if (this.made === null || !this.made.onOpen(connection)) super.onOpen(connection);
  }

  override onClose(connection: Connection, reason: CloseReason): void {
    if (this.made === null || !this.made.onClose(connection, reason)) super.onClose(connection, reason);
  }

  onDrain(connection: Connection): void {
    this.made?.onDrain(connection);
  }

  /** @returns whether it was about a transfer; for what does not come over a link */
  protected onTransfer(from: Address, message: Message, connection: Connection): boolean {
    return this.transfers.onMessage(from, message, connection);
  }

  /** The item may be fetched here from now on. */
  protected share(item: Item): void {
    if (item.sizeBytes > 0) this.transfers.share(item);
  }

  /** A source was found. */
  protected addSource(search: WithChoice, source: Source): void {
    if (search.operation.downloadBytes === 0) return;
    search.choice ??= new Choice(this.transfers, search.operation);
    search.choice.add(this.peer, this.settings.chooseMs, source);
  }

  protected get transfers(): Transfers {
    this.made ??= new Transfers(this.peer, this.settings, this);
    return this.made;
  }
}
