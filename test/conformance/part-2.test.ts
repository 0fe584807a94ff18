import { conformance } from './suite.js';

await conformance(1, 4);
