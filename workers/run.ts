/** The door of a sweep's thread: a Piscina task is one whole run. */

import { type PooledTask, runInThisThread } from '../src/sweep/task.js';

export default (task: PooledTask) => runInThisThread(task);
