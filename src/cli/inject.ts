/** `--inject`: faults are read from standard input, a sentence a line, while the run goes on. Answers go to standard error. */

import { createInterface } from 'node:readline';
import type { Inject } from '../coordinator/injector.js';
import { Problem } from '../problem.js';

/** Listens until the input ends or the function it returns is called. A line that cannot be is answered with a sentence. */
export function listen(inject: Inject, input: NodeJS.ReadableStream, answer: (line: string) => void): () => void {
  const lines = createInterface({ input });
  lines.on('line', (line) => {
    if (line.trim() === '') return;
    inject(line).then(
      (said) => said.forEach(answer),
      (error) => answer(error instanceof Problem ? `not done: ${error.message}` : String(error)),
    );
  });
  return () => {
    lines.close();
    input.pause();
  };
}
