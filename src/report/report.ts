/** Makes a report: a page, and its pictures. What is reported decides which pictures there are (run-report.ts and so on). */

import type { Report } from '../results/add-report.js';
import { type Drawn, drawAll, type Picture, standalone } from './charts/draw.js';
import { type Page, pageHtml, type Section } from './html/page.js';

/** A section whose pictures are yet to be drawn; null stands for a picture for which there is no data. */
export interface Plan extends Omit<Section, 'pictures'> {
  readonly pictures?: readonly (Picture | null)[];
}

/** Draws what is planned. Sections with nothing in them are left out. */
export async function makeReport(page: Omit<Page, 'sections'>, plans: readonly Plan[]): Promise<Report> {
  const wanted = plans.map(({ pictures = [], ...rest }) => ({ ...rest, pictures: pictures.filter((picture) => picture !== null) }));
  const drawn = await drawAll(wanted.flatMap(({ pictures }) => pictures));
  const byName = new Map(drawn.map((each) => [each.name, each]));
  const sections = wanted.map(({ pictures, ...rest }) => ({ ...rest, pictures: pictures.map(({ name }) => byName.get(name) as Drawn) }));
  return {
    html: pageHtml({ ...page, sections: sections.filter(({ pictures, tables = [] }) => pictures.length + tables.length > 0) }),
    charts: new Map(drawn.map((each) => [`${each.name}.svg`, standalone(each)])),
  };
}
