/**
 * A run on the live page, with one viewer who takes everything at once: `node dist/bench/watched.js <scenario> <peers> <shards> [path=value]` prints
 * its summary. The page is in another process, as a browser is, so what is left is what watching costs the run.
 */

import { runExperiment } from '../src/coordinator/experiment.js';
import { cardOf } from '../src/live/card.js';
import { Show } from '../src/live/show.js';
import { loadProtocol } from '../src/protocol-catalog.js';
import { loadScenario } from '../src/scenario/load.js';

const [name, peers, shards, ...set] = process.argv.slice(2);
const loaded = loadScenario(name, { peers, set });
const [protocol] = loaded.protocols;
const scenario = loaded.for(protocol, await loadProtocol(protocol));
const show = new Show({ run: cardOf(scenario), pace: null, report: () => null });
let frames = 0;
show.watch({
  write: () => {
    frames++;
    return true;
  },
  on: () => {},
  end: () => {},
});
const { summary } = await runExperiment(scenario, { shards: Number(shards), outDir: null, ...show.watching });
if (frames < 5) throw new Error(`only ${frames} frames were shown: the run is too short to say anything`);
process.stdout.write(JSON.stringify(summary));
