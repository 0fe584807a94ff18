/** The version in package.json: part of every summary, because seed and version together are the run. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './scenario/package-files.js';

export function version(): string {
  return JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version;
}
