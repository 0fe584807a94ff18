import { conformance } from './suite.js';

await conformance(3, 4);
