/**
 * The language of faults: one sentence, one fault, or the end of some. `at 60s partition sites europe | rest`, `from 100s to 200s churn 20%`,
 * `at 90s repair`. docs/faults.md has all of it. Here a sentence is read to what it says; `fault-plan.ts` pairs beginnings with their ends.
 */

import type { FaultAction, FaultVerb, Group } from '../faults/plan.js';
import { didYouMean, Problem } from '../problem.js';
import { isWord, readGroup, showToken, type Token, tokensOf } from './fault-groups.js';
import type { Places } from './fault-words.js';
import { parseDuration, parseNumber, parseShare, show, unexpected } from './units.js';

/** Verbs that have a length of their own: a span, or until somebody ends them. */
export const LASTING: readonly FaultVerb[] = ['partition', 'hold', 'flap', 'loss', 'corrupt', 'delay', 'outage', 'slow'];
const MENDING = ['repair', 'release'] as const;
const VERBS: readonly string[] = [...LASTING, 'crash', 'restart', 'churn', ...MENDING];
/** `5 %` and `5%` are the same. */
const UNITS = new Set(['%', 'x', 'us', 'ms', 's', 'm', 'min', 'h', 'd']);
const EVERYONE: Group = { kind: 'everyone' };

/** Ends what is open: everything that lasts, or one kind of it. */
export interface Mending {
  readonly verb: 'repair';
  readonly only: FaultVerb | null;
}

/** What a sentence says. Times that it leaves open are null. */
export interface Sentence {
  readonly atMs: number | null;
  readonly untilMs: number | null;
  readonly forMs: number | null;
  readonly what: FaultAction | Mending;
}

/** @throws Problem that says what was expected where */
export function readSentence(text: string, places: Places): Sentence {
  return new Reader(text, places).sentence();
}

/** What happens, without a time: for chaos. */
export function readAction(text: string, places: Places): FaultAction {
  const { atMs, forMs, what } = readSentence(text, places);
  if (atMs !== null || forMs !== null) throw new Problem(`expected a fault without a time, such as crash 5%, got ${show(text)}`);
  if (what.verb === 'repair') throw new Problem(`expected a fault, got ${show(text)}: its length says when it is over`);
  return what;
}

class Reader {
  private readonly places: Places;
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(text: string, places: Places) {
    this.places = places;
    this.tokens = tokensOf(text);
  }

  sentence(): Sentence {
    const when = this.when();
    const what = this.what();
    const forMs = when.forMs === null && this.accept('for') ? this.duration({ above: 0 }) : when.forMs;
    if (forMs !== null && when.untilMs !== null) throw new Problem('expected either from and to, or for');
    const rest = this.tokens[this.at];
    if (rest !== undefined) throw new Problem(`expected nothing more after "${this.before()}", got ${showToken(rest)}`);
    return { ...when, forMs, what };
  }

  private when(): Pick<Sentence, 'atMs' | 'untilMs' | 'forMs'> {
    if (this.accept('from')) {
      const atMs = this.duration();
      this.expect('to', 'to and a time, as in from 60s to 90s');
      return { atMs, untilMs: this.duration(), forMs: null };
    }
    const atMs = this.accept('at') ? this.duration() : null;
    return { atMs, untilMs: null, forMs: this.accept('for') ? this.duration({ above: 0 }) : null };
  }

  private what(): FaultAction | Mending {
    const token = this.tokens[this.at++];
    const verb = token?.quoted ? '' : (token?.text.toLowerCase() ?? '');
    switch (verb) {
      case 'partition':
      case 'hold':
        return { verb, between: this.pair() };
      case 'flap':
        this.accept('link');
        return { verb, between: this.pair(['every']), everyMs: this.after('every', 'every 500ms', () => this.duration({ above: 0 })) };
      case 'loss':
      case 'corrupt':
        return { verb, share: this.share(), between: this.scope() };
      case 'delay':
        return { verb, byMs: this.duration({ above: 0 }), between: this.scope() };
      case 'outage':
        this.accept('of');
        return { verb, of: this.group() };
      case 'slow':
        return this.slow();
      case 'crash':
      case 'churn':
        this.accept('of');
        return { verb, of: this.group() };
      case 'restart':
        this.accept('of');
        return { verb, of: this.isAtEnd() ? EVERYONE : this.group() };
      case 'release':
        return { verb: 'repair', only: 'hold' };
      case 'repair':
        return { verb, only: this.isAtEnd() ? null : this.lasting() };
    }
    const got = token === undefined ? 'nothing' : showToken(token);
    throw new Problem(`expected what goes wrong (${VERBS.join(', ')}), got ${got}${didYouMean(verb, VERBS)}`);
  }

