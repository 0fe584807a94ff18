/**
 * The participation level, by which KaZaA wanted people to share: uploads / downloads x 100, between 0 and 1,000, and whoever has more is
 * served first. The client reports its own, and nobody can check that: KaZaA Lite reported 1,000 always, and that was the end of it.
 */

export const HIGHEST_LEVEL = 1000;
/** Of who has neither given nor taken. */
const FIRST_LEVEL = 100;

export class Participation {
  uploadedBytes = 0;
  downloadedBytes = 0;
  readonly spoofs: boolean;

  /** @param spoofs whether this client reports the highest level whatever it does */
  constructor(spoofs: boolean) {
    this.spoofs = spoofs;
  }

  /** What the user deserves. */
  get level(): number {
    const { uploadedBytes, downloadedBytes } = this;
    if (downloadedBytes === 0) return uploadedBytes === 0 ? FIRST_LEVEL : HIGHEST_LEVEL;
    return Math.min(HIGHEST_LEVEL, Math.floor((100 * uploadedBytes) / downloadedBytes));
  }

  /** What the client says. */
  get reported(): number {
    return this.spoofs ? HIGHEST_LEVEL : this.level;
  }
}
