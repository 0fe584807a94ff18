/**
 * Which message type has which colour. There are five that anybody can tell apart, and they go to the types that questions are made of, in
 * the order of their first being seen; what keeps the overlay going is grey.
 */

import { colour } from './part.js';

const VIVID = ['type-1', 'type-2', 'type-3', 'type-4', 'type-5'];

export class Palette {
  /** Names of colours by type; a type that was not seen has none. */
  private readonly names = new Map<number, string>();
  private values = new Map<string, string>();
  private given = 0;

  /** A message of this type was seen. @returns whether that is news for the legend */
  see(type: number, isAsked: boolean): boolean {
    const name = this.names.get(type);
    if (name !== undefined && (name !== 'type-upkeep' || !isAsked)) return false;
    this.names.set(type, isAsked ? (VIVID[this.given++] ?? 'type-rest') : 'type-upkeep');
    return true;
  }

  of(type: number): string {
    return this.value(this.names.get(type) ?? 'type-rest');
  }

  /** A colour of the style sheet, remembered until the theme changes. */
  value(name: string): string {
    let value = this.values.get(name);
    if (value === undefined) {
      value = colour(name);
      this.values.set(name, value);
    }
    return value;
  }

  /** Types that have a colour of their own, and whether there are others. */
  legend(): { readonly types: readonly { readonly type: number; readonly name: string }[]; readonly hasUpkeep: boolean } {
    const types = [...this.names].filter(([, name]) => name !== 'type-upkeep').map(([type, name]) => ({ type, name }));
    return { types, hasUpkeep: types.length < this.names.size };
  }

  /** Another theme. */
  repaint(): void {
    this.values = new Map();
  }

  reset(): void {
    this.names.clear();
    this.given = 0;
  }
}
