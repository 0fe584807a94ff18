import { conformance } from './suite.js';

await conformance(0, 4);