  private slow(): FaultAction {
    const link = this.accept('uplink', 'uplinks') ? 'uplink' : this.accept('downlink', 'downlinks') ? 'downlink' : 'both';
    if (link === 'both') this.accept('link', 'links');
    this.accept('of');
    const of = this.group(['by']);
    const factor = this.after('by', 'by 5x', () => this.factor());
    return { verb: 'slow', link, of, factor };
  }

  private factor(): number {
    const written = this.quantity();
    const [, number] = /^([\d.]+(?:e[+-]?\d+)?)x?$/i.exec(written) ?? [];
    if (number === undefined) throw unexpected('a factor such as 5x', written);
    return parseNumber(Number(number), { above: 1 });
  }

  private lasting(): FaultVerb {
    const token = this.tokens[this.at++];
    const found = LASTING.find((verb) => isWord(token, verb));
    if (found === undefined) {
      throw new Problem(`expected what to repair (${LASTING.join(', ')}), got ${showToken(token)}${didYouMean(token.text, LASTING)}`);
    }
    return found;
  }

  /** Between whom: two groups, one and everyone, or everyone when nothing is said. */
  private scope(): readonly [Group, Group] {
    if (this.accept('between')) return this.pair();
    if (this.accept('of')) return [this.group(), EVERYONE];
    return [EVERYONE, EVERYONE];
  }

  private pair(stops: readonly string[] = []): readonly [Group, Group] {
    this.accept('between');
    const first = readGroup(this.upTo(['|', ...stops]), this.places);
    this.expect('|', 'two groups with | between them, as in sites europe | rest');
    const second = readGroup(this.upTo(stops), this.places);
    const kinds = [first.kind, second.kind];
    if (kinds.includes('rest') && kinds.every((kind) => kind === 'rest' || kind === 'everyone')) {
      throw new Problem('expected a group beside rest that leaves somebody, as in sites europe | rest');
    }
    return [first, second];
  }

  private group(stops: readonly string[] = []): Group {
    const group = readGroup(this.upTo(stops), this.places);
    if (group.kind === 'rest')
      throw new Problem('expected a group of its own, got rest: it stands only beside another one, as in a | rest');
    return group;
  }

  private upTo(stops: readonly string[]): readonly Token[] {
    const from = this.at;
    while (this.at < this.tokens.length && ![...stops, 'for'].some((stop) => isWord(this.tokens[this.at], stop))) this.at++;
    return this.tokens.slice(from, this.at);
  }

  private isAtEnd(): boolean {
    return this.at === this.tokens.length || isWord(this.tokens[this.at], 'for');
  }

  private duration(bound = {}): number {
    return parseDuration(this.quantity(), bound);
  }

  private share(): number {
    return parseShare(this.quantity(), { above: 0 });
  }

  /** A number and its unit, with or without a space. */
  private quantity(): string {
    const number = this.tokens[this.at++]?.text ?? '';
    const unit = this.tokens[this.at];
    if (!/^[\d.]+$/.test(number) || unit === undefined || !UNITS.has(unit.text)) return number;
    this.at++;
    return number + unit.text;
  }

  private after<T>(word: string, example: string, read: () => T): T {
    this.expect(word, example);
    return read();
  }

  private accept(...words: readonly string[]): boolean {
    const found = words.some((word) => isWord(this.tokens[this.at], word));
    if (found) this.at++;
    return found;
  }

  private expect(word: string, expected: string): void {
    if (this.accept(word)) return;
    const token = this.tokens[this.at];
    throw new Problem(`expected ${expected}, got ${token === undefined ? 'nothing more' : showToken(token)} after "${this.before()}"`);
  }

  /** What was read so far. */
  private before(): string {
    return this.tokens
      .slice(0, this.at)
      .map(({ text }) => text)
      .join(' ');
  }
}
