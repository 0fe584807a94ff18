/** The line to the server: events come in, questions go out. It opens again by itself when it breaks. */

import type { Ask, Told } from '../src/live/feed.js';

type Heard = { readonly [K in keyof Told]: (data: Told[K]) => void } & {
  readonly lost: () => void;
  /** The process has ended. */
  readonly bye: () => void;
};

export function listen(heard: Heard): void {
  const source = new EventSource('events');
  for (const name of ['whole', 'frame', 'status'] as const) {
    source.addEventListener(name, (event) => heard[name](JSON.parse((event as MessageEvent<string>).data)));
  }
  source.addEventListener('bye', () => {
    source.close();
    heard.bye();
  });
  source.addEventListener('error', heard.lost);
}

/** @throws Error with a sentence: why it was not done */
export async function ask(what: Ask): Promise<{ readonly done?: readonly string[] }> {
  let response: Response;
  try {
    response = await fetch('ask', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(what) });
  } catch {
    throw new Error('nobody answers: the process may have ended');
  }
  if (!response.ok) throw new Error((await response.text()).trim());
  const answer: { readonly problem?: string; readonly done?: readonly string[] } = await response.json();
  if (answer.problem !== undefined) throw new Error(answer.problem);
  return answer;
}
