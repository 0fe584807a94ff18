// Removes dist/ so that a deleted source leaves no compiled test or protocol behind.
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
