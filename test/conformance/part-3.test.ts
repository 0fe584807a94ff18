import { conformance } from './suite.js';

await conformance(2, 4);
