/** What a script hands over, an object instead of a file, as a `Source`: a copy of it, and messages that begin with the name of the key. */

import { Problem } from '../problem.js';
import { dotted, type Path, type Source } from './yaml-source.js';

/** @param name stands before the path in messages: `scenario.peers` */
export function objectSource(given: unknown, name: string): Source {
  const where = (path: Path) => name + dotted(path, '.');
  return { value: plainCopy(given, [], [], where), where };
}

/** Data as a YAML file could hold it; what is `undefined` is not there. @throws Problem for anything that is more than data */
function plainCopy(given: unknown, path: Path, within: readonly object[], where: (path: Path) => string): unknown {
  const refuse = (what: string): never => {
    throw new Problem(`${where(path)}: expected plain data, such as a scenario file can hold, got ${what}`);
  };
  if (typeof given !== 'object' || given === null) {
    return ['function', 'symbol', 'bigint'].includes(typeof given) ? refuse(`a ${typeof given}`) : given;
  }
  if (within.includes(given)) return refuse('an object that contains itself');
  const inside = [...within, given];
  if (Array.isArray(given)) return given.map((each, index) => plainCopy(each, [...path, index], inside, where));
  const prototype = Object.getPrototypeOf(given);
  // A plain object from another realm has another Object.prototype, which has no prototype either.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return refuse(`a ${prototype.constructor?.name ?? 'class instance'}`);
  if (Object.hasOwn(given, '__proto__')) throw new Problem(`${where(path)}: the key "__proto__" is not allowed`);
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, plainCopy(value, [...path, key], inside, where)]));
}
